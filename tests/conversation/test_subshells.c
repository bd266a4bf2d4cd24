/* Subshells: who answers what while the main shell is busy; how they come and go. */
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

static const char *create(struct theatre *t, const char *id)
{
    theatre_control(t, id, "create_subshell_request", "{}");
    const struct heard *reply = theatre_await(t, id, "create_subshell_reply");
    CHECK_TEXT(story_member(reply->content, "status"), "ok");
    return story_member(reply->content, "subshell_id");
}

static void control(struct theatre *t, const char *id, const char *type, const char *subshell)
{
    char content[128];
    snprintf(content, sizeof content, "{\"subshell_id\":\"%s\"}", subshell);
    theatre_control(t, id, type, content);
    theatre_await(t, id, "idle");
}

static void say_to(struct theatre *t, const char *subshell, const char *id, const char *type,
                   const char *content)
{
    char header[256];
    snprintf(header, sizeof header,
             "{\"msg_id\":\"%s\",\"msg_type\":\"%s\",\"session\":\"theatre\",\"username\":\"test\","
             "\"version\":\"5.5\",\"subshell_id\":\"%s\"}",
             id, type, subshell);
    theatre_say_line(t, &(struct line){.header = header, .content = content});
}

static void check_list(struct theatre *t, const char *id, const char *expected)
{
    theatre_control(t, id, "list_subshell_request", "{}");
    const struct heard *reply = theatre_await(t, id, "list_subshell_reply");
    char *list = json_dumps(json_object_get(reply->content, "subshell_id"), JSON_COMPACT);
    CHECK_TEXT(list, expected);
    free(list);
}

