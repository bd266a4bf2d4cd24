/*
 * A script in the place of a Python: a pyenv shim, somebody's wrapper.
 */
#pragma once

#include <limits.h>

#include "kernel/launch/say.h"

/* Whether the file begins with "#!". */
bool script_is(const char *path);

/*
 * Runs the script as Python, with stderr left open, and keeps what it prints as sys.executable.
 * Blocks until the script ends, 20 seconds at the most. Says why on failure.
 */
MUST_CHECK enum exit_code script_executable(const char *path, char ret[PATH_MAX]);

/*
 * Runs a Python with nothing to do. False: it did not end well; `ret_line` is what it said of that.
 * Blocks as script_executable().
 */
MUST_CHECK bool script_starts(const char *path, char *ret_line, size_t size);
