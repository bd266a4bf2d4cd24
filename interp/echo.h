/*
 * A language that writes its code back: for tests, fuzzers and benchmarks of the kernel.
 *   TEXT       writes TEXT to stdout
 *   ! TEXT     writes TEXT to stderr and fails with ename Echo, evalue TEXT
 *   ? TEXT     asks for a line with prompt TEXT and writes the answer to stdout
 *   = TEXT     publishes TEXT as the result
 *   ...        ends when it is interrupted, as KeyboardInterrupt
 */
#pragma once

#include "interp/interp.h"

MUST_CHECK int echo_new(struct interp **ret); /* -ENOMEM */
