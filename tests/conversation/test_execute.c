/* execute_request: what is sent, in which order, to whom. */
#include "kernel/desktop/threads.h"
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

#include <errno.h>
#include <pthread.h>

static void sends_busy_input_output_reply_idle(void)
{
    struct harness *t = harness_new(NULL);
    harness_execute(t, "a", "hello");
    harness_execute(t, "b", "= 42");
    harness_execute(t, "c", "! bad");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "", "starting");
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stdout(hello) execute_reply:ok[1] idle");
    CHECK_TRANSCRIPT(t, "b",
                     "busy execute_input[2] execute_result[2](42) execute_reply:ok[2] idle");
    CHECK_TRANSCRIPT(t, "c", "busy execute_input[3] stderr(bad) execute_reply:error[3](Echo) idle");
    check_all_answered(t);
    harness_free(t);
}

static void answers_in_order(void)
{
    char id[8], before[8] = "";
    struct harness *t = harness_new(NULL);
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof id, "%d", i);
        harness_execute(t, id, "x");
    }
    harness_wait_idle(t);
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof id, "%d", i);
        if (*before)
            CHECK(harness_find_index(t, before, "idle") < harness_find_index(t, id, "busy"));
        snprintf(before, sizeof before, "%s", id);
    }
    check_all_answered(t);
    harness_free(t);
}

static void keeps_the_parent_header_verbatim(void)
{
    static const char header[] =
        "{ \"msg_id\" : \"a\",\t\"msg_type\":\"execute_request\",\n"
        "  \"subshell_id\":null, \"x\":[1.50, 1e5, -0, \"\\u00e9\xc3\xa9\\/\"],"
        " \"x\":2 } ";
    struct harness *t = harness_new(NULL);
    harness_send_message(
        t, &(struct client_message){.header = header, .content = "{\"code\":\"= 1\"}"});
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] execute_result[1](1) execute_reply:ok[1] idle");
    const struct received *received;
    for (size_t i = 1; (received = harness_received(t, i)); i++)
        CHECK_SPAN(received->msg->parent, SPAN(header));
    harness_free(t);
}

static struct span identity(const struct received *received)
{
    struct bytes **route = received->msg->route;
    return CHECK_INT(message_list_count(route), 1) ? route[0]->view : SPAN("");
}

static void replies_to_the_client_and_publishes_to_all(void)
{
    struct harness *t = harness_new(NULL);
    static const char *const clients[] = {"one", "two"};
    for (int i = 0; i < 2; i++)
        harness_send_message(t, &(struct client_message){.client = clients[i],
                                                         .id = clients[i],
                                                         .type = "execute_request",
                                                         .content = "{\"code\":\"hi\"}"});
    harness_wait_idle(t);
    for (int i = 0; i < 2; i++) {
        const struct received *reply = harness_await(t, clients[i], "execute_reply");
        CHECK_INT(reply->msg->channel, CHANNEL_SHELL);
        CHECK_SPAN(identity(reply), span_of(clients[i]));
        const struct received *stream = harness_await(t, clients[i], "stream");
        CHECK_INT(stream->msg->channel, CHANNEL_IOPUB);
        CHECK(identity(stream).len > 7 && memcmp(identity(stream).ptr, "kernel.", 7) == 0);
    }
    harness_free(t);
}

static void makes_its_own_headers(void)
{
    struct harness *t = harness_new(NULL);
    harness_execute(t, "a", "= 1");
    harness_wait_idle(t);
    const struct received *received;
    struct span last = SPAN("");
    char session[80] = "";
    for (size_t i = 0; (received = harness_received(t, i)); i++) {
        json_t *header = json_loadb(received->msg->header.ptr, received->msg->header.len, 0, NULL);
        CHECK(!span_equal(last, received->msg->id) && received->msg->id.len > 0);
        CHECK_TEXT(member_text(header, "version"), "5.5");
        CHECK_INT(strlen(member_text(header, "date")), 27);
        if (*session)
            CHECK_TEXT(member_text(header, "session"), session);
        snprintf(session, sizeof session, "%s", member_text(header, "session"));
        last = received->msg->id;
        json_decref(header);
    }
    harness_free(t);
}

