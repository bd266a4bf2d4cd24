/*
 * Interrupts that do not help at once: the second within LADDER_MS of one before it, in the same
 * cell, shows in the cell where each thread is; the third says how to go on. One that Python can
 * not see for LADDER_WAIT_MS, because a C function holds it up, is told as waiting.
 *
 * Python's own handler, in C, writes each signal's number to the descriptor that ladder_fd() gives
 * (signal.set_wakeup_fd), whatever its threads do.
 */
#pragma once

#include "kernel/kernel.h"

enum { LADDER_MS = 2000, LADDER_WAIT_MS = 1000 };

/* What the ladder asks of a language. Called from the transport's thread; must not block. */
struct ladder_language {
    void (*note)(void);   /* an interrupt has come */
    void (*probe)(void);  /* begins to look whether it was seen; ends a system call */
    bool (*waits)(void);  /* a while after probe(): it has not */
    void (*stacks)(void); /* writes where each thread is to descriptor 2 */
};

struct ladder;

/* Once, after kernel_new(); lives as long as the process. `language` is copied. -errno. */
MUST_CHECK int ladder_start(struct kernel *kernel, struct transport *transport,
                            const struct ladder_language *language, struct ladder **ret);

/* The end that signals are written to; it does not block. */
int ladder_fd(const struct ladder *self);

/* In a forked child, whose signals are not the kernel's. */
void ladder_detach(struct ladder *self);
