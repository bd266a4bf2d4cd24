#include "kernel/launch/zmtp.h"

#include <errno.h>
#include <stdint.h>

enum { GREETING = 64, VERSION_AT = 10, MECHANISM_AT = 12, MECHANISM = 20 };
enum { MORE = 1, LONG = 2, COMMAND = 4 }; /* flags of a frame */

struct frame {
    unsigned char flags;
    struct span body;
    size_t size; /* of all of it */
};

static const char null_mechanism[MECHANISM] = "NULL";

static void put_size(struct buf *out, uint64_t size, int bytes)
{
    while (bytes-- > 0)
        buf_putc(out, (char)(size >> (8 * bytes)));
}

static void put_frame(struct buf *out, unsigned char flags, struct span body)
{
    bool is_long = body.len > UINT8_MAX;
    buf_putc(out, (char)(flags | (is_long ? LONG : 0)));
    put_size(out, body.len, is_long ? 8 : 1);
    buf_put(out, body);
}

static void put_property(struct buf *out, struct span name, struct span value)
{
    put_size(out, name.len, 1);
    buf_put(out, name);
    put_size(out, value.len, 4);
    buf_put(out, value);
}

static void put_ready(struct zmtp *self)
{
    CLEANUP(buf_finish) struct buf body = BUF_INIT;
    buf_put(&body, SPAN("\5READY"));
    put_property(&body, SPAN("Socket-Type"), span_of(self->socket_type));
    put_property(&body, SPAN("Identity"), SPAN(""));
    put_frame(&self->out, COMMAND, buf_view(&body));
}

void zmtp_init(struct zmtp *self, const char *socket_type)
{
    static const char rest[GREETING - MECHANISM_AT - MECHANISM] = {0}; /* as-server, filler */
    *self = (struct zmtp){.socket_type = socket_type};
    buf_put(&self->out, SPAN("\xff\0\0\0\0\0\0\0\1\x7f\3\0"));
    buf_append(&self->out, null_mechanism, sizeof null_mechanism);
    buf_append(&self->out, rest, sizeof rest);
}

void zmtp_finish(struct zmtp *self)
{
    buf_finish(&self->in);
    buf_finish(&self->out);
}

void zmtp_feed(struct zmtp *self, struct span bytes) { buf_put(&self->in, bytes); }

/* Lets go of what was used. */
static void compact(struct zmtp *self)
{
    if (self->used > 0)
        memmove(self->in.ptr, self->in.ptr + self->used, self->in.len - self->used);
    self->in.len -= self->used;
    self->used = 0;
}

/* 1: the greeting is one for this end. */
static int read_greeting(struct zmtp *self)
{
    const char *text = self->in.ptr;
    if (self->in.len > 0 && (unsigned char)text[0] != 0xff)
        return -EPROTO;
    if (self->in.len > VERSION_AT && (unsigned char)text[VERSION_AT] < 3)
        return -EPROTO;
    if (self->in.len < GREETING)
        return 0;
    if (memcmp(text + MECHANISM_AT, null_mechanism, MECHANISM) != 0)
        return -EPROTO;
    self->used = GREETING;
    self->greeted = true;
    put_ready(self);
    return 1;
}

/* The frame at `at`. 1, or 0: not all of it is there. */
static int read_frame(const struct zmtp *self, size_t at, struct frame *ret)
{
    const unsigned char *text = (const unsigned char *)self->in.ptr + at;
    size_t left = self->in.len - at;
    uint64_t size = 0;
    if (left < 1)
        return 0;
    if ((text[0] & ~(MORE | LONG | COMMAND)) != 0)
        return -EPROTO;
    size_t bytes = text[0] & LONG ? 8 : 1;
    if (left < 1 + bytes)
        return 0;
    for (size_t i = 1; i <= bytes; i++)
        size = size << 8 | text[i];
    if (size > ZMTP_MESSAGE_MAX)
        return -EMSGSIZE;
    if (left - 1 - bytes < size)
        return 0;
    *ret = (struct frame){.flags = text[0],
                          .body = {(const char *)text + 1 + bytes, (size_t)size},
                          .size = 1 + bytes + (size_t)size};
    return 1;
}

static bool is_command(struct span body, struct span name)
{
    return body.len >= name.len && memcmp(body.ptr, name.ptr, name.len) == 0;
}

/* READY opens the connection; a PING's context, behind two bytes of time, comes back. */
static int take_command(struct zmtp *self, struct span body)
{
    struct span ping = SPAN("\4PING");
    if (is_command(body, SPAN("\5READY")))
        self->ready = true;
    else if (!self->ready)
        return -EPROTO;
    if (!is_command(body, ping) || body.len < ping.len + 2)
        return 1;
    CLEANUP(buf_finish) struct buf pong = BUF_INIT;
    buf_put(&pong, SPAN("\4PONG"));
    buf_append(&pong, body.ptr + ping.len + 2, body.len - ping.len - 2);
    put_frame(&self->out, COMMAND, buf_view(&pong));
    return 1;
}

/* 1: the frames of a whole message, which is used up. */
static int read_message(struct zmtp *self, struct span ret_frames[ZMTP_FRAMES_MAX],
                        size_t *ret_count)
{
    size_t at = self->used, count = 0;
    struct frame frame = {.flags = MORE};
    while (frame.flags & MORE) {
        int r = read_frame(self, at, &frame);
        if (r <= 0)
            return self->in.len - self->used > ZMTP_MESSAGE_MAX ? -EMSGSIZE : r;
        if (count == ZMTP_FRAMES_MAX || frame.flags & COMMAND)
            return -EPROTO;
        ret_frames[count++] = frame.body;
        at += frame.size;
    }
    self->used = at;
    *ret_count = count;
    return 1;
}

int zmtp_next(struct zmtp *self, struct span ret_frames[ZMTP_FRAMES_MAX], size_t *ret_count)
{
    struct frame frame;
    compact(self);
    if (buf_error(&self->in) < 0 || buf_error(&self->out) < 0)
        return -ENOMEM;
    int r = self->greeted ? 1 : read_greeting(self);
    while (r > 0) {
        r = read_frame(self, self->used, &frame);
        if (r <= 0)
            return r;
        if (!(frame.flags & COMMAND))
            return self->ready ? read_message(self, ret_frames, ret_count) : -EPROTO;
        r = take_command(self, frame.body);
        self->used += frame.size;
    }
    return r;
}

void zmtp_send(struct zmtp *self, const struct span *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_frame(&self->out, i + 1 < count ? MORE : 0, frames[i]);
}
