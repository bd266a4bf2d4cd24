#include "kernel/kernel.h"

#include "kernel/dispatch.h"
#include "kernel/host.h"
#include "kernel/output.h"
#include "kernel/reply.h"
#include "kernel/request.h"
#include "kernel/shell.h"
#include "protocol/json.h"

#include <errno.h>
#include <stdlib.h>

/* kernel_info needs no language: it is answered at once whenever the queue is empty. */
static bool answers_now(struct kernel *self, const struct message *msg)
{
    return dispatch_is_urgent(msg) ||
           (msg->type == MSG_KERNEL_INFO_REQUEST && shell_is_free(&self->shell));
}

/* Executions that are queued before a comm_open may register its target. */
static bool overtakes(struct kernel *self, const struct message *msg)
{
    return self->options.returns_early && atomic_load(&self->shell.executing) &&
           msg->type != MSG_EXECUTE_REQUEST &&
           (msg->type != MSG_COMM_OPEN || shell_is_empty(&self->shell));
}

static void push_main(struct kernel *self, struct message *msg)
{
    bool waits = dispatch_is_concurrent(msg) && !shell_is_free(&self->shell);
    shell_push(&self->shell, msg);
    if (waits)
        self->threads->impl->help(self->threads);
}

static void sink_message(void *user, struct message *msg)
{
    struct kernel *self = user;
    if (self->threads->impl->push(self->threads, msg))
        return;
    if (answers_now(self, msg))
        dispatch_now(self, msg);
    else if (overtakes(self, msg))
        dispatch_within(&self->shell, msg);
    else
        push_main(self, msg);
}

static void sink_tick(void *user) { output_flush(user); }

/* The topic is the subscription, so that this subscriber gets it. */
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

/* JEP 65: tells a subscriber that it receives everything from here on. */
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
        reply_status(self, NULL, "starting");
    return r;
}

int kernel_new(struct interp *interp, struct transport *transport,
               const struct kernel_options *options, struct kernel **ret)
{
    struct kernel *self = calloc(1, sizeof *self);
    if (!self) {
        options->threads->impl->destroy(options->threads);
        return -ENOMEM;
    }
    self->host.impl = &host_impl;
    self->interp = interp;
    self->transport = transport;
    self->options = *options;
    self->threads = options->threads;
    self->threads->kernel = self;
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

void kernel_join(struct kernel *self) { self->threads->impl->join(self->threads); }

void kernel_free(struct kernel *self)
{
    if (!self)
        return;
    self->threads->impl->destroy(self->threads);
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

bool kernel_run(struct kernel *self) { return dispatch_run(&self->shell); }

bool kernel_waits(struct kernel *self) { return shell_waits(&self->shell); }

bool kernel_stop(struct kernel *self) { return shell_stop_all(self); }

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

struct request *kernel_hold(struct kernel *self) { return shell_hold_request(self, NULL); }

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
