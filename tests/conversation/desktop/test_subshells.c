/* Subshells: what they answer while the main shell is busy; how they are created and deleted. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

static const char *create(struct harness *t, const char *id)
{
    harness_send_control(t, id, "create_subshell_request", "{}");
    const struct received *reply = harness_await(t, id, "create_subshell_reply");
    CHECK_TEXT(member_text(reply->content, "status"), "ok");
    return member_text(reply->content, "subshell_id");
}

static void control(struct harness *t, const char *id, const char *type, const char *subshell)
{
    char content[128];
    snprintf(content, sizeof content, "{\"subshell_id\":\"%s\"}", subshell);
    harness_send_control(t, id, type, content);
    harness_await(t, id, "idle");
}

static void send_to(struct harness *t, const char *subshell, const char *id, const char *type,
                    const char *content)
{
    char header[256];
    snprintf(header, sizeof header,
             "{\"msg_id\":\"%s\",\"msg_type\":\"%s\",\"session\":\"session\",\"username\":\"test\","
             "\"version\":\"5.5\",\"subshell_id\":\"%s\"}",
             id, type, subshell);
    harness_send_message(t, &(struct client_message){.header = header, .content = content});
}

static void check_list(struct harness *t, const char *id, const char *expected)
{
    harness_send_control(t, id, "list_subshell_request", "{}");
    const struct received *reply = harness_await(t, id, "list_subshell_reply");
    char *list = json_dumps(json_object_get(reply->content, "subshell_id"), JSON_COMPACT);
    CHECK_TEXT(list, expected);
    free(list);
}

static void answers_while_the_main_shell_is_busy(void)
{
    struct harness *t = harness_new(NULL);
    const char *subshell = create(t, "make");
    harness_execute(t, "long", "...");
    harness_await(t, "long", "execute_input");
    send_to(t, subshell, "short", "execute_request", "{\"code\":\"= here\"}");
    harness_await(t, "short", "idle");
    CHECK(!harness_find(t, "long", "idle"));
    harness_send_control(t, "stop", "interrupt_request", "{}");
    harness_await(t, "long", "idle");
    CHECK_TRANSCRIPT(t, "make", "busy control/create_subshell_reply:ok idle");
    CHECK_TRANSCRIPT(t, "short",
                     "busy execute_input[2] execute_result[2](here) execute_reply:ok[2] idle");
    CHECK_TRANSCRIPT(t, "long",
                     "busy execute_input[1] execute_reply:error[1](KeyboardInterrupt) idle");
    harness_free(t);
}

/* A failed cell aborts the requests that wait in its own shell. */
static void aborts_within_one_subshell_only(void)
{
    struct harness *t = harness_new(NULL);
    const char *subshell = create(t, "make");
    harness_execute(t, "long", "...");
    harness_await(t, "long", "execute_input");
    harness_execute(t, "behind", "= main");
    send_to(t, subshell, "fails", "execute_request", "{\"code\":\"! fails\"}");
    harness_await(t, "fails", "idle");
    send_to(t, subshell, "after", "execute_request", "{\"code\":\"= after\"}");
    harness_await(t, "after", "idle");
    CHECK_TEXT(member_text(harness_await(t, "after", "execute_reply")->content, "status"), "ok");
    harness_send_control(t, "stop", "interrupt_request", "{}");
    harness_await(t, "behind", "idle");
    CHECK_TEXT(member_text(harness_await(t, "behind", "execute_reply")->content, "status"),
               "aborted");
    harness_free(t);
}

static void lists_and_deletes(void)
{
    struct harness *t = harness_new(NULL);
    char expected[128];
    check_list(t, "l0", "[]");
    const char *one = create(t, "a"), *two = create(t, "b");
    CHECK(strcmp(one, two) != 0);
    snprintf(expected, sizeof expected, "[\"%s\",\"%s\"]", one, two);
    check_list(t, "l1", expected);
    control(t, "d", "delete_subshell_request", one);
    CHECK_TRANSCRIPT(t, "d", "busy control/delete_subshell_reply:ok idle");
    snprintf(expected, sizeof expected, "[\"%s\"]", two);
    check_list(t, "l2", expected);
    control(t, "again", "delete_subshell_request", one);
    CHECK_TRANSCRIPT(t, "again",
                     "busy control/delete_subshell_reply:error(UnknownSubshellError) idle");
    harness_free(t);
}

static void refuses_unknown_subshells(void)
{
    struct harness *t = harness_new(NULL);
    const char *subshell = create(t, "make");
    control(t, "d", "delete_subshell_request", subshell);
    send_to(t, subshell, "late", "execute_request", "{\"code\":\"= x\"}");
    send_to(t, "none", "none", "complete_request", "{\"code\":\"\",\"cursor_pos\":0}");
    harness_await(t, "late", "idle");
    harness_await(t, "none", "idle");
    CHECK_TRANSCRIPT(t, "late", "busy execute_reply:error[0](UnknownSubshellError) idle");
    CHECK_TRANSCRIPT(t, "none", "busy complete_reply:error(UnknownSubshellError) idle");
    harness_send_control(t, "no", "delete_subshell_request", "{}");
    harness_await(t, "no", "idle");
    CHECK_TRANSCRIPT(t, "no", "busy control/delete_subshell_reply:error(ValueError) idle");
    harness_free(t);
}

