/*
 * The history file that Carme and IPython share: an SQLite database with the tables of IPython 9
 * (IPython/core/history.py: sessions, history, output_history).
 *
 * The file is opened for each call and closed after it: between calls it may be moved, trimmed or
 * taken away, and no child of a fork inherits it. This session gets its number with its first cell,
 * and another one if the file is not the same any more.
 *
 * Threads: one at a time. All calls block as the disk does, and up to HISTORY_FILE_BUSY_MS when
 * another process holds the file's lock.
 */
#pragma once

#include "kernel/history/store.h"

#include <stdint.h>

enum {
    HISTORY_FILE_BUSY_MS = 100,
    HISTORY_FILE_READ_MS = 500, /* of searching */
    HISTORY_FILE_DATE_MAX = 48, /* 2026-11-01 09:05:03.000042+00:00, NUL-terminated */
};

struct history_file {
    char *path;                        /* absolute, owned */
    char *library;                     /* sqlite_load()'s, owned; may be NULL */
    bool is_ours;                      /* in IPython's place, not one that the user named */
    char start[HISTORY_FILE_DATE_MAX]; /* of this session */
    long session;                      /* this one's number; 0 before its first cell is kept */
    unsigned set_aside;                /* damaged files that were renamed */
    char why[200];                     /* the last error in SQLite's words */
};

/* One thing to keep: a cell, or the output of one. */
struct history_row {
    struct history_row *next;
    struct bytes *text;
    long line;
    bool is_output;
};

/*
 * Takes `path` (from malloc), copies `library`. -ENOMEM.
 */
MUST_CHECK int history_file_init(struct history_file *self, char *path, const char *library,
                                 bool is_ours);
void history_file_finish(struct history_file *self);

/*
 * Keeps the rows in one transaction: all of them or none. `cells` is this session's number of cells
 * if it ends with them, else -1.
 *
 * A damaged file that is ours is renamed to history-corrupt-DATE.sqlite, with its journal, and a
 * new one begun; twice at the most. A file that the user named is never touched.
 *
 * -EBUSY: another process holds the lock. -EROFS: the place can not be written. -ENOSPC, -EIO,
 * -ENOMEM. -EUCLEAN: the file is damaged or no database. -EPROTO: it is another program's or comes
 * from a later version. -ELIBACC: no SQLite. `why` says more.
 */
MUST_CHECK int history_file_write(struct history_file *self, const struct history_row *rows,
                                  long cells);

/*
 * As store_impl's read(). The number is left at 1 if nothing can be read; no file is no error. The
 * errors are those of writing, but nothing is renamed.
 */
MUST_CHECK int history_file_read(struct history_file *self, const struct store_query *query,
                                 store_found found, void *user, long *ret_session);