static void answers_while_the_main_shell_is_busy(void)
{
    struct theatre *t = theatre_open(NULL);
    const char *subshell = create(t, "make");
    theatre_execute(t, "long", "...");
    theatre_await(t, "long", "execute_input");
    say_to(t, subshell, "short", "execute_request", "{\"code\":\"= here\"}");
    theatre_await(t, "short", "idle");
    CHECK(!theatre_find(t, "long", "idle"));
    theatre_control(t, "stop", "interrupt_request", "{}");
    theatre_await(t, "long", "idle");
    CHECK_STORY(t, "make", "busy control/create_subshell_reply:ok idle");
    CHECK_STORY(t, "short", "busy input[2] result[2](here) execute_reply:ok[2] idle");
    CHECK_STORY(t, "long", "busy input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    theatre_close(t);
}

/* What a failed cell aborts is what stands behind it in its own shell. */
static void aborts_its_own_only(void)
{
    struct theatre *t = theatre_open(NULL);
    const char *subshell = create(t, "make");
    theatre_execute(t, "long", "...");
    theatre_await(t, "long", "execute_input");
    theatre_execute(t, "behind", "= main");
    say_to(t, subshell, "fails", "execute_request", "{\"code\":\"! fails\"}");
    theatre_await(t, "fails", "idle");
    say_to(t, subshell, "after", "execute_request", "{\"code\":\"= after\"}");
    theatre_await(t, "after", "idle");
    CHECK_TEXT(story_member(theatre_await(t, "after", "execute_reply")->content, "status"), "ok");
    theatre_control(t, "stop", "interrupt_request", "{}");
    theatre_await(t, "behind", "idle");
    CHECK_TEXT(story_member(theatre_await(t, "behind", "execute_reply")->content, "status"),
               "aborted");
    theatre_close(t);
}

static void lists_and_deletes(void)
{
    struct theatre *t = theatre_open(NULL);
    char expected[128];
    check_list(t, "l0", "[]");
    const char *one = create(t, "a"), *two = create(t, "b");
    CHECK(strcmp(one, two) != 0);
    snprintf(expected, sizeof expected, "[\"%s\",\"%s\"]", one, two);
    check_list(t, "l1", expected);
    control(t, "d", "delete_subshell_request", one);
    CHECK_STORY(t, "d", "busy control/delete_subshell_reply:ok idle");
    snprintf(expected, sizeof expected, "[\"%s\"]", two);
    check_list(t, "l2", expected);
    control(t, "again", "delete_subshell_request", one);
    CHECK_STORY(t, "again", "busy control/delete_subshell_reply:error(UnknownSubshellError) idle");
    theatre_close(t);
}

static void tells_of_one_that_is_not_there(void)
{
    struct theatre *t = theatre_open(NULL);
    const char *subshell = create(t, "make");
    control(t, "d", "delete_subshell_request", subshell);
    say_to(t, subshell, "late", "execute_request", "{\"code\":\"= x\"}");
    say_to(t, "none", "none", "complete_request", "{\"code\":\"\",\"cursor_pos\":0}");
    theatre_await(t, "late", "idle");
    theatre_await(t, "none", "idle");
    CHECK_STORY(t, "late", "busy execute_reply:error[0](UnknownSubshellError) idle");
    CHECK_STORY(t, "none", "busy complete_reply:error(UnknownSubshellError) idle");
    theatre_control(t, "no", "delete_subshell_request", "{}");
    theatre_await(t, "no", "idle");
    CHECK_STORY(t, "no", "busy control/delete_subshell_reply:error(ValueError) idle");
    theatre_close(t);
}

/* Every request that it had not come to gets its reply. */
static void deleted_with_requests_waiting(void)
{
    struct theatre *t = theatre_open(NULL);
    const char *subshell = create(t, "make");
    say_to(t, subshell, "long", "execute_request", "{\"code\":\"...\"}");
    theatre_await(t, "long", "execute_input");
    say_to(t, subshell, "waits", "execute_request", "{\"code\":\"= x\"}");
    theatre_deliver(t);
    control(t, "d", "delete_subshell_request", subshell);
    theatre_control(t, "stop", "interrupt_request", "{}");
    theatre_await(t, "waits", "idle");
    CHECK_STORY(t, "waits", "busy execute_reply:error[1](UnknownSubshellError) idle");
    CHECK(theatre_find(t, "long", "execute_reply") != NULL);
    theatre_close(t);
}

/* Echo sends back what comes for a comm: with an id, that is a question of the shell's. */
static void answers_come_to_who_has_asked(void)
{
    static const char asks[] = "{\"comm_id\":\"c\",\"data\":{\"content\":{\"id\":\"q\"}}}";
    static const char other[] = "{\"comm_id\":\"c\",\"data\":{\"content\":{\"id\":\"x\"}}}";
    struct theatre *t = theatre_open(NULL);
    const char *subshell = create(t, "make");
    theatre_say(t, "open", "comm_open", "{\"comm_id\":\"c\",\"target_name\":\"echo\"}");
    theatre_say(t, "ask", "comm_msg", asks);
    theatre_await(t, "ask", "idle");
    theatre_execute(t, "long", "...");
    theatre_await(t, "long", "execute_input");
    say_to(t, subshell, "answer", "comm_msg", asks);
    say_to(t, subshell, "another", "comm_msg", other);
    theatre_await(t, "another", "idle");
    CHECK(!theatre_find(t, "answer", "busy"));
    theatre_control(t, "stop", "interrupt_request", "{}");
    theatre_await(t, "answer", "idle");
    say_to(t, subshell, "gone", "comm_msg", other);
    theatre_await(t, "gone", "idle");
    theatre_close(t);
}

/* A comm's message has no reply, whoever it is for. */
static void a_comm_message_for_nobody(void)
{
    struct theatre *t = theatre_open(NULL);
    say_to(t, "none", "lost", "comm_msg", "{\"comm_id\":\"c\",\"data\":{}}");
    theatre_await(t, "lost", "idle");
    CHECK_STORY(t, "lost", "busy idle");
    theatre_close(t);
}

static void has_a_limit(void)
{
    struct theatre *t = theatre_open(NULL);
    char id[16];
    const char *status = "ok";
    int count = 0;
    while (strcmp(status, "ok") == 0 && count <= 300) {
        snprintf(id, sizeof id, "n%d", count++);
        theatre_control(t, id, "create_subshell_request", "{}");
        status = story_member(theatre_await(t, id, "create_subshell_reply")->content, "status");
    }
    CHECK_INT(count, 257);
    theatre_close(t);
}

/* A language with one thread says so. */
static void nothing_cell(struct interp_host *host, struct request *request,
                         const struct execution *execution, void *user)
{
    (void)execution, (void)user;
    player_done(host, request, true);
}

static const json_t *features(struct theatre *t)
{
    theatre_say(t, "info", "kernel_info_request", "{}");
    return json_object_get(theatre_await(t, "info", "kernel_info_reply")->content,
                           "supported_features");
}

static void is_offered_where_the_language_has_threads(void)
{
    struct theatre *t = theatre_open(NULL);
    CHECK_INT(json_array_size(features(t)), 1);
    theatre_close(t);
    struct interp *single = player_new(nothing_cell, NULL);
    ((struct player *)single)->impl.enter = NULL;
    t = theatre_open(&(struct theatre_options){.interp = single});
    CHECK_INT(json_array_size(features(t)), 0);
    theatre_control(t, "make", "create_subshell_request", "{}");
    theatre_await(t, "make", "idle");
    CHECK_STORY(t, "make", "busy control/create_subshell_reply:error(NotImplementedError) idle");
    theatre_close(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(answers_while_the_main_shell_is_busy),
    CHECK_TEST(aborts_its_own_only),
    CHECK_TEST(lists_and_deletes),
    CHECK_TEST(tells_of_one_that_is_not_there),
    CHECK_TEST(deleted_with_requests_waiting),
    CHECK_TEST(answers_come_to_who_has_asked),
    CHECK_TEST(a_comm_message_for_nobody),
    CHECK_TEST(has_a_limit),
    CHECK_TEST(is_offered_where_the_language_has_threads),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
