/*
 * What a test can not go on without.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* Ends the process with status 1 and a line on standard output unless `held`. Any thread. */
static inline void require(bool held, const char *what)
{
    if (held)
        return;
    printf("the test can not go on: %s (errno %d)\n", what, errno);
    fflush(stdout);
    _exit(1);
}
