#include "tests/conversation/harness/client_message.h"

#include "protocol/json.h"
#include "protocol/wire.h"
#include "tests/conversation/harness/require.h"

enum { FRAMES_MAX = 32 };

static size_t add_frame(struct bytes **frames, size_t count, struct span text)
{
    require(count < FRAMES_MAX && bytes_new_copy(text, &frames[count]) == 0, "no frame");
    return count + 1;
}

static size_t add_json(struct bytes **frames, size_t count, const char *text)
{
    return add_frame(frames, count, text ? span_of(text) : SPAN("{}"));
}

static void put_header(const struct client_message *self, struct buf *out)
{
    if (self->header) {
        buf_put(out, span_of(self->header));
        return;
    }
    buf_putc(out, '{');
    json_put_member(out, "msg_id", span_of(self->id));
    json_put_member(out, "msg_type", span_of(self->type));
    json_put_member(out, "session", SPAN("session"));
    buf_put(out, SPAN(",\"username\":\"test\",\"version\":\"5.3\"}"));
}

static size_t make_frames(const struct client_message *self, struct bytes **frames)
{
    CLEANUP(buf_finish) struct buf header = BUF_INIT;
    put_header(self, &header);
    size_t count = 0;
    count = add_frame(frames, count, span_of(self->client ? self->client : "client"));
    count = add_frame(frames, count, SPAN("<IDS|MSG>"));
    count = add_frame(frames, count, SPAN(""));
    count = add_frame(frames, count, buf_view(&header));
    count = add_json(frames, count, self->parent);
    count = add_json(frames, count, self->metadata);
    count = add_json(frames, count, self->content);
    for (size_t i = 0; self->buffers && self->buffers[i]; i++)
        count = add_frame(frames, count, span_of(self->buffers[i]));
    return count;
}

struct message *client_message_parse(const struct client_message *self, struct signer *signer)
{
    struct bytes *frames[FRAMES_MAX];
    struct message *msg = NULL;
    size_t count = make_frames(self, frames);
    int r = wire_parse(signer, self->channel, frames, count, &msg);
    require(r == 0, "wire_parse() refuses the message");
    return msg;
}
