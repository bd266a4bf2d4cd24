/*
 * The store of the desktop kernel: IPython's history file, written by a thread of its own, which is
 * started with the first cell, never takes the GIL, has all signals blocked and sleeps while there
 * is nothing to write. A cell is written STORE_PAUSE_MS after it began, with all that came
 * meanwhile: most cells have ended by then, and do not share their processor with the writer.
 *
 * What goes wrong is logged once for each kind. What may pass by itself (a lock, a full disk) is
 * tried again: STORE_TRIES times with growing pauses, then with each cell, and at the end.
 */
#pragma once

#include "kernel/history/store.h"

enum {
    STORE_PAUSE_MS = 100,
    STORE_RETRY_MS = 500, /* doubled with each failure */
    STORE_TRIES = 6,
    STORE_WAIT_MS = 300, /* that readers wait for the writer, and destroy() for the end */
};

struct store_sqlite_options {
    char *path;          /* taken, from malloc; absolute */
    const char *library; /* sqlite_load()'s; copied */
    bool is_ours;        /* history_file_init()'s */
    bool outputs;        /* results are kept, too; IPython's default is that they are not */
};

/* Makes and opens nothing yet. -ENOMEM, with the path freed. */
MUST_CHECK int store_sqlite_new(const struct store_sqlite_options *options, struct store **ret);

/*
 * Around fork(): what the child inherits is not in the middle of a write, so that the child can use
 * SQLite itself. hold() waits for the end of a transaction, STORE_WAIT_MS at most. In the child the
 * store keeps nothing any more.
 */
void store_sqlite_hold(struct store *s);
void store_sqlite_release(struct store *s, bool is_child);
