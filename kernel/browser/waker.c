#include "kernel/platform/waker.h"

/* Nobody waits in a worker: whoever queues a message also has it answered. */
int waker_init(struct waker *self)
{
    self->fd = -1;
    return 0;
}

void waker_finish(struct waker *self) { (void)self; }

void waker_wake(struct waker *self) { (void)self; }

void waker_clear(struct waker *self) { (void)self; }
