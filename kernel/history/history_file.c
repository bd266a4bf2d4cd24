#include "kernel/history/history_file.h"

#include "kernel/history/pattern.h"
#include "kernel/history/sqlite.h"
#include "kernel/platform/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SET_ASIDE_MAX = 2, FORMAT_KNOWN = 2, OPERATIONS = 10000, QUERY_MAX = 512 };

/* The tables of IPython 9. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS sessions (session integer primary key autoincrement,"
    " start timestamp, end timestamp, num_cmds integer, remark text);"
    "CREATE TABLE IF NOT EXISTS history (session integer, line integer, source text,"
    " source_raw text, PRIMARY KEY (session, line));"
    "CREATE TABLE IF NOT EXISTS output_history (session integer, line integer, output text,"
    " PRIMARY KEY (session, line))";

/* As IPython 9's: a session's start is local time without a zone, its end is UTC. */
static void put_date(char ret_date[HISTORY_FILE_DATE_MAX], bool utc)
{
    struct timespec now;
    struct tm day;
    char date[24];
    clock_gettime(CLOCK_REALTIME, &now);
    if (utc)
        gmtime_r(&now.tv_sec, &day);
    else
        localtime_r(&now.tv_sec, &day);
    strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &day);
    snprintf(ret_date, HISTORY_FILE_DATE_MAX, "%s.%06u%s", date,
             (unsigned)(now.tv_nsec / 1000 % 1000000), utc ? "+00:00" : "");
}

int history_file_init(struct history_file *self, char *path, const char *library, bool is_ours)
{
    *self = (struct history_file){.path = path, .is_ours = is_ours};
    put_date(self->start, false);
    self->library = library ? strdup(library) : NULL;
    return library && !self->library ? -ENOMEM : 0;
}

void history_file_finish(struct history_file *self)
{
    free(self->path);
    free(self->library);
    *self = (struct history_file){0};
}

/* --- opening ---------------------------------------------------------------------------------- */

static int fail(struct history_file *self, int r, const char *why)
{
    snprintf(self->why, sizeof self->why, "%s", why);
    return r;
}

/* 0 or -errno for SQLite's code; keeps its message in `why`. */
static int result(struct history_file *self, sqlite3 *db, int code)
{
    int r = sqlite_errno(code);
    return r < 0 ? fail(self, r, db ? sqlite3_errmsg(db) : "out of memory") : 0;
}

/* SQLite reports a file of a later format as no database; the header tells them apart.
 * Source: SQLite's "Database File Format", 1.3: the versions to write and to read. */
static bool is_of_the_future(const char *path)
{
    unsigned char header[20];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, header, sizeof header);
    close(fd);
    return len == sizeof header && memcmp(header, "SQLite format 3", 16) == 0 &&
           (header[18] > FORMAT_KNOWN || header[19] > FORMAT_KNOWN);
}

/* IPython numbers its schema with 0: any other number is somebody else's, or a later IPython's. */
static int check_version(struct history_file *self, sqlite3 *db)
{
    long version = 0;
    int r = result(self, db, sqlite_ask(db, "PRAGMA user_version", NULL, &version));
    if (r == 0 && version != 0)
        return fail(self, -EPROTO, "its user_version is not 0");
    if (r == -EUCLEAN && is_of_the_future(self->path))
        return fail(self, -EPROTO, "it is in a later format of SQLite's");
    return r;
}

static int open_file(struct history_file *self, int flags, sqlite3 **ret)
{
    sqlite3 *db = NULL;
    int r = sqlite_load(self->library);
    if (r < 0)
        return fail(self, r, "there is no libsqlite3.so.0");
    int code = sqlite3_open_v2(self->path, &db, flags | SQLITE_OPEN_READWRITE, NULL);
    r = result(self, db, code);
    if (r == 0) {
        sqlite3_busy_timeout(db, HISTORY_FILE_BUSY_MS);
        r = check_version(self, db);
    }
    if (r == 0)
        *ret = db;
    else
        sqlite3_close(db);
    return r;
}

/* As mkdir -p, with rights for this user only. */
static void make_directories(const char *path)
{
    char part[PATH_MAX];
    for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/'))
        if (snprintf(part, sizeof part, "%.*s", (int)(end - path), path) < PATH_MAX)
            mkdir(part, 0700); /* if it fails, opening the file fails */
}

/* --- writing ---------------------------------------------------------------------------------- */

/* False as well when the file was replaced by one that does not have this session. */
static int has_session(const struct history_file *self, sqlite3 *db, bool *ret)
{
    long found = 0;
    const struct sqlite_value values[] = {SQLITE_NUMBER(self->session),
                                          SQLITE_TEXT_OF(span_of(self->start)), SQLITE_VALUES_END};
    *ret = false;
    if (self->session == 0)
        return SQLITE_OK;
    int code =
        sqlite_ask(db, "SELECT 1 FROM sessions WHERE session = ? AND start = ?", values, &found);
    *ret = found == 1;
    return code == SQLITE_ROW || code == SQLITE_DONE || (code & 0xff) == SQLITE_ERROR ? SQLITE_OK
                                                                                      : code;
}

