#!/bin/sh
# Puts jansson's source into the directory named: from Debian's archive, by the apt sources of this
# machine, or from JANSSON_TAR, a file. The digest is checked either way.
#
#   kernel/browser/jansson.sh DIRECTORY
set -eu

version=2.14
digest=c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b
where=$1
tar=${JANSSON_TAR:-$where/download/jansson_$version.orig.tar.gz}

fail() {
    printf 'wasm: %s\n' "$*" >&2
    exit 1
}

is_right() { [ "$(sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1)" = "$digest" ]; }

# Lists and caches of its own: nothing of the machine's apt is changed, and root is not needed.
download() {
    apt=$PWD/$where/download/apt
    mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/archives/partial"
    for list in /etc/apt/sources.list.d/*.sources; do
        [ -f "$list" ] && sed 's/^Types:.*/Types: deb-src/' "$list" >"$apt/sources/${list##*/}"
    done
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$list" ] && sed -n 's/^deb /deb-src /p' "$list" >"$apt/sources/${list##*/}"
    done
    cat >"$apt/conf" <<END
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$apt/sources";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt";
APT::Sandbox::User "$(id -un)";
END
    export APT_CONFIG="$apt/conf"
    apt-get -qq update
    (cd "$where/download" && apt-get -qq source --download-only jansson)
}

mkdir -p "$where/download"
is_right "$tar" || download >"$where/download/log" 2>&1 || {
    tail -n 5 "$where/download/log" >&2
    fail "jansson's source can not be had by apt-get; name its jansson_$version.orig.tar.gz with JANSSON_TAR"
}
is_right "$tar" || fail "$tar is not jansson $version (another sha256); remove it and try again"
rm -rf "$where/src"
tar -xzf "$tar" -C "$where" --strip-components=1 "jansson-$version/src"
# ours take their places: kernel/browser/jansson_config.h, kernel/browser/jansson_seed.c
rm -f "$where/src/jansson_config.h" "$where/src/hashtable_seed.c"
