/*
 * A fuzz target: built with clang -fsanitize=fuzzer it is fuzzed, linked with replay.c it is run
 * over the files and directories that are given as arguments.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with a message when something that must hold does not; NDEBUG or not. */
#define FUZZ_CHECK(condition) fuzz_check((condition), #condition, __FILE__, __LINE__)
static inline void fuzz_check(bool held, const char *what, const char *file, int line)
{
    if (held)
        return;
    fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
    abort();
}
