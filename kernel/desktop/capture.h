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

/* For a process that is about to end. capture_flush() moves what the pipes hold to the kernel, from
 * the transport's thread. When that thread does not answer, capture_write_through() writes it to
 * the old descriptors; async-signal-safe. */
void capture_flush(struct capture *self);
void capture_write_through(struct capture *self);

/* The old descriptors are back in place; what was in the pipes is with the kernel. The structure
 * stays: the transport's thread may still look at it. */
void capture_stop(struct capture *self);
