#!/bin/sh
# Installs what tests and checks need on Debian 12, as root or with sudo. Does nothing when all is there.
#
#   tests/deps.sh [peers | mingw | win]
#
# `peers` adds the clients and servers of `make interop`. `mingw` installs the compilers for Windows only;
# `win` all that `make test-win` needs, with the sources of CMocka in build/cmocka, because CMocka has to
# be compiled for Windows. Node packages go into build/npm. Tests whose peer or node package cannot be
# installed are skipped; a message says so.
set -eu
cd "$(dirname "$0")/.."

packages="libc6-dev libcmocka-dev strace curl
    python3 python3-websockets python3-socketio python3-aiohttp python3-jsonschema python3-numpy python3-scipy
    clang clang-tidy clang-format libclang-rt-14-dev cppcheck"
[ "$(dpkg --print-architecture 2>/dev/null)" != amd64 ] || packages="$packages libc6-dev-i386"

stock="libwebsockets-test-server python3-requests python3-websocket
    python3-flask-socketio python3-gevent python3-gevent-websocket"
windows="libc6-dev python3 python3-websockets python3-socketio python3-aiohttp xz-utils"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || { echo "deps: neither root nor sudo" >&2; return 1; }
        sudo "$@"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

# Installs the packages that are missing.
install() {
    missing=
    for package; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
        [ "$state" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    echo "deps: installing$missing"
    # shellcheck disable=SC2086 # a list of words
    apt update && apt install -y --no-install-recommends $missing
}

# Usage: lacking PROGRAM=PACKAGE...; prints the package of each program that is not in the PATH.
lacking() {
    for pair; do
        command -v "${pair%%=*}" >/dev/null || echo "${pair#*=}"
    done
}

mingw="x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64-win32 i686-w64-mingw32-gcc=gcc-mingw-w64-i686-win32"
node="node=nodejs npm=npm"
wine="wine=wine wineserver=wine wine=wine64"

# Prints "URL SUITE" of the mirror that has CMocka's package.
mirror() {
    apt-cache policy libcmocka-dev | awk '$2 ~ /^http/ { sub(/\/.*/, "", $3); print $2, $3; exit }'
}

# Downloads Debian's source package, which apt checks, with a list of sources apart from the system's.
fetch_cmocka() {
    [ ! -e build/cmocka/src/cmocka.c ] || return 0
    echo "deps: fetching the sources of cmocka into build/cmocka"
    [ -n "$(mirror)" ] || apt update
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    own=$PWD/build/apt
    rm -rf "$own" build/cmocka
    mkdir -p "$own/lists/partial" "$own/cache/archives/partial" "$own/cmocka"
    echo "deb-src $([ ! -e $key ] || echo "[signed-by=$key]") $(mirror) main" >"$own/sources"
    options="-q -o Dir::Etc::sourcelist=$own/sources -o Dir::Etc::sourceparts=-
        -o Dir::State::lists=$own/lists -o Dir::Cache=$own/cache -o APT::Sandbox::User=root"
    # shellcheck disable=SC2086 # a list of words
    (cd "$own" && apt-get $options update && apt-get $options source --download-only cmocka)
    tar -xf "$own"/cmocka_*.orig.tar.?z --strip-components=1 -C "$own/cmocka"
    mv "$own/cmocka" build/cmocka
    rm -rf "$own"
}

case ${1:-} in
mingw)
    # shellcheck disable=SC2046,SC2086 # lists of words
    install $(lacking $mingw)
    exit 0
    ;;
win)
    # shellcheck disable=SC2046,SC2086 # lists of words
    install $windows $(lacking $mingw $node $wine)
    fetch_cmocka
    ;;
*)
    # shellcheck disable=SC2046,SC2086 # lists of words
    install $packages $(lacking $node)
    install chromium || echo "deps: no chromium; the tests that look at the page of --html will be skipped" >&2
    ;;
esac
if [ "${1:-}" = peers ]; then
    # shellcheck disable=SC2086 # a list of words
    install $stock || for package in $stock; do
        install "$package" || echo "deps: no $package; its tests will be skipped" >&2
    done
fi

peers="ws@8 undici@6 socket.io@4 socket.io-client@4"
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
