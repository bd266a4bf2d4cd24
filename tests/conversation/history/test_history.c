/* What history_request tells of the cells before. */
#include "tests/conversation/story.h"

/* Executes the cells by_hand and asks; the history as compact JSON. */
struct asked {
    struct theatre *t;
    unsigned questions;
    char *text;
};

static void open_asked(struct asked *self, const char *const *codes)
{
    *self = (struct asked){.t = theatre_open(&(struct theatre_options){.by_hand = true})};
    char id[16];
    for (int i = 0; codes[i]; i++) {
        snprintf(id, sizeof id, "cell %d", i);
        theatre_execute(self->t, id, codes[i]);
        theatre_run(self->t);
    }
}

static void close_asked(struct asked *self)
{
    free(self->text);
    theatre_close(self->t);
}

static const char *ask(struct asked *self, const char *content)
{
    char id[16];
    snprintf(id, sizeof id, "ask %u", self->questions++);
    theatre_say(self->t, id, "history_request", content);
    theatre_run(self->t);
    const struct heard *reply = theatre_await(self->t, id, "history_reply");
    free(self->text);
    self->text = json_dumps(json_object_get(reply->content, "history"), JSON_COMPACT);
    return self->text;
}

static const char *const CODES[] = {"one", "two\nlines", "one", "t\xc3\xa9", "= 5", NULL};

static void tells_the_last_ones(void)
{
    struct asked asked;
    open_asked(&asked, CODES);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":2}"),
               "[[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":1,\"output\":true,\"raw\":false}"),
               "[[1,5,[\"= 5\",\"5\"]]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":100}"),
               "[[1,1,\"one\"],[1,2,\"two\\nlines\"],[1,3,\"one\"],[1,4,\"t\xc3\xa9\"],"
               "[1,5,\"= 5\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":0}"), "[]");
    CHECK_TEXT(ask(&asked, "{\"n\":1}"), "[[1,5,\"= 5\"]]");
    close_asked(&asked);
}

static void tells_a_range(void)
{
    struct asked asked;
    open_asked(&asked, CODES);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"session\":0,\"start\":2,\"stop\":4}"),
               "[[0,2,\"two\\nlines\"],[0,3,\"one\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"session\":1,\"start\":4}"),
               "[[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"start\":5,\"stop\":null,"
                           "\"output\":true}"),
               "[[0,5,[\"= 5\",\"5\"]]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"session\":0,\"start\":1,\"stop\":3,"
                           "\"n\":1}"),
               "[[0,1,\"one\"],[0,2,\"two\\nlines\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"session\":-1}"), "[]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"session\":7}"), "[]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"start\":4,\"stop\":2}"), "[]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"start\":9}"), "[]");
    close_asked(&asked);
}

static void finds_by_pattern(void)
{
    struct asked asked;
    open_asked(&asked, CODES);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"one\"}"),
               "[[1,1,\"one\"],[1,3,\"one\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"*o*\"}"),
               "[[1,1,\"one\"],[1,2,\"two\\nlines\"],[1,3,\"one\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"on\"}"), "[]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"o[m-o]?\"}"),
               "[[1,1,\"one\"],[1,3,\"one\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"ONE\"}"), "[]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"n\":1,\"pattern\":\"one\"}"),
               "[[1,3,\"one\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"unique\":true,\"pattern\":\"*o*\"}"),
               "[[1,2,\"two\\nlines\"],[1,3,\"one\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"unique\":true,\"n\":1,"
                           "\"pattern\":\"*o*\",\"output\":true}"),
               "[[1,3,[\"one\",null]]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"n\":2}"),
               "[[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]");
    close_asked(&asked);
}

