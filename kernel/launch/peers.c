#include "kernel/launch/peers.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHELL, CONTROL, STDIN, IOPUB, HEARTBEAT }; /* as enum channel */

void peers_init(struct peers *self, const int listening[CONNECTION_PORTS])
{
    *self = (struct peers){.listening = listening};
    for (int i = 0; i < PEERS_MAX; i++)
        self->all[i].fd = -1;
}

static void drop(struct peer *peer)
{
    close(peer->fd);
    zmtp_finish(&peer->wire);
    *peer = (struct peer){.fd = -1};
}

static struct peer *free_place(struct peers *self)
{
    for (int i = 0; i < PEERS_MAX; i++)
        if (self->all[i].fd < 0)
            return &self->all[i];
    return NULL;
}

static void accept_one(struct peers *self, int channel)
{
    static const char *const types[CONNECTION_PORTS] = {"ROUTER", "ROUTER", "ROUTER", "XPUB",
                                                        "REP"};
    int fd = accept4(self->listening[channel], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct peer *peer = fd < 0 ? NULL : free_place(self);
    if (peer == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    *peer = (struct peer){.fd = fd, .channel = channel};
    zmtp_init(&peer->wire, types[channel]);
    self->accepted++;
}

static void flush(struct peer *peer)
{
    struct buf *out = &peer->wire.out;
    ssize_t sent = send(peer->fd, out->ptr, out->len, MSG_NOSIGNAL);
    if (sent < 0)
        return; /* sent later, or the next read fails */
    memmove(out->ptr, out->ptr + sent, out->len - (size_t)sent);
    out->len -= (size_t)sent;
}

static void take(struct peers *self, struct peer *peer, const struct span *frames, size_t count)
{
    if (peer->channel == HEARTBEAT)
        zmtp_send(&peer->wire, frames, count);
    else if (peer->channel == IOPUB)
        peer->subscribed |= frames[0].len > 0 && frames[0].ptr[0] == 1;
    else
        self->message(self->user, peer, frames, count);
}

/* False: the connection is closed, or has no ZMTP. */
static bool read_some(struct peers *self, struct peer *peer)
{
    char bytes[65536];
    struct span frames[ZMTP_FRAMES_MAX];
    size_t count;
    int r;
    ssize_t got = recv(peer->fd, bytes, sizeof bytes, 0);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    zmtp_feed(&peer->wire, (struct span){bytes, (size_t)got});
    while ((r = zmtp_next(&peer->wire, frames, &count)) > 0)
        take(self, peer, frames, count);
    return r == 0;
}

/* What a message has caused goes out at once. */
static void serve(struct peers *self, const struct pollfd *items)
{
    for (int i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &self->all[i];
        if (peer->fd >= 0 && items[i].revents & (POLLIN | POLLHUP | POLLERR) &&
            !read_some(self, peer))
            drop(peer);
    }
    for (int i = 0; i < PEERS_MAX; i++)
        if (self->all[i].fd >= 0 && self->all[i].wire.out.len > 0)
            flush(&self->all[i]);
}

int peers_wait(struct peers *self, int ms)
{
    struct pollfd items[PEERS_MAX + CONNECTION_PORTS];
    for (int i = 0; i < PEERS_MAX; i++) {
        const struct peer *peer = &self->all[i];
        items[i] = (struct pollfd){.fd = peer->fd, .events = POLLIN};
        if (peer->fd >= 0 && peer->wire.out.len > 0)
            items[i].events |= POLLOUT;
    }
    for (int i = 0; i < CONNECTION_PORTS; i++)
        items[PEERS_MAX + i] = (struct pollfd){.fd = self->listening[i], .events = POLLIN};
    if (poll(items, PEERS_MAX + CONNECTION_PORTS, ms) < 0)
        return errno == EINTR ? 0 : -errno;
    serve(self, items);
    int r = 0;
    for (int i = 0; i < CONNECTION_PORTS; i++) {
        if (items[PEERS_MAX + i].revents & POLLIN)
            accept_one(self, i);
        else if (items[PEERS_MAX + i].revents != 0)
            r = -EBADF;
    }
    return r;
}

void peers_publish(struct peers *self, const struct span *frames, size_t count)
{
    for (int i = 0; i < PEERS_MAX; i++)
        if (self->all[i].fd >= 0 && self->all[i].subscribed)
            zmtp_send(&self->all[i].wire, frames, count);
}

void peers_end(struct peers *self)
{
    for (int i = 0; i < PEERS_MAX; i++) {
        if (self->all[i].fd < 0)
            continue;
        flush(&self->all[i]);
        shutdown(self->all[i].fd, SHUT_WR);
    }
}

bool peers_any(const struct peers *self)
{
    for (int i = 0; i < PEERS_MAX; i++)
        if (self->all[i].fd >= 0)
            return true;
    return false;
}
