#include "kernel/queue.h"

void queue_init(struct queue *self)
{
    *self = (struct queue){0};
    self->tail = &self->head;
}

void queue_push(struct queue *self, struct message *msg)
{
    msg->next = NULL;
    *self->tail = msg;
    self->tail = &msg->next;
    self->pushed++;
}

struct message *queue_pop(struct queue *self, unsigned long *ret_number)
{
    struct message *msg = self->head;
    if (!msg)
        return NULL;
    self->head = msg->next;
    if (!self->head)
        self->tail = &self->head;
    msg->next = NULL;
    *ret_number = self->popped++;
    return msg;
}

bool queue_empty(const struct queue *self) { return !self->head; }

void queue_finish(struct queue *self)
{
    unsigned long number;
    struct message *msg;
    while ((msg = queue_pop(self, &number)))
        message_free(msg);
}
