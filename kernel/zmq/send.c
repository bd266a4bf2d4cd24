#include "kernel/zmq/send.h"

#include "kernel/platform/log.h"
#include "kernel/zmq/frames.h"
#include "kernel/zmq/receive.h"

#include <errno.h>
#include <zmq.h>

static void set_dropping(struct sockets *self, bool dropping)
{
    int nodrop = !dropping;
    zmq_setsockopt(self->socks[CHANNEL_IOPUB], ZMQ_XPUB_NODROP, &nodrop, sizeof nodrop);
}

/* -EAGAIN: a subscriber's queue is full, for less than SOCKETS_STALL_MS. */
static int send_iopub(struct sockets *self, const struct message *msg)
{
    int r = frames_send(self->socks[CHANNEL_IOPUB], self->signer, msg, &self->parts_sent);
    if (r != -EAGAIN) {
        self->stalled_since = 0;
        return r;
    }
    int64_t now = sockets_now_ms();
    if (!self->stalled_since)
        self->stalled_since = now;
    if (now - self->stalled_since < SOCKETS_STALL_MS)
        return r;
    set_dropping(self, true);
    r = frames_send(self->socks[CHANNEL_IOPUB], self->signer, msg, &self->parts_sent);
    set_dropping(self, false);
    return r;
}

static struct message *outbox_head(struct sockets *self, const struct outbox *box)
{
    pthread_mutex_lock(&self->lock);
    struct message *msg = box->head;
    pthread_mutex_unlock(&self->lock);
    return msg;
}

static void sent(struct sockets *self, struct outbox *box)
{
    pthread_mutex_lock(&self->lock);
    bool was_full = !sockets_have_room(self);
    outbox_pop(box);
    if (was_full && sockets_have_room(self))
        pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

/* Subscriptions first: a new subscriber gets iopub_welcome before the other messages. */
static struct message *next_for_iopub(struct sockets *self)
{
    if (!self->parts_sent)
        receive_all(self, CHANNEL_IOPUB);
    return outbox_head(self, &self->iopub);
}

/* Only this thread pops, so a head stays valid without the lock. Replies first: they do
 * not wait for the messages on iopub. */
void send_all(struct sockets *self)
{
    struct message *msg;
    while ((msg = outbox_head(self, &self->others))) {
        size_t part = 0;
        int r = frames_send(self->socks[msg->channel], self->signer, msg, &part);
        if (r < 0)
            log_failure(-r, "a reply was not sent");
        sent(self, &self->others);
    }
    while ((msg = next_for_iopub(self))) {
        int r = send_iopub(self, msg);
        if (r == -EAGAIN)
            break;
        if (r < 0)
            log_failure(-r, "a message was not sent");
        self->parts_sent = 0;
        sent(self, &self->iopub);
    }
}
