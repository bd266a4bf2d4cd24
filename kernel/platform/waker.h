/*
 * By which any thread wakes one that waits in poll(): an eventfd. waker.c is the desktop's,
 * kernel/browser/waker.c that of a browser's worker, in which nobody waits.
 * Threads: wake from any, the rest from the waiting one. Nothing blocks.
 */
#pragma once

#include "protocol/bytes.h"

struct waker {
    int fd; /* readable from waker_wake() until waker_clear() */
};

MUST_CHECK int waker_init(struct waker *self); /* -errno of eventfd */
void waker_finish(struct waker *self);
void waker_wake(struct waker *self);
void waker_clear(struct waker *self);
