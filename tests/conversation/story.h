/*
 * What the kernel sent because of one request, as one line of text, and what it always promises.
 */
#pragma once

#include "tests/conversation/theatre.h"
#include "tests/unit/check.h"

enum { STORY_MAX = 4096 };

struct story {
    char text[STORY_MAX]; /* what does not fit is cut off */
    size_t len;
    const char *stream; /* of the last word, when it is a stream's text */
};

static inline const char *story_member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static inline void story_put(struct story *self, const char *text)
{
    int len = snprintf(self->text + self->len, STORY_MAX - self->len, "%s", text);
    self->len += (size_t)len < STORY_MAX - self->len ? (size_t)len : STORY_MAX - self->len - 1;
}

static inline void story_put_in(struct story *self, const char *before, const char *text,
                                const char *after)
{
    story_put(self, before);
    story_put(self, text);
    story_put(self, after);
}

static inline void story_put_count(struct story *self, const json_t *content)
{
    char number[32];
    const json_t *count = json_object_get(content, "execution_count");
    if (!json_is_integer(count))
        return;
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(count));
    story_put_in(self, "[", number, "]");
}

static inline bool story_is_reply(const struct heard *heard)
{
    size_t len = strlen(heard->type);
    return len >= 6 && strcmp(heard->type + len - 6, "_reply") == 0;
}

static inline void story_put_reply(struct story *self, const struct heard *heard)
{
    static const char *const channels[] = {"", "control/", "stdin/", "iopub/", "hb/"};
    story_put_in(self, channels[heard->msg->channel], heard->type, ":");
    story_put(self, story_member(heard->content, "status"));
    story_put_count(self, heard->content);
    if (*story_member(heard->content, "ename"))
        story_put_in(self, "(", story_member(heard->content, "ename"), ")");
}

static inline void story_put_stream(struct story *self, const struct heard *heard)
{
    const char *name = story_member(heard->content, "name");
    if (self->stream && strcmp(self->stream, name) == 0)
        self->len--; /* over the parenthesis: the text goes on */
    else
        story_put_in(self, self->len ? " " : "", name, "(");
    story_put_in(self, "", story_member(heard->content, "text"), ")");
    self->stream = name;
}

static inline void story_put_word(struct story *self, const struct heard *heard)
{
    const json_t *content = heard->content;
    if (heard->msg->type == MSG_STATUS) {
        story_put(self, story_member(content, "execution_state"));
    } else if (story_is_reply(heard)) {
        story_put_reply(self, heard);
    } else if (heard->msg->type == MSG_EXECUTE_INPUT) {
        story_put(self, "input");
        story_put_count(self, content);
    } else if (heard->msg->type == MSG_EXECUTE_RESULT) {
        story_put(self, "result");
        story_put_count(self, content);
        story_put_in(self, "(", story_member(json_object_get(content, "data"), "text/plain"), ")");
    } else if (heard->msg->type == MSG_INPUT_REQUEST) {
        story_put_in(self, "asks(", story_member(content, "prompt"), ")");
    } else {
        story_put(self, heard->type);
    }
}

/*
 * In order, one word for each message; the texts of one stream that follow each other stand as one,
 * wherever they were cut. A reply tells its channel unless it is shell.
 *     busy input[1] stdout(a b) result[1](c) execute_reply:ok[1] idle
 */
static inline void story_tell(struct theatre *theatre, const char *parent, struct story *ret)
{
    *ret = (struct story){0};
    const struct heard *heard;
    for (size_t i = 0; (heard = theatre_heard(theatre, i)); i++) {
        if (strcmp(heard->parent, parent) != 0)
            continue;
        if (heard->msg->type == MSG_STREAM) {
            story_put_stream(ret, heard);
            continue;
        }
        ret->stream = NULL;
        story_put(ret, ret->len ? " " : "");
        story_put_word(ret, heard);
    }
}

/* Where in the order of all messages the first such one is; -1 when there is none. */
static inline long story_place(struct theatre *theatre, const char *parent, const char *what)
{
    const struct heard *wanted = theatre_find(theatre, parent, what), *heard;
    for (size_t i = 0; wanted && (heard = theatre_heard(theatre, i)); i++)
        if (heard == wanted)
            return (long)i;
    return -1;
}

#define CHECK_STORY(theatre, parent, expected) \
    story_check((theatre), (parent), (expected), __FILE__, __LINE__)
static inline bool story_check(struct theatre *theatre, const char *parent, const char *expected,
                               const char *file, int line)
{
    struct story story;
    story_tell(theatre, parent, &story);
    if (check_span(span_of(story.text), span_of(expected), parent, file, line))
        return true;
    theatre_print(theatre);
    return false;
}

/* How the messages of one request begin and end. */
struct promise {
    unsigned busy, idle, replies, total;
    bool busy_first, idle_last;
};

static inline struct promise promise_of(struct theatre *theatre, const char *id)
{
    struct promise promise = {0};
    const struct heard *heard;
    for (size_t i = 0; (heard = theatre_heard(theatre, i)); i++) {
        if (strcmp(heard->parent, id) != 0)
            continue;
        const char *state =
            heard->msg->type == MSG_STATUS ? story_member(heard->content, "execution_state") : "";
        bool busy = strcmp(state, "busy") == 0;
        promise.idle_last = strcmp(state, "idle") == 0;
        promise.busy_first = promise.total ? promise.busy_first : busy;
        promise.busy += busy;
        promise.idle += promise.idle_last;
        promise.replies += story_is_reply(heard) && heard->msg->channel != CHANNEL_IOPUB;
        promise.total++;
    }
    return promise;
}

/* Of each request: busy first, idle last, each once, and between them one answer. The kernel must
 * be at rest. */
static inline void promise_check_all(struct theatre *theatre)
{
    const char *id;
    for (size_t i = 0; (id = theatre_said(theatre, i)); i++) {
        struct promise promise = promise_of(theatre, id);
        bool kept = promise.busy == 1 && promise.idle == 1 && promise.replies == 1 &&
                    promise.busy_first && promise.idle_last;
        if (!CHECK(kept))
            printf("request \"%s\": %u busy (%s), %u idle (%s), %u replies\n", id, promise.busy,
                   promise.busy_first ? "first" : "not first", promise.idle,
                   promise.idle_last ? "last" : "not last", promise.replies);
    }
}
