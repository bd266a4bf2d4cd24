/* Executions: what is told, in which order, to whom. */
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

#include <errno.h>
#include <pthread.h>

static void tells_busy_input_text_reply_idle(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_execute(t, "a", "hello");
    theatre_execute(t, "b", "= 42");
    theatre_execute(t, "c", "! bad");
    theatre_rest(t);
    CHECK_STORY(t, "", "starting");
    CHECK_STORY(t, "a", "busy input[1] stdout(hello) execute_reply:ok[1] idle");
    CHECK_STORY(t, "b", "busy input[2] result[2](42) execute_reply:ok[2] idle");
    CHECK_STORY(t, "c", "busy input[3] stderr(bad) execute_reply:error[3](Echo) idle");
    promise_check_all(t);
    theatre_close(t);
}

static void answers_one_after_the_other(void)
{
    char id[8], before[8] = "";
    struct theatre *t = theatre_open(NULL);
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof id, "%d", i);
        theatre_execute(t, id, "x");
    }
    theatre_rest(t);
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof id, "%d", i);
        if (*before)
            CHECK(story_place(t, before, "idle") < story_place(t, id, "busy"));
        snprintf(before, sizeof before, "%s", id);
    }
    promise_check_all(t);
    theatre_close(t);
}

static void keeps_the_parent_header_as_it_is(void)
{
    static const char header[] =
        "{ \"msg_id\" : \"a\",\t\"msg_type\":\"execute_request\",\n"
        "  \"subshell_id\":null, \"x\":[1.50, 1e5, -0, \"\\u00e9\xc3\xa9\\/\"],"
        " \"x\":2 } ";
    struct theatre *t = theatre_open(NULL);
    theatre_say_line(t, &(struct line){.header = header, .content = "{\"code\":\"= 1\"}"});
    theatre_rest(t);
    CHECK_STORY(t, "a", "busy input[1] result[1](1) execute_reply:ok[1] idle");
    const struct heard *heard;
    for (size_t i = 1; (heard = theatre_heard(t, i)); i++)
        CHECK_SPAN(heard->msg->parent, SPAN(header));
    theatre_close(t);
}

static struct span identity(const struct heard *heard)
{
    struct bytes **route = heard->msg->route;
    return CHECK_INT(message_list_count(route), 1) ? route[0]->view : SPAN("");
}

static void sends_replies_to_who_asked_and_the_rest_to_all(void)
{
    struct theatre *t = theatre_open(NULL);
    static const char *const clients[] = {"one", "two"};
    for (int i = 0; i < 2; i++)
        theatre_say_line(t, &(struct line){.client = clients[i],
                                           .id = clients[i],
                                           .type = "execute_request",
                                           .content = "{\"code\":\"hi\"}"});
    theatre_rest(t);
    for (int i = 0; i < 2; i++) {
        const struct heard *reply = theatre_await(t, clients[i], "execute_reply");
        CHECK_INT(reply->msg->channel, CHANNEL_SHELL);
        CHECK_SPAN(identity(reply), span_of(clients[i]));
        const struct heard *stream = theatre_await(t, clients[i], "stream");
        CHECK_INT(stream->msg->channel, CHANNEL_IOPUB);
        CHECK(identity(stream).len > 7 && memcmp(identity(stream).ptr, "kernel.", 7) == 0);
    }
    theatre_close(t);
}

static void makes_headers_of_its_own(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_execute(t, "a", "= 1");
    theatre_rest(t);
    const struct heard *heard;
    struct span last = SPAN("");
    char session[80] = "";
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++) {
        json_t *header = json_loadb(heard->msg->header.ptr, heard->msg->header.len, 0, NULL);
        CHECK(!span_equal(last, heard->msg->id) && heard->msg->id.len > 0);
        CHECK_TEXT(story_member(header, "version"), "5.5");
        CHECK_INT(strlen(story_member(header, "date")), 27);
        if (*session)
            CHECK_TEXT(story_member(header, "session"), session);
        snprintf(session, sizeof session, "%s", story_member(header, "session"));
        last = heard->msg->id;
        json_decref(header);
    }
    theatre_close(t);
}

