/*
 * An input_request that waits for its input_reply: between the thread that sends it and the one
 * that receives. One at a time.
 * Source: "Messaging in Jupyter", section "Messages on the stdin channel".
 */
#pragma once

#include "kernel/platform/waker.h"
#include "protocol/message.h"

#include <pthread.h>

struct input_request {
    pthread_mutex_t lock;
    struct waker replied;
    struct message *request, *reply; /* what the reply must match; the reply */
    bool cancelled;
};

MUST_CHECK int input_request_init(struct input_request *self); /* -errno of eventfd */
void input_request_finish(struct input_request *self);

/* Forgets the last request and its reply, and waits for the reply to this one. Borrows it. -ENOMEM.
 */
MUST_CHECK int input_request_begin(struct input_request *self, const struct message *request);

/* Takes a message that may be the reply; any other is freed. */
void input_request_offer(struct input_request *self, struct message *reply);

/*
 * Blocks, with all signals open, until the reply is there, for the caller to free.
 * -EINTR: a signal came. -EPIPE: hung up.
 */
MUST_CHECK int input_request_wait(struct input_request *self, struct message **ret_reply);

/* input_request_wait() fails from here on. Any thread. */
void input_request_cancel(struct input_request *self);
