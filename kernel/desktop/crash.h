/*
 * The process ends at once: by a signal such as SIGSEGV or SIGTERM, or by _exit(). Its children end
 * with it, and what was written until then is sent first; what can not be sent within CRASH_MS goes
 * to the process's first standard error.
 */
#pragma once

#include "kernel/desktop/capture.h"

enum { CRASH_MS = 1500 };

/* Once per process, before handlers that are to run first (Python's faulthandler). All are borrowed
 * until crash_stop(). -errno. */
MUST_CHECK int crash_start(struct kernel *kernel, struct transport *transport,
                           struct capture *capture);

/* Sends what was written; nothing can be sent after it. Any thread, in signal handlers too; blocks
 * for CRASH_MS at the most. Does nothing in a forked child and outside start and stop. */
void crash_last_words(void);

/* The kernel ends as it should: signals only end the process from here on. */
void crash_stop(void);
