#include "kernel/desktop/crash.h"

#include "kernel/desktop/ending.h"
#include "kernel/output.h"
#include "kernel/platform/waker.h"
#include "kernel/zmq/sockets.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* Signal handlers have no argument of their own. */
static struct crash {
    struct kernel *kernel;
    struct transport *transport;
    struct capture *capture;
    struct waker asked, left;
    atomic_int process; /* whose end is watched; 0: nobody's */
} crash = {.asked.fd = -1, .left.fd = -1};

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

static enum watch asked(void *user)
{
    struct crash *self = user;
    ending_children();
    capture_take(self->capture);
    output_flush(self->kernel);
    sockets_leave(self->transport, &self->left);
    return WATCH_OFF;
}

void crash_last_words(void)
{
    int process = getpid();
    if (!atomic_compare_exchange_strong(&crash.process, &process, 0))
        return;
    waker_ring(&crash.asked);
    struct pollfd left = {.fd = crash.left.fd, .events = POLLIN};
    int r;
    do
        r = poll(&left, 1, CRASH_MS);
    while (r < 0 && errno == EINTR); /* an impatient user interrupts */
    if (r != 1)
        capture_spill(crash.capture);
}

/* The handler is gone when this one runs: raise() ends the process as it returns. */
static void on_fatal(int number)
{
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (fatal[i].number == number && atomic_load(&crash.process) == getpid() &&
            write(2, fatal[i].line, strlen(fatal[i].line)) < 0)
            break;
    crash_last_words();
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
    int r = waker_init(&crash.asked);
    if (r == 0)
        r = waker_init(&crash.left);
    if (r == 0)
        r = sockets_watch(transport, crash.asked.fd, asked, &crash);
    if (r < 0)
        return r;
    atomic_store(&crash.process, getpid());
    return watch_signals();
}

void crash_stop(void) { atomic_store(&crash.process, 0); }
