#!/bin/sh
# Proves the promises that a compiler does not check: one line per promise, and what breaks it.
#
#   tests/lint.sh OBJ
#
# OBJ holds the objects of a complete gcc build (build/lint/gcc/obj). The sources are the tree that
# this script lies in. Exit status 1 if a promise is broken or there was nothing to look at.

set -u
obj=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/.." || exit 1

# Usage: ... | promise TEXT. No input keeps the promise; every line is a case that breaks it.
promise() {
    found=$(cat)
    if [ -z "$found" ]; then
        echo "ok      $1"
    else
        echo "BROKEN  $1"
        echo "$found" | sed 's/^/        /'
    fi
}

# ---- From the symbol tables ----

# "FILE SYMBOL ..." of what nm lists, with the given options, for objects under the first argument.
symbols() {
    (cd "$obj" && under=$1 && shift &&
        find $under -name '*.o' -exec nm -P -A "$@" {} + | sed 's/^\([^:]*\): */\1 /')
}

check_allocators() {
    symbols "src ports" -u | awk '
        $2 ~ /^(m|c|re|v|pv)alloc$|^reallocarray$|^c?free$|^str(n)?dup$|^wcsdup$/ ||
        $2 ~ /^(posix_)?memalign$|^aligned_alloc$|^v?asprintf$|^getline$|^getdelim$/ ||
        $2 ~ /^open_(w)?memstream$|^fmemopen$|^popen$/ { print $1 ": " $2 }' |
        promise "no object uses an allocator"
}

