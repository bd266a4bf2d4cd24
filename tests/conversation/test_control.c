/* What is answered while a cell runs, interrupts, and the end. */
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

#include <poll.h>

enum { ROUNDS = 300 };

static void answers_on_control_while_a_cell_runs(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_execute(t, "a", "...");
    theatre_await(t, "a", "execute_input");
    theatre_control(t, "b", "kernel_info_request", NULL);
    theatre_await(t, "b", "idle");
    theatre_control(t, "c", "debug_request", "{\"command\":\"initialize\"}");
    theatre_await(t, "c", "idle");
    theatre_control(t, "d", "connect_request", NULL);
    theatre_await(t, "d", "idle");
    theatre_control(t, "e", "kernel_info_request", "nonsense");
    theatre_await(t, "e", "idle");
    CHECK_STORY(t, "a", "busy input[1]");
    CHECK_STORY(t, "b", "busy control/kernel_info_reply:ok idle");
    CHECK_STORY(t, "c", "busy control/debug_reply:error(NotImplementedError) idle");
    CHECK_STORY(t, "d", "busy control/connect_reply:ok idle");
    CHECK_STORY(t, "e", "busy control/kernel_info_reply:error(ValueError) idle");
    theatre_control(t, "f", "interrupt_request", NULL);
    theatre_rest(t);
    CHECK_STORY(t, "f", "busy control/interrupt_reply:ok idle");
    CHECK_STORY(t, "a", "busy input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    promise_check_all(t);
    theatre_close(t);
}

/* What needs the language waits, and is answered on the channel it came from. */
static void queues_the_rest_of_control(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_control(t, "a", "execute_request", "{\"code\":\"x\"}");
    theatre_control(t, "b", "comm_info_request", NULL);
    theatre_deliver(t);
    CHECK_STORY(t, "a", "");
    theatre_run(t);
    CHECK_STORY(t, "a", "busy input[1] stdout(x) control/execute_reply:ok[1] idle");
    CHECK_STORY(t, "b", "busy control/comm_info_reply:ok idle");
    theatre_close(t);
}

static void tells_about_itself_before_the_language_runs(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_say(t, "a", "kernel_info_request", NULL);
    theatre_deliver(t);
    CHECK_STORY(t, "a", "busy kernel_info_reply:ok idle");
    const json_t *content = theatre_await(t, "a", "kernel_info_reply")->content;
    CHECK_TEXT(story_member(content, "protocol_version"), "5.5");
    CHECK_TEXT(story_member(content, "implementation"), "echo");
    CHECK_TEXT(story_member(json_object_get(content, "language_info"), "name"), "echo");
    CHECK(json_is_array(json_object_get(content, "help_links")));
    CHECK(json_is_array(json_object_get(content, "supported_features")));
    theatre_close(t);
}

static void tells_about_itself_in_its_turn(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_execute(t, "a", "x");
    theatre_say(t, "b", "kernel_info_request", NULL);
    theatre_deliver(t);
    CHECK_STORY(t, "b", "");
    theatre_run(t);
    CHECK_STORY(t, "b", "busy kernel_info_reply:ok idle");
    CHECK(story_place(t, "a", "idle") < story_place(t, "b", "busy"));
    theatre_close(t);
}

static void ask_who(struct theatre *t, const struct message *msg, void *user)
{
    (void)user;
    if (msg->type == MSG_EXECUTE_INPUT)
        theatre_say(t, "info", "kernel_info_request", NULL);
}

/* On the same channel a reply does not overtake another, wherever the cell is by then. */
static void never_tells_about_itself_out_of_turn(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct theatre *t = theatre_open(&(struct theatre_options){.on_send = ask_who});
        theatre_execute(t, "a", "x");
        theatre_await(t, "info", "idle");
        theatre_rest(t);
        CHECK(story_place(t, "a", "execute_reply") < story_place(t, "info", "kernel_info_reply"));
        if (!CHECK(story_place(t, "a", "idle") < story_place(t, "info", "busy"))) {
            theatre_print(t);
            round = ROUNDS;
        }
        theatre_close(t);
    }
}

/* --- interrupts ------------------------------------------------------------------------------ */

static void interrupt_on_busy(struct theatre *t, const struct message *msg, void *user)
{
    const struct span *when = user;
    static const struct span cell = {"\"a\"", 3};
    if (memmem(msg->parent.ptr, msg->parent.len, cell.ptr, cell.len) &&
        memmem(msg->content.ptr, msg->content.len, when->ptr, when->len))
        theatre_control(t, "stop", "interrupt_request", NULL);
}

