/* History beyond one session: the file that Carme and IPython share. */
#include "kernel/history/store_sqlite.h"
#include "tests/conversation/history/scratch.h"
#include "tests/conversation/story.h"

#include <glob.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

static const char file_name[] = "ipython/profile_default/history.sqlite";

/* One kernel after or beside another, on the file of the scratch directory. */
struct session {
    struct store *store;
    struct theatre *t;
    unsigned asked, cells;
    char *text;
};

static void begin(struct session *self, const struct scratch *scratch, bool is_ours, bool outputs)
{
    *self = (struct session){0};
    const struct store_sqlite_options options = {
        .path = strdup(scratch->path), .is_ours = is_ours, .outputs = outputs};
    scratch_must(store_sqlite_new(&options, &self->store) == 0, "store_sqlite_new");
    self->t = theatre_open(&(struct theatre_options){.by_hand = true, .store = self->store});
}

static void end(struct session *self)
{
    theatre_close(self->t);
    self->store->impl->destroy(self->store);
    free(self->text);
}

static void cell(struct session *self, const char *code)
{
    char id[24];
    snprintf(id, sizeof id, "cell %u", self->cells++);
    theatre_execute(self->t, id, code);
    theatre_run(self->t);
    theatre_await(self->t, id, "execute_reply");
}

static const char *ask(struct session *self, const char *content)
{
    char id[24];
    snprintf(id, sizeof id, "ask %u", self->asked++);
    theatre_say(self->t, id, "history_request", content);
    theatre_run(self->t);
    const struct heard *reply = theatre_await(self->t, id, "history_reply");
    free(self->text);
    self->text = json_dumps(json_object_get(reply->content, "history"), JSON_COMPACT);
    return self->text;
}

static const char *tail(struct session *self)
{
    return ask(self, "{\"hist_access_type\":\"tail\",\"n\":100}");
}

/* A whole session of its own. */
static void play(const struct scratch *scratch, const char *const *codes)
{
    struct session session;
    begin(&session, scratch, true, true);
    for (; *codes; codes++)
        cell(&session, *codes);
    end(&session);
}

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Until SQL gives the number: the writer has its own time. */
static bool becomes(const struct scratch *scratch, const char *sql, long number)
{
    for (int i = 0; i < 1000; i++) {
        if (scratch_number(scratch, sql) == number)
            return true;
        sleep_ms(10);
    }
    return false;
}

static void tells_of_earlier_sessions(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"one", "= 2", "one", NULL});
    play(&scratch, (const char *const[]){"four", "t\xc3\xa9", NULL});
    begin(&session, &scratch, true, true);
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"tail\",\"n\":2}"),
               "[[2,1,\"four\"],[2,2,\"t\xc3\xa9\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"range\",\"session\":0}"), "[]");
    cell(&session, "one");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"tail\",\"n\":2}"),
               "[[2,2,\"t\xc3\xa9\"],[3,1,\"one\"]]");
    CHECK_TEXT(ask(&session, "{\"n\":4,\"output\":true}"),
               "[[1,3,[\"one\",null]],[2,1,[\"four\",null]],[2,2,[\"t\xc3\xa9\",null]],"
               "[3,1,[\"one\",null]]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"range\",\"session\":1,\"start\":2,"
                             "\"stop\":3,\"output\":true}"),
               "[[1,2,[\"= 2\",\"2\"]]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"range\",\"session\":-1}"),
               "[[2,1,\"four\"],[2,2,\"t\xc3\xa9\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"range\",\"session\":-2,\"start\":3}"),
               "[[1,3,\"one\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"range\",\"session\":-3}"), "[]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"range\",\"session\":3}"), "[[3,1,\"one\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"range\",\"session\":4}"), "[]");
    CHECK_TEXT(scratch_log(&scratch), "");
    end(&session);
    scratch_close(&scratch);
}

