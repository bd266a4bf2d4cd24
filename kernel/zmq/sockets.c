#include "kernel/zmq/sockets.h"

#include "kernel/platform/log.h"
#include "kernel/platform/thread.h"
#include "kernel/zmq/asking.h"
#include "kernel/zmq/frames.h"
#include "kernel/zmq/outbox.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <zmq.h>

enum {
    LINGER_MS = 1000,
    CORK_MS = 1,
    RETRY_MS = 2,     /* XPUB can not tell when a full subscriber has room again */
    IOPUB_HWM = 1000, /* messages per subscriber in libzmq */
};
static const int64_t message_max = (int64_t)1 << 30;

struct watched {
    int fd;
    enum watch state;
    enum watch (*ready)(void *user);
    void *user;
};

struct sockets {
    struct transport base; /* first: transport functions cast back */
    struct transport_sink sink;
    struct signer *signer;
    void *context, *socks[CHANNEL_COUNT];
    struct waker wake;
    struct asking asking;
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* for all below; taken after the kernel's */
    pthread_cond_t changed;
    struct outbox iopub, others;
    int64_t deadline;   /* of arm(); 0 for none */
    atomic_bool corked; /* the thread looks at the outboxes by itself within CORK_MS */
    bool stopping;
    unsigned catch_up_wanted, catch_up_done;
    struct watched watches[SOCKETS_WATCH_MAX];
    int watch_count;

