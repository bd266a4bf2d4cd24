#include "protocol/ident.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <uuid/uuid.h>

void ident_uuid(char ret_uuid[IDENT_UUID_LEN + 1])
{
    uuid_t uuid;
    uuid_generate_random(uuid);
    uuid_unparse_lower(uuid, ret_uuid);
}

void ident_init(struct ident *self)
{
    ident_uuid(self->session);
    atomic_init(&self->counter, 0);
}

size_t ident_id(struct ident *self, char ret_id[IDENT_ID_MAX])
{
    unsigned long count = atomic_fetch_add_explicit(&self->counter, 1, memory_order_relaxed);
    /* The process is asked each time: a fork's child has another pid. */
    return (size_t)snprintf(ret_id, IDENT_ID_MAX, "%.36s_%ld_%lu", self->session, (long)getpid(),
                            count);
}

/* Writes `width` digits and the character after them; returns where to go on. */
static char *put_digits(char *at, long value, int width, char after)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    at[width] = after;
    return at + width + 1;
}

void ident_date(char ret_date[IDENT_DATE_LEN + 1])
{
    struct timespec moment;
    struct tm day;
    clock_gettime(CLOCK_REALTIME, &moment);
    gmtime_r(&moment.tv_sec, &day);
    char *at = put_digits(ret_date, day.tm_year + 1900L, 4, '-');
    at = put_digits(at, day.tm_mon + 1L, 2, '-');
    at = put_digits(at, day.tm_mday, 2, 'T');
    at = put_digits(at, day.tm_hour, 2, ':');
    at = put_digits(at, day.tm_min, 2, ':');
    at = put_digits(at, day.tm_sec, 2, '.');
    at = put_digits(at, moment.tv_nsec / 1000, 6, 'Z');
    *at = '\0';
}