static void searches_all_sessions(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"one", "two", "one", NULL});
    play(&scratch, (const char *const[]){"two", "[odd]", NULL});
    begin(&session, &scratch, true, false);
    cell(&session, "one");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"o*\"}"),
               "[[1,1,\"one\"],[1,3,\"one\"],[3,1,\"one\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"?[mn]*\",\"n\":2}"),
               "[[1,3,\"one\"],[3,1,\"one\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"*o*\",\"n\":9,"
                             "\"unique\":true}"),
               "[[2,1,\"two\"],[2,2,\"[odd]\"],[3,1,\"one\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"search\",\"unique\":true,\"n\":2}"),
               "[[2,2,\"[odd]\"],[3,1,\"one\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"search\",\"unique\":true,\"n\":0}"), "[]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"[[]odd]\"}"),
               "[[2,2,\"[odd]\"]]");
    CHECK_TEXT(ask(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"\"}"), "[]");
    end(&session);
    scratch_close(&scratch);
}

/* However far the writer has come, each cell is told once. */
static void misses_and_doubles_nothing(void)
{
    enum { CELLS = 60 };
    char code[16];
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    begin(&session, &scratch, true, false);
    for (size_t i = 1; i <= CELLS; i++) {
        snprintf(code, sizeof code, "%zu", i);
        cell(&session, code);
        CLEANUP(json_decrefp) json_t *history = json_loads(tail(&session), 0, NULL);
        CHECK_INT(json_array_size(history), i + 1);
        const json_t *last = json_array_get(history, i);
        CHECK_TEXT(json_string_value(json_array_get(last, 2)), code);
        CHECK_INT(json_integer_value(json_array_get(last, 0)), 2);
        sleep_ms((long)(i % 7));
    }
    end(&session);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history WHERE session = 2"), CELLS);
    scratch_close(&scratch);
}

static void makes_nothing_before_the_first_cell(void)
{
    struct scratch scratch;
    struct session session;
    struct stat info;
    char directory[256];
    scratch_open(&scratch, file_name);
    snprintf(directory, sizeof directory, "%s/ipython", scratch.directory);
    begin(&session, &scratch, true, false);
    theatre_say(session.t, "a", "execute_request", "{\"code\":\"hidden\",\"silent\":true}");
    theatre_say(session.t, "b", "execute_request", "{\"code\":\"gone\",\"store_history\":false}");
    cell(&session, " \n");
    CHECK_TEXT(tail(&session), "[]");
    end(&session);
    CHECK_INT(stat(directory, &info), -1);
    play(&scratch, (const char *const[]){"first\n\n", NULL});
    CHECK_INT(stat(directory, &info), 0);
    CHECK_INT(info.st_mode & 07777, 0700);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history WHERE source = 'first'"
                                       " AND source_raw = 'first' AND line = 1"),
              1);
    scratch_close(&scratch);
}

static void ends_its_session(void)
{
    struct scratch scratch;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"one", "! two", NULL});
    static const char date[] = "2[0-9][0-9][0-9]-[01][0-9]-[0-3][0-9] [012][0-9]:[0-5][0-9]:"
                               "[0-6][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]";
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM sessions WHERE num_cmds = 2 AND remark = ''"
             " AND start GLOB '%s' AND end GLOB '%s+00:00'",
             date, date);
    CHECK_INT(scratch_number(&scratch, sql), 1);
    scratch_close(&scratch);
}

static void keeps_outputs_when_told_to(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"= 1", NULL});
    begin(&session, &scratch, true, false);
    cell(&session, "= 2");
    end(&session);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM output_history"), 1);
    CHECK_INT(scratch_number(&scratch, "SELECT output FROM output_history"), 1);
    scratch_close(&scratch);
}

static void two_kernels_share_it(void)
{
    struct scratch scratch;
    struct session a, b;
    scratch_open(&scratch, file_name);
    begin(&a, &scratch, true, false);
    begin(&b, &scratch, true, false);
    cell(&a, "of a");
    CHECK(becomes(&scratch, "SELECT count(*) FROM history", 1));
    cell(&b, "of b");
    CHECK(becomes(&scratch, "SELECT count(*) FROM history", 2));
    CHECK_TEXT(tail(&a), "[[2,1,\"of b\"],[1,1,\"of a\"]]");
    CHECK_TEXT(tail(&b), "[[1,1,\"of a\"],[2,1,\"of b\"]]");
    for (int i = 0; i < 20; i++) {
        cell(&a, "a");
        cell(&b, "b");
    }
    end(&a);
    end(&b);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history"), 42);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM sessions WHERE num_cmds = 21"), 2);
    CHECK_TEXT(scratch_log(&scratch), "");
    scratch_close(&scratch);
}

