#include "protocol/ident.h"

#include "protocol/date.h"
#include "protocol/system.h"

#include <stdio.h>

_Static_assert((int)IDENT_DATE_LEN == (int)DATE_LEN, "one form of date");

void ident_uuid(char ret_uuid[IDENT_UUID_LEN + 1])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[16];
    system_uuid(bytes);
    char *at = ret_uuid;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[bytes[i] >> 4];
        *at++ = hex[bytes[i] & 15];
    }
    *at = '\0';
}

void ident_init(struct ident *self)
{
    ident_uuid(self->session);
    atomic_init(&self->counter, 0);
}

size_t ident_id(struct ident *self, char ret_id[IDENT_ID_MAX])
{
    unsigned long count = atomic_fetch_add_explicit(&self->counter, 1, memory_order_relaxed);
    return (size_t)snprintf(ret_id, IDENT_ID_MAX, "%.36s_%ld_%lu", self->session, system_process(),
                            count);
}

void ident_date(char ret_date[IDENT_DATE_LEN + 1]) { date_write(system_now_us(), ret_date); }
