/*
 * A directory of a test's own, history files in it, and what the kernel logs meanwhile.
 * One thread; what can not be set up ends the test's process.
 */
#pragma once

#include "kernel/history/sqlite.h"
#include "kernel/platform/log.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMP_HISTORY_LOG_MAX = 4096 };

struct temp {
    char directory[128];
    char path[256]; /* of the history file */
    int log;
    char logged[TEMP_HISTORY_LOG_MAX];
};

static inline void require(bool held, const char *what)
{
    if (held)
        return;
    perror(what);
    _exit(1);
}

/* The file is `name`, below the directory. */
static inline void temp_history_open(struct temp *self, const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here */
    const char *where = getenv("TMPDIR");
    snprintf(self->directory, sizeof self->directory, "%.100s/carme-XXXXXX",
             where ? where : "/tmp");
    require(mkdtemp(self->directory) != NULL, "mkdtemp");
    snprintf(self->path, sizeof self->path, "%s/%s", self->directory, name);
    char path[256];
    snprintf(path, sizeof path, "%s/log", self->directory);
    self->log = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
    require(self->log >= 0, "log");
    require(sqlite_load(NULL) == 0, "libsqlite3");
    log_set_fd(self->log);
}

static inline int remove_entry(const char *path, const struct stat *info, int type,
                               struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

static inline void temp_history_close(struct temp *self)
{
    log_set_fd(2);
    close(self->log);
    nftw(self->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Everything that was logged so far. */
static inline const char *temp_history_log(struct temp *self)
{
    ssize_t len = pread(self->log, self->logged, TEMP_HISTORY_LOG_MAX - 1, 0);
    self->logged[len > 0 ? len : 0] = '\0';
    return self->logged;
}

static inline unsigned temp_history_log_lines(struct temp *self)
{
    unsigned lines = 0;
    for (const char *at = temp_history_log(self); (at = strchr(at, '\n')); at++)
        lines++;
    return lines;
}

static inline sqlite3 *temp_history_database(const struct temp *self)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    require(sqlite3_open_v2(self->path, &db, flags, NULL) == SQLITE_OK, "sqlite3_open_v2");
    sqlite3_busy_timeout(db, 5000);
    return db;
}

/* Runs SQL on the history file. */
static inline void temp_history_sql(const struct temp *self, const char *sql)
{
    sqlite3 *db = temp_history_database(self);
    require(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
    sqlite3_close(db);
}

/* The number that SQL gives; -1 when there is none, or no file. */
static inline long temp_history_number(const struct temp *self, const char *sql)
{
    sqlite3 *db = NULL;
    long number = -1;
    if (sqlite3_open_v2(self->path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(db, 5000);
        (void)!sqlite_ask(db, sql, NULL, &number);
    }
    sqlite3_close(db);
    return number;
}

static inline void temp_history_write(const struct temp *self, struct span content)
{
    int fd = open(self->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(fd >= 0 && write(fd, content.ptr, content.len) == (ssize_t)content.len, "write");
    close(fd);
}

/* The first bytes of a file. */
static inline struct span read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, size);
    if (fd >= 0)
        close(fd);
    return (struct span){text, len > 0 ? (size_t)len : 0};
}
