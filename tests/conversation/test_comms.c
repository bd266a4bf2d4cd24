/* Comms: opened by either side, listed, closed. Their messages get busy and idle, and no reply. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

static void comm(struct harness *t, const char *id, const char *type, const char *content)
{
    harness_send(t, id, type, content);
    harness_wait_idle(t);
}

/* comm_info_reply's comms as compact JSON, sorted by id; for the caller to free. */
static char *list(struct harness *t, const char *id, const char *content)
{
    comm(t, id, "comm_info_request", content);
    const struct received *reply = harness_await(t, id, "comm_info_reply");
    CHECK_TEXT(member_text(reply->content, "status"), "ok");
    return json_dumps(json_object_get(reply->content, "comms"), JSON_COMPACT | JSON_SORT_KEYS);
}

static void check_list(struct harness *t, const char *id, const char *content, const char *expected)
{
    char *comms = list(t, id, content);
    CHECK_TEXT(comms, expected);
    free(comms);
}

static void opens_sends_and_closes(void)
{
    struct harness *t = harness_new(NULL);
    check_list(t, "i0", "{}", "{}");
    comm(t, "a", "comm_open", "{\"comm_id\":\"c1\",\"target_name\":\"echo\",\"data\":{}}");
    comm(t, "b", "comm_open", "{\"comm_id\":\"c2\",\"target_name\":\"echo\",\"data\":{}}");
    check_list(t, "i1", "{}",
               "{\"c1\":{\"target_name\":\"echo\"},\"c2\":{\"target_name\":\"echo\"}}");
    check_list(t, "i2", "{\"target_name\":\"echo\"}",
               "{\"c1\":{\"target_name\":\"echo\"},\"c2\":{\"target_name\":\"echo\"}}");
    check_list(t, "i3", "{\"target_name\":\"other\"}", "{}");
    comm(t, "c", "comm_msg", "{\"comm_id\":\"c1\",\"data\":{\"x\": 1.50}}");
    comm(t, "d", "comm_close", "{\"comm_id\":\"c1\",\"data\":{}}");
    check_list(t, "i4", "{}", "{\"c2\":{\"target_name\":\"echo\"}}");
    CHECK_TRANSCRIPT(t, "a", "busy idle");
    CHECK_TRANSCRIPT(t, "c", "busy comm_msg idle");
    CHECK_TRANSCRIPT(t, "d", "busy idle");
    CHECK_SPAN(harness_await(t, "c", "comm_msg")->msg->content,
               SPAN("{\"comm_id\":\"c1\",\"data\":{\"x\": 1.50}}"));
    harness_free(t);
}

static void carries_buffers_and_metadata(void)
{
    struct harness *t = harness_new(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"c\",\"target_name\":\"echo\",\"data\":{}}");
    harness_send_message(
        t, &(struct client_message){.id = "b",
                                    .type = "comm_msg",
                                    .content = "{\"comm_id\":\"c\",\"data\":{}}",
                                    .metadata = "{\"m\": true}",
                                    .buffers = (const char *const[]){"one", "", "three", NULL}});
    harness_wait_idle(t);
    const struct message *msg = harness_await(t, "b", "comm_msg")->msg;
    CHECK_SPAN(msg->metadata, SPAN("{\"m\": true}"));
    if (CHECK_INT(message_list_count(msg->buffers), 3)) {
        CHECK_SPAN(msg->buffers[0]->view, SPAN("one"));
        CHECK_SPAN(msg->buffers[1]->view, SPAN(""));
        CHECK_SPAN(msg->buffers[2]->view, SPAN("three"));
    }
    harness_free(t);
}

/* Echo sends the client's metadata back. */
static void never_sends_invalid_metadata(void)
{
    struct harness *t = harness_new(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"c\",\"target_name\":\"echo\",\"data\":{}}");
    harness_send_message(t, &(struct client_message){.id = "b",
                                                     .type = "comm_msg",
                                                     .content = "{\"comm_id\":\"c\",\"data\":{}}",
                                                     .metadata = "{\"m\""});
    harness_wait_idle(t);
    const struct received *received;
    for (size_t i = 0; (received = harness_received(t, i)); i++) {
        char why[160];
        CLEANUP(json_decrefp) json_t *metadata = NULL;
        CHECK_INT(json_read_object(received->msg->metadata, why, &metadata), 0);
    }
    CHECK_TRANSCRIPT(t, "b", "busy comm_msg_reply:error(ValueError) idle");
    harness_free(t);
}

