#include "kernel/desktop/crash.h"

#include "kernel/desktop/termination.h"
#include "kernel/output.h"
#include "kernel/platform/waker.h"
#include "kernel/zmq/sockets.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* A global: signal handlers have no argument for it. */
static struct crash {
    struct kernel *kernel;
    struct transport *transport;
    struct capture *capture;
    struct waker requested, drained;
    atomic_int process; /* the kernel's; 0: crash_flush() does nothing */
} crash = {.requested.fd = -1, .drained.fd = -1};

#define ENDS "carme: the kernel ends by "
#define LOST "; its variables are lost, the notebook is not\n"
#define FAULT(name) \
    { \
        name, ENDS #name "; where each thread was is above" LOST \
    }

static const struct {
    int number;
    const char *line;
} fatal[] = {
    FAULT(SIGSEGV), FAULT(SIGBUS),  FAULT(SIGFPE),
    FAULT(SIGILL),  FAULT(SIGABRT), {SIGTERM, ENDS "SIGTERM" LOST},
};

static enum watch flush(void *user)
{
    struct crash *self = user;
    termination_end_children();
    capture_flush(self->capture);
    output_flush(self->kernel);
    sockets_drain(self->transport, &self->drained);
    return WATCH_OFF;
}

void crash_flush(void)
{
    int process = getpid();
    if (!atomic_compare_exchange_strong(&crash.process, &process, 0))
        return;
    waker_wake(&crash.requested);
    struct pollfd item = {.fd = crash.drained.fd, .events = POLLIN};
    int r;
    do
        r = poll(&item, 1, CRASH_MS);
    while (r < 0 && errno == EINTR); /* the user interrupts */
    if (r != 1)
        capture_write_through(crash.capture);
}

/* SA_RESETHAND: raise() has the default action, which ends the process. */
static void on_fatal(int number)
{
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (fatal[i].number == number && atomic_load(&crash.process) == getpid() &&
            write(2, fatal[i].line, strlen(fatal[i].line)) < 0)
            break;
    crash_flush();
    raise(number);
}

static int watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction(fatal[i].number, &action, NULL) < 0)
            return -errno;
    return 0;
}

int crash_start(struct kernel *kernel, struct transport *transport, struct capture *capture)
{
    crash.kernel = kernel;
    crash.transport = transport;
    crash.capture = capture;
    int r = waker_init(&crash.requested);
    if (r == 0)
        r = waker_init(&crash.drained);
    if (r == 0)
        r = sockets_watch(transport, crash.requested.fd, flush, &crash);
    if (r < 0)
        return r;
    atomic_store(&crash.process, getpid());
    return watch_signals();
}

void crash_stop(void) { atomic_store(&crash.process, 0); }
