#include "kernel/desktop/interrupt_escalation.h"

#include "kernel/zmq/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct interrupt_escalation {
    struct kernel *kernel;
    struct interrupt_escalation_language language;
    int read_fd, write_fd, timer_fd;
    unsigned long cell; /* that the interrupts so far were for */
    int64_t last_ms;
    int count; /* of the interrupts so far */
    bool probed;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tell(struct interrupt_escalation *self, struct span text)
{
    kernel_write_raw(self->kernel, NULL, STREAM_STDERR, text);
}

static void set_timer(struct interrupt_escalation *self)
{
    struct timespec half = {0, INTERRUPT_WAIT_MS / 2 * 1000000L};
    struct itimerspec time = {.it_value = half, .it_interval = half};
    timerfd_settime(self->timer_fd, 0, &time, NULL);
}

static void count_interrupt(struct interrupt_escalation *self)
{
    unsigned long cell = kernel_executing(self->kernel);
    int64_t now = now_ms();
    if (!cell)
        return;
    if (cell != self->cell || now - self->last_ms > INTERRUPT_REPEAT_MS)
        self->count = 0;
    self->cell = cell;
    self->last_ms = now;
    self->count++;
    self->language.note();
    self->probed = false;
    set_timer(self);
    if (self->count == 2) {
        tell(self, SPAN("carme: interrupted twice; this is where each thread is:\n"));
        self->language.stacks();
    } else if (self->count == 3) {
        tell(self, SPAN("carme: interrupted three times. If the cell does not end, restart the "
                        "kernel (Kernel > Restart): its variables are lost, the notebook is "
                        "not.\n"));
    }
}

static enum watch signalled(void *user)
{
    struct interrupt_escalation *self = user;
    unsigned char numbers[64];
    ssize_t got = read(self->read_fd, numbers, sizeof numbers);
    for (ssize_t i = 0; i < got; i++)
        if (numbers[i] == SIGINT)
            count_interrupt(self);
    return WATCH_ON;
}

/* The first time starts the look whether Python has seen it, the second one tells. */
static enum watch timer_expired(void *user)
{
    struct interrupt_escalation *self = user;
    uint64_t times;
    if (read(self->timer_fd, &times, sizeof times) < 0)
        return WATCH_ON;
    bool runs = kernel_executing(self->kernel) == self->cell;
    if (runs && !self->probed) {
        self->language.probe();
        self->probed = true;
        return WATCH_ON;
    }
    timerfd_settime(self->timer_fd, 0, &(struct itimerspec){0}, NULL);
    if (runs && self->count == 1 && self->language.waits())
        tell(self, SPAN("carme: the interrupt waits until the C function that the cell is in "
                        "returns. Interrupt again to see where it is.\n"));
    return WATCH_ON;
}

static int open_fds(struct interrupt_escalation *self)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    self->read_fd = fds[0];
    self->write_fd = fds[1];
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return self->timer_fd < 0 ? -errno : 0;
}

int interrupt_escalation_start(struct kernel *kernel, struct transport *transport,
                               const struct interrupt_escalation_language *language,
                               struct interrupt_escalation **ret)
{
    struct interrupt_escalation *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->kernel = kernel;
    self->language = *language;
    int r = open_fds(self);
    if (r == 0)
        r = sockets_watch(transport, self->read_fd, signalled, self);
    if (r == 0)
        r = sockets_watch(transport, self->timer_fd, timer_expired, self);
    *ret = self; /* also on failure: the process ends, and the watches may be in use */
    return r;
}

int interrupt_escalation_fd(const struct interrupt_escalation *self) { return self->write_fd; }

void interrupt_escalation_detach(struct interrupt_escalation *self)
{
    int nowhere = open("/dev/null", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (nowhere < 0)
        return;
    dup3(nowhere, self->write_fd, O_CLOEXEC);
    close(nowhere);
}
