/* The history of several sessions, in the file that Carme and IPython share. */
#include "kernel/history/store_sqlite.h"
#include "tests/conversation/harness/require.h"
#include "tests/conversation/history/session.h"
#include "tests/conversation/history/temp_history.h"
#include "tests/unit/check.h"

#include <poll.h>
#include <sys/stat.h>

static void returns_earlier_sessions(void)
{
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"one", "= 2", "one", NULL});
    temp_history_run_session(&temp, (const char *const[]){"four", "t\xc3\xa9", NULL});
    session_open(&session, temp_history_store(&temp, true, true));
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
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"one", "two", "one", NULL});
    temp_history_run_session(&temp, (const char *const[]){"two", "[odd]", NULL});
    session_open(&session, temp_history_store(&temp, true, false));
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

/* Whether the store has written the last cells or not. */
static void returns_each_cell_once(void)
{
    enum { CELLS = 60 };
    char code[16];
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    session_open(&session, temp_history_store(&temp, true, false));
    for (size_t i = 1; i <= CELLS; i++) {
        snprintf(code, sizeof code, "%zu", i);
        session_execute(&session, code);
        CLEANUP(json_decrefp) json_t *history = json_loads(session_tail(&session), 0, NULL);
        CHECK_INT(json_array_size(history), i + 1);
        const json_t *last = json_array_get(history, i);
        CHECK_TEXT(json_string_value(json_array_get(last, 2)), code);
        CHECK_INT(json_integer_value(json_array_get(last, 0)), 2);
        poll(NULL, 0, (int)(i % 7)); /* so that writing and reading meet in different ways */
    }
    session_close(&session);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history WHERE session = 2", CELLS);
    temp_history_close(&temp);
}

static void creates_nothing_before_the_first_cell(void)
{
    struct temp_history temp;
    struct session session;
    struct stat info;
    char directory[256];
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    snprintf(directory, sizeof directory, "%s/ipython", temp.directory);
    session_open(&session, temp_history_store(&temp, true, false));
    harness_send(session.t, "a", "execute_request", "{\"code\":\"hidden\",\"silent\":true}");
    harness_send(session.t, "b", "execute_request", "{\"code\":\"gone\",\"store_history\":false}");
    session_execute(&session, " \n");
    CHECK_TEXT(session_tail(&session), "[]");
    session_close(&session);
    CHECK_INT(stat(directory, &info), -1);
    temp_history_run_session(&temp, (const char *const[]){"first\n\n", NULL});
    CHECK_INT(stat(directory, &info), 0);
    CHECK_INT(info.st_mode & 07777, 0700);
    CHECK_NUMBER(&temp,
                 "SELECT count(*) FROM history WHERE source = 'first'"
                 " AND source_raw = 'first' AND line = 1",
                 1);
    temp_history_close(&temp);
}

static void records_the_end_of_a_session(void)
{
    struct temp_history temp;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"one", "! two", NULL});
    static const char date[] = "2[0-9][0-9][0-9]-[01][0-9]-[0-3][0-9] [012][0-9]:[0-5][0-9]:"
                               "[0-6][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]";
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM sessions WHERE num_cmds = 2 AND remark = ''"
             " AND start GLOB '%s' AND end GLOB '%s+00:00'",
             date, date);
    CHECK_NUMBER(&temp, sql, 1);
    temp_history_close(&temp);
}

static void stores_outputs_when_enabled(void)
{
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"= 1", NULL});
    session_open(&session, temp_history_store(&temp, true, false));
    session_execute(&session, "= 2");
    session_close(&session);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM output_history", 1);
    CHECK_NUMBER(&temp, "SELECT output FROM output_history", 1);
    temp_history_close(&temp);
}

static void two_kernels_share_the_file(void)
{
    struct temp_history temp;
    struct session a, b;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    session_open(&a, temp_history_store(&temp, true, false));
    session_open(&b, temp_history_store(&temp, true, false));
    session_execute(&a, "of a");
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 1);
    session_execute(&b, "of b");
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 2);
    CHECK_TEXT(session_tail(&a), "[[2,1,\"of b\"],[1,1,\"of a\"]]");
    CHECK_TEXT(session_tail(&b), "[[1,1,\"of a\"],[2,1,\"of b\"]]");
    for (int i = 0; i < 20; i++) {
        session_execute(&a, "a");
        session_execute(&b, "b");
    }
    session_close(&a);
    session_close(&b);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 42);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM sessions WHERE num_cmds = 21", 2);
    CHECK_TEXT(temp_history_log(&temp), "");
    temp_history_close(&temp);
}

/* The child may use SQLite; its cells are not stored. */
static void forked_children_can_use_sqlite(void)
{
    struct temp_history temp;
    struct session session;
    temp_history_open(&temp, TEMP_HISTORY_NAME);
    temp_history_run_session(&temp, (const char *const[]){"old", NULL});
    session_open(&session, temp_history_store(&temp, true, false));
    for (int i = 0; i < 20; i++) {
        session_execute(&session, "one");
        store_sqlite_hold(session.store);
        pid_t child = fork();
        store_sqlite_release(session.store, child == 0);
        if (child == 0) {
            alarm(120);
            struct bytes *code = NULL;
            require(bytes_new_copy(SPAN("child's"), &code) == 0, "bytes");
            session.store->impl->add_cell(session.store, 99, code);
            session.store->impl->close(session.store);
            _exit(temp_history_number(&temp, "SELECT count(*) FROM history") < 1);
        }
        CHECK(check_wait(child, "child"));
    }
    session_close(&session);
    CHECK_NUMBER(&temp, "SELECT count(*) FROM history", 21);
    temp_history_close(&temp);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(returns_earlier_sessions),     CHECK_TEST(searches_all_sessions),
    CHECK_TEST(returns_each_cell_once),       CHECK_TEST(creates_nothing_before_the_first_cell),
    CHECK_TEST(records_the_end_of_a_session), CHECK_TEST(stores_outputs_when_enabled),
    CHECK_TEST(two_kernels_share_the_file),   CHECK_TEST(forked_children_can_use_sqlite),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
