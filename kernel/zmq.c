#include "kernel/sockets.h"

#include "kernel/log.h"
#include "kernel/stdin.h"
#include "kernel/waker.h"
#include "protocol/wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <zmq.h>

enum {
    LINGER_MS = 1000,
    RETRY_MS = 2,         /* XPUB can not tell when a full subscriber has room again */
    IOPUB_HWM = 1000,     /* messages per subscriber in libzmq */
    COPY_MAX = 32 * 1024, /* shorter frames are copied: cheaper than counting them */
};
static const int64_t message_max = (int64_t)1 << 30;

struct outbox {
    struct message *head, **tail;
};

struct watch {
    int fd;
    bool paused;
    bool (*ready)(void *user);
    void *user;
};

struct sockets {
    struct transport base; /* first: transport functions cast back */
    struct transport_sink sink;
    struct signer *signer;
    void *context, *socks[CHANNEL_COUNT];
    struct waker wake;
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* for all below; taken after the kernel's */
    pthread_cond_t changed;
    struct outbox iopub, others;
    size_t backlog;   /* bytes in `iopub` */
    int64_t deadline; /* of arm(); 0 for none */
    bool stopping;
    unsigned catch_up_wanted, catch_up_done;
    struct watch watches[SOCKETS_WATCH_MAX];
    int watch_count;

    struct message *question, *answer; /* of ask(): what the reply must match; the reply */
    struct waker answered;
    bool hung_up;

    /* the I/O thread's */
    size_t parts_sent; /* of the head of `iopub` */
    int64_t stalled_since;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void outbox_push(struct outbox *box, struct message *msg)
{
    msg->next = NULL;
    *box->tail = msg;
    box->tail = &msg->next;
}

static void outbox_pop(struct outbox *box)
{
    struct message *msg = box->head;
    box->head = msg->next;
    if (!box->head)
        box->tail = &box->head;
    message_free(msg);
}

static size_t message_size(const struct message *msg)
{
    size_t size = sizeof *msg + msg->header.len + msg->parent.len + msg->metadata.len;
    size += msg->content.len;
    for (size_t i = 0; i < message_list_count(msg->buffers); i++)
        size += msg->buffers[i]->view.len;
    return size;
}

/* --- receiving ------------------------------------------------------------------------------- */

struct frame {
    struct bytes base;
    zmq_msg_t msg;
};

static void frame_release(struct bytes *self)
{
    struct frame *frame = (struct frame *)self;
    zmq_msg_close(&frame->msg);
    free(frame);
}

static int frame_recv(void *socket, struct bytes **ret)
{
    struct frame *frame = malloc(sizeof *frame);
    if (!frame)
        return -ENOMEM;
    zmq_msg_init(&frame->msg);
    if (zmq_msg_recv(&frame->msg, socket, ZMQ_DONTWAIT) < 0) {
        int r = -errno;
        free(frame);
        return r;
    }
    frame->base.view = (struct span){zmq_msg_data(&frame->msg), zmq_msg_size(&frame->msg)};
    atomic_init(&frame->base.refs, 1);
    frame->base.release = frame_release;
    *ret = &frame->base;
    return 0;
}

struct frames {
    struct bytes **list;
    size_t count, cap;
};

static void frames_finish(struct frames *self)
{
    for (size_t i = 0; i < self->count; i++)
        bytes_unref(self->list[i]);
    free(self->list);
}

static int frames_add(struct frames *self, struct bytes *frame)
{
    if (self->count == self->cap) {
        size_t cap = self->cap ? 2 * self->cap : 16;
        struct bytes **list = realloc(self->list, cap * sizeof(struct bytes *));
        if (!list) {
            bytes_unref(frame);
            return -ENOMEM;
        }
        self->list = list;
        self->cap = cap;
    }
    self->list[self->count++] = frame;
    return 0;
}

/* One whole message, whatever its frames are. -EAGAIN: none is there. */
static int frames_recv(struct frames *self, void *socket)
{
    int more = 1, r = 0;
    while (more) {
        struct bytes *frame = NULL;
        int got = frame_recv(socket, &frame);
        if (got == -ENOMEM) {
            zmq_msg_t lost;
            zmq_msg_init(&lost);
            if (zmq_msg_recv(&lost, socket, ZMQ_DONTWAIT) < 0)
                return -errno;
            more = zmq_msg_more(&lost);
            zmq_msg_close(&lost);
            r = got;
            continue;
        }
        if (got < 0)
            return got;
        more = zmq_msg_more(&((struct frame *)frame)->msg);
        if (frames_add(self, frame) < 0)
            r = -ENOMEM;
    }
    return r;
}

static void take_answer(struct sockets *self, struct message *msg)
{
    pthread_mutex_lock(&self->lock);
    if (self->question && !self->answer && stdin_accepts(self->question, msg)) {
        self->answer = TAKE(msg);
        waker_ring(&self->answered);
    }
    pthread_mutex_unlock(&self->lock);
    message_free(msg);
}

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
        take_answer(self, msg);
    } else {
        self->sink.message(self->sink.user, msg);
    }
}

