#!/bin/sh
# Runs the tests of a build for Windows under Wine, in a prefix of its own.
#
#   tests/win.sh WINDOWS LINUX PROGRAM...
#
# WINDOWS and LINUX are the folders of the two builds, the programs are CMocka's. The end-to-end tests and
# those of tests/interop follow, with both of our programs under Wine, or one of them: over loopback,
# programs under Wine and on Linux reach each other. The last line counts all tests, as in run.sh.
#
# Wine 8's server fails now and then under load, and every program with it. Each program that failed is
# therefore run once more, alone, on a new server (--afresh).

set -u
cd "$(dirname "$0")/.." || exit 1

# The server stays (-p): otherwise each program would start Windows' services and wait for them.
start() {
    wineserver -p
    wine wineboot && wine winecfg -v win10
}

# Ends every process of the prefix: wineserver -k leaves some services behind.
stop() {
    wineserver -k
    for process in $(grep -lsxzF "WINEPREFIX=$WINEPREFIX" /proc/[0-9]*/environ | cut -d/ -f3); do
        case $(cat "/proc/$process/comm" 2>/dev/null) in
        sh | xargs | make) ;;
        *) kill -9 "$process" 2>/dev/null ;;
        esac
    done
}

if [ "$1" = --afresh ]; then
    stop
    start </dev/null >/dev/null 2>&1
    exit
fi

windows=$PWD/$1 linux=$PWD/$2
shift 2
export WINEDEBUG=-all WINEDLLOVERRIDES="winemenubuilder.exe,mscoree,mshtml=" LC_ALL=C.UTF-8
export WSIO_BIN="$linux" TEST_RUNNER=wine
export WSIO_SERVER_wine="wine $windows/wsio-server.exe" WSIO_CLIENT_wine="wine $windows/wsio-client.exe"
export WSIO_SERVER_linux="$linux/wsio-server" WSIO_CLIENT_linux="$linux/wsio-client"

export WINEPREFIX="$windows/wine" TEST_AGAIN="sh tests/win.sh --afresh"
trap stop EXIT
trap 'exit 130' INT TERM
mkdir -p "$WINEPREFIX"
start </dev/null >/dev/null 2>&1 ||
    { echo "win: Wine does not start; WINEDEBUG= wine wineboot says why" >&2; exit 1; }

scripts=
for name in apps echo_client ends failures hostile polling_client scenarios; do
    script=tests/e2e/test_$name.py
    scripts="$scripts $script@wine-wine $script@wine-linux $script@linux-wine"
done
for script in tests/e2e/windows.py tests/e2e/test_usage.py tests/interop/test_*.py tests/interop/test_*.js; do
    scripts="$scripts $script@wine-wine"
done
# shellcheck disable=SC2086 # a list of words
sh tests/run.sh "$@" $scripts
