/* History beyond one session: the file that Carme and IPython share. */
#include "kernel/history/store_sqlite.h"
#include "tests/conversation/history/temp_history.h"
#include "tests/conversation/transcript.h"

#include <glob.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

static const char file_name[] = "ipython/profile_default/history.sqlite";

/* One kernel after or beside another, on the file of the temp directory. */
struct session {
    struct store *store;
    struct harness *t;
    unsigned asked, cells;
    char *text;
};

static void session_open(struct session *self, const struct temp *temp, bool is_ours, bool outputs)
{
    *self = (struct session){0};
    const struct store_sqlite_options options = {
        .path = strdup(temp->path), .is_ours = is_ours, .outputs = outputs};
    require(store_sqlite_new(&options, &self->store) == 0, "store_sqlite_new");
    self->t = harness_new(&(struct harness_options){.run_by_test = true, .store = self->store});
}

static void session_close(struct session *self)
{
    harness_free(self->t);
    self->store->impl->destroy(self->store);
    free(self->text);
}

static void session_execute(struct session *self, const char *code)
{
    char id[24];
    snprintf(id, sizeof id, "cell %u", self->cells++);
    harness_execute(self->t, id, code);
    harness_run(self->t);
    harness_await(self->t, id, "execute_reply");
}

static const char *session_query(struct session *self, const char *content)
{
    char id[24];
    snprintf(id, sizeof id, "ask %u", self->asked++);
    harness_send(self->t, id, "history_request", content);
    harness_run(self->t);
    const struct received *reply = harness_await(self->t, id, "history_reply");
    free(self->text);
    self->text = json_dumps(json_object_get(reply->content, "history"), JSON_COMPACT);
    return self->text;
}

static const char *session_tail(struct session *self)
{
    return session_query(self, "{\"hist_access_type\":\"tail\",\"n\":100}");
}

/* A whole session of its own. */
static void run_session(const struct temp *temp, const char *const *codes)
{
    struct session session;
    session_open(&session, temp, true, true);
    for (; *codes; codes++)
        session_execute(&session, *codes);
    session_close(&session);
}

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Until SQL gives the number: the writer has its own time. */
static bool wait_for_number(const struct temp *temp, const char *sql, long number)
{
    for (int i = 0; i < 1000; i++) {
        if (temp_history_number(temp, sql) == number)
            return true;
        sleep_ms(10);
    }
    return false;
}

static void returns_earlier_sessions(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"one", "= 2", "one", NULL});
    run_session(&temp, (const char *const[]){"four", "t\xc3\xa9", NULL});
    session_open(&session, &temp, true, true);
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":2}"),
               "[[2,1,\"four\"],[2,2,\"t\xc3\xa9\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":0}"), "[]");
    session_execute(&session, "one");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":2}"),
               "[[2,2,\"t\xc3\xa9\"],[3,1,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"n\":4,\"output\":true}"),
               "[[1,3,[\"one\",null]],[2,1,[\"four\",null]],[2,2,[\"t\xc3\xa9\",null]],"
               "[3,1,[\"one\",null]]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":1,\"start\":2,"
                                       "\"stop\":3,\"output\":true}"),
               "[[1,2,[\"= 2\",\"2\"]]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":-1}"),
               "[[2,1,\"four\"],[2,2,\"t\xc3\xa9\"]]");
    CHECK_TEXT(
        session_query(&session, "{\"hist_access_type\":\"range\",\"session\":-2,\"start\":3}"),
        "[[1,3,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":-3}"), "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":3}"),
               "[[3,1,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":4}"), "[]");
    CHECK_TEXT(temp_history_log(&temp), "");
    session_close(&session);
    temp_history_close(&temp);
}

static void searches_all_sessions(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"one", "two", "one", NULL});
    run_session(&temp, (const char *const[]){"two", "[odd]", NULL});
    session_open(&session, &temp, true, false);
    session_execute(&session, "one");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"o*\"}"),
               "[[1,1,\"one\"],[1,3,\"one\"],[3,1,\"one\"]]");
    CHECK_TEXT(
        session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"?[mn]*\",\"n\":2}"),
        "[[1,3,\"one\"],[3,1,\"one\"]]");
    CHECK_TEXT(session_query(&session,
                             "{\"hist_access_type\":\"search\",\"pattern\":\"*o*\",\"n\":9,"
                             "\"unique\":true}"),
               "[[2,1,\"two\"],[2,2,\"[odd]\"],[3,1,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"unique\":true,\"n\":2}"),
               "[[2,2,\"[odd]\"],[3,1,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"unique\":true,\"n\":0}"),
               "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"[[]odd]\"}"),
               "[[2,2,\"[odd]\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"\"}"), "[]");
    session_close(&session);
    temp_history_close(&temp);
}

