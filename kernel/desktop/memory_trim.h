/*
 * Returns freed memory to the system once the kernel is idle, by malloc_trim(3): otherwise one
 * block that is still in use keeps all that was freed below it.
 */
#pragma once

#include "kernel/kernel.h"

enum { MEMORY_TRIM_MS = 3000 };

struct memory_trim;

/* Once, after kernel_new(); lives as long as the process. -errno. */
MUST_CHECK int memory_trim_start(struct kernel *kernel, struct transport *transport,
                                 struct memory_trim **ret);

/* In MEMORY_TRIM_MS from here, unless it is called again or a cell runs by then. Any thread; does
 * not block. */
void memory_trim_later(struct memory_trim *self);
