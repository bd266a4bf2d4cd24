#include "kernel/platform/waker.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int waker_init(struct waker *self)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    self->fd = fd;
    return 0;
}

void waker_finish(struct waker *self)
{
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
}

void waker_wake(struct waker *self)
{
    uint64_t one = 1;
    ssize_t written = write(self->fd, &one, sizeof one);
    (void)written; /* EAGAIN: it is readable already */
}

void waker_clear(struct waker *self)
{
    uint64_t count;
    ssize_t got = read(self->fd, &count, sizeof count);
    (void)got; /* EAGAIN: nobody has woken it */
}