/* However far the writer has come, each cell is told once. */
static void returns_each_cell_once(void)
{
    enum { CELLS = 60 };
    char code[16];
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    session_open(&session, &temp, true, false);
    for (size_t i = 1; i <= CELLS; i++) {
        snprintf(code, sizeof code, "%zu", i);
        session_execute(&session, code);
        CLEANUP(json_decrefp) json_t *history = json_loads(session_tail(&session), 0, NULL);
        CHECK_INT(json_array_size(history), i + 1);
        const json_t *last = json_array_get(history, i);
        CHECK_TEXT(json_string_value(json_array_get(last, 2)), code);
        CHECK_INT(json_integer_value(json_array_get(last, 0)), 2);
        sleep_ms((long)(i % 7));
    }
    session_close(&session);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history WHERE session = 2"), CELLS);
    temp_history_close(&temp);
}

static void creates_nothing_before_the_first_cell(void)
{
    struct temp temp;
    struct session session;
    struct stat info;
    char directory[256];
    temp_history_open(&temp, file_name);
    snprintf(directory, sizeof directory, "%s/ipython", temp.directory);
    session_open(&session, &temp, true, false);
    harness_send(session.t, "a", "execute_request", "{\"code\":\"hidden\",\"silent\":true}");
    harness_send(session.t, "b", "execute_request", "{\"code\":\"gone\",\"store_history\":false}");
    session_execute(&session, " \n");
    CHECK_TEXT(session_tail(&session), "[]");
    session_close(&session);
    CHECK_INT(stat(directory, &info), -1);
    run_session(&temp, (const char *const[]){"first\n\n", NULL});
    CHECK_INT(stat(directory, &info), 0);
    CHECK_INT(info.st_mode & 07777, 0700);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history WHERE source = 'first'"
                                         " AND source_raw = 'first' AND line = 1"),
              1);
    temp_history_close(&temp);
}

static void records_the_end_of_a_session(void)
{
    struct temp temp;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"one", "! two", NULL});
    static const char date[] = "2[0-9][0-9][0-9]-[01][0-9]-[0-3][0-9] [012][0-9]:[0-5][0-9]:"
                               "[0-6][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]";
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM sessions WHERE num_cmds = 2 AND remark = ''"
             " AND start GLOB '%s' AND end GLOB '%s+00:00'",
             date, date);
    CHECK_INT(temp_history_number(&temp, sql), 1);
    temp_history_close(&temp);
}

static void stores_outputs_when_enabled(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"= 1", NULL});
    session_open(&session, &temp, true, false);
    session_execute(&session, "= 2");
    session_close(&session);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM output_history"), 1);
    CHECK_INT(temp_history_number(&temp, "SELECT output FROM output_history"), 1);
    temp_history_close(&temp);
}

static void two_kernels_share_the_file(void)
{
    struct temp temp;
    struct session a, b;
    temp_history_open(&temp, file_name);
    session_open(&a, &temp, true, false);
    session_open(&b, &temp, true, false);
    session_execute(&a, "of a");
    CHECK(wait_for_number(&temp, "SELECT count(*) FROM history", 1));
    session_execute(&b, "of b");
    CHECK(wait_for_number(&temp, "SELECT count(*) FROM history", 2));
    CHECK_TEXT(session_tail(&a), "[[2,1,\"of b\"],[1,1,\"of a\"]]");
    CHECK_TEXT(session_tail(&b), "[[1,1,\"of a\"],[2,1,\"of b\"]]");
    for (int i = 0; i < 20; i++) {
        session_execute(&a, "a");
        session_execute(&b, "b");
    }
    session_close(&a);
    session_close(&b);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history"), 42);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM sessions WHERE num_cmds = 21"), 2);
    CHECK_TEXT(temp_history_log(&temp), "");
    temp_history_close(&temp);
}

/* --- trouble -----------------------------------------------------------------------------------
 */

static void waits_for_a_locked_file(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    sqlite3 *other = temp_history_database(&temp);
    require(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == 0, "BEGIN");
    session_open(&session, &temp, true, false);
    session_execute(&session, "one");
    session_execute(&session, "two");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"one\"],[1,2,\"two\"]]");
    sleep_ms(700); /* the writer tries it twice */
    session_execute(&session, "three");
    CHECK(strstr(temp_history_log(&temp), "locked by another program") != NULL);
    CHECK_INT(temp_history_log_lines(&temp), 1);
    require(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL) == 0, "COMMIT");
    sqlite3_close(other);
    CHECK_TEXT(session_tail(&session),
               "[[1,1,\"old\"],[2,1,\"one\"],[2,2,\"two\"],[2,3,\"three\"]]");
    session_close(&session);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history WHERE session = 2"), 3);
    CHECK_INT(temp_history_log_lines(&temp), 1);
    temp_history_close(&temp);
}