    /* the I/O thread's */
    size_t parts_sent; /* of the head of `iopub` */
    int64_t stalled_since;
    struct waker *left; /* sockets_leave()'s, or NULL */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- receiving ------------------------------------------------------------------------------- */

static void receive_message(struct sockets *self, enum channel channel, struct frames *frames)
{
    struct message *msg = NULL;
    size_t count = frames->count;
    frames->count = 0; /* wire_parse takes them */
    int r = wire_parse(self->signer, channel, frames->list, count, &msg);
    if (r < 0) {
        if (log_allowed())
            log_line("a message was dropped: %s", wire_strerror(r));
    } else if (channel == CHANNEL_STDIN) {
        asking_offer(&self->asking, msg);
    } else {
        atomic_store(&self->corked, true);
        self->sink.message(self->sink.user, msg);
    }
}

static void receive_subscription(struct sockets *self, const struct frames *frames)
{
    struct span frame = frames->count ? frames->list[0]->view : SPAN("");
    if (frame.len > 0 && frame.ptr[0] == 1)
        self->sink.subscribed(self->sink.user, (struct span){frame.ptr + 1, frame.len - 1});
}

static void receive_all(struct sockets *self, enum channel channel)
{
    for (;;) {
        CLEANUP(frames_finish) struct frames frames = {0};
        int r = frames_recv(&frames, self->socks[channel]);
        if (r == -ENOMEM) {
            log_line("a message was dropped: no memory for it");
            continue;
        }
        if (r < 0)
            return;
        if (channel == CHANNEL_HB)
            frames_echo(&frames, self->socks[channel]);
        else if (channel == CHANNEL_IOPUB)
            receive_subscription(self, &frames);
        else
            receive_message(self, channel, &frames);
    }
}

/* --- sending --------------------------------------------------------------------------------- */

static void set_dropping(struct sockets *self, bool dropping)
{
    int nodrop = !dropping;
    zmq_setsockopt(self->socks[CHANNEL_IOPUB], ZMQ_XPUB_NODROP, &nodrop, sizeof nodrop);
}

/* -EAGAIN: a subscriber is full and not yet given up. */
static int send_iopub(struct sockets *self, const struct message *msg)
{
    int r = frames_send(self->socks[CHANNEL_IOPUB], self->signer, msg, &self->parts_sent);
    if (r != -EAGAIN) {
        self->stalled_since = 0;
        return r;
    }
    int64_t now = now_ms();
    if (!self->stalled_since)
        self->stalled_since = now;
    if (now - self->stalled_since < SOCKETS_STALL_MS)
        return r;
    set_dropping(self, true);
    r = frames_send(self->socks[CHANNEL_IOPUB], self->signer, msg, &self->parts_sent);
    set_dropping(self, false);
    return r;
}

static bool has_room(const struct sockets *self) { return self->iopub.bytes < SOCKETS_BACKLOG_MAX; }

static struct message *outbox_head(struct sockets *self, const struct outbox *box)
{
    pthread_mutex_lock(&self->lock);
    struct message *msg = box->head;
    pthread_mutex_unlock(&self->lock);
    return msg;
}

static void sent(struct sockets *self, struct outbox *box)
{
    pthread_mutex_lock(&self->lock);
    bool was_full = !has_room(self);
    outbox_pop(box);
    if (was_full && has_room(self))
        pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

/* A new subscriber gets its welcome before anything else: libzmq would already send it the head. */
static struct message *next_for_iopub(struct sockets *self)
{
    if (!self->parts_sent)
        receive_all(self, CHANNEL_IOPUB);
    return outbox_head(self, &self->iopub);
}

/* Only this thread pops, so a head stays valid without the lock. Replies first: who waits for one
 * need not wait for what it says to all. */
static void send_all(struct sockets *self)
{
    struct message *msg;
    while ((msg = outbox_head(self, &self->others))) {
        size_t part = 0;
        int r = frames_send(self->socks[msg->channel], self->signer, msg, &part);
        if (r < 0)
            log_failure(-r, "a reply was not sent");
        sent(self, &self->others);
    }
    while ((msg = next_for_iopub(self))) {
        int r = send_iopub(self, msg);
        if (r == -EAGAIN)
            break;
        if (r < 0)
            log_failure(-r, "a message was not sent");
        self->parts_sent = 0;
        sent(self, &self->iopub);
    }
}

/* --- the thread ------------------------------------------------------------------------------ */

enum { ITEM_WAKE = CHANNEL_COUNT, ITEM_WATCHES };

static int fill_items(struct sockets *self, zmq_pollitem_t *items)
{
    for (int i = 0; i < CHANNEL_COUNT; i++)
        items[i] = (zmq_pollitem_t){.socket = self->socks[i], .events = ZMQ_POLLIN};
    items[ITEM_WAKE] = (zmq_pollitem_t){.fd = self->wake.fd, .events = ZMQ_POLLIN};
    pthread_mutex_lock(&self->lock);
    for (int i = 0; i < self->watch_count; i++) {
        struct watched *watch = &self->watches[i];
        if (watch->state == WATCH_WHEN_ROOM && has_room(self))
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
    int64_t left = deadline - now_ms();
    return left > 0 ? (long)left : 0;
}

static void run_timer(struct sockets *self)
{
    pthread_mutex_lock(&self->lock);
    bool due = self->deadline && now_ms() >= self->deadline;
    if (due)
        self->deadline = 0;
    pthread_mutex_unlock(&self->lock);
    if (due)
        self->sink.tick(self->sink.user);
}

/* Those that have ended make room for others. */
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

static void report_caught_up(struct sockets *self, unsigned wanted)
{
    pthread_mutex_lock(&self->lock);
    if (self->catch_up_done != wanted) {
        self->catch_up_done = wanted;
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
    unsigned wanted = self->catch_up_wanted;
    bool all = wanted != self->catch_up_done;
    pthread_mutex_unlock(&self->lock);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (all || items[order[i]].revents)
            receive_all(self, order[i]);
    report_caught_up(self, wanted);
}

/* False when all is sent after destroy(), or its time is over. */
static bool goes_on(struct sockets *self, int64_t *end)
{
    pthread_mutex_lock(&self->lock);
    bool stopping = self->stopping, empty = !self->iopub.head && !self->others.head;
    pthread_mutex_unlock(&self->lock);
    if (!stopping)
        return true;
    if (!*end)
        *end = now_ms() + LINGER_MS;
    return !empty && now_ms() < *end;
}

static void close_all(struct sockets *self)
{
    for (int i = 0; i < CHANNEL_COUNT; i++)
        if (self->socks[i])
            zmq_close(self->socks[i]);
    if (self->context)
        zmq_ctx_term(self->context);
    memset((void *)self->socks, 0, sizeof self->socks);
    self->context = NULL;
}

static void *io_main(void *user)
{
    struct sockets *self = user;
    zmq_pollitem_t items[ITEM_WATCHES + SOCKETS_WATCH_MAX];
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
    if (self->left) {
        close_all(self);
        waker_ring(self->left);
    }
    return NULL;
}

/* --- transport_impl -------------------------------------------------------------------------- */

static int transport_start(struct transport *t, const struct transport_sink *sink)
{
    struct sockets *self = (struct sockets *)t;
    self->sink = *sink;
    int r = thread_start(io_main, self, &self->thread);
    self->running = r == 0;
    return r;
}

static int transport_send(struct transport *t, struct message *msg)
{
    struct sockets *self = (struct sockets *)t;
    struct outbox *box = msg->channel == CHANNEL_IOPUB ? &self->iopub : &self->others;
    pthread_mutex_lock(&self->lock);
    bool rings = !box->head && !self->corked;
    if (msg->type == MSG_IOPUB_WELCOME && !self->parts_sent)
        outbox_push_first(box, msg);
    else
        outbox_push(box, msg);
    pthread_mutex_unlock(&self->lock);
    if (rings && !pthread_equal(pthread_self(), self->thread))
        waker_ring(&self->wake);
    return 0;
}

static void transport_flush(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    bool rings = self->corked && (self->iopub.head || self->others.head);
    atomic_store(&self->corked, false);
    pthread_mutex_unlock(&self->lock);
    if (rings)
        waker_ring(&self->wake);
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
    while (!has_room(self) && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &end);
    bool room = has_room(self);
    pthread_mutex_unlock(&self->lock);
    return room;
}

static void transport_arm(struct transport *t, unsigned ms)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    bool rings = !self->deadline;
    self->deadline = now_ms() + ms;
    pthread_mutex_unlock(&self->lock);
    if (rings && !pthread_equal(pthread_self(), self->thread))
        waker_ring(&self->wake);
}

static int transport_ask(struct transport *t, struct message *request, struct message **ret_reply)
{
    struct sockets *self = (struct sockets *)t;
    if (request) {
        int r = asking_put(&self->asking, request);
        if (r < 0) {
            message_free(request);
            return r;
        }
        transport_send(t, request);
        transport_flush(t);
    }
    return asking_wait(&self->asking, ret_reply);
}

static void transport_hang_up(struct transport *t)
{
    asking_hang_up(&((struct sockets *)t)->asking);
}

static void transport_catch_up(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    unsigned wanted = ++self->catch_up_wanted;
    waker_ring(&self->wake);
    while (self->running && (int)(self->catch_up_done - wanted) < 0)
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
    waker_ring(&self->wake);
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
    close_all(self);
}

static void transport_destroy(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    transport_close(t);
    outbox_finish(&self->iopub);
    outbox_finish(&self->others);
    asking_finish(&self->asking);
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
    .ask = transport_ask,
    .hang_up = transport_hang_up,
    .catch_up = transport_catch_up,
    .close = transport_close,
    .destroy = transport_destroy,
};

/* --- opening --------------------------------------------------------------------------------- */

static void set_int(void *socket, int option, int value)
{
    zmq_setsockopt(socket, option, &value, sizeof value);
}

static int open_socket(struct sockets *self, const struct connection *connection, int channel,
                       int fd)
{
    char endpoint[256];
    int r = connection_endpoint(connection, channel, endpoint, sizeof endpoint);
    if (r < 0)
        return r;
    void *socket = zmq_socket(self->context, channel == CHANNEL_IOPUB ? ZMQ_XPUB : ZMQ_ROUTER);
    if (!socket)
        return -errno;
    self->socks[channel] = socket;
    set_int(socket, ZMQ_LINGER, LINGER_MS);
    set_int(socket, ZMQ_IPV6, strchr(connection->ip, ':') != NULL);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max);
    if (channel == CHANNEL_IOPUB) {
        set_int(socket, ZMQ_XPUB_VERBOSE, 1);
        set_int(socket, ZMQ_XPUB_NODROP, 1);
        set_int(socket, ZMQ_SNDHWM, IOPUB_HWM);
    } else {
        set_int(socket, ZMQ_ROUTER_HANDOVER, 1);
        set_int(socket, ZMQ_SNDHWM, 0);
    }
    if (fd >= 0)
        set_int(socket, ZMQ_USE_FD, fd);
    if (zmq_bind(socket, endpoint) == 0)
        return 0;
    r = -errno;
    log_line("can not listen at %s: %s", endpoint, zmq_strerror(errno));
    return r;
}

static int open_all(struct sockets *self, const struct connection *connection, const int *fds)
{
    self->context = zmq_ctx_new();
    if (!self->context)
        return -errno;
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        int r = open_socket(self, connection, i, fds[i]);
        if (r < 0)
            return r;
    }
    return signer_new(span_of(connection->signature_scheme), span_of(connection->key),
                      &self->signer);
}

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
    int r = asking_init(&self->asking);
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
        r = open_all(self, connection, fds);
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
    bool fits = self->watch_count < SOCKETS_WATCH_MAX;
    if (fits)
        self->watches[self->watch_count++] = (struct watched){fd, WATCH_ON, ready, user};
    pthread_mutex_unlock(&self->lock);
    waker_ring(&self->wake);
    return fits ? 0 : -ENOSPC;
}

void sockets_leave(struct transport *t, struct waker *left)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    pthread_mutex_unlock(&self->lock);
    self->left = left;
}
