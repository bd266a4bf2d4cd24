/* shutdown_request, and kernel_stop(). */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

#include <poll.h>

enum { ROUNDS = 300 };

struct stop_calls {
    atomic_int calls, restarts;
};

static void count_stop_call(void *user, bool restart)
{
    struct stop_calls *stop_calls = user;
    atomic_fetch_add(&stop_calls->calls, 1);
    atomic_fetch_add(&stop_calls->restarts, restart);
}

static struct harness *new_harness(struct stop_calls *stop_calls, bool run_by_test)
{
    return harness_new(&(struct harness_options){
        .stopping = count_stop_call, .user = stop_calls, .run_by_test = run_by_test});
}

static void check_shutdown(const char *content, bool restart)
{
    struct stop_calls stop_calls = {0};
    struct harness *t = new_harness(&stop_calls, false);
    harness_send_control(t, "end", "shutdown_request", content);
    harness_wait_stopped(t);
    harness_await(t, "end", "idle");
    CHECK_TRANSCRIPT(t, "end", "busy control/shutdown_reply:ok iopub/shutdown_reply:ok idle");
    const json_t *reply = harness_await(t, "end", "shutdown_reply")->content;
    CHECK_INT(json_is_true(json_object_get(reply, "restart")), restart);
    CHECK_INT(atomic_load(&stop_calls.calls), 1);
    CHECK_INT(atomic_load(&stop_calls.restarts), restart);
    check_all_answered(t);
    harness_free(t);
}

static void shuts_down_with_a_reply(void)
{
    check_shutdown("{\"restart\":false}", false);
    check_shutdown("{\"restart\":true}", true);
    check_shutdown("{}", false);
    check_shutdown("{\"restart\":1}", false);
}

static void shuts_down_on_shell(void)
{
    struct stop_calls stop_calls = {0};
    struct harness *t = new_harness(&stop_calls, true);
    harness_execute(t, "a", "x");
    harness_send(t, "end", "shutdown_request", "{\"restart\":true}");
    harness_execute(t, "b", "y");
    CHECK(!harness_run(t));
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stdout(x) execute_reply:ok[1] idle");
    CHECK_TRANSCRIPT(t, "end", "busy shutdown_reply:ok iopub/shutdown_reply:ok idle");
    CHECK_TRANSCRIPT(t, "b", "");
    CHECK_INT(atomic_load(&stop_calls.restarts), 1);
    CHECK(!harness_run(t));
    harness_free(t);
}

static void shutdown_interrupts_the_cell(void)
{
    struct stop_calls stop_calls = {0};
    struct harness *t = new_harness(&stop_calls, false);
    harness_execute(t, "a", "...");
    harness_execute(t, "b", "never");
    harness_await(t, "a", "execute_input");
    harness_send_control(t, "end", "shutdown_request", NULL);
    harness_wait_stopped(t);
    CHECK_TRANSCRIPT(t, "a",
                     "busy execute_input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    CHECK_TRANSCRIPT(t, "b", "");
    CHECK_INT(atomic_load(&stop_calls.calls), 1);
    harness_free(t);
}

static void shutdown_ends_input(void)
{
    struct harness *t = harness_new(NULL);
    harness_execute(t, "a", "? name");
    harness_await(t, "a", "input_request");
    harness_send_control(t, "end", "shutdown_request", NULL);
    harness_wait_stopped(t);
    CHECK_TRANSCRIPT(
        t, "a", "busy execute_input[1] input_request(name) execute_reply:error[1](EOFError) idle");
    harness_free(t);
}

static void accepts_two_shutdown_requests(void)
{
    struct stop_calls stop_calls = {0};
    struct harness *t = new_harness(&stop_calls, false);
    harness_send_control(t, "end", "shutdown_request", NULL);
    harness_send_control(t, "again", "shutdown_request", "{\"restart\":true}");
    harness_await(t, "again", "idle");
    harness_wait_stopped(t);
    CHECK_TRANSCRIPT(t, "again", "busy control/shutdown_reply:ok iopub/shutdown_reply:ok idle");
    harness_send_control(t, "info", "kernel_info_request", NULL);
    harness_await(t, "info", "idle");
    CHECK_INT(atomic_load(&stop_calls.calls), 1);
    harness_free(t);
}

static void kernel_stop_ends_the_cell(void)
{
    struct stop_calls stop_calls = {0};
    struct harness *t = new_harness(&stop_calls, false);
    harness_execute(t, "a", "...");
    harness_await(t, "a", "execute_input");
    kernel_stop(harness_kernel(t));
    kernel_stop(harness_kernel(t));
    harness_wait_stopped(t);
    CHECK_INT(atomic_load(&stop_calls.calls), 0);
    CHECK_TRANSCRIPT(t, "a",
                     "busy execute_input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    harness_free(t);
}

/* At any moment: nothing may hang, nothing may leak. */
static void shuts_down_at_any_moment(void)
{
    static const char *const codes[] = {"x", "...", "? p", "! bad", "= 1"};
    char id[8];
    for (int round = 0; round < ROUNDS; round++) {
        struct harness *t = harness_new(NULL);
        for (int i = 0; i < 5; i++) {
            snprintf(id, sizeof id, "%d", i);
            harness_execute(t, id, codes[(round + i) % 5]);
        }
        if (round % 3)
            poll(NULL, 0, round % 3 - 1);
        harness_send_control(t, "end", "shutdown_request", NULL);
        harness_wait_stopped(t);
        harness_await(t, "end", "idle");
        harness_free(t);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(shuts_down_with_a_reply),       CHECK_TEST(shuts_down_on_shell),
    CHECK_TEST(shutdown_interrupts_the_cell),  CHECK_TEST(shutdown_ends_input),
    CHECK_TEST(accepts_two_shutdown_requests), CHECK_TEST(kernel_stop_ends_the_cell),
    CHECK_TEST(shuts_down_at_any_moment),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
