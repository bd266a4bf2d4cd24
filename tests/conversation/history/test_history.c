/* What history_reply has of the cells of its session. */
#include "tests/conversation/history/session.h"
#include "tests/unit/check.h"

static void open_with(struct session *self, const char *const *codes)
{
    session_open(self, NULL);
    for (; *codes; codes++)
        session_execute(self, *codes);
}

static const char *const CODES[] = {"one", "two\nlines", "one", "t\xc3\xa9", "= 5", NULL};

static void returns_the_last_cells(void)
{
    struct session session;
    open_with(&session, CODES);
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":2}"),
               "[[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]");
    CHECK_TEXT(
        session_query(&session,
                      "{\"hist_access_type\":\"tail\",\"n\":1,\"output\":true,\"raw\":false}"),
        "[[1,5,[\"= 5\",\"5\"]]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":100}"),
               "[[1,1,\"one\"],[1,2,\"two\\nlines\"],[1,3,\"one\"],[1,4,\"t\xc3\xa9\"],"
               "[1,5,\"= 5\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":0}"), "[]");
    CHECK_TEXT(session_query(&session, "{\"n\":1}"), "[[1,5,\"= 5\"]]");
    session_close(&session);
}

static void returns_a_range(void)
{
    struct session session;
    open_with(&session, CODES);
    CHECK_TEXT(
        session_query(&session,
                      "{\"hist_access_type\":\"range\",\"session\":0,\"start\":2,\"stop\":4}"),
        "[[0,2,\"two\\nlines\"],[0,3,\"one\"]]");
    CHECK_TEXT(
        session_query(&session, "{\"hist_access_type\":\"range\",\"session\":1,\"start\":4}"),
        "[[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"start\":5,\"stop\":null,"
                                       "\"output\":true}"),
               "[[0,5,[\"= 5\",\"5\"]]]");
    CHECK_TEXT(session_query(&session,
                             "{\"hist_access_type\":\"range\",\"session\":0,\"start\":1,\"stop\":3,"
                             "\"n\":1}"),
               "[[0,1,\"one\"],[0,2,\"two\\nlines\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":-1}"), "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"session\":7}"), "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"start\":4,\"stop\":2}"),
               "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"range\",\"start\":9}"), "[]");
    session_close(&session);
}

static void finds_by_pattern(void)
{
    struct session session;
    open_with(&session, CODES);
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"one\"}"),
               "[[1,1,\"one\"],[1,3,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"*o*\"}"),
               "[[1,1,\"one\"],[1,2,\"two\\nlines\"],[1,3,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"on\"}"),
               "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"o[m-o]?\"}"),
               "[[1,1,\"one\"],[1,3,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"ONE\"}"),
               "[]");
    CHECK_TEXT(
        session_query(&session, "{\"hist_access_type\":\"search\",\"n\":1,\"pattern\":\"one\"}"),
        "[[1,3,\"one\"]]");
    CHECK_TEXT(
        session_query(&session,
                      "{\"hist_access_type\":\"search\",\"unique\":true,\"pattern\":\"*o*\"}"),
        "[[1,2,\"two\\nlines\"],[1,3,\"one\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"unique\":true,\"n\":1,"
                                       "\"pattern\":\"*o*\",\"output\":true}"),
               "[[1,3,[\"one\",null]]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"n\":2}"),
               "[[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]");
    session_close(&session);
}

/* As SQLite's GLOB, which IPython uses: by characters, without escapes. */
static void patterns_match_characters_not_bytes(void)
{
    static const char *const codes[] = {"t\xc3\xa9", "a\\b", "\xe2\x82\xac=1", NULL};
    struct session session;
    open_with(&session, codes);
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"t?\"}"),
               "[[1,1,\"t\xc3\xa9\"]]");
    CHECK_TEXT(
        session_query(&session,
                      "{\"hist_access_type\":\"search\",\"pattern\":\"[\xc3\xa0-\xc3\xbf]*\"}"),
        "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"?=*\"}"),
               "[[1,3,\"\xe2\x82\xac=1\"]]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"a\\\\b\"}"),
               "[[1,2,\"a\\\\b\"]]");
    session_close(&session);
}