static void counts_what_is_stored(void)
{
    static const struct {
        const char *content, *story;
    } cells[] = {
        {"{\"code\":\"x\"}", "busy input[1] stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"x\",\"silent\":true}", "busy stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"x\",\"store_history\":false}",
         "busy input[2] stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"x\",\"silent\":true,\"store_history\":true}",
         "busy stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"\"}", "busy input[2] execute_reply:ok[1] idle"},
        {"{\"code\":\" \\n\\t\"}", "busy input[2] stdout( \n\t) execute_reply:ok[1] idle"},
        {"{\"code\":\"y\"}", "busy input[2] stdout(y) execute_reply:ok[2] idle"},
        {"{\"code\":\"! z\"}", "busy input[3] stderr(z) execute_reply:error[3](Echo) idle"},
        {"{\"code\":\"= z\"}", "busy input[4] result[4](z) execute_reply:ok[4] idle"},
        {"{\"code\":\"x\",\"silent\":1,\"store_history\":\"no\",\"allow_stdin\":[],"
         "\"stop_on_error\":{},\"user_expressions\":null}",
         "busy input[5] stdout(x) execute_reply:ok[5] idle"},
    };
    struct theatre *t = theatre_open(NULL);
    char id[8];
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        snprintf(id, sizeof id, "%zu", i);
        theatre_say(t, id, "execute_request", cells[i].content);
        theatre_rest(t);
        CHECK_STORY(t, id, cells[i].story);
    }
    promise_check_all(t);
    theatre_close(t);
}

struct seen {
    struct execution execution;
    char expressions[256], code[256];
    struct interp_host *host;
    struct request *request;
    bool later;
    pthread_t thread;
};

static void look(struct interp_host *host, struct request *request,
                 const struct execution *execution, void *user)
{
    struct seen *seen = user;
    seen->execution = *execution;
    seen->host = host;
    seen->request = request;
    snprintf(seen->expressions, sizeof seen->expressions, "%.*s",
             (int)execution->user_expressions.len, execution->user_expressions.ptr);
    snprintf(seen->code, sizeof seen->code, "%.*s", (int)execution->code.len, execution->code.ptr);
    if (!seen->later)
        player_done(host, request, true);
}

static void tells_the_language_what_was_asked(void)
{
    struct seen seen = {0};
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(look, &seen), .by_hand = true});
    theatre_say(t, "a", "execute_request",
                "{\"code\":\"caf\\u00e9\",\"allow_stdin\":false,"
                "\"user_expressions\":{\"b\" : \"\\u00e9 + 1\", \"a\":\"\\\"\"}}");
    theatre_run(t);
    CHECK_TEXT(seen.code, "caf\xc3\xa9");
    CHECK_TEXT(seen.expressions, "{\"b\":\"\xc3\xa9 + 1\",\"a\":\"\\\"\"}");
    CHECK_INT(seen.execution.count, 1);
    CHECK(!seen.execution.silent && seen.execution.store_history && !seen.execution.allow_stdin);
    theatre_say(t, "b", "execute_request", "{\"code\":\"\",\"silent\":true}");
    theatre_run(t);
    CHECK_TEXT(seen.expressions, "{}");
    CHECK(seen.execution.silent && !seen.execution.store_history && seen.execution.allow_stdin);
    theatre_close(t);
}

/* A language may end an execution after execute() has returned: nothing else starts until then. */
static void waits_for_an_end_that_comes_later(void)
{
    struct seen seen = {.later = true};
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(look, &seen), .by_hand = true});
    theatre_execute(t, "a", "x");
    theatre_execute(t, "b", "y");
    theatre_say(t, "c", "complete_request", "{\"code\":\"z\"}");
    CHECK(theatre_run(t));
    CHECK_STORY(t, "a", "busy input[1]");
    CHECK_STORY(t, "b", "");
    CHECK(theatre_run(t));
    CHECK_STORY(t, "b", "");
    theatre_host(t)->impl->write(theatre_host(t), seen.request, STREAM_STDOUT, SPAN("late"));
    seen.later = false;
    player_done(theatre_host(t), seen.request, true);
    CHECK_STORY(t, "a", "busy input[1] stdout(late) execute_reply:ok[1] idle");
    CHECK(theatre_run(t));
    CHECK_STORY(t, "b", "busy input[2] execute_reply:ok[2] idle");
    CHECK_STORY(t, "c", "busy complete_reply:ok idle");
    promise_check_all(t);
    theatre_close(t);
}