static int ensure_session(const struct history_file *self, sqlite3 *db, long *ret_session)
{
    bool there;
    const struct sqlite_value start[] = {SQLITE_TEXT_OF(span_of(self->start)), SQLITE_VALUES_END};
    int code = has_session(self, db, &there);
    if (code != SQLITE_OK || there) {
        *ret_session = self->session;
        return code;
    }
    code = sqlite3_exec(db, tables, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite_run(db, "INSERT INTO sessions (start, remark) VALUES (?, '')", start);
    *ret_session = (long)sqlite3_last_insert_rowid(db);
    return code;
}

static int write_row(sqlite3 *db, long session, const struct history_row *row)
{
    const struct sqlite_value values[] = {SQLITE_NUMBER(session), SQLITE_NUMBER(row->line),
                                          SQLITE_TEXT_OF(row->text->view), SQLITE_VALUES_END};
    return sqlite_run(db,
                      row->is_output
                          ? "INSERT OR REPLACE INTO output_history (session, line, output)"
                            " VALUES (?1, ?2, ?3)"
                          : "INSERT OR REPLACE INTO history (session, line, source, source_raw)"
                            " VALUES (?1, ?2, ?3, ?3)",
                      values);
}

static int write_end(sqlite3 *db, long session, long cells)
{
    char date[HISTORY_FILE_DATE_MAX];
    put_date(date, true);
    const struct sqlite_value values[] = {SQLITE_TEXT_OF(span_of(date)), SQLITE_NUMBER(cells),
                                          SQLITE_NUMBER(session), SQLITE_VALUES_END};
    return sqlite_run(db, "UPDATE sessions SET end = ?, num_cmds = ? WHERE session = ?", values);
}

static int write_all(const struct history_file *self, sqlite3 *db, const struct history_row *rows,
                     long cells, long *ret_session)
{
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = ensure_session(self, db, ret_session);
    for (; code == SQLITE_OK && rows; rows = rows->next)
        code = write_row(db, *ret_session, rows);
    if (code == SQLITE_OK && cells >= 0)
        code = write_end(db, *ret_session, cells);
    return code == SQLITE_OK ? sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) : code;
}

static int write_once(struct history_file *self, const struct history_row *rows, long cells)
{
    sqlite3 *db = NULL;
    long session = 0;
    int r = open_file(self, SQLITE_OPEN_CREATE, &db);
    if (r < 0)
        return r;
    r = result(self, db, write_all(self, db, rows, cells, &session));
    if (r == 0)
        self->session = session;
    sqlite3_close(db); /* which rolls back what is not committed */
    return r;
}

/* --- a damaged file --------------------------------------------------------------------------- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int rename_part(const char *path, const char *kept, const char *suffix)
{
    char from[PATH_MAX], to[PATH_MAX];
    if (snprintf(from, sizeof from, "%s%s", path, suffix) >= PATH_MAX ||
        snprintf(to, sizeof to, "%s%s", kept, suffix) >= PATH_MAX)
        return -ENAMETOOLONG;
    return rename(from, to) < 0 && errno != ENOENT ? -errno : 0;
}

/* The journals first: SQLite would apply one that is left to the new file. */
static int rename_all(const char *path, const char *kept)
{
    int r = access(kept, F_OK) == 0 ? -EEXIST : rename_part(path, kept, "-journal");
    if (r == 0)
        r = rename_part(path, kept, "-wal");
    return r < 0 ? r : rename_part(path, kept, "");
}

/* `seen` is the file that was found damaged: another process may have renamed it since. */
static int set_aside(struct history_file *self, const struct stat *seen)
{
    struct stat now;
    char date[HISTORY_FILE_DATE_MAX], kept[PATH_MAX];
    if (!self->is_ours || self->set_aside++ >= SET_ASIDE_MAX)
        return -EUCLEAN;
    if (stat(self->path, &now) < 0 || !same_file(seen, &now))
        return 0;
    put_date(date, true);
    *strchr(date, ' ') = 'T'; /* as IPython names such files */
    for (char *at = date; (at = strchr(at, ':'));)
        *at = '.';
    int len = (int)(strlen(self->path) - strlen(".sqlite"));
    if (snprintf(kept, sizeof kept, "%.*s-corrupt-%s.sqlite", len, self->path, date) >= PATH_MAX ||
        rename_all(self->path, kept) < 0)
        return -EUCLEAN;
    log_line("the history file is damaged (%s): it is kept as %s, a new one is begun", self->why,
             kept);
    return 0;
}

