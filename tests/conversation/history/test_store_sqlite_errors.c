/* A history file that is locked, damaged, of another kind, or can not be written. */
#include "kernel/history/store_sqlite.h"
#include "kernel/platform/log.h"
#include "tests/conversation/harness/require.h"
#include "tests/conversation/history/session.h"
#include "tests/conversation/history/temp_history.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void waits_for_a_locked_file(void)
{
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    sqlite3 *other = temp_history_database(&temp);
    require(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == 0, "BEGIN");
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "one");
    session_execute(&session, "two");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"one\"],[1,2,\"two\"]]");
    CHECK(temp_history_wait_logged(&temp, "locked by another program"));
    session_execute(&session, "three");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"one\"],[1,2,\"two\"],[1,3,\"three\"]]");
    CHECK_INT(temp_history_log_lines(&temp), 1);
    require(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL) == 0, "COMMIT");
    sqlite3_close(other);
    CHECK_TEXT(session_tail(&session),
               "[[1,1,\"old\"],[2,1,\"one\"],[2,2,\"two\"],[2,3,\"three\"]]");
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history WHERE session = 2", 3);
    session_close(&session);
    CHECK_INT(temp_history_log_lines(&temp), 1);
    temp_history_close(&temp);
}

static void shuts_down_while_the_file_is_locked(void)
{
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    sqlite3 *other = temp_history_database(&temp);
    require(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == 0, "BEGIN");
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "lost");
    session_close(&session);
    CHECK(temp_history_wait_logged(&temp, "locked by another program"));
    sqlite3_close(other);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 1);
    temp_history_close(&temp);
}

static void renames_a_damaged_file(void)
{
    struct temp_history temp;
    struct session session;
    char path[256], text[64];
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    temp_history_write(&temp, SPAN("this is no database at all"));
    session_open(&session, temp_history_store(&temp, true, false));
    CHECK_TEXT(session_tail(&session), "[]");
    session_execute(&session, "new");
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 1);
    CHECK_INT(temp_history_files(&temp, "history-corrupt-*.sqlite", path), 1);
    CHECK_SPAN(temp_history_read(path, text, sizeof text), SPAN("this is no database at all"));
    CHECK(temp_history_wait_logged(&temp, path));
    CHECK_TEXT(session_tail(&session), "[[1,1,\"new\"]]");
    session_close(&session);
    temp_history_close(&temp);
}

/* With a header that is valid. */
static void renames_a_file_with_a_damaged_page(void)
{
    struct temp_history temp;
    struct session session;
    char path[256], bad[4096];
    memset(bad, 0xab, sizeof bad);
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    int fd = open(temp.path, O_WRONLY | O_CLOEXEC);
    require(fd >= 0, "open");
    for (off_t page = 1; page < 7; page++)
        require(pwrite(fd, bad, sizeof bad, page * (off_t)sizeof bad) > 0, "pwrite");
    close(fd);
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "new");
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 1);
    CHECK_INT(temp_history_files(&temp, "history-corrupt-*.sqlite", path), 1);
    session_close(&session);
    temp_history_close(&temp);
}

/* The user may name any file. */
static void leaves_a_file_that_the_user_named(void)
{
    struct temp_history temp;
    struct session session;
    char text[64];
    temp_history_open(&temp, "thesis.tex");
    temp_history_write(&temp, SPAN("\\documentclass{article}"));
    session_open(&session, temp_history_store(&temp, false, false));
    session_execute(&session, "one");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"one\"]]");
    session_close(&session);
    CHECK_SPAN(temp_history_read(temp.path, text, sizeof text), SPAN("\\documentclass{article}"));
    CHECK(temp_history_wait_logged(&temp, "left as it is"));
    CHECK_INT(temp_history_log_lines(&temp), 1);
    temp_history_close(&temp);
}

static void leaves_a_file(const char *sql)
{
    struct temp_history temp;
    struct session session;
    char path[256], before[65536], after[65536];
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    temp_history_sql(&temp, sql);
    struct span content = temp_history_read(temp.path, before, sizeof before);
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "one");
    session_execute(&session, "two");
    session_tail(&session);
    CHECK(strstr(session.text, ",1,\"one\"],") != NULL);
    session_close(&session);
    CHECK_SPAN(temp_history_read(temp.path, after, sizeof after), content);
    CHECK_INT(temp_history_files(&temp, "history-corrupt-*", path), 0);
    CHECK(temp_history_wait_logged(&temp, "is not of the kind"));
    CHECK_INT(temp_history_log_lines(&temp), 1);
    temp_history_close(&temp);
}

static void leaves_a_later_version(void) { leaves_a_file("PRAGMA user_version = 3"); }

static void leaves_other_tables(void)
{
    leaves_a_file("DROP TABLE history; CREATE TABLE history (id integer, text text)");
}

