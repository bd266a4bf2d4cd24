/*
 * What makes a message unique: session, message ids, dates.
 *
 * Threads: ident_id from any; the rest is constant after ident_init.
 */
#pragma once

#include "protocol/bytes.h"

enum { IDENT_UUID_LEN = 36, IDENT_ID_MAX = 80, IDENT_DATE_LEN = 27 };

struct ident {
    char session[IDENT_UUID_LEN + 1];
    atomic_ulong counter;
};

void ident_init(struct ident *self);

/* The next message id, "<session>_<pid>_<counter>", NUL-terminated; returns its length. */
size_t ident_id(struct ident *self, char ret_id[IDENT_ID_MAX]);

/* A random uuid (RFC 4122, version 4), lower case, NUL-terminated. */
void ident_uuid(char ret_uuid[IDENT_UUID_LEN + 1]);

/* This moment in UTC, ISO 8601 with six digits of microseconds: 2026-11-01T09:05:03.000042Z */
void ident_date(char ret_date[IDENT_DATE_LEN + 1]);
