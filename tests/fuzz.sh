#!/bin/sh
# Runs each libFuzzer target for some seconds, from its corpus in tests/fuzz; new inputs stay in DIR.
#
#   tests/fuzz.sh DIR SECONDS TARGET...
#
# An input that breaks a target ends it, stays in DIR/finds and makes the exit status 1.

set -u
dir=$1 seconds=$2
shift 2
[ $# -ne 0 ] || echo "fuzz: no targets"

failed=0
mkdir -p "$dir/finds"
for target; do
    name=${target##*/fuzz_}
    learned=$dir/corpus/$name kept=tests/fuzz/corpus/$name
    mkdir -p "$learned"
    [ -d "$kept" ] || kept=
    if "$target" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$dir/finds/$name-" "$learned" $kept >"$dir/$name.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$name.log")
        echo "ok      fuzz $name, $runs runs"
    else
        echo "BROKEN  fuzz $name"
        tail -n 60 "$dir/$name.log"
        failed=1
    fi
done
exit $failed