static void leaves_a_later_format(void)
{
    struct temp_history temp;
    struct session session;
    char path[256];
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    int fd = open(temp.path, O_WRONLY | O_CLOEXEC);
    require(fd >= 0 && pwrite(fd, "\3\3", 2, 18) == 2, "pwrite");
    close(fd);
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "one");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"one\"]]");
    session_close(&session);
    CHECK_INT(temp_history_files(&temp, "history-corrupt-*", path), 0);
    CHECK(temp_history_wait_logged(&temp, "a later format"));
    temp_history_close(&temp);
}

/* The modes of all directories between the temporary directory and the file. */
static void set_modes(const struct temp_history *temp, mode_t mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s", temp->path);
    while (strlen(path) > strlen(temp->directory)) {
        *strrchr(path, '/') = '\0';
        chmod(path, mode);
    }
}

/* The superuser may write to any file, so the test runs as nobody. */
static void reads_a_read_only_file(void)
{
    enum { NOBODY = 65534 };
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    chmod(temp.path, 0444);
    set_modes(&temp, 0555);
    uid_t before = geteuid();
    if (before == 0)
        require(seteuid(NOBODY) == 0, "seteuid");
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "new");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"old\"],[2,1,\"new\"]]");
    session_execute(&session, "more");
    session_close(&session);
    CHECK(temp_history_wait_logged(&temp, "can not be opened or written"));
    CHECK_INT(temp_history_log_lines(&temp), 1);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 1);
    require(seteuid(before) == 0, "seteuid");
    set_modes(&temp, 0700);
    temp_history_close(&temp);
}

/* The path leads through a regular file, so that not even the superuser can create it. */
static void works_without_a_directory(void)
{
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, "file");
    temp_history_write(&temp, SPAN(""));
    strncat(temp.path, "/profile_default/history.sqlite", 100);
    session_open(&session, temp_history_store(&temp, true, false));
    for (int i = 0; i < 5; i++)
        session_execute(&session, "one");
    CHECK_TEXT(session_query(&session, "{\"n\":1}"), "[[1,5,\"one\"]]");
    session_close(&session);
    CHECK(temp_history_wait_logged(&temp, "can not be opened or written"));
    CHECK_INT(temp_history_log_lines(&temp), 1);
    temp_history_close(&temp);
}

/* RLIMIT_FSIZE stands for a full disk; it does not limit the pipe that takes the log. */
static void writes_after_a_full_disk(void)
{
    struct temp_history temp;
    struct session session;
    struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    session_open(&session, temp_history_store(&temp, true, false));
    int log[2];
    require(pipe2(log, O_CLOEXEC) == 0, "pipe2");
    log_set_fd(log[1]);
    setrlimit(RLIMIT_FSIZE, &none);
    session_execute(&session, "one");
    ssize_t len = read(log[0], temp.logged, TEMP_HISTORY_LOG_MAX - 1);
    setrlimit(RLIMIT_FSIZE, &all);
    CHECK(len > 0 && strstr(temp.logged, "can not be read or written") != NULL);
    session_execute(&session, "two");
    session_close(&session);
    close(log[0]);
    close(log[1]);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history WHERE session = 2", 2);
    CHECK_NUMBER(&temp,
                 "SELECT count(*) FROM pragma_integrity_check"
                 " WHERE integrity_check = 'ok'",
                 1);
    temp_history_close(&temp);
}

/* As after `ipython history trim`, or rm. */
static void continues_after_the_file_was_replaced(void)
{
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "one");
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 1);
    unlink(temp.path);
    temp_history_sql(&temp,
                     "CREATE TABLE sessions (session integer primary key autoincrement, start"
                     " timestamp, end timestamp, num_cmds integer, remark text);"
                     "INSERT INTO sessions VALUES (NULL, 'x', NULL, NULL, '');"
                     "INSERT INTO sessions VALUES (NULL, 'y', NULL, NULL, '')");
    session_execute(&session, "two");
    session_close(&session);
    CHECK_NUMBER(&temp, "SELECT session FROM history WHERE source = 'two'", 3);
    CHECK_TEXT(temp_history_log(&temp), "");
    temp_history_close(&temp);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(waits_for_a_locked_file),
    CHECK_TEST(shuts_down_while_the_file_is_locked),
    CHECK_TEST(renames_a_damaged_file),
    CHECK_TEST(renames_a_file_with_a_damaged_page),
    CHECK_TEST(leaves_a_file_that_the_user_named),
    CHECK_TEST(leaves_a_later_version),
    CHECK_TEST(leaves_other_tables),
    CHECK_TEST(leaves_a_later_format),
    CHECK_TEST(reads_a_read_only_file),
    CHECK_TEST(works_without_a_directory),
    CHECK_TEST(writes_after_a_full_disk),
    CHECK_TEST(continues_after_the_file_was_replaced),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
