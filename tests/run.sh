#!/bin/sh
# Runs test programs and scripts, a few at a time, and counts their tests.
#
#   tests/run.sh PROGRAM|SCRIPT...
#
# A program uses CMocka: its summary lines are counted, and the reason of a skipped test is the last line
# that it printed. $TEST_RUNNER starts programs for Windows. A script (.sh .py .js) prints `ok NAME`,
# `not ok NAME - why` or `skip NAME - reason` for each test. A program that ends without a count, or with a
# status that its counts do not explain, is one more failed test. The last line is
# `N tests passed, S skipped, F failed`; the exit status is 1 if any failed or none passed.
#
# SCRIPT@SERVER-CLIENT runs it with those builds of the two programs: their commands are in the variables
# WSIO_SERVER_xxx and WSIO_CLIENT_xxx.
#
# Environment:
#   TEST_JOBS     how many run at a time (the number of cores)
#   TEST_TIMEOUT  seconds for each program (120)
#   WSIO_BIN      where the two programs are (build)
#   PYTHON        Debian's, for which `make deps` installs modules
#   NODE_PATH     node packages (build/npm/node_modules)
#   TEST_AGAIN    a command that runs before each program that failed runs once more, alone; then the
#                 second result counts
#   TEST_SUMMARY  a Python script that gets all output in a file, and prints before the last line

set -u
cd "$(dirname "$0")/.." || exit 1

: "${TEST_TIMEOUT:=120}" "${WSIO_BIN:=build}" "${NODE_PATH:=$PWD/build/npm/node_modules}"
if [ -z "${PYTHON:-}" ]; then
    PYTHON=python3
    [ ! -x /usr/bin/python3 ] || PYTHON=/usr/bin/python3
fi
export WSIO_BIN NODE_PATH PYTHON

# Prints "PASSED SKIPPED FAILED" and puts the skipped ones into $here/skipped.
count() {
    awk -v program="$1" -v status="$2" -v skipped="$here/skipped" -v script="$3" '
        { sub(/\r$/, "") }
        function skip(what) { print "  " program ": " what >>skipped }
        script && /^ok /     { passed++ }
        script && /^not ok / { failed++ }
        script && /^skip /   { skips++; skip(substr($0, 6)) }
        script { next }
        /^\[=+\] Running /                      { begun++ }
        /^\[=+\] [0-9]+ test\(s\) run\./        { ended++ }
        /^\[ +PASSED +\] [0-9]+ test/           { passed += $4 }
        /^\[ +FAILED +\] [0-9]+ test/           { failed += $4 }
        /^\[ +SKIPPED +\] [0-9]+ test/          { skips += $4; listed = 1; next }
        /^\[ +SKIPPED +\] / && !listed          { skip($4 (said == "" ? "" : " - " said)) }
        /^\[/ { said = ""; next }
        NF    { said = $0 }
        END {
            unexplained = status != 0 && failed + 0 == 0
            silent = passed + skips + failed == 0
            if (unexplained || silent || begun != ended)
                failed++
            print passed + 0, skips + 0, failed + 0
        }' "$here/out" "$here/err"
}

run() {
    case $1 in
    *.sh) timeout -k 5 "$TEST_TIMEOUT" sh "$1" ;;
    *.py) timeout -k 5 "$TEST_TIMEOUT" "$PYTHON" "$1" ;;
    *.js) timeout -k 5 "$TEST_TIMEOUT" node "$1" ;;
    *.exe) timeout -k 5 "$TEST_TIMEOUT" ${TEST_RUNNER:-} "$1" ;;
    *) timeout -k 5 "$TEST_TIMEOUT" "$1" ;;
    esac
}

# Sets WSIO_SERVER and WSIO_CLIENT from the part of SCRIPT@SERVER-CLIENT behind the @.
choose() {
    eval "WSIO_SERVER=\$WSIO_SERVER_${1%-*} WSIO_CLIENT=\$WSIO_CLIENT_${1#*-}"
    export WSIO_SERVER WSIO_CLIENT
}

milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}

# Runs one program, called by xargs below, with its results in a folder of its own. Prints its line when
# it ends, and its output if it failed.
one() {
    here=$1 name=${2#tests/} program=${2%@*}
    [ "$program" = "$2" ] || choose "${2#*@}"
    mkdir -p "$here"
    echo "$2" >"$here/program"
    rm -f "$here/skipped"
    begin=$(milliseconds)
    run "$program" >"$here/out" 2>"$here/err" </dev/null
    status=$?
    took=$(($(milliseconds) - begin))
    case $program in
    *.sh | *.py | *.js) script=1 ;;
    *) script= name=${program##*/} ;;
    esac
    count "$name" "$status" "$script" >"$here/counts"
    read -r passed skipped failed <"$here/counts"
    {
        printf '%-34s %4d passed %3d skipped %3d failed %5d.%03d s\n' \
            "$name" "$passed" "$skipped" "$failed" $((took / 1000)) $((took % 1000))
        if [ "$failed" -ne 0 ]; then
            case $status in
            124 | 137) echo "--- $name: no end after $TEST_TIMEOUT s" ;;
            *) echo "--- $name: exit status $status" ;;
            esac
            cat "$here/out" "$here/err"
            echo "---"
        fi
    } >"$here/report"
    cat "$here/report"
}

if [ "${1:-}" = --one ]; then
    one "$2" "$3"
    exit 0
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
: "${TEST_JOBS:=$(getconf _NPROCESSORS_ONLN)}"

# Scripts take long, so they come first and do not run alone at the end.
number=1000
for program; do
    case ${program%@*} in
    *.py | *.js) printf '0 %s/%d\n%s\n' "$work" "$number" "$program" ;;
    *) printf '1 %s/%d\n%s\n' "$work" "$number" "$program" ;;
    esac
    number=$((number + 1))
done | paste - - | sort -s -k1,1 | cut -d' ' -f2- | tr '\t' '\n' |
    xargs -P "$TEST_JOBS" -n 2 sh tests/run.sh --one

# With TEST_AGAIN the second result counts, because what runs the programs is not reliable.
for here in ${TEST_AGAIN:+"$work"/*}; do
    read -r p s f <"$here/counts" && [ "$f" -eq 0 ] && continue
    echo "once more, alone: $(cat "$here/program")"
    $TEST_AGAIN
    sh tests/run.sh --one "$here" "$(cat "$here/program")"
done

passed=0 skipped=0 failed=0
for here in "$work"/*; do
    read -r p s f <"$here/counts" || { p=0 s=0 f=1; }
    passed=$((passed + p)) skipped=$((skipped + s)) failed=$((failed + f))
done
if [ "$skipped" -ne 0 ]; then
    echo "skipped:"
    cat "$work"/*/skipped
fi
cat "$work"/*/out >"$work.all"
[ -z "${TEST_SUMMARY:-}" ] || "$PYTHON" "$TEST_SUMMARY" "$work.all"
rm -f "$work.all"
echo "$passed tests passed, $skipped skipped, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -ne 0 ]
