#include "kernel/output.h"

#include "kernel/core.h"
#include "protocol/json.h"

#include <errno.h>

static const char *const stream_names[] = {[STREAM_STDOUT] = "stdout", [STREAM_STDERR] = "stderr"};

/* The end of the last whole character at or before `len`: pieces are cut between characters. */
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

/* The part of the text that the request may still write. */
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

void output_finish(struct output *self)
{
    buf_finish(&self->text);
    request_unref(self->request);
    self->request = NULL;
}