static void check_interrupted(struct span when)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct theatre *t =
            theatre_open(&(struct theatre_options){.on_send = interrupt_on_busy, .user = &when});
        theatre_execute(t, "a", "...");
        theatre_await(t, "a", "idle");
        theatre_rest(t);
        theatre_close(t);
    }
}

/* Who sees that a cell is busy can end it, however little of it has happened. */
static void ends_a_cell_that_is_told_as_busy(void) { check_interrupted(SPAN("busy")); }

static void ends_a_cell_whose_input_was_told(void) { check_interrupted(SPAN("code")); }

static void check_runs_on(struct theatre *t, const char *id)
{
    theatre_await(t, id, "execute_input");
    poll(NULL, 0, 30);
    CHECK(!theatre_find(t, id, "execute_reply"));
    theatre_control(t, "end", "interrupt_request", NULL);
    theatre_await(t, id, "idle");
}

/* An interrupt is for what runs, not for what comes after it. */
static void forgets_an_interrupt_while_nothing_runs(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_control(t, "stop", "interrupt_request", NULL);
    theatre_rest(t);
    CHECK_STORY(t, "stop", "busy control/interrupt_reply:ok idle");
    theatre_execute(t, "a", "...");
    check_runs_on(t, "a");
    theatre_close(t);
}

static void forgets_an_interrupt_on_shell(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){0});
    theatre_say(t, "stop", "interrupt_request", NULL);
    theatre_execute(t, "a", "...");
    check_runs_on(t, "a");
    CHECK_STORY(t, "stop", "busy interrupt_reply:ok idle");
    theatre_close(t);
}

/* In the kernel's thread, when a request ends and nothing holds a lock. */
static void interrupt_at_the_end(void *user, bool ends)
{
    struct theatre **t = user;
    if (!ends || theatre_find(*t, "stop", "busy"))
        return;
    theatre_control(*t, "stop", "interrupt_request", NULL);
    theatre_deliver(*t);
}

static void forgets_an_interrupt_of_another_request(void)
{
    struct theatre *t = NULL;
    t = theatre_open(&(struct theatre_options){.drain = interrupt_at_the_end, .user = &t});
    theatre_say(t, "a", "complete_request", "{\"code\":\"x\"}");
    theatre_execute(t, "b", "...");
    check_runs_on(t, "b");
    CHECK_STORY(t, "stop", "busy control/interrupt_reply:ok idle");
    theatre_close(t);
}

static void interrupts_one_cell_only(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_say(t, "a", "execute_request", "{\"code\":\"...\",\"stop_on_error\":false}");
    theatre_execute(t, "b", "...");
    theatre_await(t, "a", "execute_input");
    poll(NULL, 0, 5);
    theatre_control(t, "stop", "interrupt_request", NULL);
    theatre_await(t, "a", "idle");
    check_runs_on(t, "b");
    theatre_close(t);
}

/* --- the end --------------------------------------------------------------------------------- */

struct ending {
    atomic_int calls, restarts;
};

static void note_ending(void *user, bool restart)
{
    struct ending *ending = user;
    atomic_fetch_add(&ending->calls, 1);
    atomic_fetch_add(&ending->restarts, restart);
}

static struct theatre *open_ending(struct ending *ending, bool by_hand)
{
    return theatre_open(
        &(struct theatre_options){.stopping = note_ending, .user = ending, .by_hand = by_hand});
}

static void check_shutdown(const char *content, bool restart)
{
    struct ending ending = {0};
    struct theatre *t = open_ending(&ending, false);
    theatre_control(t, "end", "shutdown_request", content);
    theatre_wait_stopped(t);
    theatre_await(t, "end", "idle");
    CHECK_STORY(t, "end", "busy control/shutdown_reply:ok iopub/shutdown_reply:ok idle");
    const json_t *reply = theatre_await(t, "end", "shutdown_reply")->content;
    CHECK_INT(json_is_true(json_object_get(reply, "restart")), restart);
    CHECK_INT(atomic_load(&ending.calls), 1);
    CHECK_INT(atomic_load(&ending.restarts), restart);
    promise_check_all(t);
    theatre_close(t);
}

static void ends_and_says_so(void)
{
    check_shutdown("{\"restart\":false}", false);
    check_shutdown("{\"restart\":true}", true);
    check_shutdown("{}", false);
    check_shutdown("{\"restart\":1}", false);
}

