/* stop_on_error: which requests a failed cell aborts. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

#define ABORTED "busy execute_reply:aborted idle"

static void aborts_the_cells_that_wait(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_execute(t, "a", "! bad");
    harness_execute(t, "b", "two");
    harness_send(t, "c", "complete_request", "{\"code\":\"x\"}");
    harness_execute(t, "d", "= four");
    harness_send(t, "e", "kernel_info_request", NULL);
    harness_run(t);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stderr(bad) execute_reply:error[1](Echo) idle");
    CHECK_TRANSCRIPT(t, "b", ABORTED);
    CHECK_TRANSCRIPT(t, "c", "busy complete_reply:ok idle");
    CHECK_TRANSCRIPT(t, "d", ABORTED);
    CHECK_TRANSCRIPT(t, "e", "busy kernel_info_reply:ok idle");
    CHECK(harness_find_index(t, "a", "idle") < harness_find_index(t, "b", "busy"));
    CHECK(harness_find_index(t, "b", "idle") < harness_find_index(t, "c", "busy"));
    harness_execute(t, "f", "five");
    harness_run(t);
    CHECK_TRANSCRIPT(t, "f", "busy execute_input[2] stdout(five) execute_reply:ok[2] idle");
    check_all_answered(t);
    harness_free(t);
}

static void continues_without_stop_on_error(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_send(t, "a", "execute_request", "{\"code\":\"! bad\",\"stop_on_error\":false}");
    harness_execute(t, "b", "two");
    harness_send(t, "c", "execute_request", "{\"code\":\"! bad\",\"silent\":true}");
    harness_execute(t, "d", "four");
    harness_run(t);
    CHECK_TRANSCRIPT(t, "b", "busy execute_input[2] stdout(two) execute_reply:ok[2] idle");
    CHECK_TRANSCRIPT(t, "c", "busy stderr(bad) execute_reply:error[2](Echo) idle");
    CHECK_TRANSCRIPT(t, "d", "busy execute_input[3] stdout(four) execute_reply:ok[3] idle");
    harness_free(t);
}

/* A cell that did not run is nothing that a later cell may depend on. */
static void continues_after_an_invalid_execute_request(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_send(t, "a", "execute_request", "{}");
    harness_execute(t, "b", "two");
    harness_run(t);
    CHECK_TRANSCRIPT(t, "a", "busy execute_reply:error[0](ValueError) idle");
    CHECK_TRANSCRIPT(t, "b", "busy execute_input[1] stdout(two) execute_reply:ok[1] idle");
    harness_free(t);
}

static void send_next(struct harness *t, const struct message *msg, void *user)
{
    (void)user;
    static const struct span failed = {"{\"status\":\"error\"", 17};
    if (msg->type == MSG_EXECUTE_REPLY && msg->content.len > failed.len &&
        memcmp(msg->content.ptr, failed.ptr, failed.len) == 0)
        harness_execute(t, "next", "next");
}

/* A client may send the next cell on the reply, before the idle: it knows of the error then. */
static void runs_requests_sent_after_the_error_reply(void)
{
    struct harness *t = harness_new(&(struct harness_options){.on_send = send_next});
    harness_execute(t, "a", "! bad");
    harness_await(t, "next", "idle");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "next", "busy execute_input[2] stdout(next) execute_reply:ok[2] idle");
    harness_free(t);
}

/* Whether the transport's thread has delivered them to the kernel or not. */
static void aborts_requests_sent_while_the_cell_ran(void)
{
    for (int round = 0; round < 200; round++) {
        struct harness *t = harness_new(NULL);
        harness_execute(t, "a", "? go on");
        harness_await(t, "a", "input_request");
        harness_send_input_reply(t, "somebody", NULL, "{\"value\":\"no\"}");
        harness_execute(t, "b", "two");
        harness_send_input_reply(t, "client", NULL, "{}");
        harness_execute(t, "c", "three");
        harness_wait_idle(t);
        CHECK_TRANSCRIPT(
            t, "a",
            "busy execute_input[1] input_request(go on) execute_reply:error[1](EOFError) idle");
        CHECK_TRANSCRIPT(t, "b", ABORTED);
        harness_free(t);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(aborts_the_cells_that_wait),
    CHECK_TEST(continues_without_stop_on_error),
    CHECK_TEST(continues_after_an_invalid_execute_request),
    CHECK_TEST(runs_requests_sent_after_the_error_reply),
    CHECK_TEST(aborts_requests_sent_while_the_cell_ran),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
