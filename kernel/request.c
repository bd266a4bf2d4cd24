#include "kernel/request.h"

#include "kernel/state.h"
#include "protocol/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int request_new(struct shell *shell, struct message *msg, struct request **ret)
{
    struct request *self = calloc(1, sizeof *self);
    if (!self) {
        message_free(msg);
        return -ENOMEM;
    }
    atomic_init(&self->refs, 1);
    self->msg = msg;
    self->shell = shell;
    ident_date(self->started);
    *ret = self;
    return 0;
}

struct request *request_ref(struct request *self)
{
    atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
    return self;
}

void request_unref(struct request *self)
{
    if (!self || atomic_fetch_sub_explicit(&self->refs, 1, memory_order_acq_rel) > 1)
        return;
    message_free(self->msg);
    free(self);
}

void request_unrefp(struct request **self) { request_unref(*self); }

static int put_header(struct kernel *kernel, struct message *msg, struct span type)
{
    char id[IDENT_ID_MAX], date[IDENT_DATE_LEN + 1];
    ident_id(&kernel->ident, id);
    ident_date(date);
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    buf_putc(&text, '{');
    json_put_member(&text, "msg_id", span_of(id));
    json_put_member(&text, "msg_type", type);
    json_put_member(&text, "username", SPAN("kernel"));
    json_put_member(&text, "session", span_of(kernel->ident.session));
    json_put_member(&text, "date", span_of(date));
    buf_put(&text, SPAN(",\"version\":\"5.5\"}"));
    msg->header = arena_copy(msg->store, buf_view(&text));
    msg->id = arena_copy(msg->store, span_of(id));
    return buf_error(&text) < 0 || !msg->header.ptr || !msg->id.ptr ? -ENOMEM : 0;
}

/* The topics of ipykernel: some tools filter by them. */
static int put_topic(struct kernel *kernel, struct message *msg, struct span type)
{
    char topic[IDENT_UUID_LEN + 64];
    int len = snprintf(topic, sizeof topic, "kernel.%s.%.*s", kernel->ident.session, (int)type.len,
                       type.ptr);
    CLEANUP(bytes_unrefp) struct bytes *block = NULL;
    int r = bytes_new_copy((struct span){topic, (size_t)len}, &block);
    if (r < 0)
        return r;
    return message_hold(msg, &block, 1, &msg->route);
}

int request_message_typed(struct kernel *kernel, const struct request *parent, enum msg_type type,
                          struct span type_text, enum channel channel, struct message **ret)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = message_new(type, channel, &msg);
    if (r < 0)
        return r;
    msg->parent = parent ? arena_copy(msg->store, parent->msg->header) : SPAN("{}");
    msg->metadata = SPAN("{}");
    msg->content = SPAN("{}");
    if (!msg->parent.ptr)
        return -ENOMEM;
    r = put_header(kernel, msg, type_text);
    if (r < 0)
        return r;
    if (channel == CHANNEL_IOPUB)
        r = put_topic(kernel, msg, type_text);
    else if (parent)
        r = message_hold(msg, parent->msg->route, message_list_count(parent->msg->route),
                         &msg->route);
    if (r < 0)
        return r;
    *ret = TAKE(msg);
    return 0;
}

int request_message(struct kernel *kernel, const struct request *parent, enum msg_type type,
                    enum channel channel, struct message **ret)
{
    return request_message_typed(kernel, parent, type, msg_type_text(type), channel, ret);
}
