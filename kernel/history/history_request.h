/*
 * history_request: this session's cells from memory, older ones from the store.
 * Source: "Messaging in Jupyter", "History"; what that leaves open is as in IPython 9.
 */
#pragma once

#include "kernel/history/history.h"
#include "kernel/platform/lock.h"
#include "protocol/json.h"

enum { HISTORY_TAIL = 10 }; /* cells of a tail that names no number */

/*
 * Appends history_reply's "history" value, a JSON array of [session, line, code], or of
 * [session, line, [code, output]] where the request wants outputs; null for none. `request` is
 * history_request's content:
 *   tail    the last n, older sessions' before this one's
 *   range   start <= line < stop of one session: 0 is this one, negative ones count back from it;
 *           negative lines count back from the end of this one
 *   search  what matches a glob, the last n; unique: of the same code only the latest
 *
 * Any thread, without locks: takes `lock`, which guards the history, and waits for the store as its
 * read() does. -ENOMEM. -EINVAL: another access type; *ret_why says so.
 */
MUST_CHECK int history_request(struct history *history, struct lock *lock, const json_t *request,
                               struct buf *out, const char **ret_why);
