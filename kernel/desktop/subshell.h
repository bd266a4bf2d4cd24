/*
 * Subshells: shells beside the main one, each with a thread of its own, so that a request is
 * answered while a cell runs. Clients make them on the control channel and name one in the header
 * of a request.
 * Source: JEP 91, "Kernel subshells".
 *
 * Threads: any; the kernel's lock is taken inside.
 */
#pragma once

#include "kernel/kernel.h"

#include <pthread.h>

enum { SUBSHELLS_MAX = 256 };

/* Takes a message of the shell channel that is for a subshell: the one that its header names, or
 * has asked for what a comm's message answers. One that is not there is told so. False, and nothing
 * is taken: it is the main shell's. */
MUST_CHECK bool subshell_push(struct kernel *kernel, struct message *msg);

/* A shell sends a comm_msg: its answer will be for this one. */
void subshell_note_question(struct kernel *kernel, const struct request *request,
                            struct span content);

/* A thread that signals do not reach: they are for the main shell's. -errno of pthread_create. */
MUST_CHECK int subshell_start_thread(void *(*main)(void *), void *user, pthread_t *ret);

/* All of them end once they have answered what they are at. Does not wait for them. */
void subshells_stop(struct kernel *kernel);

/* Stops them, waits for their ends and frees them. */
void subshells_finish(struct kernel *kernel);
