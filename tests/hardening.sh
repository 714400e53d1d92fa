#!/bin/sh
# Proves from the binaries that each hardening flag of the Makefile did its work: one line per promise
# and build, and below a broken one what breaks it.
#
#   tests/hardening.sh BUILD...
#
# BUILD is the folder of an optimised build for Linux on x86-64, or for Windows, with its objects in
# BUILD/obj. Exit status 1 if a promise is broken or there is nothing to look at.

set -u
cd "$(dirname "$0")/.." || exit 1

# Usage: ... | promise TEXT. No input keeps the promise; every line is a case that breaks it.
promise() {
    found=$(cat)
    if [ -z "$found" ]; then
        echo "ok      $build: $1"
    else
        echo "BROKEN  $build: $1"
        echo "$found" | sed 's/^/        /'
    fi
}

# Usage: of ... | each_has PATTERN WHAT; prints a line for each program of which no line has the pattern.
each_has() {
    lines=$(cat)
    for program in $programs; do
        echo "$lines" | grep "^$program: " | grep -E "$1" >/dev/null || echo "$program: no $2"
    done
}

# Usage: of TOOL ARGUMENT...; prints what the tool says about each program, as "PROGRAM: LINE".
of() {
    for program in $programs; do
        "$@" "$build/$program" 2>&1 | sed "s/^/$program: /"
    done
}

# Objects of sources that are gone may lie there still.
ours() {
    (cd "$build/obj" && find src ports -name '*.o') | while read -r object; do
        [ ! -f "${object%.o}.c" ] || echo "$build/obj/$object"
    done
}

# ---- In both systems ----

# Only gcc records in each object the flags that matter to its code.
check_flags() {
    ! grep -q 'clang version' "$build"/wsio-client* || return 0
    used=$(ours | xargs objdump --dwarf=info 2>/dev/null |
        sed -n 's/.*DW_AT_producer.*: \([^:]*\)$/\1/p' | sort -u | head -n 5)
    {
        [ "$(echo "$used" | wc -l)" -eq 1 ] || echo "$used"
        for flag in -O2 "$@"; do
            echo "$used" | grep -vE -- " $flag( |=|\$)" | sed "s/^/no $flag: /"
        done
        echo "$used" | grep -E -- ' (-O[^2]|-fno-stack|-fcf-protection=none)'
    } | promise "all objects have the same flags: -O2 $*"
}

# ---- Linux ----

check_address() {
    of readelf -hW | each_has 'Type: +DYN' "type DYN" | promise "each program may lie at any address (DYN)"
    of readelf -dW | each_has 'FLAGS_1.* PIE' "flag PIE" | promise "each program is marked as position-independent (PIE)"
}

check_relro() {
    of readelf -lW | each_has 'GNU_RELRO' "segment GNU_RELRO" |
        promise "the dynamic linker's tables become read-only (GNU_RELRO)"
    {
        of readelf -dW | each_has '\(FLAGS\).* BIND_NOW' "flag BIND_NOW"
        of readelf -dW | each_has '\(FLAGS_1\).* NOW' "flag NOW"
    } | promise "the dynamic linker fills its tables before main (BIND_NOW)"
}

check_segments() {
    {
        of readelf -lW | each_has 'GNU_STACK .* RW +0x' "GNU_STACK that is RW"
        of readelf -lW | grep -E 'GNU_STACK.*RWE'
    } | promise "the stack is not executable"
    {
        of readelf -lW | each_has 'LOAD .* 0x0+ 0x[0-9a-f]+ 0x[0-9a-f]+ R +0x' "first segment that is R only"
        of readelf -lW | each_has 'LOAD .* R E +0x' "segment that is R E"
        of readelf -lW | each_has 'LOAD .* RW +0x' "segment that is RW"
        of readelf -lW | grep -E 'LOAD .* RWE +0x'
    } | promise "code, constants and variables lie in segments of their own (R E, R, RW)"
}

check_calls() {
    of nm -D -u | each_has ' __stack_chk_fail' "call of __stack_chk_fail" |
        promise "a broken stack is noticed (__stack_chk_fail)"
    of nm -D -u | each_has ' __[a-z]+_chk(@|$)' "call of __*_chk" |
        promise "copies into arrays are checked (__memcpy_chk and the like)"
}

