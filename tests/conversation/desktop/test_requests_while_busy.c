/* What is answered while a cell runs, and which status the clients receive. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

#include <poll.h>

static const char code[] = "{\"code\":\"x\",\"cursor_pos\":1}";

static struct harness *start_long_cell(void)
{
    struct harness *t = harness_new(NULL);
    harness_execute(t, "long", "...");
    harness_await(t, "long", "execute_input");
    return t;
}

static void end_cell(struct harness *t)
{
    harness_send_control(t, "stop", "interrupt_request", "{}");
    harness_await(t, "long", "idle");
    harness_wait_idle(t);
}

/* The last execution_state that was sent. */
static const char *last_state(struct harness *t)
{
    const struct received *received;
    const char *state = "";
    for (size_t i = 0; (received = harness_received(t, i)); i++)
        if (received->msg->type == MSG_STATUS)
            state = received_state(received);
    return state;
}

static void wait_for_state(struct harness *t, const char *state)
{
    while (strcmp(last_state(t), state) != 0)
        poll(NULL, 0, 1);
}

static void completion_does_not_wait_for_the_cell(void)
{
    struct harness *t = start_long_cell();
    harness_execute(t, "next", "= next");
    harness_send(t, "complete", "complete_request", code);
    harness_send(t, "inspect", "inspect_request", code);
    harness_send(t, "ready", "is_complete_request", code);
    harness_await(t, "ready", "idle");
    CHECK_TRANSCRIPT(t, "complete", "busy complete_reply:ok idle");
    CHECK_TRANSCRIPT(t, "inspect", "busy inspect_reply:ok idle");
    CHECK_TRANSCRIPT(t, "ready", "busy is_complete_reply:complete idle");
    CHECK(!harness_find(t, "long", "idle"));
    end_cell(t);
    CHECK_TRANSCRIPT(t, "long",
                     "busy execute_input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    CHECK_TRANSCRIPT(t, "next", "busy execute_reply:aborted idle");
    harness_free(t);
}

/* A client's other requests are not overtaken: their replies keep the order of the requests. */
static void completion_overtakes_execute_requests_only(void)
{
    struct harness *t = start_long_cell();
    harness_send(t, "history", "history_request", "{\"hist_access_type\":\"tail\",\"n\":1}");
    harness_send(t, "behind", "complete_request", code);
    harness_send_control(t, "info", "kernel_info_request", "{}");
    harness_await(t, "info", "idle");
    harness_send_message(
        t, &(struct client_message){.header = "{\"msg_id\":\"other\",\"session\":\"another\","
                                              "\"msg_type\":\"complete_request\"}",
                                    .content = code});
    harness_await(t, "other", "idle");
    CHECK(!harness_find(t, "behind", "busy"));
    end_cell(t);
    harness_await(t, "behind", "idle");
    CHECK(harness_find_index(t, "history", "idle") < harness_find_index(t, "behind", "busy"));
    harness_free(t);
}

/* The thread of the completion may send it after the completion's idle. */
static void sends_busy_again_while_the_cell_runs(void)
{
    struct harness *t = start_long_cell();
    for (int i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof id, "q%d", i);
        harness_send(t, id, "complete_request", code);
        harness_await(t, id, "idle");
        wait_for_state(t, "busy");
        snprintf(id, sizeof id, "i%d", i);
        harness_send_control(t, id, "kernel_info_request", "{}");
        harness_await(t, id, "idle");
        wait_for_state(t, "busy");
    }
    end_cell(t);
    CHECK_TEXT(last_state(t), "idle");
    harness_free(t);
}

/* Whichever of a cell and a completion ends first. */
static void idle_is_last_when_both_end_at_once(void)
{
    struct harness *t = harness_new(NULL);
    char cell[16], completion[16];
    for (int i = 0; i < 50; i++) {
        snprintf(cell, sizeof cell, "c%d", i);
        snprintf(completion, sizeof completion, "q%d", i);
        harness_execute(t, cell, "...");
        harness_await(t, cell, "execute_input");
        harness_send(t, completion, "complete_request", code);
        harness_send_control(t, "stop", "interrupt_request", "{}");
        harness_await(t, cell, "idle");
        harness_await(t, completion, "idle");
        harness_wait_idle(t);
        CHECK_TEXT(last_state(t), "idle");
        CHECK_TRANSCRIPT(t, completion, "busy complete_reply:ok idle");
    }
    harness_free(t);
}

static void usage_request_does_not_wait(void)
{
    struct harness *t = start_long_cell();
    harness_send_control(t, "use", "usage_request", "{}");
    harness_await(t, "use", "idle");
    harness_send_control(t, "again", "usage_request", "{}");
    harness_await(t, "again", "idle");
    CHECK_TRANSCRIPT(t, "use", "busy control/usage_reply:ok idle");
    const struct received *reply = harness_find(t, "again", "usage_reply");
    CHECK(json_is_integer(json_object_get(reply->content, "pid")));
    CHECK(json_is_real(json_object_get(reply->content, "kernel_cpu")));
    CHECK(json_integer_value(json_object_get(reply->content, "kernel_memory")) > 100000);
    const json_t *memory = json_object_get(reply->content, "host_virtual_memory");
    CHECK_INT((long)json_object_size(memory), 11);
    end_cell(t);
    harness_free(t);
}

/* It is asked when the cell has ended. */
static void waits_when_the_interpreter_has_one_thread(void)
{
    struct interp *echo = NULL;
    CHECK_INT(echo_new(&echo), 0);
    struct interp_impl single = *echo->impl;
    single.enter = NULL;
    echo->impl = &single;
    struct harness *t = harness_new(&(struct harness_options){.interp = echo});
    harness_execute(t, "long", "...");
    harness_await(t, "long", "execute_input");
    harness_send(t, "complete", "complete_request", code);
    harness_send_control(t, "use", "usage_request", "{}");
    harness_send_control(t, "info", "kernel_info_request", "{}");
    harness_await(t, "info", "idle");
    CHECK(!harness_find(t, "complete", "busy"));
    CHECK(!harness_find(t, "use", "busy"));
    end_cell(t);
    harness_await(t, "use", "idle");
    CHECK_TRANSCRIPT(t, "complete", "busy complete_reply:ok idle");
    harness_free(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(completion_does_not_wait_for_the_cell),
    CHECK_TEST(completion_overtakes_execute_requests_only),
    CHECK_TEST(sends_busy_again_while_the_cell_runs),
    CHECK_TEST(idle_is_last_when_both_end_at_once),
    CHECK_TEST(usage_request_does_not_wait),
    CHECK_TEST(waits_when_the_interpreter_has_one_thread),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
