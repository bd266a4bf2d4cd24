#include "tests/conversation/harness/fake_transport.h"

#include "tests/conversation/harness/require.h"

#include <stdlib.h>

static struct timespec from_now(long ms)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    long nsec = moment.tv_nsec + ms % 1000 * 1000000;
    return (struct timespec){moment.tv_sec + ms / 1000 + nsec / 1000000000, nsec % 1000000000};
}

static bool has_passed(struct timespec moment)
{
    struct timespec now = from_now(0);
    return now.tv_sec > moment.tv_sec ||
           (now.tv_sec == moment.tv_sec && now.tv_nsec >= moment.tv_nsec);
}

/* --- the transport's thread --------------------------------------------------------------------
 */

/* The lock is open meanwhile: the kernel sends from here. */
static void deliver(struct fake_transport *self, struct message *msg)
{
    pthread_mutex_unlock(&self->lock);
    if (msg->channel == CHANNEL_IOPUB) {
        self->sink.subscribed(self->sink.user, msg->content);
        message_free(msg);
    } else if (msg->channel == CHANNEL_STDIN) {
        input_request_offer(&self->input_request, msg);
    } else {
        self->sink.message(self->sink.user, msg);
    }
    pthread_mutex_lock(&self->lock);
}

static void run_tick(struct fake_transport *self)
{
    self->deadline = (struct timespec){0};
    pthread_mutex_unlock(&self->lock);
    self->sink.tick(self->sink.user);
    pthread_mutex_lock(&self->lock);
}