static void ends_on_shell_too(void)
{
    struct ending ending = {0};
    struct theatre *t = open_ending(&ending, true);
    theatre_execute(t, "a", "x");
    theatre_say(t, "end", "shutdown_request", "{\"restart\":true}");
    theatre_execute(t, "b", "y");
    CHECK(!theatre_run(t));
    CHECK_STORY(t, "a", "busy input[1] stdout(x) execute_reply:ok[1] idle");
    CHECK_STORY(t, "end", "busy shutdown_reply:ok iopub/shutdown_reply:ok idle");
    CHECK_STORY(t, "b", "");
    CHECK_INT(atomic_load(&ending.restarts), 1);
    CHECK(!theatre_run(t));
    theatre_close(t);
}

static void ends_what_runs(void)
{
    struct ending ending = {0};
    struct theatre *t = open_ending(&ending, false);
    theatre_execute(t, "a", "...");
    theatre_execute(t, "b", "never");
    theatre_await(t, "a", "execute_input");
    theatre_control(t, "end", "shutdown_request", NULL);
    theatre_wait_stopped(t);
    CHECK_STORY(t, "a", "busy input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    CHECK_STORY(t, "b", "");
    CHECK_INT(atomic_load(&ending.calls), 1);
    theatre_close(t);
}

static void ends_what_waits_for_input(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_execute(t, "a", "? name");
    theatre_await(t, "a", "input_request");
    theatre_control(t, "end", "shutdown_request", NULL);
    theatre_wait_stopped(t);
    CHECK_STORY(t, "a", "busy input[1] asks(name) execute_reply:error[1](EOFError) idle");
    theatre_close(t);
}

static void ends_twice(void)
{
    struct ending ending = {0};
    struct theatre *t = open_ending(&ending, false);
    theatre_control(t, "end", "shutdown_request", NULL);
    theatre_control(t, "again", "shutdown_request", "{\"restart\":true}");
    theatre_await(t, "again", "idle");
    theatre_wait_stopped(t);
    CHECK_STORY(t, "again", "busy control/shutdown_reply:ok iopub/shutdown_reply:ok idle");
    theatre_control(t, "info", "kernel_info_request", NULL);
    theatre_await(t, "info", "idle");
    CHECK_INT(atomic_load(&ending.calls), 1);
    theatre_close(t);
}

static void ends_without_a_word(void)
{
    struct ending ending = {0};
    struct theatre *t = open_ending(&ending, false);
    theatre_execute(t, "a", "...");
    theatre_await(t, "a", "execute_input");
    kernel_stop(theatre_kernel(t));
    kernel_stop(theatre_kernel(t));
    theatre_wait_stopped(t);
    CHECK_INT(atomic_load(&ending.calls), 0);
    CHECK_STORY(t, "a", "busy input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    theatre_close(t);
}

/* Whatever moment it comes at: nothing may hang, nothing may leak. */
static void ends_at_any_moment(void)
{
    static const char *const codes[] = {"x", "...", "? p", "! bad", "= 1"};
    char id[8];
    for (int round = 0; round < ROUNDS; round++) {
        struct theatre *t = theatre_open(NULL);
        for (int i = 0; i < 5; i++) {
            snprintf(id, sizeof id, "%d", i);
            theatre_execute(t, id, codes[(round + i) % 5]);
        }
        if (round % 3)
            poll(NULL, 0, round % 3 - 1);
        theatre_control(t, "end", "shutdown_request", NULL);
        theatre_wait_stopped(t);
        theatre_await(t, "end", "idle");
        theatre_close(t);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(answers_on_control_while_a_cell_runs),
    CHECK_TEST(queues_the_rest_of_control),
    CHECK_TEST(tells_about_itself_before_the_language_runs),
    CHECK_TEST(tells_about_itself_in_its_turn),
    CHECK_TEST(never_tells_about_itself_out_of_turn),
    CHECK_TEST(ends_a_cell_that_is_told_as_busy),
    CHECK_TEST(ends_a_cell_whose_input_was_told),
    CHECK_TEST(forgets_an_interrupt_while_nothing_runs),
    CHECK_TEST(forgets_an_interrupt_on_shell),
    CHECK_TEST(forgets_an_interrupt_of_another_request),
    CHECK_TEST(interrupts_one_cell_only),
    CHECK_TEST(ends_and_says_so),
    CHECK_TEST(ends_on_shell_too),
    CHECK_TEST(ends_what_runs),
    CHECK_TEST(ends_what_waits_for_input),
    CHECK_TEST(ends_twice),
    CHECK_TEST(ends_without_a_word),
    CHECK_TEST(ends_at_any_moment),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
