/*
 * A shell: a line of requests that are answered one after the other, by one thread. There is the
 * main one, and subshells beside it (subshell.h), which share the counter, the history, the comms
 * and the language's namespace.
 * Source: JEP 91, "Kernel subshells".
 *
 * Locks: what is said to be the lock's is the kernel's.
 */
#pragma once

#include "kernel/failure.h"
#include "kernel/kernel.h"
#include "kernel/platform/waker.h"
#include "kernel/queue.h"
#include "kernel/request.h"

struct shell {
    struct kernel *kernel;
    char id[IDENT_UUID_LEN + 1]; /* empty for the main shell; constant */
    struct waker waker;      /* rings when a message comes, an execution ends, the shell stops */
    atomic_bool executing;   /* an execution has not been done() yet */
    atomic_ulong executions; /* so far */
    atomic_bool stopping;
    bool is_aside;          /* it answers while the main shell runs a cell; constant */
    struct failure failure; /* the shell's thread only */

    /* the lock's */
    struct queue queue;
    struct request *current;    /* being answered, or the last one that was */
    bool answering;             /* the thread is in the language for `current` */
    unsigned long abort_before; /* execute requests with a lower number are aborted */
};

MUST_CHECK int shell_init(struct shell *self, struct kernel *kernel); /* -errno of eventfd */
void shell_finish(struct shell *self); /* frees queued messages; no thread is in it */

/* Takes `msg`, answers it in its turn. Any thread. */
void shell_push(struct shell *self, struct message *msg);

/* Answers the request that has waited longest; the waker rings while others wait, so that what the
 * language does between requests has its turn between any two. The shell's thread. False: it has
 * been stopped. */
bool shell_run(struct shell *self);

/* Whether shell_run() has something to answer. Any thread. */
bool shell_waits(struct shell *self);

/* Takes `msg`, answers it at once. The shell's thread. */
void shell_answer(struct shell *self, struct message *msg);

/* Answers the comm messages that wait behind the execution that runs, out of their turn. The
 * shell's thread, within an execution. */
void shell_serve_comms(struct shell *self);

/* shell_run() returns false from then on. Any thread. */
void shell_stop(struct shell *self);

/* Whether an answer that needs no language may be given at once. Any thread. */
bool shell_is_free(struct shell *self);
bool shell_is_empty(struct shell *self); /* nothing waits, but an execution may run. Any thread. */

/* The shell that the calling thread serves, or else the main one. */
struct shell *shell_here(struct kernel *kernel);
