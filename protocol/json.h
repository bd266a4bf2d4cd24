/*
 * JSON text, read through jansson; json_write.h has what writes it.
 *
 * Threads: any, one at a time per object. Source: RFC 8259.
 */
#pragma once

#include "protocol/json_write.h"

#include <jansson.h>

/*
 * Reads an object. NULs in strings are kept (jansson refuses them in keys), the depth is
 * jansson's (2048).
 * Integers beyond 64 bits are read as reals.
 * -EBADMSG: not JSON, not UTF-8, or not an object. -ENOMEM. `why` says which, on failure only.
 */
MUST_CHECK int json_read_object(struct span text, char why[160], json_t **ret);

/* A string member; `otherwise` when absent or of another type. Borrowed from `object`. */
struct span json_member_text(const json_t *object, const char *key, struct span otherwise);

/* A boolean member; `otherwise` when absent or of another type. */
bool json_member_bool(const json_t *object, const char *key, bool otherwise);

/* For CLEANUP, jansson itself has json_decrefp (since 2.11). */
