/*
 * Moments as ISO 8601 texts and back, without libc's time_t: its size differs between the compiler
 * of a browser's module and the Python that loads it.
 *
 * Threads: any. Source: ISO 8601 as "Messaging in Jupyter" uses it; H. Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms".
 */
#pragma once

#include "protocol/bytes.h"

#include <stdint.h>

enum { DATE_LEN = 27 };

/* Microseconds since 1970 in UTC as 2026-11-01T09:05:03.000042Z, NUL-terminated. */
void date_write(int64_t us, char ret_text[DATE_LEN + 1]);

/* Reads a date with a time of day. The fraction may be absent; the zone is passed over. */
MUST_CHECK bool date_read(struct span text, int64_t *ret_us);