static void counts_stored_cells(void)
{
    static const struct {
        const char *content, *transcript;
    } cells[] = {
        {"{\"code\":\"x\"}", "busy execute_input[1] stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"x\",\"silent\":true}", "busy stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"x\",\"store_history\":false}",
         "busy execute_input[2] stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"x\",\"silent\":true,\"store_history\":true}",
         "busy stdout(x) execute_reply:ok[1] idle"},
        {"{\"code\":\"\"}", "busy execute_input[2] execute_reply:ok[1] idle"},
        {"{\"code\":\" \\n\\t\"}", "busy execute_input[2] stdout( \n\t) execute_reply:ok[1] idle"},
        {"{\"code\":\"y\"}", "busy execute_input[2] stdout(y) execute_reply:ok[2] idle"},
        {"{\"code\":\"! z\"}", "busy execute_input[3] stderr(z) execute_reply:error[3](Echo) idle"},
        {"{\"code\":\"= z\"}",
         "busy execute_input[4] execute_result[4](z) execute_reply:ok[4] idle"},
        {"{\"code\":\"x\",\"silent\":1,\"store_history\":\"no\",\"allow_stdin\":[],"
         "\"stop_on_error\":{},\"user_expressions\":null}",
         "busy execute_input[5] stdout(x) execute_reply:ok[5] idle"},
    };
    struct harness *t = harness_new(NULL);
    char id[8];
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        snprintf(id, sizeof id, "%zu", i);
        harness_send(t, id, "execute_request", cells[i].content);
        harness_wait_idle(t);
        CHECK_TRANSCRIPT(t, id, cells[i].transcript);
    }
    check_all_answered(t);
    harness_free(t);
}

struct recorded {
    struct execution execution;
    char expressions[256], code[256];
    struct interp_host *host;
    struct request *request;
    bool later;
    pthread_t thread;
};

static void record_execution(struct interp_host *host, struct request *request,
                             const struct execution *execution, void *user)
{
    struct recorded *recorded = user;
    recorded->execution = *execution;
    recorded->host = host;
    recorded->request = request;
    snprintf(recorded->expressions, sizeof recorded->expressions, "%.*s",
             (int)execution->user_expressions.len, execution->user_expressions.ptr);
    snprintf(recorded->code, sizeof recorded->code, "%.*s", (int)execution->code.len,
             execution->code.ptr);
    if (!recorded->later)
        fake_interp_done(host, request, true);
}

static void passes_the_request_to_the_interpreter(void)
{
    struct recorded recorded = {0};
    struct harness *t = harness_new(&(struct harness_options){
        .interp = fake_interp_new(record_execution, &recorded), .run_by_test = true});
    harness_send(t, "a", "execute_request",
                 "{\"code\":\"caf\\u00e9\",\"allow_stdin\":false,"
                 "\"user_expressions\":{\"b\" : \"\\u00e9 + 1\", \"a\":\"\\\"\"}}");
    harness_run(t);
    CHECK_TEXT(recorded.code, "caf\xc3\xa9");
    CHECK_TEXT(recorded.expressions, "{\"b\":\"\xc3\xa9 + 1\",\"a\":\"\\\"\"}");
    CHECK_INT(recorded.execution.count, 1);
    CHECK(!recorded.execution.silent && recorded.execution.store_history &&
          !recorded.execution.allow_stdin);
    harness_send(t, "b", "execute_request", "{\"code\":\"\",\"silent\":true}");
    harness_run(t);
    CHECK_TEXT(recorded.expressions, "{}");
    CHECK(recorded.execution.silent && !recorded.execution.store_history &&
          recorded.execution.allow_stdin);
    harness_free(t);
}

/* done() may come after execute() has returned: nothing else starts until then. */
static void waits_for_done_after_execute_returned(void)
{
    struct recorded recorded = {.later = true};
    struct harness *t = harness_new(&(struct harness_options){
        .interp = fake_interp_new(record_execution, &recorded), .run_by_test = true});
    harness_execute(t, "a", "x");
    harness_execute(t, "b", "y");
    harness_send(t, "c", "complete_request", "{\"code\":\"z\"}");
    CHECK(harness_run(t));
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1]");
    CHECK_TRANSCRIPT(t, "b", "");
    CHECK(harness_run(t));
    CHECK_TRANSCRIPT(t, "b", "");
    harness_host(t)->impl->write(harness_host(t), recorded.request, STREAM_STDOUT, SPAN("late"));
    recorded.later = false;
    fake_interp_done(harness_host(t), recorded.request, true);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stdout(late) execute_reply:ok[1] idle");
    CHECK(harness_run(t));
    CHECK_TRANSCRIPT(t, "b", "busy execute_input[2] execute_reply:ok[2] idle");
    CHECK_TRANSCRIPT(t, "c", "busy complete_reply:ok idle");
    check_all_answered(t);
    harness_free(t);
}

