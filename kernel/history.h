/*
 * What was executed in this session, for history_request.
 * Source: "Messaging in Jupyter", section "History".
 *
 * Threads: kernel_run()'s only. Nothing blocks.
 */
#pragma once

#include "protocol/bytes.h"

#include <jansson.h>

enum { HISTORY_SESSION = 1 }; /* the number by which replies name this session */

struct history {
    struct history_entry *entries; /* in the order of execution */
    size_t count, cap;
};

void history_finish(struct history *self);

/* Keeps a copy of the cell's code. -ENOMEM. */
MUST_CHECK int history_add(struct history *self, long line, struct span code);

/*
 * Appends history_reply's "history" value, a JSON array of [session, line, code], or of
 * [session, line, [code, null]] where the request wants outputs: they are not kept. `request` is
 * history_request's content with hist_access_type tail, range or search.
 * -EINVAL: another access type; *ret_why says so.
 */
MUST_CHECK int history_answer(const struct history *self, const json_t *request, struct buf *out,
                              const char **ret_why);
