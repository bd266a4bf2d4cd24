/*
 * What CPython's back end asks of the process around it: signals, waiting, descriptors. process.c
 * is the desktop's; browser/process.c a browser worker's, which has none of them.
 *
 * Threads: as said; all but process_interrupt() with the GIL.
 */
#pragma once

#include "interp/interp.h"
#include "interp/python/api.h"

#include <signal.h>

/* Blocks all signals until the end of the scope, in this thread. */
struct signal_block {
    sigset_t before;
};
void signal_block_start(struct signal_block *self);
void signal_block_end(struct signal_block *self); /* for CLEANUP */

/* interp_impl's enter() and leave(); NULL where Python has one thread. */
extern int (*const process_enter)(struct interp *i, const char *name);
extern void (*const process_leave)(struct interp *i);
void process_tell_started(void); /* the language has started: threads in enter() go on */

/* This thread is the one that interrupts are for. */
void process_adopt_thread(void);

/* Ends what runs, as Ctrl-C in a terminal would. Any thread, without the GIL; after
 * process_adopt_thread(). */
void process_interrupt(void);

/* Interrupts that have come so far are for nobody. */
void process_forget_interrupts(void);

/* The signal at which Python's thread shows where all threads are; 0: there is none. */
int process_stacks_signal(void);

/* A handler of Python's runs for an interrupt. */
void process_interrupt_handled(void);

/* Lets go of the GIL, if anybody else can want it; what it returned is for process_lock(). */
PyThreadState *process_unlock(void);
void process_lock(PyThreadState *state);

/* Blocks, without the GIL, until `fd` is readable. -EINTR and other errors of poll. */
MUST_CHECK int process_wait(int fd);

/* Passes on what C code has written to its stdout and what waits there. */
void process_flush(void);

/* Writes all of it to the descriptor, blocks. -1 with an exception set. */
MUST_CHECK int process_write(int fd, struct span text);
