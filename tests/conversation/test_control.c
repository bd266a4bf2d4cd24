/* Requests on control, and kernel_info_request: what is answered while a cell runs. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

enum { ROUNDS = 300 };

static void answers_on_control_while_a_cell_runs(void)
{
    struct harness *t = harness_new(NULL);
    harness_execute(t, "a", "...");
    harness_await(t, "a", "execute_input");
    harness_send_control(t, "b", "kernel_info_request", NULL);
    harness_await(t, "b", "idle");
    harness_send_control(t, "c", "debug_request", "{\"command\":\"initialize\"}");
    harness_await(t, "c", "idle");
    harness_send_control(t, "d", "connect_request", NULL);
    harness_await(t, "d", "idle");
    harness_send_control(t, "e", "kernel_info_request", "nonsense");
    harness_await(t, "e", "idle");
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1]");
    CHECK_TRANSCRIPT(t, "b", "busy control/kernel_info_reply:ok idle");
    CHECK_TRANSCRIPT(t, "c", "busy control/debug_reply:error(NotImplementedError) idle");
    CHECK_TRANSCRIPT(t, "d", "busy control/connect_reply:ok idle");
    CHECK_TRANSCRIPT(t, "e", "busy control/kernel_info_reply:error(ValueError) idle");
    harness_send_control(t, "f", "interrupt_request", NULL);
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "f", "busy control/interrupt_reply:ok idle");
    CHECK_TRANSCRIPT(t, "a",
                     "busy execute_input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    check_all_answered(t);
    harness_free(t);
}

/* What needs the interpreter waits, and is answered on the channel it came from. */
static void queues_other_requests_on_control(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_send_control(t, "a", "execute_request", "{\"code\":\"x\"}");
    harness_send_control(t, "b", "comm_info_request", NULL);
    harness_wait_delivered(t);
    CHECK_TRANSCRIPT(t, "a", "");
    harness_run(t);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stdout(x) control/execute_reply:ok[1] idle");
    CHECK_TRANSCRIPT(t, "b", "busy control/comm_info_reply:ok idle");
    harness_free(t);
}

static void answers_kernel_info_before_the_interpreter_runs(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_send(t, "a", "kernel_info_request", NULL);
    harness_wait_delivered(t);
    CHECK_TRANSCRIPT(t, "a", "busy kernel_info_reply:ok idle");
    const json_t *content = harness_await(t, "a", "kernel_info_reply")->content;
    CHECK_TEXT(member_text(content, "protocol_version"), "5.5");
    CHECK_TEXT(member_text(content, "implementation"), "echo");
    CHECK_TEXT(member_text(json_object_get(content, "language_info"), "name"), "echo");
    CHECK(json_is_array(json_object_get(content, "help_links")));
    CHECK(json_is_array(json_object_get(content, "supported_features")));
    harness_free(t);
}

static void answers_kernel_info_in_order(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_execute(t, "a", "x");
    harness_send(t, "b", "kernel_info_request", NULL);
    harness_wait_delivered(t);
    CHECK_TRANSCRIPT(t, "b", "");
    harness_run(t);
    CHECK_TRANSCRIPT(t, "b", "busy kernel_info_reply:ok idle");
    CHECK(harness_find_index(t, "a", "idle") < harness_find_index(t, "b", "busy"));
    harness_free(t);
}

static void request_kernel_info(struct harness *t, const struct message *msg, void *user)
{
    (void)user;
    if (msg->type == MSG_EXECUTE_INPUT)
        harness_send(t, "info", "kernel_info_request", NULL);
}

/* Replies on one channel keep the order of the requests, whatever the cell does by then. */
static void kernel_info_never_overtakes_a_cell(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct harness *t = harness_new(&(struct harness_options){.on_send = request_kernel_info});
        harness_execute(t, "a", "x");
        harness_await(t, "info", "idle");
        harness_wait_idle(t);
        CHECK(harness_find_index(t, "a", "execute_reply") <
              harness_find_index(t, "info", "kernel_info_reply"));
        if (!CHECK(harness_find_index(t, "a", "idle") < harness_find_index(t, "info", "busy"))) {
            harness_print(t);
            round = ROUNDS;
        }
        harness_free(t);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(answers_on_control_while_a_cell_runs),
    CHECK_TEST(queues_other_requests_on_control),
    CHECK_TEST(answers_kernel_info_before_the_interpreter_runs),
    CHECK_TEST(answers_kernel_info_in_order),
    CHECK_TEST(kernel_info_never_overtakes_a_cell),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