/* Each request that waits in it gets a reply. */
static void deletes_a_subshell_with_queued_requests(void)
{
    struct harness *t = harness_new(NULL);
    const char *subshell = create(t, "make");
    send_to(t, subshell, "long", "execute_request", "{\"code\":\"...\"}");
    harness_await(t, "long", "execute_input");
    send_to(t, subshell, "waits", "execute_request", "{\"code\":\"= x\"}");
    harness_wait_delivered(t);
    control(t, "d", "delete_subshell_request", subshell);
    harness_send_control(t, "stop", "interrupt_request", "{}");
    harness_await(t, "waits", "idle");
    CHECK_TRANSCRIPT(t, "waits", "busy execute_reply:error[1](UnknownSubshellError) idle");
    CHECK(harness_find(t, "long", "execute_reply") != NULL);
    harness_free(t);
}

/* Echo sends a comm_msg back; one with an id in its content is a request of its shell to the
 * client.
 */
static void comm_replies_reach_the_asking_shell(void)
{
    static const char asks[] = "{\"comm_id\":\"c\",\"data\":{\"content\":{\"id\":\"q\"}}}";
    static const char other[] = "{\"comm_id\":\"c\",\"data\":{\"content\":{\"id\":\"x\"}}}";
    struct harness *t = harness_new(NULL);
    const char *subshell = create(t, "make");
    harness_send(t, "open", "comm_open", "{\"comm_id\":\"c\",\"target_name\":\"echo\"}");
    harness_send(t, "ask", "comm_msg", asks);
    harness_await(t, "ask", "idle");
    harness_execute(t, "long", "...");
    harness_await(t, "long", "execute_input");
    send_to(t, subshell, "answer", "comm_msg", asks);
    send_to(t, subshell, "another", "comm_msg", other);
    harness_await(t, "another", "idle");
    CHECK(!harness_find(t, "answer", "busy"));
    harness_send_control(t, "stop", "interrupt_request", "{}");
    harness_await(t, "answer", "idle");
    send_to(t, subshell, "gone", "comm_msg", other);
    harness_await(t, "gone", "idle");
    harness_free(t);
}

/* A comm_msg has no reply, not even then. */
static void accepts_comm_messages_to_an_unknown_subshell(void)
{
    struct harness *t = harness_new(NULL);
    send_to(t, "none", "lost", "comm_msg", "{\"comm_id\":\"c\",\"data\":{}}");
    harness_await(t, "lost", "idle");
    CHECK_TRANSCRIPT(t, "lost", "busy idle");
    harness_free(t);
}

static void limits_their_number(void)
{
    struct harness *t = harness_new(NULL);
    char id[16];
    const char *status = "ok";
    int count = 0;
    while (strcmp(status, "ok") == 0 && count <= 300) {
        snprintf(id, sizeof id, "n%d", count++);
        harness_send_control(t, id, "create_subshell_request", "{}");
        status = member_text(harness_await(t, id, "create_subshell_reply")->content, "status");
    }
    CHECK_INT(count, 257);
    harness_free(t);
}

static void nothing_cell(struct interp_host *host, struct request *request,
                         const struct execution *execution, void *user)
{
    (void)execution, (void)user;
    fake_interp_done(host, request, true);
}

static const json_t *features(struct harness *t)
{
    harness_send(t, "info", "kernel_info_request", "{}");
    return json_object_get(harness_await(t, "info", "kernel_info_reply")->content,
                           "supported_features");
}

static void needs_an_interpreter_with_threads(void)
{
    struct harness *t = harness_new(NULL);
    CHECK_INT(json_array_size(features(t)), 1);
    harness_free(t);
    struct interp *single = fake_interp_new(nothing_cell, NULL);
    ((struct fake_interp *)single)->impl.enter = NULL;
    t = harness_new(&(struct harness_options){.interp = single});
    CHECK_INT(json_array_size(features(t)), 0);
    harness_send_control(t, "make", "create_subshell_request", "{}");
    harness_await(t, "make", "idle");
    CHECK_TRANSCRIPT(t, "make",
                     "busy control/create_subshell_reply:error(NotImplementedError) idle");
    harness_free(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(answers_while_the_main_shell_is_busy),
    CHECK_TEST(aborts_within_one_subshell_only),
    CHECK_TEST(lists_and_deletes),
    CHECK_TEST(refuses_unknown_subshells),
    CHECK_TEST(deletes_a_subshell_with_queued_requests),
    CHECK_TEST(comm_replies_reach_the_asking_shell),
    CHECK_TEST(accepts_comm_messages_to_an_unknown_subshell),
    CHECK_TEST(limits_their_number),
    CHECK_TEST(needs_an_interpreter_with_threads),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
