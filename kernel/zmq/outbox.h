/*
 * Messages that wait to be sent, in order, and how many bytes they are.
 * Threads: none of its own; whoever owns the box locks.
 */
#pragma once

#include "protocol/message.h"

struct outbox {
    struct message *head, **tail;
    size_t bytes;
};

void outbox_init(struct outbox *self);
void outbox_finish(struct outbox *self);                          /* frees what is left */
void outbox_push(struct outbox *self, struct message *msg);       /* takes it */
void outbox_push_first(struct outbox *self, struct message *msg); /* takes it */
void outbox_pop(struct outbox *self);                             /* frees the head */
