/* The vectors are read from the directory that the program is given, tests/vectors otherwise. */
#include "protocol/wire.h"

#include "protocol/json.h"
#include "tests/unit/alloc.h"
#include "tests/unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

enum { FRAMES_MAX = 300, JSON_FRAMES = 4 };

static const char *vectors = "tests/vectors";

struct frames {
    struct bytes *list[FRAMES_MAX];
    size_t count;
};

static void frames_add(struct frames *self, struct span text)
{
    if (CHECK(self->count < FRAMES_MAX) &&
        CHECK_INT(bytes_new_copy(text, &self->list[self->count]), 0))
        self->count++;
}

/* Checks that nobody else holds a frame any more. */
static void frames_finish(struct frames *self)
{
    for (size_t i = 0; i < self->count; i++) {
        CHECK_INT(self->list[i]->refs, 1);
        bytes_unref(self->list[i]);
    }
    self->count = 0;
}

/* wire_parse() with references of its own on the frames. */
static int parse(struct signer *signer, const struct frames *frames, struct message **ret)
{
    for (size_t i = 0; i < frames->count; i++)
        bytes_ref(frames->list[i]);
    return wire_parse(signer, CHANNEL_SHELL, frames->list, frames->count, ret);
}

/* NULL after a failed check. */
static struct signer *make_signer(struct span scheme, struct span key)
{
    struct signer *signer = NULL;
    CHECK_INT(signer_new(scheme, key, &signer), 0);
    return signer;
}

static int error_of(struct span name)
{
    static const struct {
        const char *name;
        int error;
    } names[] = {{"ok", 0},           {"ENOMSG", -ENOMSG}, {"EPROTO", -EPROTO},
                 {"EACCES", -EACCES}, {"EEXIST", -EEXIST}, {"EBADMSG", -EBADMSG}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal(name, span_of(names[i].name)))
            return names[i].error;
    CHECK(!"a vector expects an unknown result");
    return 1;
}

static void read_frames(const json_t *step, struct frames *ret)
{
    size_t i;
    json_t *text;
    json_array_foreach(json_object_get(step, "frames"), i, text)
    {
        size_t room = json_string_length(text), len = 0;
        unsigned char *decoded = malloc(room + 1);
        CHECK_INT(sodium_base642bin(decoded, room + 1, json_string_value(text), room, NULL, &len,
                                    NULL, sodium_base64_VARIANT_ORIGINAL),
                  0);
        frames_add(ret, (struct span){(char *)decoded, len});
        free(decoded);
    }
}

static long long number(const json_t *step, const char *key)
{
    CHECK(json_is_integer(json_object_get(step, key)));
    return json_integer_value(json_object_get(step, key));
}

static int read_content(const struct message *msg)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    return json_read_object(msg->content, why, &content);
}

/* The message holds what the vector says, in the memory of the frames. */
static void check_message(const json_t *step, const struct frames *frames,
                          const struct message *msg)
{
    size_t identities = (size_t)number(step, "identities");
    struct bytes *const *json = frames->list + identities + 2;
    struct span none = SPAN("absent");
    CHECK_INT(msg->channel, CHANNEL_SHELL);
    CHECK_SPAN(msg->type_text, json_member_text(step, "type", none));
    CHECK_INT(msg->type, msg_type_from_text(msg->type_text));
    CHECK_SPAN(msg->id, json_member_text(step, "id", none));
    CHECK_SPAN(msg->session, json_member_text(step, "session", none));
    CHECK(msg->header.ptr == json[0]->view.ptr && msg->header.len == json[0]->view.len);
    CHECK(msg->parent.ptr == json[1]->view.ptr && msg->parent.len == json[1]->view.len);
    CHECK(msg->metadata.ptr == json[2]->view.ptr && msg->metadata.len == json[2]->view.len);
    CHECK(msg->content.ptr == json[3]->view.ptr && msg->content.len == json[3]->view.len);
    CHECK_INT(message_list_count(msg->route), identities);
    CHECK_INT(message_list_count(msg->buffers), number(step, "buffers"));
    for (size_t i = 0; msg->route && msg->route[i]; i++)
        CHECK(msg->route[i] == frames->list[i]);
    for (size_t i = 0; msg->buffers && msg->buffers[i]; i++)
        CHECK(msg->buffers[i] == json[JSON_FRAMES + i]);
    CHECK_INT(read_content(msg), error_of(json_member_text(step, "content", none)));
}

