/*
 * HMAC-SHA-256 without a library, for the few messages of a launcher that links libc only.
 * Source: FIPS 180-4; RFC 2104.
 */
#pragma once

#include "protocol/bytes.h"

enum { HMAC_HEX = 64 };

/* Of the parts one after the other, in lower-case hex, NUL-terminated. */
void hmac_sha256(struct span key, const struct span *parts, size_t count,
                 char ret_hex[HMAC_HEX + 1]);
