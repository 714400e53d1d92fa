#!/bin/sh
# Proves the promises that a compiler does not check. One line per promise, or what breaks it.
#
#   tests/lint.sh OBJ [TREE]     OBJ: objects of a build (build/lint/gcc/obj); TREE: the sources (.)
#
# Exit status 1 if a promise is broken, or if there was nothing to look at.

set -u
obj=$(cd "$1" && pwd) || exit 1
cd "${2:-$(dirname "$0")/..}" || exit 1

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

# "FILE:SYMBOL" of what nm lists in the objects under $1; further arguments are nm's.
symbols() {
    under=$1
    shift
    find $under -name '*.o' -exec nm -P -A "$@" {} + | sed 's/^\([^:]*\): */\1 /'
}

# "FILE:LINE:TEXT" of every include in src/.
includes() {
    grep -rnE '^[[:space:]]*#[[:space:]]*include' src
}

cd "$obj" || exit 1
[ -n "$(find src -name '*.o')" ] || { echo "lint: no objects in $obj"; exit 1; }

symbols "src ports" -u | awk '{ print $1 ": " $2 }' |
    grep -E ' (_*(libc_)?(m|c|re|v|pv|re?c?alloc?arr)alloc|reallocarray|free|cfree|strn?dup|wcsdup|memalign|aligned_alloc|posix_memalign|v?asprintf|get(line|delim)|open_memstream|fmemopen|realpath|getaddrinfo|opendir|popen|alloca)$' |
    promise "no object uses an allocator, or a call that does"

symbols src -g --defined-only | awk '
    {
        module = $1
        sub(/.*\//, "", module)
        sub(/\.o$/, "", module)
        if ($2 != "main" && $2 != module && index($2, module "_") != 1)
            print $1 ": " $2
    }' | promise "every exported name begins with the name of its file"

symbols "src/base src/codec src/conn" --defined-only | awk '$3 ~ /^[bBdDcCsS]$/ { print $1 ": " $2 }' |
    grep -v ' \.' | promise "base, codec and conn keep no state of their own"

cd - >/dev/null || exit 1

includes | grep '<' |
    grep -vE '<(assert|ctype|float|inttypes|limits|locale|math|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdlib|string)\.h>' |
    promise "src includes no system header"

grep -rnwE '_WIN32|_WIN64|WIN32|__MINGW32__|_MSC_VER|__CYGWIN__|__linux__|__linux|__unix__|__APPLE__|__FreeBSD__|_POSIX_C_SOURCE|_GNU_SOURCE|_DEFAULT_SOURCE' src |
    promise "src tests for no system"

# The rules of DESIGN section 3: who may include what.
includes | grep '"' | awk -F: '
    BEGIN {
        may["base"] = "base"
        may["codec"] = "base"
        may["conn"] = "base codec conn"
        may["loop"] = "base conn loop"
        may["measure"] = "base measure"
        may["report"] = "base measure report"
        may["server"] = "base codec conn loop measure server"
        may["client"] = "base codec conn loop measure report client"
        codecs["eio"] = "json"
        codecs["sio"] = "json eio"
    }
    function own(module, name) { return index(module "_", name "_") == 1 }
    function holds(list, word) { return index(" " list " ", " " word " ") > 0 }
    {
        split($1, path, "/")
        layer = path[2]
        module = path[3]
        sub(/\.[ch]$/, "", module)
        split($3, quoted, "\"")
        target = quoted[2]
        if (target == "port.h") {
            allowed = layer == "loop" || $1 ~ /^src\/measure\/environment\.[ch]$/ || $1 ~ /^src\/(server|client)\/main\.c$/
        } else {
            split(target, part, "/")
            name = part[2]
            sub(/\.h$/, "", name)
            allowed = holds(may[layer], part[1]) ||
                      layer == "codec" && part[1] == "codec" && (own(module, name) || holds(codecs[module], name))
        }
        if (!allowed)
            print $0
    }' | promise "each layer includes only what lies below it, and port.h only where it may"

find src ports -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total" && $1 > 450 { print $2 ": " $1 " lines" }' |
    promise "no file is longer than 450 lines"

# With this brace style, a lone brace in the first column opens a function and nothing else.
find src ports -name '*.c' -exec awk '
    /^[A-Za-z_].*\(/ { head = $0 }
    /^\{/            { from = FNR }
    /^\}/ && from    { if (FNR - from - 1 > 60) print FILENAME ":" from ": " FNR - from - 1 " lines: " head; from = 0 }
    ' {} + | promise "no function is longer than 60 lines"

grep -rnwE 'TO''DO|FIX''ME|XX''X' src ports tests Makefile .ci 2>/dev/null |
    promise "nothing is left to be done later"

exit $broken
