#include "kernel/answers.h"

#include "kernel/history/history_request.h"
#include "kernel/output.h"
#include "kernel/reply.h"
#include "kernel/shell.h"
#include "protocol/json.h"

#include <errno.h>

void answer_kernel_info(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    const struct interp_impl *impl = kernel->interp->impl;
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"ok\",\"protocol_version\":\"5.5\""));
    json_put_member(&out, "implementation", impl->implementation);
    json_put_member(&out, "implementation_version", impl->implementation_version);
    json_put_key(&out, "language_info");
    buf_put(&out, impl->language_info);
    json_put_member(&out, "banner", impl->banner);
    buf_put(&out, SPAN(",\"help_links\":[{\"text\":\"Python Reference\","
                       "\"url\":\"https://docs.python.org/3/\"}],"
                       "\"debugger\":false,\"supported_features\":["));
    if (impl->enter)
        buf_put(&out, SPAN("\"kernel subshells\""));
    buf_put(&out, SPAN("]}"));
    if (buf_error(&out) == 0)
        reply_send(kernel, request, MSG_KERNEL_INFO_REPLY, buf_view(&out));
}

void answer_connect(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    const int *ports = kernel->options.ports;
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_printf(&out,
               "{\"status\":\"ok\",\"shell_port\":%d,\"iopub_port\":%d,\"stdin_port\":%d,"
               "\"hb_port\":%d,\"control_port\":%d}",
               ports[CHANNEL_SHELL], ports[CHANNEL_IOPUB], ports[CHANNEL_STDIN], ports[CHANNEL_HB],
               ports[CHANNEL_CONTROL]);
    if (buf_error(&out) == 0)
        reply_send(kernel, request, MSG_CONNECT_REPLY, buf_view(&out));
}

void answer_interrupt(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    reply_send(kernel, request, MSG_INTERRUPT_REPLY, SPAN("{\"status\":\"ok\"}"));
    if (request->msg->channel ==
        CHANNEL_CONTROL) /* on the shell channel it was queued until nothing ran */
        kernel->interp->impl->interrupt(kernel->interp);
}

static void publish_shutdown(struct kernel *kernel, struct request *request, struct span content)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    if (request_message(kernel, request, MSG_SHUTDOWN_REPLY, CHANNEL_IOPUB, &msg) < 0)
        return;
    msg->content = arena_copy(msg->store, content);
    if (msg->content.ptr)
        output_send(kernel, TAKE(msg));
}

void answer_shutdown(struct kernel *kernel, struct request *request, json_t *content)
{
    bool restart = json_member_bool(content, "restart", false);
    struct span reply = restart ? SPAN("{\"status\":\"ok\",\"restart\":true}")
                                : SPAN("{\"status\":\"ok\",\"restart\":false}");
    reply_send(kernel, request, MSG_SHUTDOWN_REPLY, reply);
    publish_shutdown(kernel, request, reply);
    if (shell_stop_all(kernel) && kernel->options.stopping)
        kernel->options.stopping(kernel->options.user, restart);
}

/* Sends the language's text; NULL: it had no memory for one. */
static void reply_text(struct kernel *kernel, struct request *request, enum msg_type type,
                       struct bytes *text)
{
    if (text)
        reply_send(kernel, request, type, text->view);
    else
        reply_error(kernel, request, "MemoryError", "no memory for the reply");
    bytes_unref(text);
}

/* cursor_pos, in characters. Missing, no integer or too large: the end of the code. */
static size_t cursor_of(const json_t *content, struct span code)
{
    const json_t *cursor = json_object_get(content, "cursor_pos");
    size_t end = 0;
    for (size_t i = 0; i < code.len; i++)
        end += ((unsigned char)code.ptr[i] & 0xc0) != 0x80;
    if (!json_is_integer(cursor) || json_integer_value(cursor) > (json_int_t)end)
        return end;
    return json_integer_value(cursor) < 0 ? 0 : (size_t)json_integer_value(cursor);
}