static void receive_subscription(struct sockets *self, const struct frames *frames)
{
    struct span frame = frames->count ? frames->list[0]->view : SPAN("");
    if (frame.len > 0 && frame.ptr[0] == 1)
        self->sink.subscribed(self->sink.user, (struct span){frame.ptr + 1, frame.len - 1});
}

static void echo_heartbeat(struct sockets *self, const struct frames *frames)
{
    for (size_t i = 0; i < frames->count; i++) {
        struct span frame = frames->list[i]->view;
        int more = i + 1 < frames->count ? ZMQ_SNDMORE : 0;
        if (zmq_send(self->socks[CHANNEL_HB], frame.ptr, frame.len, ZMQ_DONTWAIT | more) < 0)
            return;
    }
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
            echo_heartbeat(self, &frames);
        else if (channel == CHANNEL_IOPUB)
            receive_subscription(self, &frames);
        else
            receive_message(self, channel, &frames);
    }
}

/* --- sending --------------------------------------------------------------------------------- */

static void release_arena(void *data, void *hint)
{
    (void)data;
    arena_unref(hint);
}

static void release_bytes(void *data, void *hint)
{
    (void)data;
    bytes_unref(hint);
}

static int frame_init(zmq_msg_t *ret, const struct message *msg, const struct wire_frames *frames,
                      size_t index)
{
    struct span frame = frames->list[index];
    if (frame.len <= COPY_MAX) {
        if (zmq_msg_init_size(ret, frame.len) < 0)
            return -ENOMEM;
        if (frame.len > 0)
            memcpy(zmq_msg_data(ret), frame.ptr, frame.len);
        return 0;
    }
    size_t first_buffer = frames->first_json + SIGN_FRAMES;
    bool buffer = index >= first_buffer;
    void *hint = buffer ? (void *)bytes_ref(msg->buffers[index - first_buffer])
                        : (void *)arena_ref(msg->store);
    int r = zmq_msg_init_data(ret, (void *)(uintptr_t)frame.ptr, frame.len,
                              buffer ? release_bytes : release_arena, hint);
    if (r == 0)
        return 0;
    if (buffer)
        bytes_unref(hint);
    else
        arena_unref(hint);
    return -ENOMEM;
}

/* Sends from part *part on and counts it up. -EAGAIN: the socket is full. */
static int send_parts(struct sockets *self, const struct message *msg, size_t *part)
{
    struct wire_frames frames;
    int r = wire_format(self->signer, msg, &frames);
    for (; r == 0 && *part < frames.count; ++*part) {
        zmq_msg_t out;
        r = frame_init(&out, msg, &frames, *part);
        if (r < 0)
            return r;
        int more = *part + 1 < frames.count ? ZMQ_SNDMORE : 0;
        if (zmq_msg_send(&out, self->socks[msg->channel], ZMQ_DONTWAIT | more) < 0) {
            r = -errno;
            zmq_msg_close(&out);
        }
        if (r < 0)
            break;
    }
    return r;
}

static void set_dropping(struct sockets *self, bool dropping)
{
    int nodrop = !dropping;
    zmq_setsockopt(self->socks[CHANNEL_IOPUB], ZMQ_XPUB_NODROP, &nodrop, sizeof nodrop);
}