/* The client's glob is the one of SQLite in IPython: characters, and no escapes. */
static void finds_characters_not_bytes(void)
{
    static const char *const codes[] = {"t\xc3\xa9", "a\\b", "\xe2\x82\xac=1", NULL};
    struct asked asked;
    open_asked(&asked, codes);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"t?\"}"),
               "[[1,1,\"t\xc3\xa9\"]]");
    CHECK_TEXT(
        ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"[\xc3\xa0-\xc3\xbf]*\"}"),
        "[]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"?=*\"}"),
               "[[1,3,\"\xe2\x82\xac=1\"]]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"a\\\\b\"}"),
               "[[1,2,\"a\\\\b\"]]");
    close_asked(&asked);
}

static void keeps_what_counts_only(void)
{
    struct asked asked;
    open_asked(&asked, (const char *const[]){"one", "", " \n", "! bad", NULL});
    theatre_say(asked.t, "a", "execute_request", "{\"code\":\"hidden\",\"silent\":true}");
    theatre_say(asked.t, "b", "execute_request", "{\"code\":\"gone\",\"store_history\":false}");
    theatre_execute(asked.t, "c", "last");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":10}"),
               "[[1,1,\"one\"],[1,2,\"! bad\"],[1,3,\"last\"]]");
    close_asked(&asked);
}

/* A result is its own cell's: what is not stored leaves nothing behind. */
static void keeps_results_with_their_cells(void)
{
    struct asked asked;
    open_asked(&asked, (const char *const[]){"= 1", "two", "= 3", "! four", NULL});
    theatre_say(asked.t, "a", "execute_request", "{\"code\":\"= 5\",\"store_history\":false}");
    theatre_say(asked.t, "b", "execute_request", "{\"code\":\"= 6\",\"silent\":true}");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":10,\"output\":true}"),
               "[[1,1,[\"= 1\",\"1\"]],[1,2,[\"two\",null]],[1,3,[\"= 3\",\"3\"]],"
               "[1,4,[\"! four\",null]]]");
    close_asked(&asked);
}

static void takes_odd_questions(void)
{
    struct asked asked;
    open_asked(&asked, CODES);
    static const char all[] = "[[1,1,\"one\"],[1,2,\"two\\nlines\"],[1,3,\"one\"],"
                              "[1,4,\"t\xc3\xa9\"],[1,5,\"= 5\"]]";
    static const char range[] = "[[0,1,\"one\"],[0,2,\"two\\nlines\"],[0,3,\"one\"],"
                                "[0,4,\"t\xc3\xa9\"],[0,5,\"= 5\"]]";
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\"}"), all);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":\"3\",\"output\":1}"), all);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"start\":-9223372036854775808,"
                           "\"stop\":9223372036854775807}"),
               range);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"range\",\"start\":1e9,\"stop\":[]}"), range);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":5}"), all);
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"\"}"), "[]");
    CHECK_TEXT(ask(&asked, "{\"hist_access_type\":\"search\",\"pattern\":\"[\"}"), "[]");
    close_asked(&asked);
}

static void remembers_long_sessions(void)
{
    enum { CELLS = 500 };
    char id[16], expected[64];
    struct asked asked;
    open_asked(&asked, (const char *const[]){NULL});
    for (int i = 1; i <= CELLS; i++) {
        snprintf(id, sizeof id, "%d", i);
        theatre_execute(asked.t, id, id);
    }
    theatre_run(asked.t);
    ask(&asked, "{\"hist_access_type\":\"tail\",\"n\":1}");
    snprintf(expected, sizeof expected, "[[1,%d,\"%d\"]]", CELLS, CELLS);
    CHECK_TEXT(asked.text, expected);
    ask(&asked, "{\"hist_access_type\":\"range\",\"start\":65,\"stop\":66}");
    CHECK_TEXT(asked.text, "[[0,65,\"65\"]]");
    close_asked(&asked);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(tells_the_last_ones),    CHECK_TEST(tells_a_range),
    CHECK_TEST(finds_by_pattern),       CHECK_TEST(finds_characters_not_bytes),
    CHECK_TEST(keeps_what_counts_only), CHECK_TEST(keeps_results_with_their_cells),
    CHECK_TEST(takes_odd_questions),    CHECK_TEST(remembers_long_sessions),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
