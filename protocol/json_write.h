/*
 * JSON text, written by appending to a buffer.
 *
 * Needs libc only: the launcher links it too. Threads: any, one at a time per buffer.
 * Source: RFC 8259.
 */
#pragma once

#include "protocol/bytes.h"

/* Appends `text` as a JSON string with quotes. Bytes that are not UTF-8 become U+FFFD, one for each
 * maximal ill-formed part (Unicode 15, section 3.9). */
void json_put_string(struct buf *out, struct span text);

/* Appends `"key":`, with a comma before it unless the text so far is empty or ends in '{'. `key`
 * needs no escapes. */
void json_put_key(struct buf *out, const char *key);

/* json_put_key and the value as a JSON string. */
void json_put_member(struct buf *out, const char *key, struct span text);