# The external functions of ours that do not begin with endbr64. The property note of a program is no
# proof: Debian's crt objects have it. A program counts as looked at if 100 such functions are in it,
# main and conn_feed among them.
check_branches() {
    for program in $programs; do
        {
            ours | xargs nm -g --defined-only | awk '$2 == "T" { print "own", $3 }'
            nm -g --defined-only "$build/$program"
            objdump -d --no-show-raw-insn "$build/$program"
        } | awk -v program="$program" '
            $1 == "own"               { own[$2] = 1; next }
            $2 == "T" && ($3 in own)  { at[$1] = $3; next }
            name {
                seen++
                known += name == "main" || name == "conn_feed"
                if ($2 != "endbr64")
                    print program ": " name " begins with " $2
                name = ""
            }
            /^[0-9a-f]+ <.*>:$/ && ($1 in at) { name = at[$1] }
            END {
                if (seen < 100 || known != 2)
                    print program ": only " seen + 0 " functions of ours found"
            }'
    done | promise "each function of ours that a pointer can reach begins with endbr64"
}

# No frame grows by more than a page (0x1000) at once, and each page is touched before the next one.
check_stack_clash() {
    for program in $programs; do
        objdump -d --no-show-raw-insn "$build/$program" | awk -v program="$program" '
            page && !($2 ~ /^(or|mov)q?$/ && $3 == "$0x0,(%rsp)") { print program ": a page untouched: " page }
            { page = "" }
            /^[0-9a-f]+ <.*>:$/ { name = $2 }
            $2 ~ /^subq?$/ && $3 ~ /^\$0x[0-9a-f]+,%rsp$/ {
                step = substr($3, 4, length($3) - 8)
                if (length(step) > 4 && length(step) < 9 || length(step) == 4 && step > "1000")
                    print program ": " name " 0x" step " at once"
                if (step == "1000") {
                    page = name
                    probed++
                }
            }
            END {
                if (!probed)
                    print program ": no probe of a page found"
            }'
    done | promise "large frames touch every page of the stack"
}

prove_linux() {
    of readelf -hW | each_has 'Machine: .*X86-64' "code for x86-64, which the proofs are for" |
        promise "the programs can be read"
    check_address
    check_relro
    check_segments
    check_calls
    check_branches
    check_stack_clash
    check_flags -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
}

# ---- Windows ----

# Usage: called FOLDER PATTERN; prints a line if no object of the folder calls such a function.
called() {
    find "$build/obj/$1" -name '*.o' | xargs nm -u | grep -E " __+$2\$" >/dev/null || echo "$1: no call of __$2"
}

prove_windows() {
    {
        of objdump -p | each_has 'DYNAMIC_BASE' "DYNAMIC_BASE"
        of objdump -h | each_has ' \.reloc +0*[1-9a-f]' "relocations, without which it cannot move"
        of objdump -p | grep -i 'relocations stripped'
    } | promise "each program may lie at any address (DYNAMIC_BASE, .reloc)"
    if of objdump -f | grep 'pei-x86-64' >/dev/null; then
        of objdump -p | each_has 'HIGH_ENTROPY_VA' "HIGH_ENTROPY_VA" |
            promise "each program may lie above 4 GiB (HIGH_ENTROPY_VA)"
    fi
    of objdump -p | each_has 'NX_COMPAT' "NX_COMPAT" | promise "data and the stack are not executable (NX_COMPAT)"
    of objdump -h | awk '
        $1 ~ /:$/ && $2 ~ /^[0-9]+$/ { section = $1 " " $3 }
        / CODE/ && !/READONLY/       { print section }' | promise "no code can be written"
    # In the programs themselves, libssp calls it as well.
    for folder in ports src/conn src/client src/server; do
        called "$folder" stack_chk_fail
    done | promise "a broken stack is noticed (__stack_chk_fail)"
    called src '(mem|str)[a-z]+_chk' | promise "copies into arrays are checked (__memcpy_chk and the like)"
    called src chkstk_ms | promise "large frames touch every page of the stack (___chkstk_ms)"
    check_flags -fstack-protector-strong
}

for tool in objdump readelf nm; do
    command -v $tool >/dev/null || { echo "hardening: no $tool"; exit 1; }
done
[ $# -ne 0 ] || { echo "hardening: no builds to look at"; exit 1; }

report=$(
    exec 2>&1
    for build; do
        [ -n "$(ours)" ] || { echo "hardening: no objects in $build/obj"; continue; }
        if [ -e "$build/wsio-client.exe" ]; then
            programs="wsio-server.exe wsio-client.exe"
            prove_windows
        else
            programs="wsio-server wsio-client"
            prove_linux
        fi
    done
)
echo "$report"
# A message of a tool that failed is not a promise kept either.
! echo "$report" | grep -qv '^ok '
