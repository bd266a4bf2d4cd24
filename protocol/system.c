#include "protocol/system.h"

#include <time.h>
#include <unistd.h>
#include <uuid/uuid.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec moment;
    clock_gettime(clock, &moment);
    return (int64_t)moment.tv_sec * 1000000 + moment.tv_nsec / 1000;
}

int64_t system_now_us(void) { return read_clock(CLOCK_REALTIME); }

int64_t system_steady_us(void) { return read_clock(CLOCK_MONOTONIC); }

void system_uuid(unsigned char ret[16]) { uuid_generate_random(ret); }

long system_process(void) { return (long)getpid(); }