# NAME_ or, for what holds many, NAMEs_. The writers of report/ have the layer in front, as codec has
# a json of its own. bytes.h defines the two types that everything is written with: their names.
check_names() {
    symbols src -g --defined-only | awk '
        {
            module = $1
            sub(/.*\//, "", module)
            sub(/\.o$/, "", module)
            known = $2 == "main" || $2 == module || index($2, module "_") == 1 || index($2, module "s_") == 1
            if ($1 ~ /^src\/report\//)
                known = known || index($2, "report_") == 1
            # transport_post.c is a part of transport.c, with the same header.
            owner = module
            if (sub(/_[a-z]+$/, "", owner) && index($2, owner "_") == 1) {
                path = $1
                sub(/[^\/]*$/, owner ".h", path)
                if ((getline line < path) > 0)
                    known = 1
                close(path)
            }
            if (module == "bytes")
                known = known || $2 ~ /^(span|buf)_/
            if (!known)
                print $1 ": " $2
        }' | promise "every exported name begins with the name of its file"
}

# Constant tables of pointers (.data.rel.ro) are written by the dynamic linker only.
check_state() {
    (cd "$obj" && find src/base src/codec src/conn -name '*.o' -exec objdump -t {} +) | awk '
        / file format / { file = $1 }
        NF > 4 && $(NF - 2) ~ /^\.(data|bss|tdata|tbss)/ && $(NF - 2) !~ /^\.data\.rel\.ro/ && / O / { print file " " $NF }' |
        promise "base, codec and conn keep no state of their own"
}

# ---- From the sources ----

# "FILE:LINE:TEXT" of every include in src/.
includes() {
    grep -rnE '^[[:space:]]*#[[:space:]]*include' src
}

check_system_headers() {
    c='assert|ctype|float|inttypes|limits|math|setjmp|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|time'
    includes | grep '<' | grep -vE "<($c)\.h>" | promise "src includes no system header"
}

check_system_macros() {
    grep -rnwE '_*(WIN32|WIN64|MINGW32|MINGW64|MSC_VER|CYGWIN|linux|unix|APPLE|FreeBSD)_*|_(POSIX_C|GNU|DEFAULT)_SOURCE' \
        src --include='*.[ch]' | grep -E ':[[:space:]]*#' |
        promise "src tests for no system"
}

# What each layer may include, of the codecs each codec, and of a layer with rooms each room: itself,
# and the rooms before it.
check_layers() {
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
            codecs["eio"] = "http json" # a query has one grammar
            codecs["sio"] = "json eio"
            rooms["measure"] = "record machine result"
            rooms["report"] = "report text html json"
            rooms["client"] = "options plan user drivers output campaign client"
            port = "^src/(loop/|measure/machine/environment\\.|(server|client)/main\\.|client/(campaign/(placing|sibling)|drivers/watch|user/destination|output/(safe_file|saved))\\.)"
        }
        function holds(list, word) { return index(" " list " ", " " word " ") > 0 }
        function own(module, name) { return index(module "_", name "_") == 1 }
        function room(path, parts, n) {
            n = split(path, parts, "/")
            return n > 2 ? parts[2] : parts[1]
        }
        {
            path = $1
            sub(/^src\//, "", path)
            layer = path
            sub(/\/.*/, "", layer)
            module = path
            sub(/.*\//, "", module)
            sub(/\.[ch]$/, "", module)
            split($3, quoted, "\"")
            target = quoted[2]
            top = target
            sub(/\/.*/, "", top)
            name = target
            sub(/.*\//, "", name)
            sub(/\.h$/, "", name)
            if (target == "port.h")
                allowed = $1 ~ port
            else if (layer == "codec" && top == "codec")
                allowed = own(module, name) || holds(codecs[module], name)
            else if (layer == top && layer in rooms)
                allowed = index(rooms[layer], room(target)) <= index(rooms[layer], room(path))
            else
                allowed = holds(may[layer], top)
            if (!allowed)
                print $0
        }' | promise "each layer and room includes only what lies below it, and port.h only where it may"
}

check_files() {
    find src ports -name '*.[ch]' -exec wc -l {} + |
        awk '$2 != "total" && $1 > 450 { print $2 ": " $1 " lines" }' |
        promise "no file is longer than 450 lines"
}

# In this brace style a lone brace in the first column opens a function, and nothing else does.
check_functions() {
    find src ports -name '*.c' -exec awk '
        /^[A-Za-z_].*\(/ { head = $0 }
        /^\{/            { from = FNR }
        /^\}/ && from    {
            if (FNR - from - 1 > 60)
                print FILENAME ":" from ": " FNR - from - 1 " lines: " head
            from = 0
        }' {} + | promise "no function is longer than 60 lines"
}

# The table in NOTES.md with the heading below names modules as `client/user/reply` or
# `ports/posix/net`, and tests as `loop/test_payloads.c`, several of each with commas in between.
check_map() {
    heading="Where each module is tested"
    table=$(sed -n "/^##* *$heading *\$/,/^#/p" NOTES.md | tr -d '\140' | grep '^|')
    {
        [ -n "$table" ] || echo "NOTES.md has no table of modules and tests under the heading \"$heading\""
        find src ports -name '*.c' | sed 's/^src\///; s/\.c$//; s/^/module /'
        find tests -name 'test_*.c' | sed 's/.*\/test_//; s/\.c$//; s/^/named /'
        find tests -type f | sed 's/^tests\//file /'
        echo "$table" | sed 1,2d
    } | awk -F'[|]' '
        function names(text, list, n) {
            gsub(/^ +| +$/, "", text)
            return split(text, list, / *, */)
        }
        /^NOTES/ { print; next }
        !/^\|/ {
            split($0, word, " ")
            has[word[1], word[2]] = 1
            if (word[1] == "module")
                modules[word[2]] = 1
            next
        }
        {
            n = names($3, tests)
            for (i = 1; i <= n; i++)
                if (!(("file", tests[i]) in has))
                    print "NOTES.md names tests/" tests[i] ", which is not there: " $0
            if (n == 0)
                print "NOTES.md names no test: " $0
            n = names($2, rows)
            for (i = 1; i <= n; i++) {
                if (!(rows[i] in modules))
                    print "NOTES.md names the module " rows[i] ", which is not there"
                listed[rows[i]] = 1
            }
        }
        END {
            for (module in modules) {
                name = module
                sub(/.*\//, "", name)
                if (!(("named", name) in has) && !(module in listed))
                    print module ": no test_" name ".c, and not in the table of NOTES.md"
            }
        }' | sort | promise "each module has a test of its name, or NOTES.md says which tests are its"
}

# Behind the line that names an interpreter, if there is one.
check_headings() {
    find tests -name 'test_*.[cpj]*' -o -name 'stock_*.[pj]*' -o -name 'fuzz_*.c' -o -name contract.c |
        grep -v __pycache__ | while read -r file; do
            sed '1{/^#!/d;}' "$file" | head -n 1 | grep -qE '^(/\*|//|""") ?[^ ]+ [^ ]+ [^ ]+' ||
                echo "$file: $(head -n 1 "$file")"
        done | sort | promise "the first line of each test program says what it proves"
}

check_unfinished() {
    grep -rnwE 'TO''DO|FIX''ME|XX''X' src ports tests Makefile .ci | promise "nothing is left to be done later"
}

check_sentences() {
    grep -rnE '(/\* |^ *\* |# |"""|^|\. )O''f [a-z]' src ports tests README.md NOTES.md Makefile \
        --include='*.[ch]' --include='*.py' --include='*.md' --include='*.mk' --include=Makefile |
        promise "no sentence opens with \"Of\""
}

check_format() {
    find src ports tests -name '*.[ch]' -exec clang-format --dry-run {} + 2>&1 |
        sed -n 's/^\([^ ]*:[0-9]*\):[0-9]*: warning: .*/\1/p' | sort -u |
        promise "every file is as clang-format writes it"
}

for tool in nm objdump clang-format; do
    command -v $tool >/dev/null || { echo "lint: no $tool"; exit 1; }
done
for layer in src/base src/codec src/conn src/loop src/measure src/report src/server src/client ports; do
    [ -n "$(find "$obj/$layer" -name '*.o')" ] || { echo "lint: no objects of $layer in $obj"; exit 1; }
done

report=$(
    exec 2>&1
    check_allocators
    check_names
    check_state
    check_system_headers
    check_system_macros
    check_layers
    check_files
    check_functions
    check_map
    check_headings
    check_unfinished
    check_sentences
    check_format
)
echo "$report"
# A message of a tool that failed is not a promise kept either.
! echo "$report" | grep -qv '^ok '
