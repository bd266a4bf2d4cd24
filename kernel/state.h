/*
 * The state of a kernel and of its shells. The files of the kernel proper and the implementations
 * of threads.h share it; nobody else includes it.
 *
 * Locks: `lock` is taken after the language's own lock and before the transport's.
 */
#pragma once

#include "kernel/comms.h"
#include "kernel/failed_cell.h"
#include "kernel/history/history.h"
#include "kernel/options.h"
#include "kernel/platform/lock.h"
#include "kernel/platform/waker.h"
#include "kernel/queue.h"
#include "protocol/ident.h"

/* A shell: see shell.h. */
struct shell {
    struct kernel *kernel;
    char id[IDENT_UUID_LEN + 1]; /* empty for the main shell; constant */
    struct waker waker;          /* a message has come, an execution or the shell has ended */
    atomic_bool executing;       /* from execute() until done() */
    atomic_ulong executions;     /* so far */
    atomic_bool stopping;
    bool concurrent;                /* it answers while the main shell runs a cell; constant */
    struct failed_cell failed_cell; /* the shell's thread only */

    /* under the kernel's lock: */
    struct queue queue;
    struct request *current;    /* being answered, or the last one that was */
    bool answering;             /* the thread is in the language for `current` */
    unsigned long abort_before; /* execute requests with a lower number are aborted */
};

/* The text of a stream that has not been sent yet: see output.h. */
struct output {
    struct buf text;         /* UTF-8, what is joined so far */
    struct request *request; /* held while text is not empty */
    enum stream stream;
};

struct kernel {
    struct interp_host host; /* first: interp_host functions cast back */
    struct interp *interp;
    struct transport *transport;
    struct threads *threads;
    struct kernel_options options;
    struct ident ident;
    struct shell shell; /* the main one */
    atomic_bool stopping, shares_output;
    struct lock ends; /* held while an execution ends; taken before `lock` */

    void (*drain)(void *user, bool ends);
    void *drain_user;

    struct lock lock; /* for all below */
    struct output output;
    struct request *control; /* the last one on the control channel that was answered at once */
    struct comms comms;
    struct history history;
};

/* Waits while another thread holds the lock; not recursive. */
static inline void kernel_lock(struct kernel *self) { lock_take(&self->lock); }
static inline void kernel_unlock(struct kernel *self) { lock_give(&self->lock); }
