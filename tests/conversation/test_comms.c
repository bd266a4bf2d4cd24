/* Comms: who has them, what is told of them. They get busy and idle and no reply. */
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

static void comm(struct theatre *t, const char *id, const char *type, const char *content)
{
    theatre_say(t, id, type, content);
    theatre_rest(t);
}

/* comm_info_reply's comms as compact JSON, sorted by id; for the caller to free. */
static char *list(struct theatre *t, const char *id, const char *content)
{
    comm(t, id, "comm_info_request", content);
    const struct heard *reply = theatre_await(t, id, "comm_info_reply");
    CHECK_TEXT(story_member(reply->content, "status"), "ok");
    return json_dumps(json_object_get(reply->content, "comms"), JSON_COMPACT | JSON_SORT_KEYS);
}

static void check_list(struct theatre *t, const char *id, const char *content, const char *expected)
{
    char *comms = list(t, id, content);
    CHECK_TEXT(comms, expected);
    free(comms);
}

static void opens_talks_and_closes(void)
{
    struct theatre *t = theatre_open(NULL);
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
    CHECK_STORY(t, "a", "busy idle");
    CHECK_STORY(t, "c", "busy comm_msg idle");
    CHECK_STORY(t, "d", "busy idle");
    CHECK_SPAN(theatre_await(t, "c", "comm_msg")->msg->content,
               SPAN("{\"comm_id\":\"c1\",\"data\":{\"x\": 1.50}}"));
    theatre_close(t);
}

static void carries_buffers_and_metadata(void)
{
    struct theatre *t = theatre_open(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"c\",\"target_name\":\"echo\",\"data\":{}}");
    theatre_say_line(t, &(struct line){.id = "b",
                                       .type = "comm_msg",
                                       .content = "{\"comm_id\":\"c\",\"data\":{}}",
                                       .metadata = "{\"m\": true}",
                                       .buffers = (const char *const[]){"one", "", "three", NULL}});
    theatre_rest(t);
    const struct message *msg = theatre_await(t, "b", "comm_msg")->msg;
    CHECK_SPAN(msg->metadata, SPAN("{\"m\": true}"));
    if (CHECK_INT(message_list_count(msg->buffers), 3)) {
        CHECK_SPAN(msg->buffers[0]->view, SPAN("one"));
        CHECK_SPAN(msg->buffers[1]->view, SPAN(""));
        CHECK_SPAN(msg->buffers[2]->view, SPAN("three"));
    }
    theatre_close(t);
}

/* What leaves the kernel is JSON, whatever came. */
static void sends_no_metadata_that_can_not_be_read(void)
{
    struct theatre *t = theatre_open(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"c\",\"target_name\":\"echo\",\"data\":{}}");
    theatre_say_line(t, &(struct line){.id = "b",
                                       .type = "comm_msg",
                                       .content = "{\"comm_id\":\"c\",\"data\":{}}",
                                       .metadata = "{\"m\""});
    theatre_rest(t);
    const struct heard *heard;
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++) {
        char why[160];
        CLEANUP(json_decrefp) json_t *metadata = NULL;
        CHECK_INT(json_read_object(heard->msg->metadata, why, &metadata), 0);
    }
    CHECK_STORY(t, "b", "busy comm_msg_reply:error(ValueError) idle");
    theatre_close(t);
}

static void closes_what_nobody_has(void)
{
    struct theatre *t = theatre_open(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"c\\\"1\",\"target_name\":\"nobody\",\"data\":{}}");
    comm(t, "b", "comm_open", "{\"comm_id\":\"c2\"}");
    comm(t, "c", "comm_open", "{\"comm_id\":\"c3\",\"target_name\":5}");
    check_list(t, "i", "{}", "{}");
    CHECK_STORY(t, "a", "busy comm_close idle");
    CHECK_STORY(t, "b", "busy comm_close idle");
    CHECK_STORY(t, "c", "busy comm_close idle");
    const json_t *content = theatre_await(t, "a", "comm_close")->content;
    CHECK_TEXT(story_member(content, "comm_id"), "c\"1");
    CHECK_TEXT(story_member(json_object_get(content, "data"), "reason"),
               "no such comm target in the kernel");
    theatre_close(t);
}

static void refuses_what_is_no_comm(void)
{
    static const char *const contents[] = {"{}", "{\"comm_id\":7}", "[]", "nonsense"};
    static const char *const types[] = {"comm_open", "comm_msg", "comm_close"};
    char id[16], story[80];
    struct theatre *t = theatre_open(NULL);
    for (int i = 0; i < 12; i++) {
        snprintf(id, sizeof id, "%d", i);
        comm(t, id, types[i % 3], contents[i / 3]);
        snprintf(story, sizeof story, "busy %s_reply:error(ValueError) idle", types[i % 3]);
        CHECK_STORY(t, id, story);
    }
    check_list(t, "i", "{}", "{}");
    theatre_close(t);
}

static void takes_ids_of_any_text(void)
{
    struct theatre *t = theatre_open(NULL);
    comm(t, "a", "comm_open", "{\"comm_id\":\"\",\"target_name\":\"echo\"}");
    comm(t, "b", "comm_open", "{\"comm_id\":\"\\u00e9\\\"\",\"target_name\":\"echo\"}");
    comm(t, "c", "comm_open", "{\"comm_id\":\"x\\u0000y\",\"target_name\":\"echo\"}");
    comm(t, "d", "comm_open", "{\"comm_id\":\"x\\u0000z\",\"target_name\":\"echo\"}");
    comm(t, "e", "comm_close", "{\"comm_id\":\"x\\u0000y\"}");
    const struct heard *reply;
    comm(t, "i", "comm_info_request", "{}");
    reply = theatre_await(t, "i", "comm_info_reply");
    CHECK(reply->content != NULL);
    CHECK(json_object_get(json_object_get(reply->content, "comms"), "\xc3\xa9\"") != NULL);
    CHECK(json_object_get(json_object_get(reply->content, "comms"), "") != NULL);
    theatre_close(t);
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
    player_done(host, request, true);
}

static void knows_the_comms_of_the_language(void)
{
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(open_and_close, NULL)});
    theatre_execute(t, "a", "open");
    check_list(t, "i1", "{\"target_name\":\"front\"}", "{\"k\":{\"target_name\":\"front\"}}");
    theatre_execute(t, "b", "close");
    check_list(t, "i2", "{}", "{}");
    CHECK_STORY(t, "a", "busy input[1] comm_open execute_reply:ok[1] idle");
    CHECK_STORY(t, "b", "busy input[2] comm_close execute_reply:ok[2] idle");
    theatre_close(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(opens_talks_and_closes),
    CHECK_TEST(carries_buffers_and_metadata),
    CHECK_TEST(sends_no_metadata_that_can_not_be_read),
    CHECK_TEST(closes_what_nobody_has),
    CHECK_TEST(refuses_what_is_no_comm),
    CHECK_TEST(takes_ids_of_any_text),
    CHECK_TEST(knows_the_comms_of_the_language),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
