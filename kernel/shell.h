/*
 * A shell: a queue of requests that are answered one after the other, by one thread. There is the
 * main one, and subshells beside it (desktop/subshells.h), which share the counter, the history,
 * the comms and the language's namespace. dispatch.h answers them. Source: JEP 91, "Kernel
 * subshells".
 *
 * Threads: any, unless said; the kernel's lock is taken inside.
 */
#pragma once

#include "kernel/state.h"

MUST_CHECK int shell_init(struct shell *self, struct kernel *kernel); /* -errno of eventfd */
void shell_finish(struct shell *self); /* frees queued messages; no thread is in it */

/* Takes `msg`; the shell's thread answers it in its turn. */
void shell_push(struct shell *self, struct message *msg);

/* The shell's thread answers nothing any more. */
void shell_stop(struct shell *self);

/* The same of all shells of the kernel, of input() and of what the language runs. False: it was
 * done before. */
bool shell_stop_all(struct kernel *kernel);

/* Whether the shell's thread has something to answer. */
bool shell_waits(struct shell *self);

/* Whether an answer that needs no language may be given at once. */
bool shell_is_free(struct shell *self);
bool shell_is_empty(struct shell *self); /* nothing waits, but an execution may run */

/* From here on the calling thread serves this shell; NULL: none. */
void shell_enter(struct shell *self);

/* The shell that the calling thread serves, or else the main one. */
struct shell *shell_here(struct kernel *kernel);

/* A reference on `request`, or, for NULL, on the current one of shell_here(), which may be NULL as
 * well. */
struct request *shell_hold_request(struct kernel *kernel, struct request *request);
