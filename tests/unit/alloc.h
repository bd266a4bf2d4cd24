/*
 * An allocator that fails when it is told to. The unit tests are linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup and alloc.c.
 *
 * Threads: one at a time while something is to fail.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum alloc_failure { ALLOC_ONCE, ALLOC_FROM_THEN_ON };

/* The `nth` allocation from this call on fails, counted from 1; 0: none does. */
void alloc_fail(unsigned long nth, enum alloc_failure how);

/* Every allocation of `size` bytes or more fails from this call on; 0: none does. */
void alloc_fail_above(size_t size);

/* Whether an allocation has failed since alloc_fail() or alloc_fail_above(). */
bool alloc_has_failed(void);

/*
 * Runs `operation` again and again, failing its first, second, … allocation, until it needs no more
 * of them; first with single failures, then with memory that stays gone. The operation returns 0 or
 * an error and leaves nothing behind. Gives the number of runs with a failure that did not return
 * -ENOMEM, plus one when the run without a failure did not return 0.
 */
unsigned alloc_sweep(int (*operation)(void *user), void *user);

/* What jansson is to take its memory from, so that it fails, too. */
void alloc_adopt_jansson(void);
