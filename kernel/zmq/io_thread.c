#include "kernel/zmq/io_thread.h"

#include "kernel/zmq/endpoints.h"
#include "kernel/zmq/receive.h"
#include "kernel/zmq/send.h"

#include <zmq.h>

enum {
    CORK_MS = 1,
    RETRY_MS = 2, /* XPUB can not tell when a full subscriber has room again */
};

enum { ITEM_WAKE = CHANNEL_COUNT, ITEM_WATCHES };

static int fill_items(struct sockets *self, zmq_pollitem_t *items)
{
    for (int i = 0; i < CHANNEL_COUNT; i++)
        items[i] = (zmq_pollitem_t){.socket = self->socks[i], .events = ZMQ_POLLIN};
    items[ITEM_WAKE] = (zmq_pollitem_t){.fd = self->wake.fd, .events = ZMQ_POLLIN};
    pthread_mutex_lock(&self->lock);
    for (int i = 0; i < self->watch_count; i++) {
        struct watched *watch = &self->watches[i];
        if (watch->state == WATCH_WHEN_ROOM && sockets_have_room(self))
            watch->state = WATCH_ON;
        items[ITEM_WATCHES + i] =
            (zmq_pollitem_t){.fd = watch->fd, .events = watch->state == WATCH_ON ? ZMQ_POLLIN : 0};
    }
    int count = ITEM_WATCHES + self->watch_count;
    pthread_mutex_unlock(&self->lock);
    return count;
}

static long poll_timeout(struct sockets *self)
{
    pthread_mutex_lock(&self->lock);
    bool waiting = self->iopub.head != NULL, corked = self->corked;
    int64_t deadline = self->deadline;
    pthread_mutex_unlock(&self->lock);
    if (corked || waiting)
        return corked ? CORK_MS : RETRY_MS;
    if (!deadline)
        return -1;
    int64_t left = deadline - sockets_now_ms();
    return left > 0 ? (long)left : 0;
}

static void run_timer(struct sockets *self)
{
    pthread_mutex_lock(&self->lock);
    bool due = self->deadline && sockets_now_ms() >= self->deadline;
    if (due)
        self->deadline = 0;
    pthread_mutex_unlock(&self->lock);
    if (due)
        self->sink.tick(self->sink.user);
}

/* Removes those that have ended. */
static void forget_watches(struct sockets *self)
{
    int kept = 0;
    pthread_mutex_lock(&self->lock);
    for (int i = 0; i < self->watch_count; i++)
        if (self->watches[i].state != WATCH_OFF)
            self->watches[kept++] = self->watches[i];
    self->watch_count = kept;
    pthread_mutex_unlock(&self->lock);
}

static void run_watches(struct sockets *self, const zmq_pollitem_t *items, int count)
{
    for (int i = ITEM_WATCHES; i < count; i++) {
        struct watched *watch = &self->watches[i - ITEM_WATCHES];
        if (items[i].revents && watch->state == WATCH_ON)
            watch->state = watch->ready(watch->user);
    }
    forget_watches(self);
}

static void report_pending_done(struct sockets *self, unsigned wanted)
{
    pthread_mutex_lock(&self->lock);
    if (self->pending_done != wanted) {
        self->pending_done = wanted;
        pthread_cond_broadcast(&self->changed);
    }
    pthread_mutex_unlock(&self->lock);
}

/* Control first: an interrupt must not wait behind the cells it is for. */
static void receive_ready(struct sockets *self, const zmq_pollitem_t *items)
{
    static const enum channel order[] = {CHANNEL_CONTROL, CHANNEL_SHELL, CHANNEL_STDIN,
                                         CHANNEL_IOPUB, CHANNEL_HB};
    pthread_mutex_lock(&self->lock);
    unsigned wanted = self->pending_wanted;
    bool all = wanted != self->pending_done;
    pthread_mutex_unlock(&self->lock);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (all || items[order[i]].revents)
            receive_all(self, order[i]);
    report_pending_done(self, wanted);
}

/* False once the end was asked for and all is sent, or SOCKETS_LINGER_MS are over. */
static bool goes_on(struct sockets *self, int64_t *end)
{
    pthread_mutex_lock(&self->lock);
    bool stopping = self->stopping, empty = !self->iopub.head && !self->others.head;
    pthread_mutex_unlock(&self->lock);
    if (!stopping)
        return true;
    if (!*end)
        *end = sockets_now_ms() + SOCKETS_LINGER_MS;
    return !empty && sockets_now_ms() < *end;
}

void *io_thread_main(void *user)
{
    struct sockets *self = user;
    zmq_pollitem_t items[ITEM_WATCHES + WATCHES_MAX];
    int64_t end = 0;
    while (goes_on(self, &end)) {
        int count = fill_items(self, items);
        int r = zmq_poll(items, count, poll_timeout(self));
        atomic_store(&self->corked, false);
        if (r < 0)
            continue;
        if (items[ITEM_WAKE].revents)
            waker_clear(&self->wake);
        receive_ready(self, items);
        run_watches(self, items, count);
        run_timer(self);
        send_all(self);
    }
    if (self->drained) {
        endpoints_close(self);
        waker_wake(self->drained);
    }
    return NULL;
}