/* -EAGAIN: a subscriber is full and not yet given up. */
static int send_iopub(struct sockets *self, const struct message *msg)
{
    int r = send_parts(self, msg, &self->parts_sent);
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
    r = send_parts(self, msg, &self->parts_sent);
    set_dropping(self, false);
    return r;
}

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
    if (box == &self->iopub) {
        bool was_full = self->backlog >= SOCKETS_BACKLOG_MAX;
        self->backlog -= message_size(box->head);
        if (was_full && self->backlog < SOCKETS_BACKLOG_MAX)
            pthread_cond_broadcast(&self->changed);
    }
    outbox_pop(box);
    pthread_mutex_unlock(&self->lock);
}

/* Only this thread pops, so a head stays valid without the lock. */
static void send_all(struct sockets *self)
{
    struct message *msg;
    while ((msg = outbox_head(self, &self->iopub))) {
        int r = send_iopub(self, msg);
        if (r == -EAGAIN)
            break;
        if (r < 0)
            log_line("a message was not sent: %s", strerror(-r));
        self->parts_sent = 0;
        sent(self, &self->iopub);
    }
    while ((msg = outbox_head(self, &self->others))) {
        size_t part = 0;
        int r = send_parts(self, msg, &part);
        if (r < 0)
            log_line("a reply was not sent: %s", strerror(-r));
        sent(self, &self->others);
    }
}

/* --- the thread ------------------------------------------------------------------------------ */

enum { ITEM_WAKE = CHANNEL_COUNT, ITEM_WATCHES };

static bool has_room(struct sockets *self)
{
    return self->backlog < SOCKETS_BACKLOG_MAX;
}

static int fill_items(struct sockets *self, zmq_pollitem_t *items)
{
    for (int i = 0; i < CHANNEL_COUNT; i++)
        items[i] = (zmq_pollitem_t){.socket = self->socks[i], .events = ZMQ_POLLIN};
    items[ITEM_WAKE] = (zmq_pollitem_t){.fd = self->wake.fd, .events = ZMQ_POLLIN};
    pthread_mutex_lock(&self->lock);
    for (int i = 0; i < self->watch_count; i++) {
        struct watch *watch = &self->watches[i];
        if (watch->paused && has_room(self))
            watch->paused = false;
        items[ITEM_WATCHES + i] =
            (zmq_pollitem_t){.fd = watch->fd, .events = watch->paused ? 0 : ZMQ_POLLIN};
    }
    int count = ITEM_WATCHES + self->watch_count;
    pthread_mutex_unlock(&self->lock);
    return count;
}