/* --- trouble -----------------------------------------------------------------------------------
 */

static void waits_for_a_locked_file(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    sqlite3 *other = scratch_database(&scratch);
    scratch_must(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == 0, "BEGIN");
    begin(&session, &scratch, true, false);
    cell(&session, "one");
    cell(&session, "two");
    CHECK_TEXT(tail(&session), "[[1,1,\"one\"],[1,2,\"two\"]]");
    sleep_ms(700); /* the writer tries it twice */
    cell(&session, "three");
    CHECK(strstr(scratch_log(&scratch), "locked by another program") != NULL);
    CHECK_INT(scratch_log_lines(&scratch), 1);
    scratch_must(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL) == 0, "COMMIT");
    sqlite3_close(other);
    CHECK_TEXT(tail(&session), "[[1,1,\"old\"],[2,1,\"one\"],[2,2,\"two\"],[2,3,\"three\"]]");
    end(&session);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history WHERE session = 2"), 3);
    CHECK_INT(scratch_log_lines(&scratch), 1);
    scratch_close(&scratch);
}

static void ends_though_it_is_locked(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    sqlite3 *other = scratch_database(&scratch);
    scratch_must(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == 0, "BEGIN");
    begin(&session, &scratch, true, false);
    cell(&session, "lost");
    end(&session);
    sqlite3_close(other);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history"), 1);
    scratch_close(&scratch);
}

static unsigned count_files(const struct scratch *scratch, const char *pattern, char ret_path[256])
{
    char path[256];
    glob_t found = {0};
    snprintf(path, sizeof path, "%s/ipython/profile_default/%s", scratch->directory, pattern);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else changes the directory */
    unsigned count = glob(path, 0, NULL, &found) == 0 ? (unsigned)found.gl_pathc : 0;
    snprintf(ret_path, 256, "%s", count ? found.gl_pathv[0] : "");
    globfree(&found);
    return count;
}

static void sets_a_damaged_file_aside(void)
{
    struct scratch scratch;
    struct session session;
    char path[256], text[64];
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    scratch_write(&scratch, SPAN("this is no database at all"));
    begin(&session, &scratch, true, false);
    CHECK_TEXT(tail(&session), "[]");
    cell(&session, "new");
    CHECK(becomes(&scratch, "SELECT count(*) FROM history", 1));
    CHECK_INT(count_files(&scratch, "history-corrupt-*.sqlite", path), 1);
    CHECK_SPAN(scratch_read(path, text, sizeof text), SPAN("this is no database at all"));
    CHECK(strstr(scratch_log(&scratch), path) != NULL);
    CHECK_TEXT(tail(&session), "[[1,1,\"new\"]]");
    end(&session);
    scratch_close(&scratch);
}

/* The header is sound, a page is not. */
static void sets_a_file_with_a_bad_page_aside(void)
{
    struct scratch scratch;
    struct session session;
    char path[256], bad[4096];
    memset(bad, 0xab, sizeof bad);
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    int fd = open(scratch.path, O_WRONLY | O_CLOEXEC);
    scratch_must(fd >= 0, "open");
    for (off_t page = 1; page < 7; page++)
        scratch_must(pwrite(fd, bad, sizeof bad, page * (off_t)sizeof bad) > 0, "pwrite");
    close(fd);
    begin(&session, &scratch, true, false);
    cell(&session, "new");
    CHECK(becomes(&scratch, "SELECT count(*) FROM history", 1));
    CHECK_INT(count_files(&scratch, "history-corrupt-*.sqlite", path), 1);
    end(&session);
    scratch_close(&scratch);
}