static void stores_counted_cells_only(void)
{
    struct session session;
    open_with(&session, (const char *const[]){"one", "", " \n", "! bad", NULL});
    harness_send(session.t, "a", "execute_request", "{\"code\":\"hidden\",\"silent\":true}");
    harness_send(session.t, "b", "execute_request", "{\"code\":\"gone\",\"store_history\":false}");
    harness_execute(session.t, "c", "last");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":10}"),
               "[[1,1,\"one\"],[1,2,\"! bad\"],[1,3,\"last\"]]");
    session_close(&session);
}

/* The result of a cell that is not stored is not given to another cell. */
static void keeps_results_with_their_cells(void)
{
    struct session session;
    open_with(&session, (const char *const[]){"= 1", "two", "= 3", "! four", NULL});
    harness_send(session.t, "a", "execute_request", "{\"code\":\"= 5\",\"store_history\":false}");
    harness_send(session.t, "b", "execute_request", "{\"code\":\"= 6\",\"silent\":true}");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":10,\"output\":true}"),
               "[[1,1,[\"= 1\",\"1\"]],[1,2,[\"two\",null]],[1,3,[\"= 3\",\"3\"]],"
               "[1,4,[\"! four\",null]]]");
    session_close(&session);
}

static void accepts_unusual_requests(void)
{
    struct session session;
    open_with(&session, CODES);
    static const char all[] = "[[1,1,\"one\"],[1,2,\"two\\nlines\"],[1,3,\"one\"],"
                              "[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]";
    static const char range[] = "[[0,1,\"one\"],[0,2,\"two\\nlines\"],[0,3,\"one\"],"
                                "[0,4,\"t\xc3\xa9\"],[0,5,\"= 5\"]]";
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\"}"), all);
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":\"3\",\"output\":1}"),
               all);
    CHECK_TEXT(session_query(&session,
                             "{\"hist_access_type\":\"range\",\"start\":-9223372036854775808,"
                             "\"stop\":9223372036854775807}"),
               range);
    CHECK_TEXT(
        session_query(&session, "{\"hist_access_type\":\"range\",\"start\":1e9,\"stop\":[]}"),
        range);
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":5}"), all);
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"\"}"), "[]");
    CHECK_TEXT(session_query(&session, "{\"hist_access_type\":\"search\",\"pattern\":\"[\"}"),
               "[]");
    session_close(&session);
}

static void keeps_long_sessions(void)
{
    enum { CELLS = 500 };
    char id[16], expected[64];
    struct session session;
    open_with(&session, (const char *const[]){NULL});
    for (int i = 1; i <= CELLS; i++) {
        snprintf(id, sizeof id, "%d", i);
        harness_execute(session.t, id, id);
    }
    harness_run(session.t);
    session_query(&session, "{\"hist_access_type\":\"tail\",\"n\":1}");
    snprintf(expected, sizeof expected, "[[1,%d,\"%d\"]]", CELLS, CELLS);
    CHECK_TEXT(session.text, expected);
    session_query(&session, "{\"hist_access_type\":\"range\",\"start\":65,\"stop\":66}");
    CHECK_TEXT(session.text, "[[0,65,\"65\"]]");
    session_close(&session);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(returns_the_last_cells),    CHECK_TEST(returns_a_range),
    CHECK_TEST(finds_by_pattern),          CHECK_TEST(patterns_match_characters_not_bytes),
    CHECK_TEST(stores_counted_cells_only), CHECK_TEST(keeps_results_with_their_cells),
    CHECK_TEST(accepts_unusual_requests),  CHECK_TEST(keeps_long_sessions),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
