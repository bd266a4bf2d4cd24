/*
 * What the kernel tells when a cell does not end at its first interrupt. A second interrupt within
 * INTERRUPT_REPEAT_MS of the one before it, in the same cell, shows where each thread is; a third
 * says that a restart may be needed. When Python has not seen an interrupt after INTERRUPT_WAIT_MS,
 * because a C function keeps it from running, the cell says that the interrupt waits.
 *
 * CPython's own signal handler, in C, writes the number of each signal to interrupt_escalation_fd()
 * (signal.set_wakeup_fd), whatever Python's threads do; the transport's thread reads it.
 */
#pragma once

#include "kernel/kernel.h"

enum { INTERRUPT_REPEAT_MS = 2000, INTERRUPT_WAIT_MS = 1000 };

/* What a language does for it; main.c hands it down. Called from the transport's thread; must not
 * block. */
struct interrupt_escalation_language {
    void (*note)(void);   /* an interrupt has come */
    void (*probe)(void);  /* begins to look whether it was seen; ends a system call */
    bool (*waits)(void);  /* a while after probe(): it has not */
    void (*stacks)(void); /* writes where each thread is to descriptor 2 */
};

struct interrupt_escalation;

/* Once, after kernel_new(); lives as long as the process. `language` is copied. -errno. */
MUST_CHECK int interrupt_escalation_start(struct kernel *kernel, struct transport *transport,
                                          const struct interrupt_escalation_language *language,
                                          struct interrupt_escalation **ret);

/* The descriptor that signal numbers are written to; writing does not block. */
int interrupt_escalation_fd(const struct interrupt_escalation *self);

/* In a forked child, whose signals are not the kernel's. */
void interrupt_escalation_detach(struct interrupt_escalation *self);
