/*
 * A strict, small reader of one JSON object, member by member, without a tree and without memory.
 *
 * Needs libc only. Threads: any, one at a time per object. Source: RFC 8259.
 */
#pragma once

#include "protocol/bytes.h"

enum scan_kind { SCAN_STRING, SCAN_NUMBER, SCAN_BOOL, SCAN_NULL, SCAN_ARRAY, SCAN_OBJECT };

enum { SCAN_DEPTH = 64 }; /* arrays and objects inside each other */

struct scan {
    const char *begin, *at, *end;
    const char *problem; /* static text, with -EBADMSG; `at` is where */
    bool started;
};

/* One member as it stands in the text: strings with quotes and escapes. */
struct scan_member {
    struct span key, value;
    enum scan_kind kind;
};

/* Borrows `text` for as long as members are used. */
void scan_init(struct scan *self, struct span text);

/* 1: a member. 0: the object and the text have ended. -EBADMSG: see `problem`; no call after it. */
MUST_CHECK int scan_next(struct scan *self, struct scan_member *ret);

/* Line and column of `at`, in bytes, both from 1. */
void scan_where(const struct scan *self, unsigned *ret_line, unsigned *ret_column);

/*
 * The text of a string that scan_next gave. `ret_text` has room for string.len bytes; no NUL is put
 * behind. -EILSEQ: an escape is half of a surrogate pair.
 */
MUST_CHECK int scan_text(struct span string, char *ret_text, size_t *ret_len);

/* "a string", "a number", … for messages. */
const char *scan_kind_text(enum scan_kind kind);
