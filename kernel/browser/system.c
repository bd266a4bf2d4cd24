#include "kernel/browser/system.h"

static struct system_source the_source;
static int64_t latest_us;

void system_provide(const struct system_source *source) { the_source = *source; }

int64_t system_now_us(void) { return the_source.now_us(the_source.user); }

int64_t system_steady_us(void)
{
    int64_t now = system_now_us();
    if (now > latest_us)
        latest_us = now;
    return latest_us;
}

void system_random(void *ret, size_t len) { the_source.random(the_source.user, ret, len); }

void system_uuid(unsigned char ret[16])
{
    system_random(ret, 16);
    ret[6] = (unsigned char)((ret[6] & 0x0f) | 0x40); /* version 4 */
    ret[8] = (unsigned char)((ret[8] & 0x3f) | 0x80); /* variant 10 */
}

/* A worker is one process for as long as it lives; the session tells workers apart. */
long system_process(void) { return 1; }
