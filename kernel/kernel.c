#include "kernel/kernel.h"

#include "kernel/core.h"
#include "kernel/handlers.h"
#include "kernel/recall.h"
#include "protocol/json.h"

#include <errno.h>
#include <stdlib.h>

void kernel_lock(struct kernel *self) { lock_take(&self->lock); }

void kernel_unlock(struct kernel *self) { lock_give(&self->lock); }

int host_write(struct interp_host *h, struct request *request, enum stream stream, struct span text)
{
    struct kernel *kernel = (struct kernel *)h;
    if (!kernel_room(kernel))
        return -EAGAIN;
    kernel->drain(kernel->drain_user, false);
    return output_append(kernel, request, stream, text);
}

bool host_room(struct interp_host *h, unsigned wait_ms)
{
    struct kernel *kernel = (struct kernel *)h;
    return kernel->transport->impl->room(kernel->transport, wait_ms);
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
    CLEANUP(request_unrefp) struct request *parent = request_of(kernel, request);
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

int host_publish_large(struct interp_host *h, struct request *request, enum msg_type type,
                       struct bytes *content, struct span metadata, struct bytes *const *buffers)
{
    struct kernel *kernel = (struct kernel *)h;
    CLEANUP(bytes_unrefp) struct bytes *owned = content;
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = make_published(kernel, request, type, metadata, buffers, &msg);
    if (r < 0)
        return r;
    if (type == MSG_COMM_OPEN || type == MSG_COMM_CLOSE)
        note_comm(kernel, type, content->view);
    if (type == MSG_COMM_MSG)
        subshell_note_question(kernel, request, content->view);
    if (type == MSG_EXECUTE_RESULT)
        note_result(kernel, request, content->view);
    msg->content = content->view;
    r = arena_keep(msg->store, TAKE(owned));
    if (r < 0)
        return r;
    kernel->drain(kernel->drain_user, false);
    return output_send(kernel, TAKE(msg));
}

int host_publish(struct interp_host *h, struct request *request, enum msg_type type,
                 struct span content, struct span metadata, struct bytes *const *buffers)
{
    struct bytes *copy = NULL;
    int r = bytes_new_copy(content, &copy);
    return r < 0 ? r : host_publish_large(h, request, type, copy, metadata, buffers);
}

static struct request *host_hold(struct interp_host *h, struct request *request)
{
    return request_of(((struct kernel *)h), request);
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

static int host_arrivals(struct interp_host *h) { return shell_here((struct kernel *)h)->waker.fd; }

static void host_serve_comms(struct interp_host *h)
{
    shell_serve_comms(shell_here((struct kernel *)h));
}

static int host_recall(struct interp_host *h, struct span request, struct buf *out)
{
    char why[160];
    const char *more;
    CLEANUP(json_decrefp) json_t *object = NULL;
    int r = json_read_object(request, why, &object);
    return r < 0 ? r : recall((struct kernel *)h, object, out, &more);
}

static void host_share_output(struct interp_host *h)
{
    atomic_store(&((struct kernel *)h)->shares_output, true);
}

static void host_last_words(struct interp_host *h)
{
    struct kernel *kernel = (struct kernel *)h;
    if (kernel->options.last_words)
        kernel->options.last_words();
}

static void host_leave(struct interp_host *h)
{
    struct kernel *kernel = (struct kernel *)h;
    if (kernel->options.stopping && kernel_stop(kernel))
        kernel->options.stopping(kernel->options.user, false);
}

static const struct interp_host_impl host_impl = {
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
    .arrivals = host_arrivals,
    .serve_comms = host_serve_comms,
    .recall = host_recall,
    .share_output = host_share_output,
    .last_words = host_last_words,
    .leave = host_leave,
};

/* kernel_info needs no language: it is answered from here whenever nothing stands before it. */
static bool answers_now(struct kernel *self, const struct message *msg)
{
    return handlers_urgent(msg) ||
           (msg->type == MSG_KERNEL_INFO_REQUEST && shell_is_free(&self->shell));
}

/* A comm's target may be what the executions before it register. */
static bool overtakes(struct kernel *self, const struct message *msg)
{
    return self->options.returns_early && atomic_load(&self->shell.executing) &&
           msg->type != MSG_EXECUTE_REQUEST &&
           (msg->type != MSG_COMM_OPEN || shell_is_empty(&self->shell));
}

/* A subshell is the shell channel's: control has one line of its own. */
static void push_main(struct kernel *self, struct message *msg)
{
    bool waits = aside_concerns(msg) && !shell_is_free(&self->shell);
    shell_push(&self->shell, msg);
    if (waits)
        aside_look(self);
}

static void sink_message(void *user, struct message *msg)
{
    struct kernel *self = user;
    if (aside_push(self, msg) || (msg->channel == CHANNEL_SHELL && subshell_push(self, msg)))
        return;
    if (answers_now(self, msg))
        handlers_answer_now(self, msg);
    else if (overtakes(self, msg))
        handlers_dispatch_within(&self->shell, msg);
    else
        push_main(self, msg);
}

static void sink_tick(void *user) { output_flush(user); }

/* The topic is the subscription, so that this subscriber gets it, not the type as elsewhere. */
static int set_topic(struct message *msg, struct span topic)
{
    CLEANUP(bytes_unrefp) struct bytes *block = NULL;
    int r = bytes_new_copy(topic, &block);
    if (r < 0)
        return r;
    bytes_unref(msg->route[0]);
    msg->route[0] = TAKE(block);
    return 0;
}

/* JEP 65: a subscriber learns that from here on it misses nothing. */
static void sink_subscribed(void *user, struct span topic)
{
    struct kernel *self = user;
    CLEANUP(message_freep) struct message *msg = NULL;
    if (request_message(self, NULL, MSG_IOPUB_WELCOME, CHANNEL_IOPUB, &msg) < 0)
        return;
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_putc(&content, '{');
    json_put_member(&content, "subscription", topic);
    buf_putc(&content, '}');
    msg->content = arena_copy(msg->store, buf_view(&content));
    if (buf_error(&content) < 0 || !msg->content.ptr)
        return;
    if (topic.len > 0 && set_topic(msg, topic) < 0)
        return;
    output_send(self, TAKE(msg));
}

static void no_drain(void *user, bool ends) { (void)user, (void)ends; }

static int start(struct kernel *self)
{
    struct transport_sink sink = {sink_message, sink_subscribed, sink_tick, self};
    int r = self->transport->impl->start(self->transport, &sink);
    if (r == 0)
        request_status(self, NULL, "starting");
    return r;
}

int kernel_new(struct interp *interp, struct transport *transport,
               const struct kernel_options *options, struct kernel **ret)
{
    struct kernel *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->host.impl = &host_impl;
    self->interp = interp;
    self->transport = transport;
    self->options = *options;
    self->history.store = options->store;
    self->drain = no_drain;
    ident_init(&self->ident);
    lock_init(&self->lock);
    lock_init(&self->ends);
    interp->host = &self->host;
    int r = shell_init(&self->shell, self);
    if (r == 0)
        r = start(self);
    if (r < 0) {
        kernel_free(self);
        return r;
    }
    *ret = self;
    return 0;
}

void kernel_join(struct kernel *self)
{
    asides_finish(self);
    subshells_finish(self);
}

void kernel_free(struct kernel *self)
{
    if (!self)
        return;
    shell_finish(&self->shell);
    request_unref(self->control);
    output_finish(&self->output);
    history_finish(&self->history);
    comms_finish(&self->comms);
    lock_finish(&self->ends);
    lock_finish(&self->lock);
    free(self);
}

int kernel_fd(const struct kernel *self) { return self->shell.waker.fd; }

bool kernel_run(struct kernel *self) { return shell_run(&self->shell); }

bool kernel_waits(struct kernel *self) { return shell_waits(&self->shell); }

bool kernel_stop(struct kernel *self)
{
    if (atomic_exchange(&self->stopping, true))
        return false;
    self->transport->impl->hang_up(self->transport);
    shell_stop(&self->shell);
    subshells_stop(self);
    asides_stop(self);
    kernel_interrupt(self);
    return true;
}

void kernel_interrupt(struct kernel *self) { self->interp->impl->interrupt(self->interp); }

unsigned long kernel_executing(struct kernel *self)
{
    return atomic_load(&self->shell.executing) ? atomic_load(&self->shell.executions) : 0;
}

void kernel_write_raw(struct kernel *self, struct request *request, enum stream stream,
                      struct span text)
{
    output_append(self, request, stream, text);
}

struct request *kernel_hold(struct kernel *self) { return request_of(self, NULL); }

void kernel_drop(struct request *request) { request_unref(request); }

bool kernel_room(struct kernel *self) { return self->transport->impl->room(self->transport, 0); }

bool kernel_shares_output(struct kernel *self)
{
    return atomic_exchange(&self->shares_output, false);
}

void kernel_set_drain(struct kernel *self, void (*drain)(void *user, bool ends), void *user)
{
    self->drain_user = user;
    self->drain = drain;
}
