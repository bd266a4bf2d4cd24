/*
 * Which Python to run, and how: found by looking, not by running it.
 */
#pragma once

#include <limits.h>

#include "kernel/launch/say.h"

struct python {
    /* Absolute. Symbolic links are kept: by this path Python finds its pyvenv.cfg. */
    char path[PATH_MAX];
    /* What to give to dlopen. Empty: the interpreter is complete in itself and is to be executed.
     */
    char library[PATH_MAX];
    /* Nothing of a standard library is where such a file has it. */
    bool is_bare;
};

/*
 * `wanted` is a file, a directory with bin/python, or a name to look up on PATH. NULL: the first
 * of $CARME_PYTHON, $VIRTUAL_ENV, $CONDA_PREFIX, and python3 on PATH; one that is set but leads to
 * nothing is an error, because another Python than the wanted one is worse than none.
 *
 * Blocks only for a script (a pyenv shim, a wrapper): it is run once to tell its sys.executable.
 * Says why on failure.
 */
MUST_CHECK enum exit_code python_find(const char *wanted, struct python *ret);

/*
 * Whether it can start at all: a Python without its standard library ends before anything of
 * Carme's runs in it. Where that is likely (PYTHONHOME is set, or is_bare) it is run once; else
 * this costs nothing. Says why on failure.
 */
MUST_CHECK enum exit_code python_check(const struct python *python);
