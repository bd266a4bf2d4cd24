/*
 * One line at a time for whoever runs the kernel: "carme: …" on the process's first standard error,
 * also after that descriptor was redirected into cells.
 * Threads: any. Blocks as write(2) does.
 */
#pragma once

#include "protocol/bytes.h"

void log_line(const char *format, ...) PRINTF_LIKE(1, 2);

/* The same with ": reason" behind it, for an errno. */
void log_failure(int error, const char *format, ...) PRINTF_LIKE(2, 3);

/* The descriptor that lines go to; 2 until it is set. Borrowed. */
void log_set_fd(int fd);

/* True for the first few of a flood: what a stranger on the network can cause is logged at most 20
 * times a minute. */
bool log_allowed(void);
