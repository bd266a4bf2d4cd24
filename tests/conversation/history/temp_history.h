/*
 * A temporary directory with a history file, and what the kernel logs meanwhile.
 *
 * Threads: the test's own. What can not be set up ends the test's process.
 */
#pragma once

#include "kernel/history/sqlite.h"
#include "kernel/history/store.h"
#include "protocol/bytes.h"

enum { TEMP_HISTORY_LOG_MAX = 4096 };

struct temp_history {
    char directory[128];
    char path[256]; /* of the history file */
    int log;
    char logged[TEMP_HISTORY_LOG_MAX];
};

/* Where IPython has its history file. */
#define TEMP_HISTORY_NAME "ipython/profile_default/history.sqlite"

/* The file is `name`, below the directory; it is not created. */
void temp_history_open(struct temp_history *self, const char *name);
/* Removes the directory. */
void temp_history_close(struct temp_history *self);

/* A new store over the file; the options are struct store_sqlite_options'. */
struct store *temp_history_store(const struct temp_history *self, bool is_ours, bool outputs);
/* A whole session that executes the cells, NULL-ended, and stores their results. Returns when the
 * file has the end of the session. */
void temp_history_run_session(const struct temp_history *self, const char *const *codes);

/* Everything that was logged so far. */
const char *temp_history_log(struct temp_history *self);
unsigned temp_history_log_lines(struct temp_history *self);
/* Waits until a text is logged. */
bool temp_history_wait_logged(struct temp_history *self, const char *text);

/* A connection to the file, for the caller to close. */
sqlite3 *temp_history_database(const struct temp_history *self);
/* Runs SQL on the file. */
void temp_history_sql(const struct temp_history *self, const char *sql);
/* The number that SQL returns; -1 when there is none, or no file. */
long temp_history_number(const struct temp_history *self, const char *sql);

/* A CHECK that waits until SQL returns the number: the store writes in a thread of its own. */
#define CHECK_NUMBER(self, sql, expected) \
    temp_history_check_number((self), (sql), (expected), __FILE__, __LINE__)
bool temp_history_check_number(const struct temp_history *self, const char *sql, long expected,
                               const char *file, int line);

/* Replaces the file. */
void temp_history_write(const struct temp_history *self, struct span content);
/* The first bytes of a file. */
struct span temp_history_read(const char *path, char *text, size_t size);
/* How many files beside the history file match a glob pattern, and the first of them. */
unsigned temp_history_files(const struct temp_history *self, const char *pattern,
                            char ret_path[256]);
