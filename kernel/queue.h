/*
 * Messages in the order of their arrival, each with a number.
 * Threads: none of its own; whoever owns the queue locks.
 */
#pragma once

#include "protocol/message.h"

struct queue {
    struct message *head, **tail;
    unsigned long pushed, popped; /* messages so far: the next one's number */
};

void queue_init(struct queue *self);
void queue_finish(struct queue *self);                    /* frees what is left */
void queue_push(struct queue *self, struct message *msg); /* takes it */

/* The oldest message, for the caller, or NULL; *ret_number is untouched then. */
struct message *queue_pop(struct queue *self, unsigned long *ret_number);
bool queue_empty(const struct queue *self);