static bool is_concurrent(const struct request *request)
{
    return request->shell && request->shell->concurrent;
}

void answer_complete(struct kernel *kernel, struct request *request, json_t *content)
{
    struct span code;
    if (!reply_read_text(kernel, request, content, "code", &code))
        return;
    const struct interp_impl *impl = kernel->interp->impl;
    reply_text(
        kernel, request, MSG_COMPLETE_REPLY,
        impl->complete(kernel->interp, code, cursor_of(content, code), is_concurrent(request)));
}

void answer_inspect(struct kernel *kernel, struct request *request, json_t *content)
{
    struct span code;
    if (!reply_read_text(kernel, request, content, "code", &code))
        return;
    const json_t *level = json_object_get(content, "detail_level");
    int detail = json_is_integer(level) && json_integer_value(level) > 0;
    const struct interp_impl *impl = kernel->interp->impl;
    reply_text(kernel, request, MSG_INSPECT_REPLY,
               impl->inspect(kernel->interp, code, cursor_of(content, code), detail,
                             is_concurrent(request)));
}

void answer_is_complete(struct kernel *kernel, struct request *request, json_t *content)
{
    struct span code;
    if (reply_read_text(kernel, request, content, "code", &code))
        reply_text(kernel, request, MSG_IS_COMPLETE_REPLY,
                   kernel->interp->impl->is_complete(kernel->interp, code));
}

void answer_history(struct kernel *kernel, struct request *request, json_t *content)
{
    const char *why = "no memory for the reply";
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"ok\",\"history\":"));
    int r = history_request(&kernel->history, &kernel->lock, content, &out, &why);
    buf_putc(&out, '}');
    if (r < 0 || buf_error(&out) < 0)
        reply_error(kernel, request, r == -EINVAL ? "ValueError" : "MemoryError", "%s", why);
    else
        reply_send(kernel, request, MSG_HISTORY_REPLY, buf_view(&out));
}

void answer_comm_info(struct kernel *kernel, struct request *request, json_t *content)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"ok\",\"comms\":"));
    kernel_lock(kernel);
    comms_list(&kernel->comms, json_member_text(content, "target_name", SPAN("")), &out);
    kernel_unlock(kernel);
    buf_putc(&out, '}');
    if (buf_error(&out) == 0)
        reply_send(kernel, request, MSG_COMM_INFO_REPLY, buf_view(&out));
}

/* Closes a comm that the kernel does not have, so that the client does not wait for it. */
static void refuse_comm(struct kernel *kernel, struct request *request, struct span id)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_putc(&out, '{');
    json_put_member(&out, "comm_id", id);
    buf_put(&out, SPAN(",\"data\":{"));
    json_put_member(&out, "reason",
                    request->msg->type == MSG_COMM_OPEN ? SPAN("no such comm target in the kernel")
                                                        : SPAN("no such comm in the kernel"));
    buf_put(&out, SPAN("}}"));
    struct bytes *text = NULL;
    if (buf_take(&out, &text) == 0)
        (void)!output_publish(kernel, request, MSG_COMM_CLOSE, text, SPAN("{}"), NULL);
}

void answer_comm(struct kernel *kernel, struct request *request, json_t *content)
{
    struct span id;
    if (!reply_read_text(kernel, request, content, "comm_id", &id))
        return;
    kernel_lock(kernel);
    comms_note(&kernel->comms, request->msg->type, content);
    kernel_unlock(kernel);
    bool known = kernel->interp->impl->comm(kernel->interp, request, request->msg);
    if (!known && request->msg->type != MSG_COMM_CLOSE)
        refuse_comm(kernel, request, id);
}

void answer_by_threads(struct kernel *kernel, struct request *request, json_t *content)
{
    kernel->threads->impl->answer(kernel->threads, request, content);
}
