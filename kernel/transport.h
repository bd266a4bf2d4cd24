/*
 * How messages travel. kernel/zmq/ is the desktop's, kernel/browser/main.c the browser's, tests
 * have their own.
 */
#pragma once

#include "protocol/message.h"

struct transport;

/* Whom a transport calls: the kernel. All are called from the transport's own thread. */
struct transport_sink {
    void (*message)(void *user, struct message *msg);  /* shell and control; takes it */
    void (*subscribed)(void *user, struct span topic); /* one more subscriber on iopub */
    void (*tick)(void *user);                          /* the moment that arm() asked for */
    void *user;
};

struct transport_impl {
    /* Called once, before anything else. `sink` is copied. */
    int (*start)(struct transport *t, const struct transport_sink *sink);

    /*
     * Takes the message, also on failure. Any thread; never waits for the peer. Messages leave in
     * the order of the calls, per channel; nothing but a stream is ever dropped. It leaves at once,
     * at flush(), or within a millisecond: what answers one short request leaves together.
     */
    int (*send)(struct transport *t, struct message *msg);
    void (*flush)(struct transport *t);

    /* Whether what is queued is below the bound. Waits for `wait_ms` at the most until it is. A
     * peer that never reads does not hold the others back for ever: its messages are dropped then.
     */
    bool (*room)(struct transport *t, unsigned wait_ms);

    /* Calls the sink's tick() once, `ms` from now; a later call replaces an earlier one. */
    void (*arm)(struct transport *t, unsigned ms);

    /*
     * Sends an input_request and blocks until its client answers. NULL for `request` goes on
     * waiting after -EINTR. Takes `request`, also on failure. One at a time. All signals are open
     * while it waits, and only then: a caller that blocks them before it looks for one can not miss
     * any. -EINTR: a signal. -EPIPE: shut down meanwhile. -ENOMEM.
     */
    int (*input)(struct transport *t, struct message *request, struct message **ret_reply);

    /* Blocks until the sink has every message that had reached this process before: microseconds.
     */
    void (*receive_pending)(struct transport *t);

    /* input() returns -EPIPE from here on, also where it waits. Any thread. */
    void (*cancel_input)(struct transport *t);

    /* Sends what is queued (for a second at the most) and closes. Threads that have not ended may
     * still call send() and room(): nothing comes of it. */
    void (*close)(struct transport *t);

    /* Closes unless it is, and frees: no thread is left that could call. */
    void (*destroy)(struct transport *t);
};

struct transport {
    const struct transport_impl *impl;
};
