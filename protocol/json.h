/*
 * JSON text, written by appending to a buffer and read through jansson.
 *
 * Threads: any, one at a time per object. Source: RFC 8259.
 */
#pragma once

#include "protocol/bytes.h"

#include <jansson.h>

/* Appends `text` as a JSON string with quotes. Bytes that are not UTF-8 become U+FFFD, one for each
 * maximal ill-formed part (Unicode 15, section 3.9). */
void json_put_string(struct buf *out, struct span text);

/* Appends `"key":`, with a comma before it unless the text so far is empty or ends in '{'. `key`
 * needs no escapes. */
void json_put_key(struct buf *out, const char *key);

/* json_put_key and the value as a JSON string. */
void json_put_member(struct buf *out, const char *key, struct span text);

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