static void *call_done(void *user)
{
    struct recorded *recorded = user;
    fake_interp_done(recorded->host, recorded->request, false);
    return NULL;
}

/* execute() returns while another thread calls done(): either may be the first. */
static void call_done_in_a_thread(struct interp_host *host, struct request *request,
                                  const struct execution *execution, void *user)
{
    struct recorded *recorded = user;
    (void)execution;
    recorded->host = host;
    recorded->request = request;
    if (recorded->later)
        pthread_join(recorded->thread, NULL);
    recorded->later = true;
    CHECK_INT(pthread_create(&recorded->thread, NULL, call_done, recorded), 0);
}

/* done() may come from any thread (interp.h): the next cell does not start before it. */
static void accepts_done_from_another_thread(void)
{
    enum { CELLS = 50, ROUNDS = 20 };
    char id[8];
    for (int round = 0; round < ROUNDS; round++) {
        struct recorded recorded = {0};
        struct harness *t = harness_new(&(struct harness_options){
            .interp = fake_interp_new(call_done_in_a_thread, &recorded), .run_by_test = true});
        for (int i = 0; i < CELLS; i++) {
            snprintf(id, sizeof id, "%d", i);
            harness_send(t, id, "execute_request", "{\"code\":\"x\",\"stop_on_error\":false}");
        }
        while (!harness_find(t, id, "idle"))
            harness_run(t);
        pthread_join(recorded.thread, NULL);
        CHECK_TRANSCRIPT(t, id, "busy execute_input[50] execute_reply:error[50](FakeError) idle");
        long last = -1;
        for (int i = 0; i < CELLS; i++) {
            snprintf(id, sizeof id, "%d", i);
            CHECK(last < harness_find_index(t, id, "busy"));
            last = harness_find_index(t, id, "idle");
        }
        harness_free(t);
    }
}

/* The transport is flushed with the idle, not a millisecond later. */
static void flushes_when_a_request_ends(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_execute(t, "a", "x");
    harness_run(t);
    CHECK_INT(harness_flushed(t), harness_find_index(t, "a", "idle") + 1);
    harness_send_control(t, "b", "kernel_info_request", NULL);
    harness_wait_delivered(t);
    CHECK_INT(harness_flushed(t), harness_find_index(t, "b", "idle") + 1);
    harness_send(t, "c", "history_request", NULL);
    harness_run(t);
    CHECK_INT(harness_flushed(t), harness_find_index(t, "c", "idle") + 1);
    harness_free(t);
}

static int fail_to_start(struct transport *t, const struct transport_sink *sink)
{
    (void)t, (void)sink;
    return -EMFILE;
}

static void fails_without_a_transport(void)
{
    static const struct transport_impl impl = {.start = fail_to_start};
    struct transport broken = {&impl};
    struct interp *interp = fake_interp_new(record_execution, NULL);
    struct kernel_options options = {.user = NULL};
    struct kernel *kernel = NULL;
    CHECK_INT(threads_new(&options.threads), 0);
    CHECK_INT(kernel_new(interp, &broken, &options, &kernel), -EMFILE);
    CHECK(!kernel);
    interp->impl->destroy(interp);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(sends_busy_input_output_reply_idle),
    CHECK_TEST(answers_in_order),
    CHECK_TEST(keeps_the_parent_header_verbatim),
    CHECK_TEST(replies_to_the_client_and_publishes_to_all),
    CHECK_TEST(makes_its_own_headers),
    CHECK_TEST(counts_stored_cells),
    CHECK_TEST(passes_the_request_to_the_interpreter),
    CHECK_TEST(waits_for_done_after_execute_returned),
    CHECK_TEST(accepts_done_from_another_thread),
    CHECK_TEST(fails_without_a_transport),
    CHECK_TEST(flushes_when_a_request_ends),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