static void shuts_down_while_the_file_is_locked(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    sqlite3 *other = temp_history_database(&temp);
    require(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == 0, "BEGIN");
    session_open(&session, &temp, true, false);
    session_execute(&session, "lost");
    session_close(&session);
    sqlite3_close(other);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history"), 1);
    temp_history_close(&temp);
}

static unsigned count_files(const struct temp *temp, const char *pattern, char ret_path[256])
{
    char path[256];
    glob_t found = {0};
    snprintf(path, sizeof path, "%s/ipython/profile_default/%s", temp->directory, pattern);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else changes the directory */
    unsigned count = glob(path, 0, NULL, &found) == 0 ? (unsigned)found.gl_pathc : 0;
    snprintf(ret_path, 256, "%s", count ? found.gl_pathv[0] : "");
    globfree(&found);
    return count;
}

static void renames_a_damaged_file(void)
{
    struct temp temp;
    struct session session;
    char path[256], text[64];
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    temp_history_write(&temp, SPAN("this is no database at all"));
    session_open(&session, &temp, true, false);
    CHECK_TEXT(session_tail(&session), "[]");
    session_execute(&session, "new");
    CHECK(wait_for_number(&temp, "SELECT count(*) FROM history", 1));
    CHECK_INT(count_files(&temp, "history-corrupt-*.sqlite", path), 1);
    CHECK_SPAN(read_file(path, text, sizeof text), SPAN("this is no database at all"));
    CHECK(strstr(temp_history_log(&temp), path) != NULL);
    CHECK_TEXT(session_tail(&session), "[[1,1,\"new\"]]");
    session_close(&session);
    temp_history_close(&temp);
}

/* The header is sound, a page is not. */
static void renames_a_file_with_a_damaged_page(void)
{
    struct temp temp;
    struct session session;
    char path[256], bad[4096];
    memset(bad, 0xab, sizeof bad);
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    int fd = open(temp.path, O_WRONLY | O_CLOEXEC);
    require(fd >= 0, "open");
    for (off_t page = 1; page < 7; page++)
        require(pwrite(fd, bad, sizeof bad, page * (off_t)sizeof bad) > 0, "pwrite");
    close(fd);
    session_open(&session, &temp, true, false);
    session_execute(&session, "new");
    CHECK(wait_for_number(&temp, "SELECT count(*) FROM history", 1));
    CHECK_INT(count_files(&temp, "history-corrupt-*.sqlite", path), 1);
    session_close(&session);
    temp_history_close(&temp);
}

/* What the user names may be anything: a thesis, say. */
static void leaves_a_file_that_the_user_named(void)
{
    struct temp temp;
    struct session session;
    char text[64];
    temp_history_open(&temp, "thesis.tex");
    temp_history_write(&temp, SPAN("\\documentclass{article}"));
    session_open(&session, &temp, false, false);
    session_execute(&session, "one");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"one\"]]");
    session_close(&session);
    CHECK_SPAN(read_file(temp.path, text, sizeof text), SPAN("\\documentclass{article}"));
    CHECK(strstr(temp_history_log(&temp), "left as it is") != NULL);
    CHECK_INT(temp_history_log_lines(&temp), 1);
    temp_history_close(&temp);
}

static void leaves_a_file(const char *sql)
{
    struct temp temp;
    struct session session;
    char path[256], before[65536], after[65536];
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    temp_history_sql(&temp, sql);
    struct span content = read_file(temp.path, before, sizeof before);
    session_open(&session, &temp, true, false);
    session_execute(&session, "one");
    session_execute(&session, "two");
    session_tail(&session);
    CHECK(strstr(session.text, ",1,\"one\"],") != NULL);
    session_close(&session);
    CHECK_SPAN(read_file(temp.path, after, sizeof after), content);
    CHECK_INT(count_files(&temp, "history-corrupt-*", path), 0);
    CHECK(strstr(temp_history_log(&temp), "is not of the kind") != NULL);
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
    struct temp temp;
    struct session session;
    char path[256];
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    int fd = open(temp.path, O_WRONLY | O_CLOEXEC);
    require(fd >= 0 && pwrite(fd, "\3\3", 2, 18) == 2, "pwrite");
    close(fd);
    session_open(&session, &temp, true, false);
    session_execute(&session, "one");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"one\"]]");
    session_close(&session);
    CHECK_INT(count_files(&temp, "history-corrupt-*", path), 0);
    CHECK(strstr(temp_history_log(&temp), "a later format") != NULL);
    temp_history_close(&temp);
}

