/* stop_on_error: which cells a failed one takes with it. */
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

#define ABORTED "busy execute_reply:aborted idle"

static void aborts_the_cells_that_wait(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_execute(t, "a", "! bad");
    theatre_execute(t, "b", "two");
    theatre_say(t, "c", "complete_request", "{\"code\":\"x\"}");
    theatre_execute(t, "d", "= four");
    theatre_say(t, "e", "kernel_info_request", NULL);
    theatre_run(t);
    CHECK_STORY(t, "a", "busy input[1] stderr(bad) execute_reply:error[1](Echo) idle");
    CHECK_STORY(t, "b", ABORTED);
    CHECK_STORY(t, "c", "busy complete_reply:ok idle");
    CHECK_STORY(t, "d", ABORTED);
    CHECK_STORY(t, "e", "busy kernel_info_reply:ok idle");
    CHECK(story_place(t, "a", "idle") < story_place(t, "b", "busy"));
    CHECK(story_place(t, "b", "idle") < story_place(t, "c", "busy"));
    theatre_execute(t, "f", "five");
    theatre_run(t);
    CHECK_STORY(t, "f", "busy input[2] stdout(five) execute_reply:ok[2] idle");
    promise_check_all(t);
    theatre_close(t);
}

static void goes_on_when_it_is_asked_to(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_say(t, "a", "execute_request", "{\"code\":\"! bad\",\"stop_on_error\":false}");
    theatre_execute(t, "b", "two");
    theatre_say(t, "c", "execute_request", "{\"code\":\"! bad\",\"silent\":true}");
    theatre_execute(t, "d", "four");
    theatre_run(t);
    CHECK_STORY(t, "b", "busy input[2] stdout(two) execute_reply:ok[2] idle");
    CHECK_STORY(t, "c", "busy stderr(bad) execute_reply:error[2](Echo) idle");
    CHECK_STORY(t, "d", "busy input[3] stdout(four) execute_reply:ok[3] idle");
    theatre_close(t);
}

/* What the kernel could not read did not run: nothing behind it depends on it. */
static void goes_on_after_a_cell_that_could_not_be_read(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_say(t, "a", "execute_request", "{}");
    theatre_execute(t, "b", "two");
    theatre_run(t);
    CHECK_STORY(t, "a", "busy execute_reply:error[0](ValueError) idle");
    CHECK_STORY(t, "b", "busy input[1] stdout(two) execute_reply:ok[1] idle");
    theatre_close(t);
}

static void say_next(struct theatre *t, const struct message *msg, void *user)
{
    (void)user;
    static const struct span failed = {"{\"status\":\"error\"", 17};
    if (msg->type == MSG_EXECUTE_REPLY && msg->content.len > failed.len &&
        memcmp(msg->content.ptr, failed.ptr, failed.len) == 0)
        theatre_execute(t, "next", "next");
}

/* A client that waits for the reply, and not for the idle, has seen the failure. */
static void runs_what_is_said_because_of_the_reply(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.on_send = say_next});
    theatre_execute(t, "a", "! bad");
    theatre_await(t, "next", "idle");
    theatre_rest(t);
    CHECK_STORY(t, "next", "busy input[2] stdout(next) execute_reply:ok[2] idle");
    theatre_close(t);
}

/* Said while the cell runs, whether the transport's thread has come to it or not. */
static void aborts_what_is_on_its_way(void)
{
    for (int round = 0; round < 200; round++) {
        struct theatre *t = theatre_open(NULL);
        theatre_execute(t, "a", "? go on");
        theatre_await(t, "a", "input_request");
        theatre_answer(t, "somebody", NULL, "{\"value\":\"no\"}");
        theatre_execute(t, "b", "two");
        theatre_answer(t, "client", NULL, "{}");
        theatre_execute(t, "c", "three");
        theatre_rest(t);
        CHECK_STORY(t, "a", "busy input[1] asks(go on) execute_reply:error[1](EOFError) idle");
        CHECK_STORY(t, "b", ABORTED);
        theatre_close(t);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(aborts_the_cells_that_wait),
    CHECK_TEST(goes_on_when_it_is_asked_to),
    CHECK_TEST(goes_on_after_a_cell_that_could_not_be_read),
    CHECK_TEST(runs_what_is_said_because_of_the_reply),
    CHECK_TEST(aborts_what_is_on_its_way),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
