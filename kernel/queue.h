/*
 * Messages in the order of their arrival, each with a number.
 * Threads: none of its own; whoever owns the queue locks.
 */
#pragma once

#include "protocol/message.h"

struct queue {
    struct message *head, **tail;
    unsigned long pushed; /* messages so far: the next one's number */
};

void queue_init(struct queue *self);
void queue_finish(struct queue *self);                    /* frees what is left */
void queue_push(struct queue *self, struct message *msg); /* takes it */

struct message *queue_pop(struct queue *self); /* the oldest, for the caller, or NULL */

/* The oldest one that is `wanted`, from wherever it stands, for the caller, or NULL. */
struct message *queue_take(struct queue *self, bool (*wanted)(const struct message *msg));
/* Takes this one, which is in it, out. */
void queue_remove(struct queue *self, struct message *msg);
bool queue_empty(const struct queue *self);
