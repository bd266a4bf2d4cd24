#include "kernel/host.h"

#include "kernel/dispatch.h"
#include "kernel/execute.h"
#include "kernel/history/history_request.h"
#include "kernel/output.h"
#include "kernel/request.h"
#include "kernel/shell.h"
#include "protocol/json.h"

#include <errno.h>

/* --- output ----------------------------------------------------------------------------------- */

static int host_write(struct interp_host *h, struct request *request, enum stream stream,
                      struct span text)
{
    struct kernel *kernel = (struct kernel *)h;
    if (!kernel->transport->impl->room(kernel->transport, 0))
        return -EAGAIN;
    kernel->drain(kernel->drain_user, false);
    return output_append(kernel, request, stream, text);
}

static bool host_room(struct interp_host *h, unsigned wait_ms)
{
    struct kernel *kernel = (struct kernel *)h;
    return kernel->transport->impl->room(kernel->transport, wait_ms);
}

static int host_publish_large(struct interp_host *h, struct request *request, enum msg_type type,
                              struct bytes *content, struct span metadata,
                              struct bytes *const *buffers)
{
    return output_publish((struct kernel *)h, request, type, content, metadata, buffers);
}

static int host_publish(struct interp_host *h, struct request *request, enum msg_type type,
                        struct span content, struct span metadata, struct bytes *const *buffers)
{
    struct bytes *copy = NULL;
    int r = bytes_new_copy(content, &copy);
    return r < 0 ? r : host_publish_large(h, request, type, copy, metadata, buffers);
}

/* --- input ------------------------------------------------------------------------------------ */

static int new_input_request(struct kernel *kernel, const struct request *request,
                             struct span prompt, bool password, struct message **ret)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = request_message(kernel, request, MSG_INPUT_REQUEST, CHANNEL_STDIN, &msg);
    if (r < 0)
        return r;
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_putc(&content, '{');
    json_put_member(&content, "prompt", prompt);
    buf_printf(&content, ",\"password\":%s}", password ? "true" : "false");
    msg->content = arena_copy(msg->store, buf_view(&content));
    if (buf_error(&content) < 0 || !msg->content.ptr)
        return -ENOMEM;
    *ret = TAKE(msg);
    return 0;
}

static int read_input_reply(const struct message *answer, struct bytes **ret_line)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    if (json_read_object(answer->content, why, &content) < 0)
        return -EBADMSG;
    const json_t *value = json_object_get(content, "value");
    if (!json_is_string(value))
        return -EBADMSG;
    return bytes_new_copy((struct span){json_string_value(value), json_string_length(value)},
                          ret_line);
}

static bool allows_stdin(struct kernel *kernel, const struct request *request)
{
    kernel_lock(kernel);
    bool allowed = request && request->allow_stdin;
    kernel_unlock(kernel);
    return allowed;
}

static int ask(struct kernel *kernel, const struct request *request, struct span prompt,
               bool password, bool resume, struct message **ret)
{
    struct message *input_request = NULL;
    if (!resume) {
        if (!allows_stdin(kernel, request))
            return -ENOTSUP;
        kernel->drain(kernel->drain_user, false);
        output_flush(kernel);
        int r = new_input_request(kernel, request, prompt, password, &input_request);
        if (r < 0)
            return r;
    }
    return kernel->transport->impl->input(kernel->transport, input_request, ret);
}

static int host_input(struct interp_host *h, struct request *request, struct span prompt,
                      bool password, bool resume, struct bytes **ret_line)
{
    struct kernel *kernel = (struct kernel *)h;
    struct request *parent = shell_hold_request(kernel, request);
    CLEANUP(message_freep) struct message *answer = NULL;
    int r = ask(kernel, parent, prompt, password, resume, &answer);
    request_unref(parent);
    return r < 0 ? r : read_input_reply(answer, ret_line);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void host_done(struct interp_host *h, struct request *request, const struct outcome *outcome)
{
    execute_done((struct kernel *)h, request, outcome);
}

static struct request *host_hold(struct interp_host *h, struct request *request)
{
    return shell_hold_request(((struct kernel *)h), request);
}

static struct request *host_hold_control(struct interp_host *h)
{
    struct kernel *kernel = (struct kernel *)h;
    kernel_lock(kernel);
    struct request *request = kernel->control ? request_ref(kernel->control) : NULL;
    kernel_unlock(kernel);
    return request;
}

static const struct message *host_message(const struct request *request) { return request->msg; }

static void host_drop(struct interp_host *h, struct request *request)
{
    (void)h;
    request_unref(request);
}

static int host_message_fd(struct interp_host *h)
{
    return shell_here((struct kernel *)h)->waker.fd;
}

static void host_serve_comms(struct interp_host *h)
{
    dispatch_comms(shell_here((struct kernel *)h));
}

static int host_history(struct interp_host *h, struct span request, struct buf *out)
{
    struct kernel *kernel = (struct kernel *)h;
    char why[160];
    const char *more;
    CLEANUP(json_decrefp) json_t *object = NULL;
    int r = json_read_object(request, why, &object);
    return r < 0 ? r : history_request(&kernel->history, &kernel->lock, object, out, &more);
}

static void host_share_output(struct interp_host *h)
{
    atomic_store(&((struct kernel *)h)->shares_output, true);
}

static void host_flush_before_exit(struct interp_host *h)
{
    struct kernel *kernel = (struct kernel *)h;
    if (kernel->options.flush_before_exit)
        kernel->options.flush_before_exit();
}

static void host_shut_down(struct interp_host *h)
{
    struct kernel *kernel = (struct kernel *)h;
    if (kernel->options.stopping && shell_stop_all(kernel))
        kernel->options.stopping(kernel->options.user, false);
}

const struct interp_host_impl host_impl = {
    .write = host_write,
    .room = host_room,
    .publish = host_publish,
    .publish_large = host_publish_large,
    .input = host_input,
    .done = host_done,
    .hold = host_hold,
    .hold_control = host_hold_control,
    .message = host_message,
    .drop = host_drop,
    .message_fd = host_message_fd,
    .serve_comms = host_serve_comms,
    .history = host_history,
    .share_output = host_share_output,
    .flush_before_exit = host_flush_before_exit,
    .shut_down = host_shut_down,
};