int history_file_write(struct history_file *self, const struct history_row *rows, long cells)
{
    int r;
    if (self->is_ours)
        make_directories(self->path);
    do {
        struct stat seen = {0};
        (void)!stat(self->path, &seen);
        r = write_once(self, rows, cells);
        if (r != -EUCLEAN || set_aside(self, &seen) < 0)
            return r;
    } while (true);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is_late(void *user) { return now_ms() > *(const int64_t *)user; }

/* In place of SQLite's own GLOB, whose time is exponential in the number of stars. */
static void glob(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct span pattern = {(const char *)sqlite3_value_text(values[0]), 0};
    struct span text = {(const char *)sqlite3_value_text(values[1]), 0};
    pattern.len = (size_t)sqlite3_value_bytes(values[0]);
    text.len = (size_t)sqlite3_value_bytes(values[1]);
    sqlite3_result_int(context, pattern.ptr && text.ptr && pattern_matches(pattern, text));
}

/* This session's number, or the one that it would get now; 1 in a file without tables. */
static int find_session(const struct history_file *self, sqlite3 *db, long *ret_session)
{
    bool there;
    long newest = 0, any = 0;
    int code = sqlite_ask(db, "SELECT count(*) FROM sqlite_master", NULL, &any);
    if (code != SQLITE_ROW || any == 0)
        return code;
    code = has_session(self, db, &there);
    if (code == SQLITE_OK && !there)
        code = sqlite_ask(db, "SELECT max(session) FROM sessions", NULL, &newest);
    if (sqlite_errno(code) == 0)
        *ret_session = there ? self->session : newest + 1;
    return code;
}

static void put_query(const struct store_query *query, char ret_sql[QUERY_MAX])
{
    const char *source = query->raw ? "source_raw" : "source";
    snprintf(ret_sql, QUERY_MAX,
             "SELECT session, line, %s, %s%s FROM history%s"
             " WHERE session %s ?1 AND line >= ?2 AND line < ?3"
             " AND (?4 IS NULL OR glob(?4, source_raw))%s"
             " ORDER BY session DESC, line DESC LIMIT ?5",
             source, query->output ? "output" : "NULL",
             query->unique ? ", max((session << 32) | line)" : "",
             query->output ? " LEFT JOIN output_history USING (session, line)" : "",
             query->session ? "=" : "<>", query->unique ? " GROUP BY source_raw" : "");
}

static struct span column(sqlite3_stmt *statement, int index)
{
    const char *text = (const char *)sqlite3_column_text(statement, index);
    return (struct span){text, text ? (size_t)sqlite3_column_bytes(statement, index) : 0};
}

static int tell(sqlite3_stmt *statement, store_found found, void *user)
{
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct store_cell cell = {.session = (long)sqlite3_column_int64(statement, 0),
                                        .line = (long)sqlite3_column_int64(statement, 1),
                                        .code = column(statement, 2),
                                        .output = column(statement, 3)};
        if (!found(user, &cell))
            return SQLITE_DONE;
    }
    return code;
}

/* `session` is this one's. What was found before the time is up counts. */
static int search(sqlite3 *db, const struct store_query *query, long session, store_found found,
                  void *user)
{
    char sql[QUERY_MAX];
    long wanted = query->session < 0 ? session + query->session : query->session;
    int64_t deadline = now_ms() + HISTORY_FILE_READ_MS;
    const struct sqlite_value values[] = {SQLITE_NUMBER(query->session ? wanted : session),
                                          SQLITE_NUMBER(query->start),
                                          SQLITE_NUMBER(query->stop),
                                          SQLITE_TEXT_OF(query->pattern),
                                          SQLITE_NUMBER(query->newest),
                                          SQLITE_VALUES_END};
    sqlite3_stmt *statement;
    if (query->session && (wanted <= 0 || wanted == session))
        return SQLITE_OK;
    put_query(query, sql);
    int code = sqlite3_create_function(db, "glob", 2, SQLITE_UTF8, NULL, glob, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite_prepare(db, sql, values, &statement);
    if (code != SQLITE_OK)
        return code;
    sqlite3_progress_handler(db, OPERATIONS, is_late, &deadline);
    code = tell(statement, found, user);
    sqlite3_finalize(statement);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return code == SQLITE_INTERRUPT ? SQLITE_OK : code;
}

int history_file_read(struct history_file *self, const struct store_query *query, store_found found,
                      void *user, long *ret_session)
{
    sqlite3 *db = NULL;
    *ret_session = 1;
    if (access(self->path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    int r = open_file(self, 0, &db);
    if (r < 0)
        return r;
    r = result(self, db, find_session(self, db, ret_session));
    if (r == 0 && found)
        r = result(self, db, search(db, query, *ret_session, found, user));
    sqlite3_close(db);
    return r;
}
