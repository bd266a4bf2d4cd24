#include "kernel/output.h"

#include "kernel/request.h"
#include "kernel/shell.h"
#include "kernel/state.h"
#include "protocol/json.h"

#include <errno.h>

static const char *const stream_names[] = {[STREAM_STDOUT] = "stdout", [STREAM_STDERR] = "stderr"};

/* The end of the last whole character at or before `len`. */
static size_t cut_length(struct span text, size_t len)
{
    if (len >= text.len)
        return text.len;
    size_t cut = len;
    while (cut > 0 && len - cut < 4 && ((unsigned char)text.ptr[cut] & 0xc0) == 0x80)
        cut--;
    return cut > 0 && len - cut < 4 ? cut : len;
}

static int stream_message(struct kernel *kernel, struct span text, struct message **ret)
{
    struct output *out = &kernel->output;
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = request_message(kernel, out->request, MSG_STREAM, CHANNEL_IOPUB, &msg);
    if (r < 0)
        return r;
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_putc(&content, '{');
    json_put_member(&content, "name", span_of(stream_names[out->stream]));
    json_put_member(&content, "text", text);
    buf_putc(&content, '}');
    struct bytes *block = NULL;
    r = buf_take(&content, &block);
    if (r < 0)
        return r;
    msg->content = block->view;
    r = arena_keep(msg->store, block);
    if (r < 0)
        return r;
    *ret = TAKE(msg);
    return 0;
}

static void send_piece(struct kernel *kernel, struct span text)
{
    struct message *msg = NULL;
    if (stream_message(kernel, text, &msg) == 0)
        kernel->transport->impl->send(kernel->transport, msg);
}

static void flush_locked(struct kernel *kernel)
{
    struct output *out = &kernel->output;
    struct span rest = buf_view(&out->text);
    while (rest.len > 0) {
        size_t len = cut_length(rest, OUTPUT_MESSAGE_MAX);
        send_piece(kernel, (struct span){rest.ptr, len});
        rest = (struct span){rest.ptr + len, rest.len - len};
    }
    if (out->text.cap > OUTPUT_PIECE)
        buf_finish(&out->text);
    out->text.len = 0;
    out->text.error = 0;
    struct request *request = TAKE(out->request);
    request_unref(request);
}

static int append_locked(struct kernel *kernel, struct request *request, enum stream stream,
                         struct span text)
{
    struct output *out = &kernel->output;
    if (out->text.len > 0 && (out->request != request || out->stream != stream))
        flush_locked(kernel);
    if (buf_reserve(&out->text, text.len) < 0)
        return -ENOMEM;
    if (out->text.len == 0) {
        out->request = request ? request_ref(request) : NULL;
        out->stream = stream;
        kernel->transport->impl->arm(kernel->transport, OUTPUT_AGE_MS);
    }
    buf_put(&out->text, text);
    if (out->text.len >= OUTPUT_PIECE)
        flush_locked(kernel);
    return 0;
}

/* The part of the text that stream_max still allows. */
static struct span bounded(const struct kernel *kernel, struct request *request, struct span text)
{
    size_t max = kernel->options.stream_max;
    if (!max || !request)
        return text;
    size_t room = request->written < max ? max - request->written : 0;
    size_t len = cut_length(text, room);
    request->written += len;
    request->cut += text.len - len;
    return (struct span){text.ptr, len};
}

int output_append(struct kernel *kernel, struct request *request, enum stream stream,
                  struct span text)
{
    kernel_lock(kernel);
    request = request ? request : shell_here(kernel)->current;
    text = bounded(kernel, request, text);
    int r = text.len > 0 ? append_locked(kernel, request, stream, text) : 0;
    kernel_unlock(kernel);
    return r;
}

void output_tell_cut(struct kernel *kernel, struct request *request)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    kernel_lock(kernel);
    if (request->cut > 0) {
        buf_printf(&text,
                   "\ncarme: the output of this cell was cut after %zu bytes; %zu more are not "
                   "shown\n",
                   request->written, request->cut);
        (void)!append_locked(kernel, request, STREAM_STDERR, buf_view(&text));
    }
    kernel_unlock(kernel);
}

void output_flush(struct kernel *kernel)
{
    kernel_lock(kernel);
    flush_locked(kernel);
    kernel_unlock(kernel);
}

int output_send(struct kernel *kernel, struct message *msg)
{
    kernel_lock(kernel);
    flush_locked(kernel);
    int r = kernel->transport->impl->send(kernel->transport, msg);
    kernel_unlock(kernel);
    return r;
}

static void note_comm(struct kernel *kernel, enum msg_type type, struct span content)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *object = NULL;
    if (json_read_object(content, why, &object) < 0)
        return;
    kernel_lock(kernel);
    comms_note(&kernel->comms, type, object);
    kernel_unlock(kernel);
}

static void note_result(struct kernel *kernel, const struct request *request, struct span content)
{
    kernel_lock(kernel);
    if (!request)
        request = shell_here(kernel)->current;
    if (request && request->store_history)
        history_note_result(&kernel->history, request->count, content);
    kernel_unlock(kernel);
}

/* A message for the request, or the current one, with all but its content. */
static int make_published(struct kernel *kernel, struct request *request, enum msg_type type,
                          struct span metadata, struct bytes *const *buffers, struct message **ret)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    CLEANUP(request_unrefp) struct request *parent = shell_hold_request(kernel, request);
    int r = request_message(kernel, parent, type, CHANNEL_IOPUB, &msg);
    if (r < 0)
        return r;
    msg->metadata = arena_copy(msg->store, metadata);
    if (!msg->metadata.ptr)
        return -ENOMEM;
    if (buffers) {
        r = message_hold(msg, buffers, message_list_count(buffers), &msg->buffers);
        if (r < 0)
            return r;
    }
    *ret = TAKE(msg);
    return 0;
}

int output_publish(struct kernel *kernel, struct request *request, enum msg_type type,
                   struct bytes *content, struct span metadata, struct bytes *const *buffers)
{
    CLEANUP(bytes_unrefp) struct bytes *owned = content;
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = make_published(kernel, request, type, metadata, buffers, &msg);
    if (r < 0)
        return r;
    if (type == MSG_COMM_OPEN || type == MSG_COMM_CLOSE)
        note_comm(kernel, type, content->view);
    if (type == MSG_COMM_MSG)
        kernel->threads->impl->note_comm_msg(kernel->threads, request, content->view);
    if (type == MSG_EXECUTE_RESULT)
        note_result(kernel, request, content->view);
    msg->content = content->view;
    r = arena_keep(msg->store, TAKE(owned));
    if (r < 0)
        return r;
    kernel->drain(kernel->drain_user, false);
    return output_send(kernel, TAKE(msg));
}

void output_finish(struct output *self)
{
    buf_finish(&self->text);
    request_unref(self->request);
    self->request = NULL;
}
