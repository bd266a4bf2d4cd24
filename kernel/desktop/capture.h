/*
 * File descriptors 1 and 2 of the process as pipes of the kernel: what C libraries and children
 * write appears in the cell that runs, decoded from UTF-8 across reads, in its place among the
 * texts of the language.
 *
 * Threads: drain from any; ready from the transport's. A lock of its own is taken before the
 * kernel's.
 */
#pragma once

#include "kernel/kernel.h"

struct capture;

/*
 * Puts pipes in the place of descriptors 1 and 2, keeps copies of the old ones, and has the
 * transport watch the pipes. Lines for the log go to the old standard error. -errno of pipe and
 * dup.
 */
MUST_CHECK int capture_start(struct kernel *kernel, struct transport *transport,
                             struct capture **ret);

/* Moves what the pipes hold to the kernel, as far as there is room. `ends`: a request ends here, so
 * all of it, also a character that is cut off. Does not block. */
void capture_drain(void *capture, bool ends);

/* The process dies. capture_take(), from the transport's thread: what the pipes hold is with the
 * kernel. capture_spill(), async-signal-safe, when that thread does not come: it is written to the
 * old descriptors. */
void capture_take(struct capture *self);
void capture_spill(struct capture *self);

/* The old descriptors are back in place; what was in the pipes is with the kernel. The structure
 * stays: the transport's thread may still look at it. */
void capture_stop(struct capture *self);
