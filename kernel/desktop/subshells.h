/*
 * Subshells: shells beside the main one, each with a thread of its own, so that a request is
 * answered while a cell runs. Clients make them on the control channel and name one in the header
 * of a request.
 * Source: JEP 91, "Kernel subshells".
 *
 * Threads: any, unless said; the kernel's lock is taken inside.
 */
#pragma once

#include "kernel/desktop/comm_requests.h"

struct kernel;
struct request;

enum { SUBSHELLS_MAX = 256 };

/* Zeroes are none. The kernel's lock's. */
struct subshells {
    struct subshell *first; /* in the order of their creation */
    struct comm_requests requests;
};

/* Takes a message of the shell channel that is for a subshell: the one that its header names, or
 * whose request over a comm it responds to. If that does not exist, the message is refused. False,
 * and nothing is taken: it is the main shell's. */
MUST_CHECK bool subshells_push(struct subshells *self, struct kernel *kernel, struct message *msg);

/* threads_impl's. */
void subshells_note_comm_msg(struct subshells *self, struct kernel *kernel,
                             const struct request *request, struct span content);

/* All of them end once they have answered what they are at. Does not wait for them. */
void subshells_stop(struct subshells *self, struct kernel *kernel);

/* Stops them, waits for their ends and frees them. One thread. */
void subshells_join(struct subshells *self, struct kernel *kernel);

/* create_subshell_request, delete_subshell_request, list_subshell_request. The thread of the
 * subshell sends the reply where it has to begin or to end first. */
void subshells_create(struct subshells *self, struct kernel *kernel, struct request *request);
void subshells_delete(struct subshells *self, struct kernel *kernel, struct request *request,
                      const json_t *content);
void subshells_list(struct subshells *self, struct kernel *kernel, struct request *request);
