#!/bin/sh
# Executes demo.ipynb with nbconvert under Carme, draws it as HTML, checks and tells what it showed.
#
# Everything is written below build/demo, nothing to HOME. Needs `make kernelspec` and
# `tests/setup/setup.sh demo`; `make demo` sees to both.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
demo=$root/build/demo
jupyter=$root/build/env/client/bin/jupyter

fail() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}

[ -x build/carme ] || fail "build/carme is missing: run make demo"
[ -x "$jupyter" ] || fail "build/env/client is missing: run make demo"
rm -rf "$demo"
mkdir -p "$demo/runtime"

# Jupyter, matplotlib and whatever else keeps files of its own
export JUPYTER_PATH="$demo/share/jupyter" JUPYTER_DATA_DIR="$demo/data"
export JUPYTER_CONFIG_DIR="$demo/config" JUPYTER_RUNTIME_DIR="$demo/runtime"
export IPYTHONDIR="$demo/ipython" MPLCONFIGDIR="$demo/matplotlib"
export XDG_CACHE_HOME="$demo/cache" XDG_CONFIG_HOME="$demo/config" XDG_DATA_HOME="$demo/data"
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP VIRTUAL_ENV JUPYTER_CONFIG_PATH

build/carme install --prefix "$demo" --name carme --python "$root/build/env/data" >/dev/null

run_nbconvert() {
    "$jupyter" nbconvert "$@" >>"$demo/nbconvert.log" 2>&1 || {
        tail -n 40 "$demo/nbconvert.log" >&2
        fail "jupyter nbconvert failed; all it said: build/demo/nbconvert.log"
    }
}

echo "demo: executing tests/demo/demo.ipynb with nbconvert"
run_nbconvert --to notebook --execute tests/demo/demo.ipynb --output-dir "$demo" \
    --ExecutePreprocessor.kernel_name=carme --ExecutePreprocessor.timeout=120
run_nbconvert --to html "$demo/demo.ipynb" --output-dir "$demo"
build/env/client/bin/python tests/demo/check.py "$demo/demo.ipynb" "$demo/demo.html"
