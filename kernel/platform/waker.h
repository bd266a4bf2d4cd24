/*
 * A bell between threads that poll() can wait for.
 * Threads: ring from any, the rest from the waiting one. Nothing blocks.
 */
#pragma once

#include "protocol/bytes.h"

struct waker {
    int fd; /* readable from waker_ring() until waker_clear() */
};

MUST_CHECK int waker_init(struct waker *self); /* -errno of eventfd */
void waker_finish(struct waker *self);
void waker_ring(struct waker *self);
void waker_clear(struct waker *self);
