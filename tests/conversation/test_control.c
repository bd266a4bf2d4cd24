/* What is answered while a cell runs, interrupts, and the end. */
#include "tests/conversation/fake_interp.h"
#include "tests/conversation/transcript.h"

#include <poll.h>

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

/* What needs the language waits, and is answered on the channel it came from. */
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

/* On the same channel a reply does not overtake another, wherever the cell is by then. */
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

/* --- interrupts ------------------------------------------------------------------------------ */

static void interrupt_on_busy(struct harness *t, const struct message *msg, void *user)
{
    const struct span *when = user;
    static const struct span cell = {"\"a\"", 3};
    if (memmem(msg->parent.ptr, msg->parent.len, cell.ptr, cell.len) &&
        memmem(msg->content.ptr, msg->content.len, when->ptr, when->len))
        harness_send_control(t, "stop", "interrupt_request", NULL);
}

static void check_interrupted(struct span when)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct harness *t =
            harness_new(&(struct harness_options){.on_send = interrupt_on_busy, .user = &when});
        harness_execute(t, "a", "...");
        harness_await(t, "a", "idle");
        harness_wait_idle(t);
        harness_free(t);
    }
}

/* Who sees that a cell is busy can end it, however little of it has happened. */
static void interrupts_a_cell_from_busy_on(void) { check_interrupted(SPAN("busy")); }

static void interrupts_a_cell_from_execute_input_on(void) { check_interrupted(SPAN("code")); }

static void check_runs_on(struct harness *t, const char *id)
{
    harness_await(t, id, "execute_input");
    poll(NULL, 0, 30);
    CHECK(!harness_find(t, id, "execute_reply"));
    harness_send_control(t, "end", "interrupt_request", NULL);
    harness_await(t, id, "idle");
}

/* An interrupt is for what runs, not for what comes after it. */
static void ignores_interrupts_while_no_cell_runs(void)
{
    struct harness *t = harness_new(NULL);
    harness_send_control(t, "stop", "interrupt_request", NULL);
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "stop", "busy control/interrupt_reply:ok idle");
    harness_execute(t, "a", "...");
    check_runs_on(t, "a");
    harness_free(t);
}

static void ignores_interrupts_on_shell(void)
{
    struct harness *t = harness_new(&(struct harness_options){0});
    harness_send(t, "stop", "interrupt_request", NULL);
    harness_execute(t, "a", "...");
    check_runs_on(t, "a");
    CHECK_TRANSCRIPT(t, "stop", "busy interrupt_reply:ok idle");
    harness_free(t);
}

/* In the kernel's thread, when a request ends and nothing holds a lock. */
static void interrupt_at_the_end(void *user, bool ends)
{
    struct harness **t = user;
    if (!ends || harness_find(*t, "stop", "busy"))
        return;
    harness_send_control(*t, "stop", "interrupt_request", NULL);
    harness_wait_delivered(*t);
}

static void ignores_interrupts_after_another_request(void)
{
    struct harness *t = NULL;
    t = harness_new(&(struct harness_options){.drain = interrupt_at_the_end, .user = &t});
    harness_send(t, "a", "complete_request", "{\"code\":\"x\"}");
    harness_execute(t, "b", "...");
    check_runs_on(t, "b");
    CHECK_TRANSCRIPT(t, "stop", "busy control/interrupt_reply:ok idle");
    harness_free(t);
}

static void interrupts_one_cell_only(void)
{
    struct harness *t = harness_new(NULL);
    harness_send(t, "a", "execute_request", "{\"code\":\"...\",\"stop_on_error\":false}");
    harness_execute(t, "b", "...");
    harness_await(t, "a", "execute_input");
    poll(NULL, 0, 5);
    harness_send_control(t, "stop", "interrupt_request", NULL);
    harness_await(t, "a", "idle");
    check_runs_on(t, "b");
    harness_free(t);
}

/* --- the end --------------------------------------------------------------------------------- */

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

/* Whatever moment it comes at: nothing may hang, nothing may leak. */
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
    CHECK_TEST(answers_on_control_while_a_cell_runs),
    CHECK_TEST(queues_other_requests_on_control),
    CHECK_TEST(answers_kernel_info_before_the_interpreter_runs),
    CHECK_TEST(answers_kernel_info_in_order),
    CHECK_TEST(kernel_info_never_overtakes_a_cell),
    CHECK_TEST(interrupts_a_cell_from_busy_on),
    CHECK_TEST(interrupts_a_cell_from_execute_input_on),
    CHECK_TEST(ignores_interrupts_while_no_cell_runs),
    CHECK_TEST(ignores_interrupts_on_shell),
    CHECK_TEST(ignores_interrupts_after_another_request),
    CHECK_TEST(interrupts_one_cell_only),
    CHECK_TEST(shuts_down_with_a_reply),
    CHECK_TEST(shuts_down_on_shell),
    CHECK_TEST(shutdown_interrupts_the_cell),
    CHECK_TEST(shutdown_ends_input),
    CHECK_TEST(accepts_two_shutdown_requests),
    CHECK_TEST(kernel_stop_ends_the_cell),
    CHECK_TEST(shuts_down_at_any_moment),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
