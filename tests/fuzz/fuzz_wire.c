/*
 * Frames to a message, and back to frames.
 *
 * An input is one byte of options and then frames, each with its length before it in one byte, or
 * in four bytes, big-endian, behind 0xFF. Fuzzers do not find signatures: unless the options forbid
 * it, the frame behind the delimiter is replaced by the right one.
 */
#include "protocol/json.h"
#include "protocol/wire.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

enum { FRAMES_MAX = 600, OPTION_SHA512 = 1, OPTION_UNSIGNED = 2, OPTION_KEEP_SIGNATURE = 4 };

struct input {
    const uint8_t *at, *end;
};

static size_t read_length(struct input *self)
{
    size_t length = self->at < self->end ? *self->at++ : 0;
    if (length < 0xFF)
        return length;
    length = 0;
    for (int i = 0; i < 4 && self->at < self->end; i++)
        length = length << 8 | *self->at++;
    return length;
}

static struct bytes *read_frame(struct input *self)
{
    size_t length = read_length(self);
    if (length > (size_t)(self->end - self->at))
        length = (size_t)(self->end - self->at);
    struct bytes *frame = NULL;
    FUZZ_CHECK(bytes_new_copy((struct span){(const char *)self->at, length}, &frame) == 0);
    self->at += length;
    return frame;
}

static size_t read_frames(struct input input, struct bytes **ret)
{
    size_t count = 0;
    while (input.at < input.end && count < FRAMES_MAX)
        ret[count++] = read_frame(&input);
    return count;
}

static void sign(const struct signer *signer, struct bytes **frames, size_t count)
{
    size_t at = 0;
    while (at < count && !span_equal(frames[at]->view, SPAN("<IDS|MSG>")))
        at++;
    if (at >= count || count - at < 2 + SIGN_FRAMES)
        return;
    struct span json[SIGN_FRAMES];
    char hex[SIGN_HEX_MAX];
    for (int i = 0; i < SIGN_FRAMES; i++)
        json[i] = frames[at + 2 + (size_t)i]->view;
    size_t length = signer_sign(signer, json, hex);
    bytes_unref(frames[at + 1]);
    FUZZ_CHECK(bytes_new_copy((struct span){hex, length}, &frames[at + 1]) == 0);
}

/* Any text as a JSON string is JSON, whose text is UTF-8 and not changed by another round. */
static void check_string(struct span text)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    CLEANUP(buf_finish) struct buf again = BUF_INIT;
    json_put_string(&out, text);
    CLEANUP(json_decrefp)
    json_t *value = json_loadb(out.ptr, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    FUZZ_CHECK(json_is_string(value));
    json_put_string(&again, (struct span){json_string_value(value), json_string_length(value)});
    FUZZ_CHECK(span_equal(buf_view(&out), buf_view(&again)));
}

static void check_texts(const struct message *msg)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    int r = json_read_object(msg->content, why, &content);
    FUZZ_CHECK(r == 0 || (r == -EBADMSG && memchr(why, '\0', sizeof why)));
    FUZZ_CHECK((r == 0) == (content != NULL));
    check_string(msg->content);
    check_string(msg->id);
}

/* What is laid out again is refused as a replay, or taken when nothing is signed. */
static void check_round_trip(struct signer *signer, const struct message *msg, bool is_signed)
{
    struct wire_frames out;
    struct bytes *frames[FRAMES_MAX];
    struct message *again = NULL;
    FUZZ_CHECK(wire_format(signer, msg, &out) == 0);
    FUZZ_CHECK(out.count <= FRAMES_MAX);
    for (size_t i = 0; i < out.count; i++)
        FUZZ_CHECK(bytes_new_copy(out.list[i], &frames[i]) == 0);
    bool same = msg->parent.len > 0 && msg->metadata.len > 0 && msg->content.len > 0;
    int r = wire_parse(signer, msg->channel, frames, out.count, &again);
    FUZZ_CHECK(r == (is_signed && same ? -EEXIST : 0));
    if (r < 0)
        return;
    FUZZ_CHECK(again->type == msg->type && span_equal(again->type_text, msg->type_text));
    FUZZ_CHECK(span_equal(again->id, msg->id) && span_equal(again->session, msg->session));
    FUZZ_CHECK(message_list_count(again->route) == message_list_count(msg->route));
    FUZZ_CHECK(message_list_count(again->buffers) == message_list_count(msg->buffers));
    message_free(again);
}

static struct signer *signer_for(uint8_t options)
{
    struct signer *signer = NULL;
    struct span scheme = options & OPTION_SHA512 ? SPAN("hmac-sha512") : SPAN("hmac-sha256");
    struct span key = options & OPTION_UNSIGNED ? SPAN("") : SPAN("key");
    FUZZ_CHECK(signer_new(scheme, key, &signer) == 0);
    return signer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes *frames[FRAMES_MAX];
    uint8_t options = size > 0 ? data[0] : 0;
    CLEANUP(signer_freep) struct signer *signer = signer_for(options);
    CLEANUP(message_freep) struct message *msg = NULL;
    size_t count = size > 0 ? read_frames((struct input){data + 1, data + size}, frames) : 0;
    if (!(options & OPTION_KEEP_SIGNATURE))
        sign(signer, frames, count);
    int r = wire_parse(signer, CHANNEL_SHELL, frames, count, &msg);
    FUZZ_CHECK((r == 0) == (msg != NULL));
    FUZZ_CHECK(r == 0 || r == -ENOMSG || r == -EPROTO || r == -EACCES || r == -EBADMSG);
    if (!msg)
        return 0;
    check_texts(msg);
    check_round_trip(signer, msg, !(options & OPTION_UNSIGNED));
    return 0;
}
