/*
 * One question that waits for its answer: between the thread that asks and the one that receives.
 */
#pragma once

#include "kernel/platform/waker.h"
#include "protocol/message.h"

#include <pthread.h>

struct asking {
    pthread_mutex_t lock;
    struct waker answered;
    struct message *question, *answer; /* what the answer must match; the answer */
    bool hung_up;
};

MUST_CHECK int asking_init(struct asking *self); /* -errno of eventfd */
void asking_finish(struct asking *self);

/* A new question takes the place of the last one and its answer. Borrows it. -ENOMEM. */
MUST_CHECK int asking_put(struct asking *self, const struct message *question);

/* Takes a message that may be the answer; any other is dropped. */
void asking_offer(struct asking *self, struct message *answer);

/*
 * Blocks, with all signals open, until the answer is there, for the caller to free.
 * -EINTR: a signal came. -EPIPE: hung up.
 */
MUST_CHECK int asking_wait(struct asking *self, struct message **ret_answer);

/* No question will be answered any more. Any thread. */
void asking_hang_up(struct asking *self);
