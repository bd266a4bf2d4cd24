/*
 * With which status the process of a kernel, or of a verb, ends: one table for the launcher, for
 * the module, for --help and for the tests.
 *
 * 1 is also what Python itself leaves after an uncaught exception. A death by signal is not here.
 */
#pragma once

#include <errno.h>

/* X(enumerator, status, meaning) */
#define EXIT_CODES(X) \
    X(EXIT_FINE, 0, "fine") \
    X(EXIT_FAILED, 1, "a kernelspec could not be written, found or removed") \
    X(EXIT_USAGE, 2, "unknown verb or option, or a value is missing") \
    X(EXIT_CONNECTION, 3, "connection file missing, unreadable or wrong") \
    X(EXIT_ADDRESS, 4, "an address of the connection file is taken or unusable") \
    X(EXIT_NO_PYTHON, 5, "no such Python, or the file is no Python") \
    X(EXIT_WRONG_PYTHON, 6, "Python of another version, kind or architecture") \
    X(EXIT_LIBRARY, 7, "Carme's module, or a library, is missing or cannot be loaded") \
    X(EXIT_SYSTEM, 8, "out of memory, or the system refused") \
    X(EXIT_ORPHANED, 9, "the process that started the kernel has ended") \
    X(EXIT_WATCHDOG, 10, "the shutdown took too long and was cut short")

enum exit_code {
#define X(enumerator, status, meaning) enumerator = (status),
    EXIT_CODES(X)
#undef X
};

/* For -errno of carme_early_start(): which of them blame the connection file. */
static inline enum exit_code exit_code_of_start(int error)
{
    switch (error) {
    case 0:
        return EXIT_FINE;
    case -EINVAL: /* a member is wrong */
    case -EBADMSG:
    case -EFBIG:
    case -ENOENT:
    case -EACCES:
    case -EPROTONOSUPPORT: /* an unknown signature scheme */
    case -EOPNOTSUPP:
        return EXIT_CONNECTION;
    case -EADDRINUSE:
        return EXIT_ADDRESS;
    default:
        return EXIT_SYSTEM;
    }
}