static void *run_thread(void *user)
{
    struct fake_transport *self = user;
    pthread_mutex_lock(&self->lock);
    while (!self->closing) {
        struct message *msg = queue_pop(&self->inbox);
        if (msg) {
            unsigned long number = msg->number;
            deliver(self, msg);
            self->delivered = number + 1;
            pthread_cond_broadcast(&self->changed);
        } else if (!self->deadline.tv_sec) {
            pthread_cond_wait(&self->changed, &self->lock);
        } else if (has_passed(self->deadline)) {
            run_tick(self);
        } else {
            struct timespec until = self->deadline;
            pthread_cond_timedwait(&self->changed, &self->lock, &until);
        }
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

/* --- transport_impl ----------------------------------------------------------------------------
 */

static int fake_start(struct transport *t, const struct transport_sink *sink)
{
    struct fake_transport *self = (struct fake_transport *)t;
    self->sink = *sink;
    return -pthread_create(&self->thread, NULL, run_thread, self);
}

static void keep(struct fake_transport *self, struct received *received)
{
    if (self->count == self->cap) {
        self->cap = self->cap ? 2 * self->cap : 256;
        self->received = realloc(self->received, self->cap * sizeof(struct received *));
        require(self->received, "no memory");
    }
    self->received[self->count++] = received;
    pthread_cond_broadcast(&self->changed);
}

static int fake_send(struct transport *t, struct message *msg)
{
    struct fake_transport *self = (struct fake_transport *)t;
    struct received *received = received_new(msg);
    pthread_mutex_lock(&self->lock);
    keep(self, received);
    pthread_mutex_unlock(&self->lock);
    if (self->on_send)
        self->on_send(self->user, msg);
    return 0;
}

static void fake_flush(struct transport *t)
{
    struct fake_transport *self = (struct fake_transport *)t;
    pthread_mutex_lock(&self->lock);
    self->flushed = self->count;
    pthread_mutex_unlock(&self->lock);
}

static bool fake_room(struct transport *t, unsigned wait_ms)
{
    struct fake_transport *self = (struct fake_transport *)t;
    struct timespec until = from_now(wait_ms);
    int r = wait_ms ? 0 : ETIMEDOUT;
    pthread_mutex_lock(&self->lock);
    while (self->full && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &until);
    bool room = !self->full;
    pthread_mutex_unlock(&self->lock);
    return room;
}

static void fake_arm(struct transport *t, unsigned ms)
{
    struct fake_transport *self = (struct fake_transport *)t;
    pthread_mutex_lock(&self->lock);
    self->deadline = from_now(ms);
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static int fake_input(struct transport *t, struct message *request, struct message **ret_reply)
{
    struct fake_transport *self = (struct fake_transport *)t;
    if (request) {
        int r = input_request_begin(&self->input_request, request);
        if (r < 0) {
            message_free(request);
            return r;
        }
        fake_send(t, request);
    }
    if (atomic_fetch_sub(&self->eintr_count, 1) > 0)
        return -EINTR;
    return input_request_wait(&self->input_request, ret_reply);
}

static void fake_receive_pending(struct transport *t)
{
    fake_transport_wait_delivered((struct fake_transport *)t);
}

static void fake_cancel_input(struct transport *t)
{
    input_request_cancel(&((struct fake_transport *)t)->input_request);
}

static void fake_close(struct transport *t)
{
    struct fake_transport *self = (struct fake_transport *)t;
    pthread_mutex_lock(&self->lock);
    self->closing = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    pthread_join(self->thread, NULL);
}

static void fake_destroy(struct transport *t)
{
    struct fake_transport *self = (struct fake_transport *)t;
    fake_close(t);
    queue_finish(&self->inbox);
    input_request_finish(&self->input_request);
}

static const struct transport_impl fake = {
    .start = fake_start,
    .send = fake_send,
    .flush = fake_flush,
    .room = fake_room,
    .arm = fake_arm,
    .input = fake_input,
    .receive_pending = fake_receive_pending,
    .cancel_input = fake_cancel_input,
    .close = fake_close,
    .destroy = fake_destroy,
};

/* --- for the test ------------------------------------------------------------------------------
 */

void fake_transport_init(struct fake_transport *self)
{
    *self = (struct fake_transport){.base.impl = &fake};
    atomic_init(&self->eintr_count, 0);
    queue_init(&self->inbox);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&self->lock, NULL);
    require(input_request_init(&self->input_request) == 0, "no eventfd");
}

void fake_transport_finish(struct fake_transport *self)
{
    for (size_t i = 0; i < self->count; i++)
        received_free(self->received[i]);
    free(self->received);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
}

void fake_transport_push(struct fake_transport *self, struct message *msg)
{
    pthread_mutex_lock(&self->lock);
    queue_push(&self->inbox, msg);
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

void fake_transport_set_room(struct fake_transport *self, bool room)
{
    pthread_mutex_lock(&self->lock);
    self->full = !room;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

void fake_transport_wait(struct fake_transport *self, bool (*is_true)(void *user), void *user,
                         const char *what)
{
    struct timespec until = from_now(FAKE_TRANSPORT_WAIT_SECONDS * 1000L);
    int r = 0;
    pthread_mutex_lock(&self->lock);
    bool held = is_true(user);
    while (!held && r == 0) {
        r = pthread_cond_timedwait(&self->changed, &self->lock, &until);
        held = is_true(user);
    }
    pthread_mutex_unlock(&self->lock);
    if (!held)
        fake_transport_print(self);
    require(held, what);
}

struct delivery {
    struct fake_transport *transport;
    unsigned long wanted; /* of the inbox */
};

static bool is_delivered(void *user)
{
    const struct delivery *delivery = user;
    return delivery->transport->closing || delivery->transport->delivered >= delivery->wanted;
}

void fake_transport_wait_delivered(struct fake_transport *self)
{
    pthread_mutex_lock(&self->lock);
    struct delivery delivery = {self, self->inbox.pushed};
    pthread_mutex_unlock(&self->lock);
    fake_transport_wait(self, is_delivered, &delivery, "messages are not delivered");
}

const struct received *fake_transport_received(struct fake_transport *self, size_t index)
{
    pthread_mutex_lock(&self->lock);
    const struct received *received = index < self->count ? self->received[index] : NULL;
    pthread_mutex_unlock(&self->lock);
    return received;
}

void fake_transport_print(struct fake_transport *self)
{
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->count; i++)
        received_print(self->received[i], i);
    pthread_mutex_unlock(&self->lock);
}