/* Formatted again, the message has the frames that jupyter_client made. */
static void check_format(const struct signer *signer, const struct frames *frames,
                         const struct message *msg)
{
    struct wire_frames out;
    if (msg->content.len == 0 || !CHECK_INT(wire_format(signer, msg, &out), 0))
        return;
    if (!CHECK_INT(out.count, frames->count))
        return;
    for (size_t i = 0; i < out.count; i++)
        CHECK_SPAN(out.list[i], frames->list[i]->view);
    CHECK_INT(out.first_json, message_list_count(msg->route) + 2);
}

static bool check_step(struct signer *signer, const json_t *step)
{
    unsigned before = check_failures();
    struct frames frames = {0};
    CLEANUP(message_freep) struct message *msg = NULL;
    read_frames(step, &frames);
    int expected = error_of(json_member_text(step, "result", SPAN("absent")));
    int r = parse(signer, &frames, &msg);
    CHECK_INT(r, expected);
    CHECK_INT(r == 0, msg != NULL);
    if (msg) {
        check_message(step, &frames, msg);
        check_format(signer, &frames, msg);
    }
    message_freep(&msg);
    frames_finish(&frames);
    return check_failures() == before;
}

static void replay_vector(const char *name)
{
    char path[512];
    json_error_t error = {0};
    snprintf(path, sizeof path, "%s/%s", vectors, name);
    CLEANUP(json_decrefp) json_t *vector = json_load_file(path, 0, &error);
    if (!CHECK(vector != NULL)) {
        printf("%s: line %d: %s\n", path, error.line, error.text);
        return;
    }
    CLEANUP(signer_freep)
    struct signer *signer = make_signer(json_member_text(vector, "scheme", SPAN("absent")),
                                        json_member_text(vector, "key", SPAN("absent")));
    size_t i;
    json_t *step;
    CHECK(json_array_size(json_object_get(vector, "steps")) > 0);
    json_array_foreach(json_object_get(vector, "steps"), i, step) if (!check_step(signer, step))
        printf("%s: step %zu\n", path, i + 1);
}

static void agrees_with_jupyter_client(void)
{
    unsigned replayed = 0;
    DIR *directory = opendir(vectors);
    if (!CHECK(directory != NULL))
        return;
    struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread. */
    while ((entry = readdir(directory))) {
        const char *end = strrchr(entry->d_name, '.');
        if (end && strcmp(end, ".json") == 0) {
            replay_vector(entry->d_name);
            replayed++;
        }
    }
    closedir(directory);
    CHECK_INT(replayed, 17);
}

/* A signed message: identities, four JSON frames, and buffers up to NULL. */
static void make_frames(const struct signer *signer, size_t identities, const char *header,
                        const char *const *buffers, struct frames *ret)
{
    char hex[SIGN_HEX_MAX];
    struct span json[JSON_FRAMES] = {span_of(header), SPAN("{}"), SPAN("{}"), SPAN("{\"a\":1}")};
    size_t len = signer_sign(signer, json, hex);
    for (size_t i = 0; i < identities; i++)
        frames_add(ret, SPAN("identity"));
    frames_add(ret, SPAN("<IDS|MSG>"));
    frames_add(ret, (struct span){hex, len});
    for (int i = 0; i < JSON_FRAMES; i++)
        frames_add(ret, json[i]);
    for (; buffers && *buffers; buffers++)
        frames_add(ret, span_of(*buffers));
}

static void verifies_before_it_reads(void)
{
    CLEANUP(signer_freep) struct signer *signer = make_signer(SPAN("hmac-sha256"), SPAN("key"));
    CLEANUP(signer_freep) struct signer *other = make_signer(SPAN("hmac-sha256"), SPAN("other"));
    static const char *const headers[] = {"", "[]", "{\"msg_id\": 1}", "\xFF"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct frames frames = {0};
        struct message *msg = NULL;
        make_frames(other, 1, headers[i], NULL, &frames);
        CHECK_INT(parse(signer, &frames, &msg), -EACCES);
        CHECK(msg == NULL);
        frames_finish(&frames);
    }
}