static long poll_timeout(struct sockets *self)
{
    pthread_mutex_lock(&self->lock);
    bool waiting = self->iopub.head != NULL;
    int64_t deadline = self->deadline;
    pthread_mutex_unlock(&self->lock);
    if (waiting)
        return RETRY_MS;
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

static void run_watches(struct sockets *self, const zmq_pollitem_t *items, int count)
{
    for (int i = ITEM_WATCHES; i < count; i++) {
        struct watch *watch = &self->watches[i - ITEM_WATCHES];
        if (items[i].revents && !watch->ready(watch->user))
            watch->paused = true;
    }
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

static void *io_main(void *user)
{
    struct sockets *self = user;
    zmq_pollitem_t items[ITEM_WATCHES + SOCKETS_WATCH_MAX];
    int64_t end = 0;
    while (goes_on(self, &end)) {
        int count = fill_items(self, items);
        if (zmq_poll(items, count, poll_timeout(self)) < 0)
            continue;
        if (items[ITEM_WAKE].revents)
            waker_clear(&self->wake);
        receive_ready(self, items);
        run_watches(self, items, count);
        run_timer(self);
        send_all(self);
    }
    return NULL;
}

/* --- transport_impl -------------------------------------------------------------------------- */

/* Signals are for Python's thread: this one starts with all of them blocked. */
static int transport_start(struct transport *t, const struct transport_sink *sink)
{
    struct sockets *self = (struct sockets *)t;
    self->sink = *sink;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = -pthread_create(&self->thread, NULL, io_main, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    self->running = r == 0;
    return r;
}

static int transport_send(struct transport *t, struct message *msg)
{
    struct sockets *self = (struct sockets *)t;
    struct outbox *box = msg->channel == CHANNEL_IOPUB ? &self->iopub : &self->others;
    pthread_mutex_lock(&self->lock);
    bool rings = !box->head;
    if (box == &self->iopub)
        self->backlog += message_size(msg);
    outbox_push(box, msg);
    pthread_mutex_unlock(&self->lock);
    if (rings && !pthread_equal(pthread_self(), self->thread))
        waker_ring(&self->wake);
    return 0;
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

/* What take_answer() compares with, while the question itself travels. */
static int remember_question(const struct message *request, struct message **ret)
{
    CLEANUP(message_freep) struct message *copy = NULL;
    int r = message_new(request->type, request->channel, &copy);
    if (r == 0)
        r = message_hold(copy, request->route, message_list_count(request->route), &copy->route);
    if (r < 0)
        return r;
    copy->id = arena_copy(copy->store, request->id);
    if (!copy->id.ptr)
        return -ENOMEM;
    *ret = TAKE(copy);
    return 0;
}

static int put_question(struct sockets *self, struct message *request)
{
    struct message *question = NULL;
    int r = remember_question(request, &question);
    if (r < 0) {
        message_free(request);
        return r;
    }
    pthread_mutex_lock(&self->lock);
    message_free(self->question);
    message_free(self->answer);
    self->question = question;
    self->answer = NULL;
    waker_clear(&self->answered);
    pthread_mutex_unlock(&self->lock);
    return transport_send(&self->base, request);
}

static int transport_ask(struct transport *t, struct message *request, struct message **ret_reply)
{
    struct sockets *self = (struct sockets *)t;
    int r = request ? put_question(self, request) : 0;
    sigset_t none;
    sigemptyset(&none);
    while (r == 0) {
        pthread_mutex_lock(&self->lock);
        struct message *answer = TAKE(self->answer);
        bool hung_up = self->hung_up;
        pthread_mutex_unlock(&self->lock);
        if (answer) {
            *ret_reply = answer;
            return 0;
        }
        if (hung_up)
            return -EPIPE;
        struct pollfd item = {.fd = self->answered.fd, .events = POLLIN};
        r = ppoll(&item, 1, NULL, &none) < 0 ? -errno : 0;
        waker_clear(&self->answered);
    }
    return r;
}

static void transport_hang_up(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    self->hung_up = true;
    pthread_mutex_unlock(&self->lock);
    waker_ring(&self->answered);
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

static void outbox_finish(struct outbox *box)
{
    while (box->head)
        outbox_pop(box);
}

static void transport_destroy(struct transport *t)
{
    struct sockets *self = (struct sockets *)t;
    if (self->running) {
        pthread_mutex_lock(&self->lock);
        self->stopping = true;
        pthread_mutex_unlock(&self->lock);
        waker_ring(&self->wake);
        pthread_join(self->thread, NULL);
    }
    for (int i = 0; i < CHANNEL_COUNT; i++)
        if (self->socks[i])
            zmq_close(self->socks[i]);
    if (self->context)
        zmq_ctx_term(self->context);
    outbox_finish(&self->iopub);
    outbox_finish(&self->others);
    message_free(self->question);
    message_free(self->answer);
    signer_free(self->signer);
    waker_finish(&self->wake);
    waker_finish(&self->answered);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const struct transport_impl impl = {
    .start = transport_start,
    .send = transport_send,
    .room = transport_room,
    .arm = transport_arm,
    .ask = transport_ask,
    .hang_up = transport_hang_up,
    .catch_up = transport_catch_up,
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
    self->iopub.tail = &self->iopub.head;
    self->others.tail = &self->others.head;
    self->wake.fd = self->answered.fd = -1;
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int r = waker_init(&self->wake);
    return r < 0 ? r : waker_init(&self->answered);
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

int sockets_watch(struct transport *t, int fd, bool (*ready)(void *user), void *user)
{
    struct sockets *self = (struct sockets *)t;
    pthread_mutex_lock(&self->lock);
    bool fits = self->watch_count < SOCKETS_WATCH_MAX;
    if (fits)
        self->watches[self->watch_count++] = (struct watch){fd, false, ready, user};
    pthread_mutex_unlock(&self->lock);
    waker_ring(&self->wake);
    return fits ? 0 : -ENOSPC;
}