/* What the user names may be anything: a thesis, say. */
static void leaves_what_the_user_named(void)
{
    struct scratch scratch;
    struct session session;
    char text[64];
    scratch_open(&scratch, "thesis.tex");
    scratch_write(&scratch, SPAN("\\documentclass{article}"));
    begin(&session, &scratch, false, false);
    cell(&session, "one");
    CHECK_TEXT(tail(&session), "[[1,1,\"one\"]]");
    end(&session);
    CHECK_SPAN(scratch_read(scratch.path, text, sizeof text), SPAN("\\documentclass{article}"));
    CHECK(strstr(scratch_log(&scratch), "left as it is") != NULL);
    CHECK_INT(scratch_log_lines(&scratch), 1);
    scratch_close(&scratch);
}

static void leaves_a_file(const char *sql)
{
    struct scratch scratch;
    struct session session;
    char path[256], before[65536], after[65536];
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    scratch_sql(&scratch, sql);
    struct span content = scratch_read(scratch.path, before, sizeof before);
    begin(&session, &scratch, true, false);
    cell(&session, "one");
    cell(&session, "two");
    tail(&session);
    CHECK(strstr(session.text, ",1,\"one\"],") != NULL);
    end(&session);
    CHECK_SPAN(scratch_read(scratch.path, after, sizeof after), content);
    CHECK_INT(count_files(&scratch, "history-corrupt-*", path), 0);
    CHECK(strstr(scratch_log(&scratch), "is not of the kind") != NULL);
    CHECK_INT(scratch_log_lines(&scratch), 1);
    scratch_close(&scratch);
}

static void leaves_a_later_version(void) { leaves_a_file("PRAGMA user_version = 3"); }

static void leaves_other_tables(void)
{
    leaves_a_file("DROP TABLE history; CREATE TABLE history (id integer, text text)");
}

static void leaves_a_later_format(void)
{
    struct scratch scratch;
    struct session session;
    char path[256];
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    int fd = open(scratch.path, O_WRONLY | O_CLOEXEC);
    scratch_must(fd >= 0 && pwrite(fd, "\3\3", 2, 18) == 2, "pwrite");
    close(fd);
    begin(&session, &scratch, true, false);
    cell(&session, "one");
    CHECK_TEXT(tail(&session), "[[1,1,\"one\"]]");
    end(&session);
    CHECK_INT(count_files(&scratch, "history-corrupt-*", path), 0);
    CHECK(strstr(scratch_log(&scratch), "a later format") != NULL);
    scratch_close(&scratch);
}

/* Of the directories. */
static void set_modes(const struct scratch *scratch, mode_t mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s", scratch->path);
    while (strlen(path) > strlen(scratch->directory)) {
        *strrchr(path, '/') = '\0';
        chmod(path, mode);
    }
}

/* A superuser may write everywhere: what is tested runs as nobody. */
static void reads_where_it_can_not_write(void)
{
    enum { NOBODY = 65534 };
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    chmod(scratch.path, 0444);
    set_modes(&scratch, 0555);
    uid_t before = geteuid();
    if (before == 0)
        scratch_must(seteuid(NOBODY) == 0, "seteuid");
    begin(&session, &scratch, true, false);
    cell(&session, "new");
    CHECK_TEXT(tail(&session), "[[1,1,\"old\"],[2,1,\"new\"]]");
    cell(&session, "more");
    end(&session);
    CHECK(strstr(scratch_log(&scratch), "can not be opened or written") != NULL);
    CHECK_INT(scratch_log_lines(&scratch), 1);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history"), 1);
    scratch_must(seteuid(before) == 0, "seteuid");
    set_modes(&scratch, 0700);
    scratch_close(&scratch);
}

/* The place is below a file, which stops a superuser as well. */
static void goes_on_without_a_place(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, "file");
    scratch_write(&scratch, SPAN(""));
    strncat(scratch.path, "/profile_default/history.sqlite", 100);
    begin(&session, &scratch, true, false);
    for (int i = 0; i < 5; i++)
        cell(&session, "one");
    CHECK_TEXT(ask(&session, "{\"n\":1}"), "[[1,5,\"one\"]]");
    end(&session);
    CHECK(strstr(scratch_log(&scratch), "can not be opened or written") != NULL);
    CHECK_INT(scratch_log_lines(&scratch), 1);
    scratch_close(&scratch);
}

