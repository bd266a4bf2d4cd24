/*
 * The kernel proper: who answers what, when. No thread, no socket, no language.
 * Source: "Messaging in Jupyter", protocol 5.5.
 */
#pragma once

#include "interp/interp.h"
#include "kernel/history/store.h"
#include "kernel/transport.h"

struct kernel;

struct kernel_options {
    int ports[5]; /* for connect_reply, by enum channel */
    /*
     * Called once, from the transport's or the kernel's thread, when a shutdown_request has been
     * answered: whoever owns the process ends it. kernel_run() returns false from then on.
     */
    void (*stopping)(void *user, bool restart);
    void *user;                   /* stopping's and executed's */
    void (*executed)(void *user); /* an execution has ended; or NULL. Must not block */
    void (*last_words)(void); /* interp_host_impl's, or NULL: the process can not end by itself */
    /* What one request may write to its streams, in bytes; 0: all it wants. The rest is dropped,
     * and the output says so. */
    size_t stream_max;
    /* The language's execute() may return long before it calls done(), and messages may arrive in
     * the middle of it: all but executions are answered meanwhile. */
    bool returns_early;
    struct store *store; /* borrowed until kernel_free; NULL: the history is this session's */
};

/* Borrows both until kernel_free; sets interp->host, starts the transport. -ENOMEM and start's. */
MUST_CHECK int kernel_new(struct interp *interp, struct transport *transport,
                          const struct kernel_options *options, struct kernel **ret);

/* After kernel_stop(): waits until the threads of subshells have ended. */
void kernel_join(struct kernel *self);

/* Frees queued messages. The transport must have been destroyed before, and kernel_join() called
 * before that. */
void kernel_free(struct kernel *self);

/* Readable while a message waits for kernel_run(). */
int kernel_fd(const struct kernel *self);

/*
 * Answers the request that has waited longest. One thread, always the same. False: shut down.
 */
bool kernel_run(struct kernel *self);

/* Whether kernel_run() has something to answer. Any thread. */
bool kernel_waits(struct kernel *self);

/* Ends the loop as a shutdown_request would, without a reply. Any thread. False: it had been. */
bool kernel_stop(struct kernel *self);

/* Ends what runs, a background task of the language too. Any thread. */
void kernel_interrupt(struct kernel *self);

/* A number of the main shell's cell that runs, another one for each; 0: none does. Any thread. */
unsigned long kernel_executing(struct kernel *self);

/* Text that arrived on the process's own file descriptors, for a request that is held, or NULL's:
 * the one that is being answered. Any thread. It is taken whether there is room or not: ask first.
 */
void kernel_write_raw(struct kernel *self, struct request *request, enum stream stream,
                      struct span text);

/* The request that is being answered, or the last one that was, for kernel_drop(); NULL while there
 * has been none. Any thread. */
struct request *kernel_hold(struct kernel *self);
void kernel_drop(struct request *request); /* accepts NULL */

bool kernel_room(struct kernel *self);

/* Whether, since the last call, a cell has started processes whose output is that of the cells that
 * run by then. */
bool kernel_shares_output(struct kernel *self);

/* Before text of the language is queued, and when a request `ends`, `drain` is called so that what
 * was written to the file descriptors before comes first. Set once, before the first message. */
void kernel_set_drain(struct kernel *self, void (*drain)(void *user, bool ends), void *user);
