/*
 * What was executed in this session, for history_request.
 * Source: "Messaging in Jupyter", section "History".
 *
 * Threads: none of its own; the kernel's lock is held. Nothing blocks.
 */
#pragma once

#include "protocol/bytes.h"

#include <jansson.h>

enum {
    HISTORY_SESSION = 1, /* the number by which replies name this session */
    HISTORY_OUTPUT_MAX = 16 * 1024,
};

struct history {
    struct history_entry *entries; /* in the order of execution */
    size_t count, cap;
};

void history_finish(struct history *self);

/* Keeps a copy of the cell's code. -ENOMEM. */
MUST_CHECK int history_add(struct history *self, long line, struct span code);

/* Keeps text/plain of the newest cell's execute_result, whose content is given, if it is one of
 * HISTORY_OUTPUT_MAX bytes at the most. */
void history_note_result(struct history *self, long line, struct span content);

/*
 * Appends history_reply's "history" value, a JSON array of [session, line, code], or of
 * [session, line, [code, output]] where the request wants outputs; null for none. `request` is
 * history_request's content with hist_access_type tail, range or search.
 * -EINVAL: another access type; *ret_why says so.
 */
MUST_CHECK int history_answer(const struct history *self, const json_t *request, struct buf *out,
                              const char **ret_why);
