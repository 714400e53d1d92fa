#!/bin/sh
# Prints the size of what was built in DIR and fails if a stripped binary is over its limit.
#
#   tests/size.sh DIR

set -eu
dir=$1
mkdir -p "$dir/size"
for name in wsio-server wsio-client; do
    strip -o "$dir/size/$name" "$dir/$name"
done
size "$dir/size/wsio-server" "$dir/size/wsio-client"
size -t "$dir"/obj/src/codec/*.o | tail -n 1 | sed 's/(TOTALS)/src\/codec/'
[ ! -x "$dir/tests/sizes" ] || "$dir/tests/sizes"

failed=0
limit() {
    bytes=$(($(wc -c <"$dir/size/$1")))
    echo "$1: $bytes bytes stripped, at most $2"
    [ "$bytes" -le "$2" ] || failed=1
}
limit wsio-server $((100 * 1024))
limit wsio-client $((200 * 1024))
exit $failed
