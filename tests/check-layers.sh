#!/bin/sh
# An include points left only: protocol < interp < kernel; only kernel/zmq/ includes zmq.h, only
# kernel/history/sqlite.h includes SQLite's header; the kernel knows Python by interp/python/python.h alone, and only its composition roots do.
cd "$(dirname "$0")/.." || exit 2
bad=$(
    grep -nE '#include "(interp|kernel)/' protocol/*.[ch]
    grep -rnE '#include "kernel/' interp --include='*.[ch]'
    grep -rnE '#include [<"](Python\.h|interp/python)' kernel --include='*.[ch]' |
        grep -vE '^kernel/(desktop/main|browser/lite)\.c:[0-9]+:#include "interp/python/(python|browser/(bridge|worker_host))\.h"$'
    grep -rnE '#include <sqlite3' protocol interp kernel --include='*.[ch]' | grep -vE '^kernel/history/sqlite\.h:'
    grep -rnE '#include <zmq\.h>' protocol interp kernel --include='*.[ch]' | grep -vE '^kernel/zmq/[a-z_]*\.c:'
)
[ -z "$bad" ] && exit 0
printf 'includes that point the wrong way:\n%s\n' "$bad" >&2
exit 1
