/* Executions: what is told, in which order, about whom. */
#include "tests/conversation/story.h"

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
    theatre_close(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(tells_busy_input_text_reply_idle),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
