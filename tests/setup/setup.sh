#!/bin/sh
# Installs what the build, the demo or the tests need and the machine lacks; says so before it does.
#
#   tests/setup/setup.sh demo    libraries for the build; Python packages for `make demo`
#   tests/setup/setup.sh lite    what `make lite-site` needs: emscripten, node, JupyterLite
#   tests/setup/setup.sh test    all of it, and what `make test` and `make bench` need
#
# Debian packages come through apt-get (as root, or by sudo that asks no password); everything else
# goes into build/: virtual environments, pip's cache, stamps. Nothing is written to HOME.
# PYTHON chooses the interpreter of the virtual environments (default: the first fit one of python3,
# python3.14 … python3.10). A second run that finds everything in place ends within a second.
set -eu

purpose=${1:-demo}
case $purpose in
demo | lite | test) ;;
*)
    echo "usage: tests/setup/setup.sh demo|lite|test" >&2
    exit 2
    ;;
esac
cd "$(dirname "$0")/../.."
requirements=tests/setup
environments=build/env

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

[ ! -L "$environments" ] || fail "$environments is a link to another place's environments, which would be removed: unlink it"

# ---- Python: 3.10 is the oldest that JupyterLab 4.6 runs on

is_fit() {
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 15))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_fit "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.10 to 3.14"
        echo "$PYTHON"
        return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        if is_fit "$name"; then
            echo "$name"
            return
        fi
    done
    fail "no Python 3.10 to 3.14 found: install one, or name it with PYTHON=/path/to/python3"
}

python=$(find_python)

# ---- Debian packages

has_headers() {
    "$python" -c '
import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}

# venv alone is no proof: Debian splits ensurepip off it
has_venv() { "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; }

has_chromium() { have chromium || have chromium-browser || have google-chrome; }

has_postgresql() { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

# windows in the tests: a display, what Qt's wheels leave to the system, tkinter for Debian's Python
has_qts_libraries() {
    ldconfig -p | grep -q libxcb-cursor && ldconfig -p | grep -q libEGL &&
        ldconfig -p | grep -q libxkbcommon-x11 && ldconfig -p | grep -q libxcb-icccm
}
has_tk() {
    "$python" -c 'import tkinter' >/dev/null 2>&1 || [ "$(command -v "$python")" != /usr/bin/python3 ]
}

missing_packages() {
    have cc || have gcc || echo gcc libc6-dev
    have make || echo make
    have pkg-config || echo pkg-config
    pkg-config --exists libzmq 2>/dev/null || echo libzmq3-dev
    pkg-config --exists jansson 2>/dev/null || echo libjansson-dev
    pkg-config --exists libsodium 2>/dev/null || echo libsodium-dev
    pkg-config --exists uuid 2>/dev/null || echo uuid-dev
    pkg-config --exists sqlite3 2>/dev/null || echo libsqlite3-dev
    has_headers || echo python3-dev
    [ -x "$environments/client/bin/python" ] || has_venv || echo python3-venv
    [ "$purpose" = demo ] || have npm || echo nodejs npm
    [ "$purpose" = demo ] || have emcc || echo emscripten
    [ "$purpose" = test ] || return 0
    # a font, because a page without one shows boxes; all of this only for the tests
    has_chromium || echo chromium fonts-dejavu-core
    # the server's programs alone would do, but Debian has them only with the service
    has_postgresql || echo postgresql
    have Xvfb || echo xvfb
    has_tk || echo python3-tk
    has_qts_libraries ||
        echo libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 \
            libxcb-keysyms1 libxcb-render-util0 libxcb-shape0
    have clang || echo clang
    have clang-tidy || echo clang-tidy
    have clang-format || echo clang-format
}

apt_command() {
    if [ "$(id -u)" -eq 0 ]; then
        echo "apt-get"
    elif have sudo && sudo -n true 2>/dev/null; then
        echo "sudo apt-get"
    fi
}

install_packages() {
    packages=$(missing_packages | tr '\n' ' ')
    packages=${packages% }
    [ -n "$packages" ] || return 0
    if ! have apt-get; then
        fail "missing (Debian's names): $packages; install them with this system's package manager"
    fi
    apt=$(apt_command)
    if [ -z "$apt" ]; then
        fail "missing packages; run: sudo apt-get install --no-install-recommends $packages"
    fi
    say "installing with $apt: $packages"
    # packages is a list of words
    # shellcheck disable=SC2086
    {
        DEBIAN_FRONTEND=noninteractive $apt -qq update &&
            DEBIAN_FRONTEND=noninteractive $apt -qq -y --no-install-recommends install $packages
    } >build/setup-apt.log 2>&1 || {
        tail -n 20 build/setup-apt.log >&2
        fail "apt-get failed (build/setup-apt.log)"
    }
}

# ---- virtual environments, each with a stamp that tells what it was made from

# The pins are a set for Python 3.11 to 3.14; an older one gets what pip finds for it.
constraint() {
    if "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "-c $requirements/constraints.txt"
    fi
}

# What an environment was made from: the place, the interpreter, every list of packages
description() {
    pwd
    "$python" -c 'import sys; print(sys.executable, sys.version.split()[0])'
    cat "$requirements"/*.txt
}
wanted=$(description)

# is_made NAME LIST
is_made() {
    [ -x "$environments/$1/bin/python" ] &&
        [ "$wanted" = "$(cat "$environments/$1/.made-from-$2" 2>/dev/null)" ]
}

# environment NAME LIST: build/env/NAME with the packages that LIST.txt names
environment() {
    is_made "$1" "$2" && return 0
    where=$environments/$1
    say "installing with pip into $where: $(sed '/^[-#]/d' "$requirements/$2.txt" | tr '\n' ' ')"
    # made by another interpreter or in another place: its scripts would name the wrong one
    cmp -s "$where/.python" build/python || rm -rf "$where"
    [ -x "$where/bin/python" ] || "$python" -m venv "$where"
    # constraint prints a list of words
    # shellcheck disable=SC2046
    PIP_CACHE_DIR=$PWD/build/pip-cache PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$where/bin/python" -m pip install --quiet --no-input \
        $(constraint "$where/bin/python") -r "$requirements/$2.txt" ||
        fail "pip could not install into $where"
    cp build/python "$where/.python"
    printf '%s\n' "$wanted" >"$where/.made-from-$2"
}

mkdir -p build "$environments"
install_packages
printf '%s\n' "$wanted" | head -n 2 >build/python
[ "$purpose" = demo ] || environment lite lite
[ "$purpose" != lite ] || exit 0
# what the tests need includes what the demo needs
{ [ "$purpose" = demo ] && is_made client test; } || environment client "$purpose"
environment data data
[ "$purpose" = demo ] || {
    environment ipykernel ipykernel
    environment widgets widgets
    environment suites suites
    environment systems systems
    environment lite-stock lite-stock
}
