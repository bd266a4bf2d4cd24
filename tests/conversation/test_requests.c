/* The short requests, and invalid ones: each gets busy, a reply and idle. */
#include "tests/conversation/harness/transcript.h"

struct exchange {
    const char *type, *content, *transcript;
};

static void check_exchanges(const struct exchange *exchanges, size_t count)
{
    char id[8];
    struct harness *t = harness_new(NULL);
    for (size_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%zu", i);
        harness_send(t, id, exchanges[i].type, exchanges[i].content);
        harness_wait_idle(t);
        if (!CHECK_TRANSCRIPT(t, id, exchanges[i].transcript))
            printf("to %s %s\n", exchanges[i].type, exchanges[i].content);
    }
    harness_execute(t, "after", "still here");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "after",
                     "busy execute_input[1] stdout(still here) execute_reply:ok[1] idle");
    check_all_answered(t);
    harness_free(t);
}

#define CHECK_EXCHANGES(exchanges) \
    check_exchanges((exchanges), sizeof(exchanges) / sizeof *(exchanges))

static void answers_short_requests(void)
{
    static const struct exchange exchanges[] = {
        {"kernel_info_request", "{}", "busy kernel_info_reply:ok idle"},
        {"complete_request", "{\"code\":\"x\",\"cursor_pos\":1}", "busy complete_reply:ok idle"},
        {"complete_request", "{\"code\":\"x\"}", "busy complete_reply:ok idle"},
        {"inspect_request", "{\"code\":\"x\",\"cursor_pos\":1,\"detail_level\":0}",
         "busy inspect_reply:ok idle"},
        {"inspect_request", "{\"code\":\"x\"}", "busy inspect_reply:ok idle"},
        {"is_complete_request", "{\"code\":\"x\"}", "busy is_complete_reply:complete idle"},
        {"history_request", "{\"hist_access_type\":\"tail\",\"n\":3}",
         "busy history_reply:ok idle"},
        {"comm_info_request", "{}", "busy comm_info_reply:ok idle"},
        {"connect_request", "{}", "busy connect_reply:ok idle"},
        {"interrupt_request", "{}", "busy interrupt_reply:ok idle"},
    };
    CHECK_EXCHANGES(exchanges);
}

static void refuses_unknown_types(void)
{
    static const struct exchange exchanges[] = {
        {"foo_request", "{}", "busy foo_reply:error(NotImplementedError) idle"},
        {"foo", "{}", "busy foo_reply:error(NotImplementedError) idle"},
        {"", "{}", "busy _reply:error(NotImplementedError) idle"},
        {"caf\xc3\xa9_request", "{}", "busy caf\xc3\xa9_reply:error(NotImplementedError) idle"},
        {"debug_request", "{}", "busy debug_reply:error(NotImplementedError) idle"},
        {"debug_request", "{}", "busy debug_reply:error(NotImplementedError) idle"},
        {"foo_request", "nonsense", "busy foo_reply:error(NotImplementedError) idle"},
        {"stream", "{}", "busy stream_reply:error(NotImplementedError) idle"},
    };
    CHECK_EXCHANGES(exchanges);
}

static void refuses_invalid_content(void)
{
    static const struct exchange exchanges[] = {
        {"execute_request", "nonsense", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "[]", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "\"code\"", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":\"\xff\"}", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":\"x\"", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":\"x\"} x", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":\"\\ud800\"}",
         "busy execute_reply:error[0](ValueError) idle"},
        {"complete_request", "[1]", "busy complete_reply:error(ValueError) idle"},
        {"kernel_info_request", "[]", "busy kernel_info_reply:error(ValueError) idle"},
        {"history_request", "null", "busy history_reply:error(ValueError) idle"},
        {"comm_info_request", "1", "busy comm_info_reply:error(ValueError) idle"},
        {"interrupt_request", "[]", "busy interrupt_reply:error(ValueError) idle"},
        {"shutdown_request", "[]", "busy shutdown_reply:error(ValueError) idle"},
    };
    CHECK_EXCHANGES(exchanges);
}