/* A limit on the size of files stands for a disk that has no room left; a pipe has no such limit.
 */
static void writes_when_there_is_room_again(void)
{
    struct scratch scratch;
    struct session session;
    struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    begin(&session, &scratch, true, false);
    int log[2];
    scratch_must(pipe2(log, O_CLOEXEC) == 0, "pipe2");
    log_set_fd(log[1]);
    setrlimit(RLIMIT_FSIZE, &none);
    cell(&session, "one");
    ssize_t len = read(log[0], scratch.logged, SCRATCH_LOG_MAX - 1);
    setrlimit(RLIMIT_FSIZE, &all);
    CHECK(len > 0 && strstr(scratch.logged, "can not be read or written") != NULL);
    cell(&session, "two");
    end(&session);
    close(log[0]);
    close(log[1]);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history WHERE session = 2"), 2);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM pragma_integrity_check"
                                       " WHERE integrity_check = 'ok'"),
              1);
    scratch_close(&scratch);
}

/* As `ipython history trim` and a user's rm do. */
static void begins_again_in_another_file(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    begin(&session, &scratch, true, false);
    cell(&session, "one");
    CHECK(becomes(&scratch, "SELECT count(*) FROM history", 1));
    unlink(scratch.path);
    scratch_sql(&scratch, "CREATE TABLE sessions (session integer primary key autoincrement, start"
                          " timestamp, end timestamp, num_cmds integer, remark text);"
                          "INSERT INTO sessions VALUES (NULL, 'x', NULL, NULL, '');"
                          "INSERT INTO sessions VALUES (NULL, 'y', NULL, NULL, '')");
    cell(&session, "two");
    end(&session);
    CHECK_INT(scratch_number(&scratch, "SELECT session FROM history WHERE source = 'two'"), 3);
    CHECK_TEXT(scratch_log(&scratch), "");
    scratch_close(&scratch);
}

/* The child uses SQLite, and its cells are nobody's. */
static void lets_children_use_sqlite(void)
{
    struct scratch scratch;
    struct session session;
    scratch_open(&scratch, file_name);
    play(&scratch, (const char *const[]){"old", NULL});
    begin(&session, &scratch, true, false);
    for (int i = 0; i < 20; i++) {
        cell(&session, "one");
        store_sqlite_hold(session.store);
        pid_t child = fork();
        store_sqlite_release(session.store, child == 0);
        if (child == 0) {
            alarm(20);
            struct bytes *code = NULL;
            scratch_must(bytes_new_copy(SPAN("child's"), &code) == 0, "bytes");
            session.store->impl->add_cell(session.store, 99, code);
            session.store->impl->close(session.store);
            _exit(scratch_number(&scratch, "SELECT count(*) FROM history") < 1);
        }
        CHECK(check_wait(child, "child"));
    }
    end(&session);
    CHECK_INT(scratch_number(&scratch, "SELECT count(*) FROM history"), 21);
    scratch_close(&scratch);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(tells_of_earlier_sessions),
    CHECK_TEST(searches_all_sessions),
    CHECK_TEST(misses_and_doubles_nothing),
    CHECK_TEST(makes_nothing_before_the_first_cell),
    CHECK_TEST(ends_its_session),
    CHECK_TEST(keeps_outputs_when_told_to),
    CHECK_TEST(two_kernels_share_it),
    CHECK_TEST(waits_for_a_locked_file),
    CHECK_TEST(ends_though_it_is_locked),
    CHECK_TEST(sets_a_damaged_file_aside),
    CHECK_TEST(sets_a_file_with_a_bad_page_aside),
    CHECK_TEST(leaves_what_the_user_named),
    CHECK_TEST(leaves_a_later_version),
    CHECK_TEST(leaves_other_tables),
    CHECK_TEST(leaves_a_later_format),
    CHECK_TEST(reads_where_it_can_not_write),
    CHECK_TEST(goes_on_without_a_place),
    CHECK_TEST(writes_when_there_is_room_again),
    CHECK_TEST(begins_again_in_another_file),
    CHECK_TEST(lets_children_use_sqlite),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
