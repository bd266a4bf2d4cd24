/*
 * The end of the kernel's process: within a second, and without leaving children behind.
 */
#pragma once

#include "kernel/launch/exit_codes.h"

enum { ENDING_PYTHON_MS = 700, ENDING_CHILDREN_MS = 150 };

/*
 * From here on the process has ENDING_PYTHON_MS to end by itself (atexit functions, threads that
 * are joined); then it is ended. Any thread, also twice. Exit status EXIT_WATCHDOG then, unless
 * `code` says more.
 */
void ending_begin(enum exit_code code);

/*
 * The children of this process group end: SIGTERM, and SIGKILL to what is left after
 * ENDING_CHILDREN_MS. Only where the group is this process's own. ending_register(): at exit().
 */
void ending_children(void);
void ending_register(void);