static void refuses_members_of_the_wrong_type(void)
{
    static const struct exchange exchanges[] = {
        {"execute_request", "{}", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":1}", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":null}", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":[\"x\"]}", "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":\"x\",\"user_expressions\":[]}",
         "busy execute_reply:error[0](ValueError) idle"},
        {"execute_request", "{\"code\":\"x\",\"user_expressions\":\"y\"}",
         "busy execute_reply:error[0](ValueError) idle"},
        {"complete_request", "{\"cursor_pos\":0}", "busy complete_reply:error(ValueError) idle"},
        {"inspect_request", "{\"code\":{}}", "busy inspect_reply:error(ValueError) idle"},
        {"is_complete_request", "{}", "busy is_complete_reply:error(ValueError) idle"},
        {"history_request", "{\"hist_access_type\":\"all\"}",
         "busy history_reply:error(ValueError) idle"},
    };
    CHECK_EXCHANGES(exchanges);
}

static void error_text_names_what_is_wrong(void)
{
    struct harness *t = harness_new(NULL);
    harness_send(t, "a", "execute_request", "{\"cod\":\"x\"}");
    harness_send(t, "b", "inspect_request", "{\"code\":1}");
    harness_send(t, "c", "execute_request", "{\"code\":\"x\",\"user_expressions\":[]}");
    harness_send(t, "d", "nonsense_request", NULL);
    harness_wait_idle(t);
    static const struct {
        const char *id, *type, *why;
    } answers[] = {
        {"a", "execute_reply", "execute_request: \"code\" is missing; a string is needed"},
        {"b", "inspect_reply", "inspect_request: \"code\" is no string; a string is needed"},
        {"c", "execute_reply", "execute_request: \"user_expressions\" is no object"},
        {"d", "nonsense_reply", "carme does not know the message type nonsense_request"},
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const json_t *content = harness_await(t, answers[i].id, answers[i].type)->content;
        CHECK_TEXT(member_text(content, "evalue"), answers[i].why);
        const json_t *traceback = json_object_get(content, "traceback");
        CHECK_INT(json_array_size(traceback), 1);
        CHECK_TEXT(json_string_value(json_array_get(traceback, 0)), answers[i].why);
    }
    harness_free(t);
}

/* A client that sends a type of its own waits for that type with _reply, whatever it is. */
static void answers_types_of_any_text(void)
{
    CLEANUP(buf_finish) struct buf header = BUF_INIT;
    CLEANUP(buf_finish) struct buf reply = BUF_INIT;
    buf_put(&header, SPAN("{\"msg_id\":\"long\",\"msg_type\":\""));
    for (int i = 0; i < 100; i++) {
        buf_put(&header, SPAN("\xe2\x82\xac"));
        buf_put(&reply, SPAN("\xe2\x82\xac"));
    }
    buf_put(&header, SPAN("_request\"}"));
    buf_put(&reply, SPAN("_reply"));
    struct harness *t = harness_new(NULL);
    harness_send_message(t, &(struct client_message){.header = buf_cstr(&header)});
    harness_send_message(t,
                         &(struct client_message){
                             .header = "{\"msg_id\":\"nul\",\"msg_type\":\"a\\u0000b_request\"}"});
    harness_wait_idle(t);
    CHECK(harness_find(t, "long", buf_cstr(&reply)) != NULL);
    const struct received *received = harness_received(t, 5);
    if (CHECK(received && strcmp(received->parent, "nul") == 0)) {
        const struct span expected = SPAN("\"msg_type\":\"a\\u0000b_reply\"");
        CHECK(memmem(received->msg->header.ptr, received->msg->header.len, expected.ptr,
                     expected.len));
    }
    harness_free(t);
}

static void answers_headers_with_missing_fields(void)
{
    struct harness *t = harness_new(NULL);
    harness_send_message(
        t, &(struct client_message){.header = "{\"msg_id\":\"\",\"msg_type\":\"x\"}"});
    harness_send_message(
        t, &(struct client_message){.header = "{\"msg_type\":\"execute_request\",\"msg_id\":\"b\","
                                              "\"session\":5,\"username\":null,\"date\":{}}",
                                    .parent = "none",
                                    .content = "{\"code\":\"x\"}"});
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "", "starting busy x_reply:error(NotImplementedError) idle");
    CHECK_TRANSCRIPT(t, "b", "busy execute_input[1] stdout(x) execute_reply:ok[1] idle");
    harness_free(t);
}

