/*
 * The kernel's process ends within a second, and its children with it.
 */
#pragma once

#include "kernel/launch/exit_codes.h"

enum { TERMINATION_PYTHON_MS = 700, TERMINATION_CHILDREN_MS = 150 };

/*
 * From here on the process has TERMINATION_PYTHON_MS to end by itself (atexit functions, threads
 * that are joined); then it is ended. Any thread, also twice. Exit status EXIT_WATCHDOG then,
 * unless `code` says more.
 */
void termination_begin(enum exit_code code);

/*
 * The children of this process group end: SIGTERM, and SIGKILL to what is left after
 * TERMINATION_CHILDREN_MS. Only where the group is this process's own. termination_register(): at
 * exit().
 */
void termination_end_children(void);
void termination_register(void);
