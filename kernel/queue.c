#include "kernel/queue.h"

void queue_init(struct queue *self)
{
    *self = (struct queue){0};
    self->tail = &self->head;
}

void queue_push(struct queue *self, struct message *msg)
{
    msg->next = NULL;
    msg->number = self->pushed++;
    *self->tail = msg;
    self->tail = &msg->next;
}

static bool any(const struct message *msg)
{
    (void)msg;
    return true;
}

static void unlink_at(struct queue *self, struct message **link)
{
    struct message *msg = *link;
    *link = msg->next;
    if (!msg->next)
        self->tail = link;
    msg->next = NULL;
}

struct message *queue_pop(struct queue *self) { return queue_take(self, any); }

struct message *queue_take(struct queue *self, bool (*wanted)(const struct message *msg))
{
    struct message **link = &self->head;
    while (*link && !wanted(*link))
        link = &(*link)->next;
    struct message *msg = *link;
    if (msg)
        unlink_at(self, link);
    return msg;
}

void queue_remove(struct queue *self, struct message *msg)
{
    struct message **link = &self->head;
    while (*link != msg)
        link = &(*link)->next;
    unlink_at(self, link);
}

bool queue_empty(const struct queue *self) { return !self->head; }

void queue_finish(struct queue *self)
{
    struct message *msg;
    while ((msg = queue_pop(self)))
        message_free(msg);
}