static void closes_comms_without_target(void)
{
    struct harness *t = harness_new(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"c\\\"1\",\"target_name\":\"nobody\",\"data\":{}}");
    comm(t, "b", "comm_open", "{\"comm_id\":\"c2\"}");
    comm(t, "c", "comm_open", "{\"comm_id\":\"c3\",\"target_name\":5}");
    check_list(t, "i", "{}", "{}");
    CHECK_TRANSCRIPT(t, "a", "busy comm_close idle");
    CHECK_TRANSCRIPT(t, "b", "busy comm_close idle");
    CHECK_TRANSCRIPT(t, "c", "busy comm_close idle");
    const json_t *content = harness_await(t, "a", "comm_close")->content;
    CHECK_TEXT(member_text(content, "comm_id"), "c\"1");
    CHECK_TEXT(member_text(json_object_get(content, "data"), "reason"),
               "no such comm target in the kernel");
    harness_free(t);
}

static void refuses_invalid_comm_messages(void)
{
    static const char *const contents[] = {"{}", "{\"comm_id\":7}", "[]", "nonsense"};
    static const char *const types[] = {"comm_open", "comm_msg", "comm_close"};
    char id[16], transcript[80];
    struct harness *t = harness_new(NULL);
    for (int i = 0; i < 12; i++) {
        snprintf(id, sizeof id, "%d", i);
        comm(t, id, types[i % 3], contents[i / 3]);
        snprintf(transcript, sizeof transcript, "busy %s_reply:error(ValueError) idle",
                 types[i % 3]);
        CHECK_TRANSCRIPT(t, id, transcript);
    }
    check_list(t, "i", "{}", "{}");
    harness_free(t);
}

static void accepts_any_text_as_comm_id(void)
{
    struct harness *t = harness_new(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"\",\"target_name\":\"echo\"}");
    comm(t, "b", "comm_open", "{\"comm_id\":\"\\u00e9\\\"\",\"target_name\":\"echo\"}");
    comm(t, "c", "comm_open", "{\"comm_id\":\"x\\u0000y\",\"target_name\":\"echo\"}");
    comm(t, "d", "comm_open", "{\"comm_id\":\"x\\u0000z\",\"target_name\":\"echo\"}");
    comm(t, "e", "comm_close", "{\"comm_id\":\"x\\u0000y\"}");
    const struct received *reply;
    comm(t, "i", "comm_info_request", "{}");
    reply = harness_await(t, "i", "comm_info_reply");
    CHECK(reply->content != NULL);
    CHECK(json_object_get(json_object_get(reply->content, "comms"), "\xc3\xa9\"") != NULL);
    CHECK(json_object_get(json_object_get(reply->content, "comms"), "") != NULL);
    harness_free(t);
}

static void open_and_close(struct interp_host *host, struct request *request,
                           const struct execution *execution, void *user)
{
    (void)user;
    bool opens = execution->count == 1;
    struct span content = opens ? SPAN("{\"comm_id\":\"k\",\"target_name\":\"front\",\"data\":{}}")
                                : SPAN("{\"comm_id\":\"k\",\"data\":{}}");
    CHECK_INT(host->impl->publish(host, request, opens ? MSG_COMM_OPEN : MSG_COMM_CLOSE, content,
                                  SPAN("{}"), NULL),
              0);
    fake_interp_done(host, request, true);
}

static void lists_comms_opened_by_the_interpreter(void)
{
    struct harness *t =
        harness_new(&(struct harness_options){.interp = fake_interp_new(open_and_close, NULL)});
    harness_execute(t, "a", "open");
    check_list(t, "i1", "{\"target_name\":\"front\"}", "{\"k\":{\"target_name\":\"front\"}}");
    harness_execute(t, "b", "close");
    check_list(t, "i2", "{}", "{}");
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] comm_open execute_reply:ok[1] idle");
    CHECK_TRANSCRIPT(t, "b", "busy execute_input[2] comm_close execute_reply:ok[2] idle");
    harness_free(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(opens_sends_and_closes),
    CHECK_TEST(carries_buffers_and_metadata),
    CHECK_TEST(never_sends_invalid_metadata),
    CHECK_TEST(closes_comms_without_target),
    CHECK_TEST(refuses_invalid_comm_messages),
    CHECK_TEST(accepts_any_text_as_comm_id),
    CHECK_TEST(lists_comms_opened_by_the_interpreter),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
