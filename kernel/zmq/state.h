/*
 * The state of the sockets and of what waits for them: the other files of this folder share it.
 */
#pragma once

#include "kernel/platform/waker.h"
#include "kernel/transport.h"
#include "kernel/zmq/input_request.h"
#include "kernel/zmq/outbox.h"
#include "kernel/zmq/watch.h"
#include "protocol/sign.h"
#include "protocol/system.h"

#include <pthread.h>
#include <stdint.h>

enum {
    SOCKETS_BACKLOG_MAX = 64 * 1024 * 1024, /* bytes of iopub messages kept here; room() below it */
    SOCKETS_STALL_MS = 15000,
    SOCKETS_LINGER_MS = 1000, /* for what is queued at the end */
};

/* A descriptor of sockets_watch(). */
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
    struct input_request input_request;
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* for all below; taken after the kernel's */
    pthread_cond_t changed;
    struct outbox iopub, others;
    int64_t deadline;   /* of arm(); 0 for none */
    atomic_bool corked; /* the thread looks at the outboxes by itself within a millisecond */
    bool stopping;
    unsigned pending_wanted, pending_done;
    struct watched watches[WATCHES_MAX];
    int watch_count;

    /* the I/O thread's */
    size_t parts_sent; /* of the head of `iopub` */
    int64_t stalled_since;
    struct waker *drained; /* sockets_drain()'s, or NULL */
};

static inline int64_t sockets_now_ms(void) { return system_steady_us() / 1000; }

/* Whether transport_impl's room() is there. With the lock. */
static inline bool sockets_have_room(const struct sockets *self)
{
    return self->iopub.bytes < SOCKETS_BACKLOG_MAX;
}