static void *end_it(void *user)
{
    struct seen *seen = user;
    player_done(seen->host, seen->request, false);
    return NULL;
}

/* The cell returns while another thread ends it: either may be the first. */
static void leave_the_end_to_a_thread(struct interp_host *host, struct request *request,
                                      const struct execution *execution, void *user)
{
    struct seen *seen = user;
    (void)execution;
    seen->host = host;
    seen->request = request;
    if (seen->later)
        pthread_join(seen->thread, NULL);
    seen->later = true;
    CHECK_INT(pthread_create(&seen->thread, NULL, end_it, seen), 0);
}

/* interp.h lets done() come from any thread: what follows still follows, however eager the kernel's
 * thread is. */
static void is_ended_from_another_thread(void)
{
    enum { CELLS = 50, ROUNDS = 20 };
    char id[8];
    for (int round = 0; round < ROUNDS; round++) {
        struct seen seen = {0};
        struct theatre *t = theatre_open(&(struct theatre_options){
            .interp = player_new(leave_the_end_to_a_thread, &seen), .by_hand = true});
        for (int i = 0; i < CELLS; i++) {
            snprintf(id, sizeof id, "%d", i);
            theatre_say(t, id, "execute_request", "{\"code\":\"x\",\"stop_on_error\":false}");
        }
        while (!theatre_find(t, id, "idle"))
            theatre_run(t);
        pthread_join(seen.thread, NULL);
        CHECK_STORY(t, id, "busy input[50] execute_reply:error[50](Played) idle");
        long last = -1;
        for (int i = 0; i < CELLS; i++) {
            snprintf(id, sizeof id, "%d", i);
            CHECK(last < story_place(t, id, "busy"));
            last = story_place(t, id, "idle");
        }
        theatre_close(t);
    }
}

/* What answers a request leaves the transport when the request ends, not a millisecond later. */
static void flushes_when_a_request_ends(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_execute(t, "a", "x");
    theatre_run(t);
    CHECK_INT(theatre_flushed(t), story_place(t, "a", "idle") + 1);
    theatre_control(t, "b", "kernel_info_request", NULL);
    theatre_deliver(t);
    CHECK_INT(theatre_flushed(t), story_place(t, "b", "idle") + 1);
    theatre_say(t, "c", "history_request", NULL);
    theatre_run(t);
    CHECK_INT(theatre_flushed(t), story_place(t, "c", "idle") + 1);
    theatre_close(t);
}

static int can_not_start(struct transport *t, const struct transport_sink *sink)
{
    (void)t, (void)sink;
    return -EMFILE;
}

static void is_not_there_without_a_transport(void)
{
    static const struct transport_impl impl = {.start = can_not_start};
    struct transport broken = {&impl};
    struct interp *interp = player_new(look, NULL);
    struct kernel *kernel = NULL;
    CHECK_INT(kernel_new(interp, &broken, &(struct kernel_options){.user = NULL}, &kernel),
              -EMFILE);
    CHECK(!kernel);
    interp->impl->destroy(interp);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(tells_busy_input_text_reply_idle),
    CHECK_TEST(answers_one_after_the_other),
    CHECK_TEST(keeps_the_parent_header_as_it_is),
    CHECK_TEST(sends_replies_to_who_asked_and_the_rest_to_all),
    CHECK_TEST(makes_headers_of_its_own),
    CHECK_TEST(counts_what_is_stored),
    CHECK_TEST(tells_the_language_what_was_asked),
    CHECK_TEST(waits_for_an_end_that_comes_later),
    CHECK_TEST(is_ended_from_another_thread),
    CHECK_TEST(is_not_there_without_a_transport),
    CHECK_TEST(flushes_when_a_request_ends),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