static void refuses_invalid_metadata(void)
{
    static const char *const texts[] = {"[", "[]", "nonsense", "\"x\"", "{\"\xff\":1}"};
    char id[8];
    struct harness *t = harness_new(NULL);
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "%d", i);
        harness_send_message(t, &(struct client_message){.id = id,
                                                         .type = "execute_request",
                                                         .metadata = texts[i],
                                                         .content = "{\"code\":\"x\"}"});
        harness_wait_idle(t);
        CHECK_TRANSCRIPT(t, id, "busy execute_reply:error[0](ValueError) idle");
    }
    harness_free(t);
}

static long long cursor_for(struct harness *t, const char *id, const char *content)
{
    harness_send(t, id, "complete_request", content);
    const json_t *reply = harness_await(t, id, "complete_reply")->content;
    return json_integer_value(json_object_get(reply, "cursor_end"));
}

/* cursor_pos counts Unicode characters; an invalid one is the end. */
static void reads_cursor_pos(void)
{
    struct harness *t = harness_new(NULL);
    CHECK_INT(cursor_for(t, "a", "{\"code\":\"abc\",\"cursor_pos\":2}"), 2);
    CHECK_INT(cursor_for(t, "b", "{\"code\":\"abc\"}"), 3);
    CHECK_INT(cursor_for(t, "c", "{\"code\":\"abc\",\"cursor_pos\":null}"), 3);
    CHECK_INT(cursor_for(t, "d", "{\"code\":\"abc\",\"cursor_pos\":\"1\"}"), 3);
    CHECK_INT(cursor_for(t, "e", "{\"code\":\"abc\",\"cursor_pos\":-1}"), 0);
    CHECK_INT(cursor_for(t, "f", "{\"code\":\"a\xc3\xa9\xf0\x9f\x98\x80\"}"), 3);
    CHECK_INT(cursor_for(t, "g", "{\"code\":\"abc\",\"cursor_pos\":99}"), 3);
    harness_free(t);
}

static void connect_reply_has_the_ports(void)
{
    static const struct harness_options options = {.ports = {11, 12, 13, 14, 15}};
    struct harness *t = harness_new(&options);
    harness_send(t, "a", "connect_request", NULL);
    const json_t *content = harness_await(t, "a", "connect_reply")->content;
    CHECK_INT(json_integer_value(json_object_get(content, "shell_port")), 11);
    CHECK_INT(json_integer_value(json_object_get(content, "control_port")), 12);
    CHECK_INT(json_integer_value(json_object_get(content, "stdin_port")), 13);
    CHECK_INT(json_integer_value(json_object_get(content, "iopub_port")), 14);
    CHECK_INT(json_integer_value(json_object_get(content, "hb_port")), 15);
    harness_free(t);
}

/* JEP 65: without a parent, with the topic of the subscription. */
static void sends_iopub_welcome(void)
{
    static const char *const topics[] = {"", "kernel.x", "caf\xc3\xa9"};
    struct harness *t = harness_new(NULL);
    for (int i = 0; i < 3; i++)
        harness_subscribe(t, topics[i]);
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "", "starting iopub_welcome iopub_welcome iopub_welcome");
    for (int i = 0; i < 3; i++) {
        const struct received *welcome = harness_received(t, 1 + (size_t)i);
        CHECK_TEXT(member_text(welcome->content, "subscription"), topics[i]);
        CHECK_SPAN(welcome->msg->parent, SPAN("{}"));
        if (*topics[i] && CHECK_INT(message_list_count(welcome->msg->route), 1))
            CHECK_SPAN(welcome->msg->route[0]->view, span_of(topics[i]));
        CHECK_INT(welcome->msg->channel, CHANNEL_IOPUB);
    }
    harness_free(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(answers_short_requests),
    CHECK_TEST(refuses_unknown_types),
    CHECK_TEST(refuses_invalid_content),
    CHECK_TEST(refuses_members_of_the_wrong_type),
    CHECK_TEST(error_text_names_what_is_wrong),
    CHECK_TEST(answers_types_of_any_text),
    CHECK_TEST(answers_headers_with_missing_fields),
    CHECK_TEST(refuses_invalid_metadata),
    CHECK_TEST(reads_cursor_pos),
    CHECK_TEST(connect_reply_has_the_ports),
    CHECK_TEST(sends_iopub_welcome),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
