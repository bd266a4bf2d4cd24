#include "kernel/kernel.h"

#include "kernel/core.h"
#include "kernel/handlers.h"
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
        request = kernel->current;
    if (request && request->store_history)
        history_note_result(&kernel->history, request->count, content);
    kernel_unlock(kernel);
}

/* A message for the request, or the current one, with all but its content. */
static int make_published(struct kernel *kernel, struct request *request, enum msg_type type,
                          struct span metadata, struct bytes *const *buffers, struct message **ret)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    kernel_lock(kernel);
    int r = request_message(kernel, request ? request : kernel->current, type, CHANNEL_IOPUB, &msg);
    kernel_unlock(kernel);
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

static void host_drop(struct interp_host *h, struct request *request)
{
    (void)h;
    request_unref(request);
}

static const struct interp_host_impl host_impl = {
    .write = host_write,
    .room = host_room,
    .publish = host_publish,
    .publish_large = host_publish_large,
    .input = host_input,
    .done = host_done,
    .hold = host_hold,
    .drop = host_drop,
};

/* kernel_info needs no language: it is answered from here whenever nothing stands before it. */
static bool answers_now(struct kernel *self, const struct message *msg)
{
    if (handlers_urgent(msg))
        return true;
    if (msg->type != MSG_KERNEL_INFO_REQUEST)
        return false;
    kernel_lock(self);
    bool first = queue_empty(&self->queue) && !self->answering;
    kernel_unlock(self);
    return first;
}

/* A comm's target may be what the executions before it register. */
static bool overtakes(struct kernel *self, const struct message *msg)
{
    if (!self->options.returns_early || !atomic_load(&self->executing))
        return false;
    kernel_lock(self);
    bool first = queue_empty(&self->queue);
    kernel_unlock(self);
    return msg->type != MSG_EXECUTE_REQUEST && (first || msg->type != MSG_COMM_OPEN);
}

static void sink_message(void *user, struct message *msg)
{
    struct kernel *self = user;
    if (answers_now(self, msg)) {
        handlers_answer_now(self, msg);
        return;
    }
    if (overtakes(self, msg)) {
        handlers_dispatch_within(self, msg);
        return;
    }
    kernel_lock(self);
    queue_push(&self->queue, msg);
    kernel_unlock(self);
    waker_ring(&self->waker);
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
    self->drain = no_drain;
    ident_init(&self->ident);
    queue_init(&self->queue);
    lock_init(&self->lock);
    interp->host = &self->host;
    self->waker.fd = -1;
    int r = waker_init(&self->waker);
    if (r == 0)
        r = start(self);
    if (r < 0) {
        kernel_free(self);
        return r;
    }
    *ret = self;
    return 0;
}

void kernel_free(struct kernel *self)
{
    if (!self)
        return;
    queue_finish(&self->queue);
    output_finish(&self->output);
    request_unref(self->current);
    history_finish(&self->history);
    comms_finish(&self->comms);
    waker_finish(&self->waker);
    lock_finish(&self->lock);
    free(self);
}

int kernel_fd(const struct kernel *self) { return self->waker.fd; }

/* The next message, and whether it stood behind a cell that failed. */
static struct message *next_message(struct kernel *self, bool *ret_aborted)
{
    unsigned long number = 0;
    kernel_lock(self);
    struct message *msg = queue_pop(&self->queue, &number);
    self->answering = msg != NULL;
    *ret_aborted = msg && msg->type == MSG_EXECUTE_REQUEST && number < self->abort_before;
    kernel_unlock(self);
    if (msg && msg->type == MSG_EXECUTE_REQUEST && !*ret_aborted)
        *ret_aborted = failure_covers(&self->failure, msg);
    return msg;
}

bool kernel_run(struct kernel *self)
{
    waker_clear(&self->waker);
    while (!atomic_load(&self->executing) && !atomic_load(&self->stopping)) {
        bool aborted;
        struct message *msg = next_message(self, &aborted);
        if (!msg)
            break;
        handlers_dispatch(self, msg, aborted);
    }
    return !atomic_load(&self->stopping);
}

bool kernel_stop(struct kernel *self)
{
    if (atomic_exchange(&self->stopping, true))
        return false;
    self->transport->impl->hang_up(self->transport);
    kernel_interrupt(self);
    waker_ring(&self->waker);
    return true;
}

void kernel_interrupt(struct kernel *self) { self->interp->impl->interrupt(self->interp); }

void kernel_write_raw(struct kernel *self, enum stream stream, struct span text)
{
    output_append(self, NULL, stream, text);
}

bool kernel_room(struct kernel *self) { return self->transport->impl->room(self->transport, 0); }

void kernel_set_drain(struct kernel *self, void (*drain)(void *user, bool ends), void *user)
{
    self->drain_user = user;
    self->drain = drain;
}
