#include "kernel/zmq/outbox.h"

static size_t size_of(const struct message *msg)
{
    size_t size = sizeof *msg + msg->header.len + msg->parent.len + msg->metadata.len;
    size += msg->content.len;
    for (size_t i = 0; i < message_list_count(msg->buffers); i++)
        size += msg->buffers[i]->view.len;
    return size;
}

void outbox_init(struct outbox *self)
{
    *self = (struct outbox){0};
    self->tail = &self->head;
}

void outbox_push(struct outbox *self, struct message *msg)
{
    msg->next = NULL;
    self->bytes += size_of(msg);
    *self->tail = msg;
    self->tail = &msg->next;
}

void outbox_push_first(struct outbox *self, struct message *msg)
{
    self->bytes += size_of(msg);
    msg->next = self->head;
    if (!self->head)
        self->tail = &msg->next;
    self->head = msg;
}

void outbox_pop(struct outbox *self)
{
    struct message *msg = self->head;
    self->head = msg->next;
    if (!self->head)
        self->tail = &self->head;
    self->bytes -= size_of(msg);
    message_free(msg);
}

void outbox_finish(struct outbox *self)
{
    while (self->head)
        outbox_pop(self);
}
