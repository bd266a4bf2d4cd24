#include "kernel/desktop/memory_trim.h"

#include "kernel/zmq/sockets.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct memory_trim {
    struct kernel *kernel;
    int timer_fd;
};

static void return_memory(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

static enum watch timer_expired(void *user)
{
    struct memory_trim *self = user;
    uint64_t times;
    if (read(self->timer_fd, &times, sizeof times) > 0 && !kernel_executing(self->kernel))
        return_memory();
    return WATCH_ON;
}

int memory_trim_start(struct kernel *kernel, struct transport *transport, struct memory_trim **ret)
{
    struct memory_trim *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->kernel = kernel;
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    int r =
        self->timer_fd < 0 ? -errno : sockets_watch(transport, self->timer_fd, timer_expired, self);
    *ret = self; /* also on failure: the process ends, and the watch may be in use */
    return r;
}

void memory_trim_later(struct memory_trim *self)
{
    struct itimerspec time = {
        .it_value = {MEMORY_TRIM_MS / 1000, MEMORY_TRIM_MS % 1000 * 1000000L}};
    timerfd_settime(self->timer_fd, 0, &time, NULL);
}
