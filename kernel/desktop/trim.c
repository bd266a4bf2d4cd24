#include "kernel/desktop/trim.h"

#include "kernel/zmq/sockets.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct trim {
    struct kernel *kernel;
    int timer_fd;
};

static void give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

static enum watch rested(void *user)
{
    struct trim *self = user;
    uint64_t times;
    if (read(self->timer_fd, &times, sizeof times) > 0 && !kernel_executing(self->kernel))
        give_back();
    return WATCH_ON;
}

int trim_start(struct kernel *kernel, struct transport *transport, struct trim **ret)
{
    struct trim *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->kernel = kernel;
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    int r = self->timer_fd < 0 ? -errno : sockets_watch(transport, self->timer_fd, rested, self);
    *ret = self; /* also on failure: the process ends, and the watch may be in use */
    return r;
}

void trim_later(struct trim *self)
{
    struct itimerspec time = {.it_value = {TRIM_MS / 1000, TRIM_MS % 1000 * 1000000L}};
    timerfd_settime(self->timer_fd, 0, &time, NULL);
}
