#include "kernel/reply.h"

#include "kernel/output.h"
#include "kernel/state.h"
#include "protocol/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* foo_reply for foo_request, also where the table of types does not have it. */
static void put_reply_type(struct buf *out, const struct message *request)
{
    struct span type = request->type_text, suffix = SPAN("_request");
    if (type.len > suffix.len && !memcmp(type.ptr + type.len - suffix.len, suffix.ptr, suffix.len))
        type.len -= suffix.len;
    buf_put(out, type);
    buf_put(out, SPAN("_reply"));
}

static void reply_typed(struct kernel *kernel, const struct request *self, enum msg_type type,
                        struct span type_text, struct span content)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    if (request_message_typed(kernel, self, type, type_text, self->msg->channel, &msg) < 0)
        return;
    char metadata[64]; /* as ipykernel's, which ipyparallel reads */
    int len = snprintf(metadata, sizeof metadata, "{\"started\":\"%s\"}", self->started);
    msg->metadata = arena_copy(msg->store, (struct span){metadata, (size_t)len});
    msg->content = arena_copy(msg->store, content);
    if (msg->metadata.ptr && msg->content.ptr)
        output_send(kernel, TAKE(msg));
}

void reply_send(struct kernel *kernel, const struct request *self, enum msg_type type,
                struct span content)
{
    reply_typed(kernel, self, type, msg_type_text(type), content);
}

static void put_count(struct kernel *kernel, struct buf *out)
{
    kernel_lock(kernel);
    buf_printf(out, ",\"execution_count\":%ld", kernel->history.execution_count);
    kernel_unlock(kernel);
}

void reply_error(struct kernel *kernel, const struct request *self, const char *ename,
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

bool reply_read_text(struct kernel *kernel, const struct request *request, const json_t *content,
                     const char *key, struct span *ret)
{
    const json_t *value = json_object_get(content, key);
    if (json_is_string(value)) {
        *ret = (struct span){json_string_value(value), json_string_length(value)};
        return true;
    }
    reply_error(kernel, request, "ValueError", "%.*s: \"%s\" %s; a string is needed",
                (int)request->msg->type_text.len, request->msg->type_text.ptr, key,
                value ? "is no string" : "is missing");
    return false;
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

void reply_status(struct kernel *kernel, const struct request *parent, const char *state)
{
    struct message *msg = NULL;
    if (status_message(kernel, parent, state, &msg) == 0)
        output_send(kernel, msg);
}

/* No request is its parent; but clients read parent_header["msg_id"] of every status. */
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

void reply_end(struct kernel *kernel, const struct request *self)
{
    reply_status(kernel, self, "idle");
    tell_still_busy(kernel);
    flush(kernel);
}

void reply_end_execution(struct kernel *kernel, const struct request *self)
{
    struct shell *shell = self->shell;
    lock_take(&kernel->ends);
    reply_status(kernel, self, "idle");
    kernel_lock(kernel);
    shell->answering = false;
    kernel_unlock(kernel);
    atomic_store(&shell->executing, false);
    lock_give(&kernel->ends);
    tell_still_busy(kernel);
    flush(kernel);
}
