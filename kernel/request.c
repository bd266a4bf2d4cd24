#include "kernel/request.h"

#include "kernel/core.h"
#include "protocol/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

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

struct request *request_of(struct kernel *kernel, struct request *request)
{
    kernel_lock(kernel);
    struct request *found = request ? request : shell_here(kernel)->current;
    if (found)
        request_ref(found);
    kernel_unlock(kernel);
    return found;
}

/* The type of an answer to a type that is not in the table: foo_request gives foo_reply. */
static void put_reply_type(struct buf *out, const struct message *request)
{
    struct span type = request->type_text, suffix = SPAN("_request");
    if (type.len > suffix.len && !memcmp(type.ptr + type.len - suffix.len, suffix.ptr, suffix.len))
        type.len -= suffix.len;
    buf_put(out, type);
    buf_put(out, SPAN("_reply"));
}

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

/* Topics as ipykernel's: subscribers of b"" see them, and some tools filter by them. */
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

static int message_of_type(struct kernel *kernel, const struct request *parent, enum msg_type type,
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
    return message_of_type(kernel, parent, type, msg_type_text(type), channel, ret);
}

static void reply_typed(struct kernel *kernel, const struct request *self, enum msg_type type,
                        struct span type_text, struct span content)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    if (message_of_type(kernel, self, type, type_text, self->msg->channel, &msg) < 0)
        return;
    char metadata[64]; /* as ipykernel's, which ipyparallel reads */
    int len = snprintf(metadata, sizeof metadata, "{\"started\":\"%s\"}", self->started);
    msg->metadata = arena_copy(msg->store, (struct span){metadata, (size_t)len});
    msg->content = arena_copy(msg->store, content);
    if (msg->metadata.ptr && msg->content.ptr)
        output_send(kernel, TAKE(msg));
}

void request_reply(struct kernel *kernel, const struct request *self, enum msg_type type,
                   struct span content)
{
    reply_typed(kernel, self, type, msg_type_text(type), content);
}

static void put_count(struct kernel *kernel, struct buf *out)
{
    kernel_lock(kernel);
    buf_printf(out, ",\"execution_count\":%ld", kernel->execution_count);
    kernel_unlock(kernel);
}

void request_fail(struct kernel *kernel, const struct request *self, const char *ename,
                  const char *format, ...)
{
    char why[512];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_put(&content, SPAN("{\"status\":\"error\""));
    json_put_member(&content, "ename", span_of(ename));
    json_put_member(&content, "evalue", span_of(why));
    buf_put(&content, SPAN(",\"traceback\":["));
    json_put_string(&content, span_of(why));
    buf_putc(&content, ']');
    if (self->msg->type == MSG_EXECUTE_REQUEST)
        put_count(kernel, &content);
    buf_putc(&content, '}');
    CLEANUP(buf_finish) struct buf type = BUF_INIT;
    put_reply_type(&type, self->msg);
    if (buf_error(&content) == 0 && buf_error(&type) == 0)
        reply_typed(kernel, self, MSG_UNKNOWN, buf_view(&type), buf_view(&content));
}

static int status_message(struct kernel *kernel, const struct request *parent, const char *state,
                          struct message **ret)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = request_message(kernel, parent, MSG_STATUS, CHANNEL_IOPUB, &msg);
    if (r < 0)
        return r;
    char content[64];
    int len = snprintf(content, sizeof content, "{\"execution_state\":\"%s\"}", state);
    msg->content = arena_copy(msg->store, (struct span){content, (size_t)len});
    if (!msg->content.ptr)
        return -ENOMEM;
    *ret = TAKE(msg);
    return 0;
}

void request_status(struct kernel *kernel, const struct request *parent, const char *state)
{
    struct message *msg = NULL;
    if (status_message(kernel, parent, state, &msg) == 0)
        output_send(kernel, msg);
}

/* It belongs to no request, and clients read parent_header["msg_id"] of each status. */
static void tell_busy(struct kernel *kernel)
{
    struct message *msg = NULL;
    if (status_message(kernel, NULL, "busy", &msg) < 0)
        return;
    msg->parent = msg->header;
    output_send(kernel, msg);
}

static void tell_still_busy(struct kernel *kernel)
{
    if (!atomic_load(&kernel->shell.executing))
        return;
    lock_take(&kernel->ends);
    if (atomic_load(&kernel->shell.executing))
        tell_busy(kernel);
    lock_give(&kernel->ends);
}

static void flush(struct kernel *kernel) { kernel->transport->impl->flush(kernel->transport); }

void request_end(struct kernel *kernel, const struct request *self)
{
    request_status(kernel, self, "idle");
    tell_still_busy(kernel);
    flush(kernel);
}

void request_end_execution(struct kernel *kernel, const struct request *self)
{
    struct shell *shell = self->shell;
    lock_take(&kernel->ends);
    request_status(kernel, self, "idle");
    kernel_lock(kernel);
    shell->answering = false;
    kernel_unlock(kernel);
    atomic_store(&shell->executing, false);
    lock_give(&kernel->ends);
    tell_still_busy(kernel);
    flush(kernel);
}
