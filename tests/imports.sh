#!/bin/sh
# Proves that the Windows programs in DIR need only libraries that every Windows has, and no allocator.
#
#   tests/imports.sh DIR

set -u
cd "$1" || exit 1
broken=0

# Usage: ... | promise TEXT. No input keeps the promise; every line is a case that breaks it.
promise() {
    found=$(cat)
    if [ -z "$found" ]; then
        echo "ok      $1"
    else
        echo "BROKEN  $1"
        echo "$found" | sed 's/^/        /'
        broken=1
    fi
}

imports() {
    for program in wsio-server.exe wsio-client.exe; do
        [ -e $program ] || echo "no $program"
        x86_64-w64-mingw32-objdump -p $program | awk -v p=$program '/DLL Name:/ { print p ": " $3 }'
    done
}

allocators() {
    find obj/src obj/ports -name '*.o' -exec x86_64-w64-mingw32-nm -A -u {} + |
        grep -wE '(__imp_)?_*(malloc|calloc|realloc|free|aligned_malloc|(wcs|str)n?dup|HeapAlloc|LocalAlloc|GlobalAlloc)'
}

for program in wsio-server.exe wsio-client.exe; do
    x86_64-w64-mingw32-objdump -p $program | grep -q 'DLL Name: KERNEL32'
    echo $? $program
done | grep -v '^0' >imports.broken
promise "the programs can be read" <imports.broken
imports | grep -ivE ': (KERNEL32|ADVAPI32|msvcrt|WS2_32|bcrypt|psapi)\.dll$' >imports.broken
promise "the programs import only KERNEL32, ADVAPI32, msvcrt, WS2_32, bcrypt and psapi" <imports.broken
allocators >imports.broken
promise "no object for Windows uses an allocator" <imports.broken
rm -f imports.broken
exit $broken
