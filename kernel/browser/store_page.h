/*
 * The store of the kernel in a browser's worker: the page hands in older sessions' cells at the
 * start, and is handed each cell of this one. What of them it keeps, and where, is its own affair.
 *
 * Threads: one.
 */
#pragma once

#include "kernel/history/store.h"

/*
 * `text` is a JSON object: "session" is this one's number, 1 or more; "cells" is a list of
 * [session, line, code], the oldest first; entries of another shape are passed over. `keep` takes
 * each cell that begins; it must not call the kernel. -EBADMSG: no such object. -ENOMEM.
 */
MUST_CHECK int store_page_new(struct span text, void (*keep)(long line, struct span code),
                              struct store **ret);
