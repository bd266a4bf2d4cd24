#include "tests/conversation/history/temp_history.h"

#include "kernel/history/store_sqlite.h"
#include "kernel/platform/log.h"
#include "tests/conversation/harness/require.h"
#include "tests/conversation/history/session.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { BUSY_MS = 5000, POLL_MS = 10, WAIT_MS = 60000 };

void temp_history_open(struct temp_history *self, const char *name)
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

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

void temp_history_close(struct temp_history *self)
{
    log_set_fd(2);
    close(self->log);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread closes */
    nftw(self->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

struct store *temp_history_store(const struct temp_history *self, bool is_ours, bool outputs)
{
    const struct store_sqlite_options options = {
        .path = strdup(self->path), .is_ours = is_ours, .outputs = outputs};
    struct store *store = NULL;
    require(store_sqlite_new(&options, &store) == 0, "store_sqlite_new");
    return store;
}

void temp_history_run_session(const struct temp_history *self, const char *const *codes)
{
    struct session session;
    session_open(&session, temp_history_store(self, true, true));
    for (; *codes; codes++)
        session_execute(&session, *codes);
    session_close(&session);
    CHECK_NUMBER(self, "SELECT num_cmds FROM sessions ORDER BY session DESC", session.cells);
}

/* --- the log -----------------------------------------------------------------------------------
 */

const char *temp_history_log(struct temp_history *self)
{
    ssize_t len = pread(self->log, self->logged, TEMP_HISTORY_LOG_MAX - 1, 0);
    self->logged[len > 0 ? len : 0] = '\0';
    return self->logged;
}

unsigned temp_history_log_lines(struct temp_history *self)
{
    unsigned lines = 0;
    for (const char *at = temp_history_log(self); (at = strchr(at, '\n')); at++)
        lines++;
    return lines;
}

bool temp_history_wait_logged(struct temp_history *self, const char *text)
{
    for (int ms = 0; ms < WAIT_MS && !strstr(temp_history_log(self), text); ms += POLL_MS)
        poll(NULL, 0, POLL_MS);
    return strstr(self->logged, text) != NULL;
}

/* --- SQL ---------------------------------------------------------------------------------------
 */

sqlite3 *temp_history_database(const struct temp_history *self)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    require(sqlite3_open_v2(self->path, &db, flags, NULL) == SQLITE_OK, "sqlite3_open_v2");
    sqlite3_busy_timeout(db, BUSY_MS);
    return db;
}

void temp_history_sql(const struct temp_history *self, const char *sql)
{
    sqlite3 *db = temp_history_database(self);
    require(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
    sqlite3_close(db);
}

long temp_history_number(const struct temp_history *self, const char *sql)
{
    sqlite3 *db = NULL;
    long number = -1;
    if (sqlite3_open_v2(self->path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(db, BUSY_MS);
        (void)!sqlite_ask(db, sql, NULL, &number);
    }
    sqlite3_close(db);
    return number;
}

bool temp_history_check_number(const struct temp_history *self, const char *sql, long expected,
                               const char *file, int line)
{
    long number = temp_history_number(self, sql);
    for (int ms = 0; ms < WAIT_MS && number != expected; ms += POLL_MS) {
        poll(NULL, 0, POLL_MS);
        number = temp_history_number(self, sql);
    }
    return check_int(number, expected, sql, file, line);
}

/* --- files -------------------------------------------------------------------------------------
 */

void temp_history_write(const struct temp_history *self, struct span content)
{
    int fd = open(self->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(fd >= 0 && write(fd, content.ptr, content.len) == (ssize_t)content.len, "write");
    close(fd);
}

struct span temp_history_read(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, size);
    if (fd >= 0)
        close(fd);
    return (struct span){text, len > 0 ? (size_t)len : 0};
}

unsigned temp_history_files(const struct temp_history *self, const char *pattern,
                            char ret_path[256])
{
    char path[256];
    glob_t found = {0};
    snprintf(path, sizeof path, "%s/ipython/profile_default/%s", self->directory, pattern);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else changes the directory */
    unsigned count = glob(path, 0, NULL, &found) == 0 ? (unsigned)found.gl_pathc : 0;
    snprintf(ret_path, 256, "%s", count ? found.gl_pathv[0] : "");
    globfree(&found);
    return count;
}
