/* What is answered beside a cell that runs, and what the clients hear of it. */
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

static const char code[] = "{\"code\":\"x\",\"cursor_pos\":1}";

static struct theatre *busy_theatre(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_execute(t, "long", "...");
    theatre_await(t, "long", "execute_input");
    return t;
}

static void end_cell(struct theatre *t)
{
    theatre_control(t, "stop", "interrupt_request", "{}");
    theatre_await(t, "long", "idle");
    theatre_rest(t);
}

/* The last state that anybody was told of. */
static const char *last_state(struct theatre *t)
{
    const struct heard *heard;
    const char *state = "";
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++)
        if (heard->msg->type == MSG_STATUS)
            state = story_member(heard->content, "execution_state");
    return state;
}

static void questions_do_not_wait(void)
{
    struct theatre *t = busy_theatre();
    theatre_execute(t, "next", "= next");
    theatre_say(t, "complete", "complete_request", code);
    theatre_say(t, "inspect", "inspect_request", code);
    theatre_say(t, "ready", "is_complete_request", code);
    theatre_await(t, "ready", "idle");
    CHECK_STORY(t, "complete", "busy complete_reply:ok idle");
    CHECK_STORY(t, "inspect", "busy inspect_reply:ok idle");
    CHECK_STORY(t, "ready", "busy is_complete_reply:complete idle");
    CHECK(!theatre_find(t, "long", "idle"));
    end_cell(t);
    CHECK_STORY(t, "long", "busy input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    CHECK_STORY(t, "next", "busy execute_reply:aborted idle");
    theatre_close(t);
}

/* A client's other requests are answered before: replies come in the order of the requests. */
static void questions_overtake_cells_only(void)
{
    struct theatre *t = busy_theatre();
    theatre_say(t, "history", "history_request", "{\"hist_access_type\":\"tail\",\"n\":1}");
    theatre_say(t, "behind", "complete_request", code);
    theatre_control(t, "info", "kernel_info_request", "{}");
    theatre_await(t, "info", "idle");
    theatre_say_line(t, &(struct line){.header = "{\"msg_id\":\"other\",\"session\":\"another\","
                                                 "\"msg_type\":\"complete_request\"}",
                                       .content = code});
    theatre_await(t, "other", "idle");
    CHECK(!theatre_find(t, "behind", "busy"));
    end_cell(t);
    theatre_await(t, "behind", "idle");
    CHECK(story_place(t, "history", "idle") < story_place(t, "behind", "busy"));
    theatre_close(t);
}

/* In its own thread it may come a moment after the idle of the question. */
static void clients_hear_that_the_cell_runs_still(void)
{
    struct theatre *t = busy_theatre();
    for (int i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof id, "q%d", i);
        theatre_say(t, id, "complete_request", code);
        theatre_await(t, id, "idle");
        while (strcmp(last_state(t), "busy") != 0)
            ;
        snprintf(id, sizeof id, "i%d", i);
        theatre_control(t, id, "kernel_info_request", "{}");
        theatre_await(t, id, "idle");
        while (strcmp(last_state(t), "busy") != 0)
            ;
    }
    end_cell(t);
    CHECK_TEXT(last_state(t), "idle");
    theatre_close(t);
}

/* However a cell's end and a question meet, the last word is idle. */
static void ends_meet(void)
{
    struct theatre *t = theatre_open(NULL);
    char cell[16], question[16];
    for (int i = 0; i < 50; i++) {
        snprintf(cell, sizeof cell, "c%d", i);
        snprintf(question, sizeof question, "q%d", i);
        theatre_execute(t, cell, "...");
        theatre_await(t, cell, "execute_input");
        theatre_say(t, question, "complete_request", code);
        theatre_control(t, "stop", "interrupt_request", "{}");
        theatre_await(t, cell, "idle");
        theatre_await(t, question, "idle");
        theatre_rest(t);
        CHECK_TEXT(last_state(t), "idle");
        CHECK_STORY(t, question, "busy complete_reply:ok idle");
    }
    theatre_close(t);
}

static void usage_does_not_wait(void)
{
    struct theatre *t = busy_theatre();
    theatre_control(t, "use", "usage_request", "{}");
    theatre_await(t, "use", "idle");
    theatre_control(t, "again", "usage_request", "{}");
    theatre_await(t, "again", "idle");
    CHECK_STORY(t, "use", "busy control/usage_reply:ok idle");
    const struct heard *reply = theatre_find(t, "again", "usage_reply");
    CHECK(json_is_integer(json_object_get(reply->content, "pid")));
    CHECK(json_is_real(json_object_get(reply->content, "kernel_cpu")));
    CHECK(json_integer_value(json_object_get(reply->content, "kernel_memory")) > 100000);
    const json_t *memory = json_object_get(reply->content, "host_virtual_memory");
    CHECK_INT((long)json_object_size(memory), 11);
    end_cell(t);
    theatre_close(t);
}

/* A language with one thread is asked behind the cell. */
static void waits_for_a_language_with_one_thread(void)
{
    struct interp *echo = NULL;
    CHECK_INT(echo_new(&echo), 0);
    struct interp_impl single = *echo->impl;
    single.enter = NULL;
    echo->impl = &single;
    struct theatre *t = theatre_open(&(struct theatre_options){.interp = echo});
    theatre_execute(t, "long", "...");
    theatre_await(t, "long", "execute_input");
    theatre_say(t, "complete", "complete_request", code);
    theatre_control(t, "use", "usage_request", "{}");
    theatre_control(t, "info", "kernel_info_request", "{}");
    theatre_await(t, "info", "idle");
    CHECK(!theatre_find(t, "complete", "busy"));
    CHECK(!theatre_find(t, "use", "busy"));
    end_cell(t);
    theatre_await(t, "use", "idle");
    CHECK_STORY(t, "complete", "busy complete_reply:ok idle");
    theatre_close(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(questions_do_not_wait),
    CHECK_TEST(questions_overtake_cells_only),
    CHECK_TEST(clients_hear_that_the_cell_runs_still),
    CHECK_TEST(ends_meet),
    CHECK_TEST(usage_does_not_wait),
    CHECK_TEST(waits_for_a_language_with_one_thread),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
