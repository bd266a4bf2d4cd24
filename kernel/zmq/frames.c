#include "kernel/zmq/frames.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <zmq.h>

enum { COPY_MAX = 32 * 1024 }; /* shorter frames are copied: cheaper than counting them */

struct frame {
    struct bytes base;
    zmq_msg_t msg;
};

static void frame_release(struct bytes *self)
{
    struct frame *frame = (struct frame *)self;
    zmq_msg_close(&frame->msg);
    free(frame);
}

static int frame_recv(void *socket, struct bytes **ret)
{
    struct frame *frame = malloc(sizeof *frame);
    if (!frame)
        return -ENOMEM;
    zmq_msg_init(&frame->msg);
    if (zmq_msg_recv(&frame->msg, socket, ZMQ_DONTWAIT) < 0) {
        int r = -errno;
        free(frame);
        return r;
    }
    frame->base.view = (struct span){zmq_msg_data(&frame->msg), zmq_msg_size(&frame->msg)};
    atomic_init(&frame->base.refs, 1);
    frame->base.release = frame_release;
    *ret = &frame->base;
    return 0;
}

void frames_finish(struct frames *self)
{
    for (size_t i = 0; i < self->count; i++)
        bytes_unref(self->list[i]);
    free(self->list);
}

static int frames_add(struct frames *self, struct bytes *frame)
{
    if (self->count == self->cap) {
        size_t cap = self->cap ? 2 * self->cap : 16;
        struct bytes **list = realloc(self->list, cap * sizeof(struct bytes *));
        if (!list) {
            bytes_unref(frame);
            return -ENOMEM;
        }
        self->list = list;
        self->cap = cap;
    }
    self->list[self->count++] = frame;
    return 0;
}

int frames_recv(struct frames *self, void *socket)
{
    int more = 1, r = 0;
    while (more) {
        struct bytes *frame = NULL;
        int got = frame_recv(socket, &frame);
        if (got == -ENOMEM) {
            zmq_msg_t lost;
            zmq_msg_init(&lost);
            if (zmq_msg_recv(&lost, socket, ZMQ_DONTWAIT) < 0)
                return -errno;
            more = zmq_msg_more(&lost);
            zmq_msg_close(&lost);
            r = got;
            continue;
        }
        if (got < 0)
            return got;
        more = zmq_msg_more(&((struct frame *)frame)->msg);
        if (frames_add(self, frame) < 0)
            r = -ENOMEM;
    }
    return r;
}

void frames_echo(const struct frames *self, void *socket)
{
    for (size_t i = 0; i < self->count; i++) {
        struct span frame = self->list[i]->view;
        int more = i + 1 < self->count ? ZMQ_SNDMORE : 0;
        if (zmq_send(socket, frame.ptr, frame.len, ZMQ_DONTWAIT | more) < 0)
            return;
    }
}

static void release_arena(void *data, void *hint)
{
    (void)data;
    arena_unref(hint);
}

static void release_bytes(void *data, void *hint)
{
    (void)data;
    bytes_unref(hint);
}

static int frame_init(zmq_msg_t *ret, const struct message *msg, const struct wire_frames *frames,
                      size_t index)
{
    struct span frame = frames->list[index];
    if (frame.len <= COPY_MAX) {
        if (zmq_msg_init_size(ret, frame.len) < 0)
            return -ENOMEM;
        if (frame.len > 0)
            memcpy(zmq_msg_data(ret), frame.ptr, frame.len);
        return 0;
    }
    size_t first_buffer = frames->first_json + SIGN_FRAMES;
    bool buffer = index >= first_buffer;
    void *hint = buffer ? (void *)bytes_ref(msg->buffers[index - first_buffer])
                        : (void *)arena_ref(msg->store);
    int r = zmq_msg_init_data(ret, (void *)(uintptr_t)frame.ptr, frame.len,
                              buffer ? release_bytes : release_arena, hint);
    if (r == 0)
        return 0;
    if (buffer)
        bytes_unref(hint);
    else
        arena_unref(hint);
    return -ENOMEM;
}

int frames_send(void *socket, const struct signer *signer, const struct message *msg, size_t *part)
{
    struct wire_frames frames;
    int r = wire_format(signer, msg, &frames);
    for (; r == 0 && *part < frames.count; ++*part) {
        zmq_msg_t out;
        r = frame_init(&out, msg, &frames, *part);
        if (r < 0)
            return r;
        int more = *part + 1 < frames.count ? ZMQ_SNDMORE : 0;
        if (zmq_msg_send(&out, socket, ZMQ_DONTWAIT | more) < 0) {
            r = -errno;
            zmq_msg_close(&out);
        }
        if (r < 0)
            break;
    }
    return r;
}