/* A message that is refused for its header is remembered: its signature was right. */
static void a_refused_message_is_not_accepted_later(void)
{
    CLEANUP(signer_freep) struct signer *signer = make_signer(SPAN("hmac-sha256"), SPAN("key"));
    struct frames frames = {0};
    struct message *msg = NULL;
    make_frames(signer, 0, "[]", NULL, &frames);
    CHECK_INT(parse(signer, &frames, &msg), -EBADMSG);
    CHECK_INT(parse(signer, &frames, &msg), -EEXIST);
    CHECK(msg == NULL);
    frames_finish(&frames);
}

static const char HEADER[] =
    "{\"msg_id\":\"i\",\"msg_type\":\"execute_request\",\"session\":\"s\"}";

/* An id that is too long for the rest of a message's first block comes back as well. */
static void keeps_received_frames(void)
{
    CLEANUP(signer_freep) struct signer *signer = make_signer(SPAN("hmac-sha256"), SPAN("key"));
    CLEANUP(buf_finish) struct buf header = BUF_INIT;
    struct frames frames = {0};
    CLEANUP(message_freep) struct message *msg = NULL;
    buf_printf(&header, "{\"msg_type\":\"stream\",\"msg_id\":\"%05000d\"}", 7);
    make_frames(signer, 2, buf_cstr(&header), (const char *const[]){"b", NULL}, &frames);
    if (CHECK_INT(parse(signer, &frames, &msg), 0)) {
        CHECK_INT(msg->type, MSG_STREAM);
        CHECK_INT(msg->id.len, 5000);
        CHECK_SPAN(msg->session, SPAN(""));
        CHECK_SPAN(msg->content, SPAN("{\"a\":1}"));
    }
    message_freep(&msg);
    frames_finish(&frames);
}

static void empty_texts_are_sent_as_objects(void)
{
    CLEANUP(signer_freep) struct signer *signer = make_signer(SPAN("hmac-sha256"), SPAN("key"));
    CLEANUP(message_freep) struct message *msg = NULL;
    struct wire_frames out;
    char hex[SIGN_HEX_MAX];
    const struct span empty[JSON_FRAMES] = {SPAN("{}"), SPAN("{}"), SPAN("{}"), SPAN("{}")};
    if (!CHECK_INT(message_new(MSG_STATUS, CHANNEL_IOPUB, &msg), 0) ||
        !CHECK_INT(wire_format(signer, msg, &out), 0) || !CHECK_INT(out.count, 6))
        return;
    CHECK_SPAN(out.list[0], SPAN("<IDS|MSG>"));
    CHECK_SPAN(out.list[1], ((struct span){hex, signer_sign(signer, empty, hex)}));
    for (int i = 0; i < JSON_FRAMES; i++)
        CHECK_SPAN(out.list[2 + i], SPAN("{}"));
    CHECK_INT(out.first_json, 2);
}

static void every_error_has_a_text(void)
{
    static const int errors[] = {-ENOMSG, -EPROTO, -EACCES, -EEXIST, -EBADMSG, -ENOMEM, -EIO};
    size_t count = sizeof errors / sizeof *errors;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(wire_strerror(errors[i]), wire_strerror(errors[j])) != 0);
}

struct traffic {
    struct signer *signer;
    const struct frames *frames;
};

static int parse_and_format(void *user)
{
    const struct traffic *traffic = user;
    CLEANUP(message_freep) struct message *msg = NULL;
    struct wire_frames out;
    int r = parse(traffic->signer, traffic->frames, &msg);
    return r < 0 ? r : wire_format(traffic->signer, msg, &out);
}

static void survives_without_memory(void)
{
    static const char *buffers[200];
    CLEANUP(signer_freep) struct signer *signer = make_signer(SPAN("hmac-sha256"), SPAN(""));
    struct frames frames = {0};
    for (int i = 0; i < 190; i++)
        buffers[i] = "buffer";
    make_frames(signer, 100, HEADER, buffers, &frames);
    struct traffic traffic = {signer, &frames};
    CHECK_INT(alloc_sweep(parse_and_format, &traffic), 0);
    frames_finish(&frames);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(agrees_with_jupyter_client),
    CHECK_TEST(verifies_before_it_reads),
    CHECK_TEST(a_refused_message_is_not_accepted_later),
    CHECK_TEST(keeps_received_frames),
    CHECK_TEST(empty_texts_are_sent_as_objects),
    CHECK_TEST(every_error_has_a_text),
    CHECK_TEST(survives_without_memory),
};

int main(int argc, char **argv)
{
    if (argc > 1)
        vectors = argv[1];
    return check_run(TESTS, sizeof TESTS / sizeof *TESTS);
}
