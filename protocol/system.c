#include "protocol/system.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec moment;
    clock_gettime(clock, &moment);
    return (int64_t)moment.tv_sec * 1000000 + moment.tv_nsec / 1000;
}

int64_t system_now_us(void) { return read_clock(CLOCK_REALTIME); }

int64_t system_steady_us(void) { return read_clock(CLOCK_MONOTONIC); }

void system_random(void *ret, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t got = getrandom((char *)ret + done, len - done, 0);
        if (got < 0 && errno != EINTR)
            abort(); /* a kernel older than the call; ids that are not random are no ids */
        if (got > 0)
            done += (size_t)got;
    }
}

long system_process(void) { return (long)getpid(); }
