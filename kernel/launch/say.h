/*
 * What the launcher tells its user, and what it hears from the environment.
 *
 * Functions of the launcher that can fail for a reason of the user's say it themselves, in one
 * line, and return the status with which the process ends (exit_codes.h). The launcher has one
 * thread.
 */
#pragma once

#include "kernel/launch/exit_codes.h"
#include "protocol/bytes.h"

/* One line on stderr: "carme: TEXT". Control characters in it appear as '?'. */
void say(const char *format, ...) PRINTF_LIKE(1, 2);

/* The last line that was said, without "carme: "; "" before the first. Valid until the next. */
const char *say_last(void);

/* What errno's value means, as static text. Accepts -errno too. */
const char *reason(int error);

/* An environment variable; NULL when it is unset or empty. Borrowed from the environment. */
const char *variable(const char *name);

/* EXIT_SYSTEM, after the line "out of memory". */
MUST_CHECK enum exit_code out_of_memory(void);
