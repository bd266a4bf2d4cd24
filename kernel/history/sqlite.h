/*
 * The SQLite that this process uses, and functions to run its statements.
 *
 * It is looked for when the first cell is kept, not linked: one that came with the kernel would
 * take the place of the one that belongs to the user's Python. Two copies in one process would undo
 * each other's locks, moreover (SQLite's "How To Corrupt An SQLite Database File", 2.2.1), so this
 * is the Python's wherever that can be found.
 *
 * Who includes this calls SQLite's functions by their usual names, after sqlite_load(); those that
 * sqlite.c lists are there.
 */
#pragma once

#include "protocol/bytes.h"

#include <sqlite3ext.h>

extern const sqlite3_api_routines *sqlite3_api;

/*
 * Finds SQLite, once per process: in the program itself, among the libraries that are loaded, in
 * the directory `beside` (NULL for none), where the system keeps it. Any thread; takes a
 * millisecond the first time. -ELIBACC: there is none.
 */
MUST_CHECK int sqlite_load(const char *beside);

/*
 * 0 or -errno for one of SQLite's codes. -EBUSY: locked. -EROFS: can not be opened or written.
 * -ENOSPC, -ENOMEM. -EUCLEAN: damaged. -EPROTO: the statement does not fit the tables. -EIO: else.
 */
int sqlite_errno(int code);

/* What stands for one "?" of a statement. An array of them ends in SQLITE_VALUES_END. */
struct sqlite_value {
    enum { SQLITE_VALUE_END, SQLITE_VALUE_NUMBER, SQLITE_VALUE_TEXT } kind;
    long number;
    struct span text;
};

#define SQLITE_NUMBER(value) \
    { \
        .kind = SQLITE_VALUE_NUMBER, .number = (value) \
    }
#define SQLITE_TEXT_OF(value) \
    { \
        .kind = SQLITE_VALUE_TEXT, .text = (value) \
    }
#define SQLITE_VALUES_END \
    { \
        .kind = SQLITE_VALUE_END \
    }

/* A statement to step through, with its values, which it borrows (NULL: it has none). SQLite's
 * code; *ret is set with SQLITE_OK only. */
MUST_CHECK int sqlite_prepare(sqlite3 *db, const char *sql, const struct sqlite_value *values,
                              sqlite3_stmt **ret);

/* Runs a statement: SQLITE_ROW with the first number of its first row, SQLITE_DONE without one, or
 * the error. */
MUST_CHECK int sqlite_ask(sqlite3 *db, const char *sql, const struct sqlite_value *values,
                          long *ret_number);

/* Runs a statement: SQLITE_OK or the error. */
MUST_CHECK int sqlite_run(sqlite3 *db, const char *sql, const struct sqlite_value *values);
