#include "kernel/zmq/sockets.h"

#include "kernel/platform/thread.h"
#include "kernel/zmq/endpoints.h"
#include "kernel/zmq/io_thread.h"
#include "kernel/zmq/state.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* --- transport_impl --------------------------------------------------------------------------- */

static int transport_start(struct transport *t, const struct transport_sink *sink)
{
    struct sockets *self = (struct sockets *)t;
    self->sink = *sink;
    int r = thread_start(io_thread_main, self, &self->thread);
    self->running = r == 0;
    return r;
}

static int transport_send(struct transport *t, struct message *msg)
{
    struct sockets *self = (struct sockets *)t;
    struct outbox *box = msg->channel == CHANNEL_IOPUB ? &self->iopub : &self->others;
    pthread_mutex_lock(&self->lock);
    bool wakes = !box->head && !self->corked;
    if (msg->type == MSG_IOPUB_WELCOME && !self->parts_sent)
        outbox_push_first(box, msg);
    else
        outbox_push(box, msg);
    pthread_mutex_unlock(&self->lock);
    if (wakes && !pthread_equal(pthread_self(), self->thread))
        waker_wake(&self->wake);
    return 0;
}

static void transport_flush(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    bool wakes = self->corked && (self->iopub.head || self->others.head);
    atomic_store(&self->corked, false);
    pthread_mutex_unlock(&self->lock);
    if (wakes)
        waker_wake(&self->wake);
}

static bool transport_room(struct transport *t, unsigned wait_ms)
{
    struct sockets *self = (struct sockets *)t;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    long nsec = end.tv_nsec + (long)(wait_ms % 1000) * 1000000;
    end.tv_sec += wait_ms / 1000 + nsec / 1000000000;
    end.tv_nsec = nsec % 1000000000;
    int r = wait_ms ? 0 : ETIMEDOUT;
    pthread_mutex_lock(&self->lock);
    while (!sockets_have_room(self) && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &end);
    bool room = sockets_have_room(self);
    pthread_mutex_unlock(&self->lock);
    return room;
}

static void transport_arm(struct transport *t, unsigned ms)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    bool wakes = !self->deadline;
    self->deadline = sockets_now_ms() + ms;
    pthread_mutex_unlock(&self->lock);
    if (wakes && !pthread_equal(pthread_self(), self->thread))
        waker_wake(&self->wake);
}

static int transport_input(struct transport *t, struct message *request, struct message **ret_reply)
{
    struct sockets *self = (struct sockets *)t;
    if (request) {
        int r = input_request_begin(&self->input_request, request);
        if (r < 0) {
            message_free(request);
            return r;
        }
        transport_send(t, request);
        transport_flush(t);
    }
    return input_request_wait(&self->input_request, ret_reply);
}

static void transport_cancel_input(struct transport *t)
{
    input_request_cancel(&((struct sockets *)t)->input_request);
}

static void transport_receive_pending(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    unsigned wanted = ++self->pending_wanted;
    waker_wake(&self->wake);
    while (self->running && (int)(self->pending_done - wanted) < 0)
        pthread_cond_wait(&self->changed, &self->lock);
    pthread_mutex_unlock(&self->lock);
}

static void stop_thread(struct sockets *self)
{
    if (!self->running)
        return;
    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    pthread_mutex_unlock(&self->lock);
    waker_wake(&self->wake);
    pthread_join(self->thread, NULL);
    pthread_mutex_lock(&self->lock);
    self->running = false;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static void transport_close(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    stop_thread(self);
    endpoints_close(self);
}

static void transport_destroy(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    transport_close(t);
    outbox_finish(&self->iopub);
    outbox_finish(&self->others);
    input_request_finish(&self->input_request);
    signer_free(self->signer);
    waker_finish(&self->wake);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const struct transport_impl impl = {
    .start = transport_start,
    .send = transport_send,
    .flush = transport_flush,
    .room = transport_room,
    .arm = transport_arm,
    .input = transport_input,
    .cancel_input = transport_cancel_input,
    .receive_pending = transport_receive_pending,
    .close = transport_close,
    .destroy = transport_destroy,
};

/* --- construction ----------------------------------------------------------------------------- */

static int init(struct sockets *self)
{
    self->base.impl = &impl;
    outbox_init(&self->iopub);
    outbox_init(&self->others);
    self->wake.fd = -1;
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int r = input_request_init(&self->input_request);
    return r < 0 ? r : waker_init(&self->wake);
}

int sockets_new(const struct connection *connection, const int fds[CONNECTION_PORTS],
                struct transport **ret)
{
    struct sockets *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    int r = init(self);
    if (r == 0)
        r = endpoints_open(self, connection, fds);
    if (r < 0) {
        transport_destroy(&self->base);
        return r;
    }
    *ret = &self->base;
    return 0;
}

int sockets_watch(struct transport *t, int fd, enum watch (*ready)(void *user), void *user)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    bool fits = self->watch_count < WATCHES_MAX;
    if (fits)
        self->watches[self->watch_count++] = (struct watched){fd, WATCH_ON, ready, user};
    pthread_mutex_unlock(&self->lock);
    waker_wake(&self->wake);
    return fits ? 0 : -ENOSPC;
}

void sockets_drain(struct transport *t, struct waker *drained)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    pthread_mutex_unlock(&self->lock);
    self->drained = drained;
}
