/*
 * A transport in memory, with a thread of its own as the desktop's (kernel/transport.h). What the
 * kernel sends is kept in the order of its send() calls, over all channels.
 *
 * Threads: all functions may be called from any thread. A wait that takes longer than
 * FAKE_TRANSPORT_WAIT_SECONDS prints what was received so far and ends the process with status 1.
 */
#pragma once

#include "kernel/queue.h"
#include "kernel/transport.h"
#include "kernel/zmq/input_request.h"
#include "tests/conversation/harness/received.h"

#include <time.h>

enum { FAKE_TRANSPORT_WAIT_SECONDS = 60 };

struct fake_transport {
    struct transport base; /* first: transport functions cast back */
    struct transport_sink sink;
    struct input_request input_request;
    pthread_t thread;
    atomic_int eintr_count; /* so many calls of input() fail with -EINTR before one waits */
    /* From the thread that sends, with the kernel's lock held; may be NULL. */
    void (*on_send)(void *user, const struct message *msg);
    void *user;

    pthread_mutex_t lock; /* for all below; taken after the kernel's */
    pthread_cond_t changed;
    struct queue inbox;
    unsigned long delivered;    /* of the inbox */
    struct received **received; /* each stays where it is until the end */
    size_t count, cap, flushed;
    struct timespec deadline; /* of arm(); zero for none */
    bool full, closing;
};

void fake_transport_init(struct fake_transport *self);
/* After destroy() of struct transport_impl, which leaves what was received. */
void fake_transport_finish(struct fake_transport *self);

/*
 * A message to the kernel; takes it. It is with the kernel some time after the call: on shell and
 * control as a request, on stdin as an input_reply, on iopub its content is the topic of a new
 * subscription.
 */
void fake_transport_push(struct fake_transport *self, struct message *msg);
/* Until all that was pushed is with the kernel. */
void fake_transport_wait_delivered(struct fake_transport *self);
/* What room() answers from this call on. */
void fake_transport_set_room(struct fake_transport *self, bool room);

/* Sleeps until `is_true`, which is called with the lock held whenever something has changed;
 * `what` is for the message when it never is. */
void fake_transport_wait(struct fake_transport *self, bool (*is_true)(void *user), void *user,
                         const char *what);

/* The message with the index `index` of all that were received, from 0; NULL beyond the last. */
const struct received *fake_transport_received(struct fake_transport *self, size_t index);
/* All that were received, on standard output. */
void fake_transport_print(struct fake_transport *self);
