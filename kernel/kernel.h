/*
 * The kernel proper: who answers what, when. No thread, no socket, no language.
 * Source: "Messaging in Jupyter", protocol 5.5.
 */
#pragma once

#include "kernel/options.h"

struct kernel;

/* Borrows both until kernel_free; sets interp->host, starts the transport. -ENOMEM and start's. */
MUST_CHECK int kernel_new(struct interp *interp, struct transport *transport,
                          const struct kernel_options *options, struct kernel **ret);

/* After kernel_stop(): waits until the threads beside the main shell's have ended. */
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
