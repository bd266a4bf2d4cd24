#include "tests/conversation/harness/transcript.h"

enum { TRANSCRIPT_MAX = 4096 };

struct transcript {
    char text[TRANSCRIPT_MAX]; /* what does not fit is cut off */
    size_t len;
    const char *stream; /* of the last word, when it is a stream's text */
};

static void put(struct transcript *self, const char *text)
{
    size_t room = TRANSCRIPT_MAX - self->len;
    int len = snprintf(self->text + self->len, room, "%s", text);
    self->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void put_in(struct transcript *self, const char *before, const char *text, const char *after)
{
    put(self, before);
    put(self, text);
    put(self, after);
}

static void put_count(struct transcript *self, const json_t *content)
{
    char number[32];
    const json_t *count = json_object_get(content, "execution_count");
    if (!json_is_integer(count))
        return;
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(count));
    put_in(self, "[", number, "]");
}

static bool is_reply(const struct received *received)
{
    size_t len = strlen(received->type);
    return len >= 6 && strcmp(received->type + len - 6, "_reply") == 0;
}

static void put_reply(struct transcript *self, const struct received *received)
{
    static const char *const channels[] = {"", "control/", "stdin/", "iopub/", "hb/"};
    put_in(self, channels[received->msg->channel], received->type, ":");
    put(self, member_text(received->content, "status"));
    put_count(self, received->content);
    if (*member_text(received->content, "ename"))
        put_in(self, "(", member_text(received->content, "ename"), ")");
}

static void put_stream(struct transcript *self, const struct received *received)
{
    const char *name = member_text(received->content, "name");
    if (self->stream && strcmp(self->stream, name) == 0)
        self->len--; /* over the parenthesis: the text goes on */
    else
        put_in(self, self->len ? " " : "", name, "(");
    put_in(self, "", member_text(received->content, "text"), ")");
    self->stream = name;
}

static void put_result(struct transcript *self, const struct received *received)
{
    const json_t *data = json_object_get(received->content, "data");
    put(self, received->type);
    put_count(self, received->content);
    put_in(self, "(", member_text(data, "text/plain"), ")");
}

static void put_word(struct transcript *self, const struct received *received)
{
    if (is_reply(received)) {
        put_reply(self, received);
        return;
    }
    switch (received->msg->type) {
    case MSG_STATUS:
        put(self, received_state(received));
        break;
    case MSG_EXECUTE_RESULT:
        put_result(self, received);
        break;
    case MSG_EXECUTE_INPUT:
        put(self, received->type);
        put_count(self, received->content);
        break;
    case MSG_INPUT_REQUEST:
        put(self, received->type);
        put_in(self, "(", member_text(received->content, "prompt"), ")");
        break;
    default:
        put(self, received->type);
    }
}

static void make_transcript(struct harness *harness, const char *parent, struct transcript *ret)
{
    *ret = (struct transcript){0};
    const struct received *received;
    for (size_t i = 0; (received = harness_received(harness, i)); i++) {
        if (strcmp(received->parent, parent) != 0)
            continue;
        if (received->msg->type == MSG_STREAM) {
            put_stream(ret, received);
            continue;
        }
        ret->stream = NULL;
        put(ret, ret->len ? " " : "");
        put_word(ret, received);
    }
}

bool transcript_check(struct harness *harness, const char *parent, const char *expected,
                      const char *file, int line)
{
    struct transcript transcript;
    make_transcript(harness, parent, &transcript);
    if (check_span(span_of(transcript.text), span_of(expected), parent, file, line))
        return true;
    harness_print(harness);
    return false;
}

/* How the messages of one request begin and end. */
struct answer {
    unsigned busy, idle, replies, total;
    bool busy_first, idle_last;
};

static struct answer answer_to(struct harness *harness, const char *id)
{
    struct answer answer = {0};
    const struct received *received;
    for (size_t i = 0; (received = harness_received(harness, i)); i++) {
        if (strcmp(received->parent, id) != 0)
            continue;
        bool busy = strcmp(received_state(received), "busy") == 0;
        answer.idle_last = strcmp(received_state(received), "idle") == 0;
        answer.busy_first = answer.total ? answer.busy_first : busy;
        answer.busy += busy;
        answer.idle += answer.idle_last;
        answer.replies += is_reply(received) && received->msg->channel != CHANNEL_IOPUB;
        answer.total++;
    }
    return answer;
}

void check_all_answered(struct harness *harness)
{
    const char *id;
    for (size_t i = 0; (id = harness_request_id(harness, i)); i++) {
        struct answer answer = answer_to(harness, id);
        bool is_complete = answer.busy == 1 && answer.idle == 1 && answer.replies == 1 &&
                           answer.busy_first && answer.idle_last;
        if (!CHECK(is_complete))
            printf("request \"%s\": %u busy (%s), %u idle (%s), %u replies\n", id, answer.busy,
                   answer.busy_first ? "first" : "not first", answer.idle,
                   answer.idle_last ? "last" : "not last", answer.replies);
    }
}
