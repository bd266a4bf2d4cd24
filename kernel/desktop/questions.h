/*
 * Which shell has asked what over a comm, so that the answer is for it: an anywidget's RPC, say,
 * whose reply a front end addresses to the comm's own subshell. A question is a comm_msg whose
 * data.content.id is a string; its answer has the same one.
 * Source: ipykernel 7.4's changelog, "comm replies follow the requesting subshell".
 *
 * Threads: none of its own; the kernel's lock is held. Nothing blocks.
 */
#pragma once

#include "protocol/message.h"

#include <jansson.h>

enum { QUESTIONS_MAX = 1000 }; /* that nobody has answered; the oldest are forgotten */

struct questions {
    json_t *shells; /* the comm's and the question's id to the shell's; NULL while there are none */
};

void questions_finish(struct questions *self);

/* Whether the text of a comm_msg may be a question or an answer. Needs no lock. */
bool questions_concern(struct span content);

/* Keeps that the shell `id` (empty: the main one) has sent this, if it is a question. */
void questions_note(struct questions *self, const json_t *content, struct span id);

/* The shell that has asked for this, for the caller to json_decref; NULL: none has. */
json_t *questions_take(struct questions *self, const json_t *content);
