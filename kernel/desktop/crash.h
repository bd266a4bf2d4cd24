/*
 * When the process ends in the middle of a request, by a signal such as SIGSEGV or SIGTERM or by
 * _exit(), what was written until then is sent first, and its children end with it. What can not be
 * sent within CRASH_MS is written to the standard error that the process was started with.
 */
#pragma once

#include "kernel/desktop/capture.h"

enum { CRASH_MS = 1500 };

/* Once per process, before handlers that are to run first (Python's faulthandler). All are borrowed
 * until crash_stop(). -errno. */
MUST_CHECK int crash_start(struct kernel *kernel, struct transport *transport,
                           struct capture *capture);

/* Sends what was written. Nothing can be sent after it. Any thread, in signal handlers too; blocks
 * for CRASH_MS at the most. Does nothing in a forked child and outside start and stop. */
void crash_flush(void);

/* The kernel ends by itself: from here on the signals only end the process. */
void crash_stop(void);
