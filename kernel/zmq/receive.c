#include "kernel/zmq/receive.h"

#include "kernel/platform/log.h"
#include "kernel/zmq/frames.h"

#include <errno.h>

static void receive_message(struct sockets *self, enum channel channel, struct frames *frames)
{
    struct message *msg = NULL;
    size_t count = frames->count;
    frames->count = 0; /* wire_parse takes them */
    int r = wire_parse(self->signer, channel, frames->list, count, &msg);
    if (r < 0) {
        if (log_allowed())
            log_line("a message was dropped: %s", wire_strerror(r));
    } else if (channel == CHANNEL_STDIN) {
        input_request_offer(&self->input_request, msg);
    } else {
        atomic_store(&self->corked, true);
        self->sink.message(self->sink.user, msg);
    }
}

static void receive_subscription(struct sockets *self, const struct frames *frames)
{
    struct span frame = frames->count ? frames->list[0]->view : SPAN("");
    if (frame.len > 0 && frame.ptr[0] == 1)
        self->sink.subscribed(self->sink.user, (struct span){frame.ptr + 1, frame.len - 1});
}

void receive_all(struct sockets *self, enum channel channel)
{
    for (;;) {
        CLEANUP(frames_finish) struct frames frames = {0};
        int r = frames_recv(&frames, self->socks[channel]);
        if (r == -ENOMEM) {
            log_line("a message was dropped: no memory for it");
            continue;
        }
        if (r < 0)
            return;
        if (channel == CHANNEL_HB)
            frames_echo(&frames, self->socks[channel]);
        else if (channel == CHANNEL_IOPUB)
            receive_subscription(self, &frames);
        else
            receive_message(self, channel, &frames);
    }
}
