#!/bin/sh
# Installs what tests and checks need on Debian 12, as root or through sudo; nothing when all is there.
#
#   tests/deps.sh [peers]
#
# `peers` adds what `make interop` meets beyond the tests. Those, and the node packages (which go into
# build/npm), are peers to test with, not parts: if they cannot be had, that is said and their tests
# are skipped.
set -eu
cd "$(dirname "$0")/.."

packages="libc6-dev libcmocka-dev strace curl
    python3 python3-websockets python3-socketio python3-aiohttp python3-jsonschema python3-numpy python3-scipy
    clang clang-tidy clang-format libclang-rt-14-dev cppcheck"
[ "$(dpkg --print-architecture)" != amd64 ] || packages="$packages libc6-dev-i386"
command -v node >/dev/null || packages="$packages nodejs"
command -v npm >/dev/null || packages="$packages npm"

stock="libwebsockets-test-server python3-requests python3-websocket
    python3-flask-socketio python3-gevent python3-gevent-websocket"

# Installs those that are missing.
install() {
    missing=
    for package; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
        [ "$state" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    echo "deps: installing$missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        command -v sudo >/dev/null || { echo "deps: neither root nor sudo" >&2; return 1; }
    fi
    apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
    # shellcheck disable=SC2086 # lists of words
    $apt update && $apt install -y --no-install-recommends $missing
}

# shellcheck disable=SC2086 # a list of words
install $packages
install chromium || echo "deps: no chromium; nobody will look at the page of --html" >&2
if [ "${1:-}" = peers ]; then
    # shellcheck disable=SC2086 # a list of words
    install $stock || for package in $stock; do
        install "$package" || echo "deps: no $package; its tests will be skipped" >&2
    done
fi

peers="ws@8 socket.io@4 socket.io-client@4"
wanted=build/npm/installed
if [ "$(cat $wanted 2>/dev/null)" != "$peers" ]; then
    echo "deps: installing $peers into build/npm"
    mkdir -p build/npm
    # shellcheck disable=SC2086 # a list of words
    if npm install --prefix build/npm --no-audit --no-fund --loglevel=error $peers; then
        echo "$peers" >$wanted
    else
        echo "deps: npm failed; tests with node peers will be skipped" >&2
    fi
fi
