/*
 * Which shell has sent which request over a comm, so that the response goes to that shell: an
 * anywidget's RPC, say, whose response a front end addresses to the comm's own subshell. A request
 * is a comm_msg whose data.content.id is a string; its response has the same one.
 * Source: ipykernel 7.4's changelog, "comm replies follow the requesting subshell".
 *
 * Threads: none of its own; the kernel's lock is held. Nothing blocks.
 */
#pragma once

#include "protocol/message.h"

#include <jansson.h>

enum { COMM_REQUESTS_MAX = 1000 }; /* without a response; the oldest are forgotten */

struct comm_requests {
    json_t *shells; /* the comm's and the request's id to the shell's id; NULL: none */
};

void comm_requests_finish(struct comm_requests *self);

/* Whether the text of a comm_msg may be a request or a response. Needs no lock. */
bool comm_requests_concern(struct span content);

/* The shell `id` (empty: the main one) sends this: kept if it is a request. */
void comm_requests_note(struct comm_requests *self, const json_t *content, struct span id);

/* The shell whose request this responds to, for the caller to json_decref; NULL: none. */
json_t *comm_requests_take(struct comm_requests *self, const json_t *content);