/* Of the directories. */
static void set_modes(const struct temp *temp, mode_t mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s", temp->path);
    while (strlen(path) > strlen(temp->directory)) {
        *strrchr(path, '/') = '\0';
        chmod(path, mode);
    }
}

/* A superuser may write everywhere: what is tested runs as nobody. */
static void reads_a_read_only_file(void)
{
    enum { NOBODY = 65534 };
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    chmod(temp.path, 0444);
    set_modes(&temp, 0555);
    uid_t before = geteuid();
    if (before == 0)
        require(seteuid(NOBODY) == 0, "seteuid");
    session_open(&session, &temp, true, false);
    session_execute(&session, "new");
    CHECK_TEXT(session_tail(&session), "[[1,1,\"old\"],[2,1,\"new\"]]");
    session_execute(&session, "more");
    session_close(&session);
    CHECK(strstr(temp_history_log(&temp), "can not be opened or written") != NULL);
    CHECK_INT(temp_history_log_lines(&temp), 1);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history"), 1);
    require(seteuid(before) == 0, "seteuid");
    set_modes(&temp, 0700);
    temp_history_close(&temp);
}

/* The place is below a file, which stops a superuser as well. */
static void works_without_a_directory(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, "file");
    temp_history_write(&temp, SPAN(""));
    strncat(temp.path, "/profile_default/history.sqlite", 100);
    session_open(&session, &temp, true, false);
    for (int i = 0; i < 5; i++)
        session_execute(&session, "one");
    CHECK_TEXT(session_query(&session, "{\"n\":1}"), "[[1,5,\"one\"]]");
    session_close(&session);
    CHECK(strstr(temp_history_log(&temp), "can not be opened or written") != NULL);
    CHECK_INT(temp_history_log_lines(&temp), 1);
    temp_history_close(&temp);
}

/* A limit on the size of files stands for a disk that has no room left; a pipe has no such limit.
 */
static void writes_after_a_full_disk(void)
{
    struct temp temp;
    struct session session;
    struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    session_open(&session, &temp, true, false);
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
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history WHERE session = 2"), 2);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM pragma_integrity_check"
                                         " WHERE integrity_check = 'ok'"),
              1);
    temp_history_close(&temp);
}

/* As `ipython history trim` and a user's rm do. */
static void continues_after_the_file_was_replaced(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    session_open(&session, &temp, true, false);
    session_execute(&session, "one");
    CHECK(wait_for_number(&temp, "SELECT count(*) FROM history", 1));
    unlink(temp.path);
    temp_history_sql(&temp,
                     "CREATE TABLE sessions (session integer primary key autoincrement, start"
                     " timestamp, end timestamp, num_cmds integer, remark text);"
                     "INSERT INTO sessions VALUES (NULL, 'x', NULL, NULL, '');"
                     "INSERT INTO sessions VALUES (NULL, 'y', NULL, NULL, '')");
    session_execute(&session, "two");
    session_close(&session);
    CHECK_INT(temp_history_number(&temp, "SELECT session FROM history WHERE source = 'two'"), 3);
    CHECK_TEXT(temp_history_log(&temp), "");
    temp_history_close(&temp);
}

/* The child uses SQLite, and its cells are nobody's. */
static void forked_children_can_use_sqlite(void)
{
    struct temp temp;
    struct session session;
    temp_history_open(&temp, file_name);
    run_session(&temp, (const char *const[]){"old", NULL});
    session_open(&session, &temp, true, false);
    for (int i = 0; i < 20; i++) {
        session_execute(&session, "one");
        store_sqlite_hold(session.store);
        pid_t child = fork();
        store_sqlite_release(session.store, child == 0);
        if (child == 0) {
            alarm(20);
            struct bytes *code = NULL;
            require(bytes_new_copy(SPAN("child's"), &code) == 0, "bytes");
            session.store->impl->add_cell(session.store, 99, code);
            session.store->impl->close(session.store);
            _exit(temp_history_number(&temp, "SELECT count(*) FROM history") < 1);
        }
        CHECK(check_wait(child, "child"));
    }
    session_close(&session);
    CHECK_INT(temp_history_number(&temp, "SELECT count(*) FROM history"), 21);
    temp_history_close(&temp);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(returns_earlier_sessions),
    CHECK_TEST(searches_all_sessions),
    CHECK_TEST(returns_each_cell_once),
    CHECK_TEST(creates_nothing_before_the_first_cell),
    CHECK_TEST(records_the_end_of_a_session),
    CHECK_TEST(stores_outputs_when_enabled),
    CHECK_TEST(two_kernels_share_the_file),
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
    CHECK_TEST(forked_children_can_use_sqlite),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
