/*
 * The clients of a kernel that listens and has no Python: their connections, on all five channels.
 *
 * Threads: one. Nothing blocks but peers_wait().
 */
#pragma once

#include "kernel/launch/zmtp.h"
#include "protocol/connection.h"

enum { PEERS_MAX = 64 };

struct peer {
    int fd; /* -1: this place is free */
    int channel;
    bool subscribed; /* on iopub */
    struct zmtp wire;
};

struct peers {
    const int *listening; /* CONNECTION_PORTS, borrowed */
    struct peer all[PEERS_MAX];
    size_t accepted; /* so far */
    /* A message has come; the frames are valid during the call. Not for heartbeats and
     * subscriptions, which are answered here. */
    void (*message)(void *user, struct peer *peer, const struct span *frames, size_t count);
    void *user;
};

void peers_init(struct peers *self, const int listening[CONNECTION_PORTS]);

/* Serves them until something has happened, for `ms` at the most. -errno of poll; -EBADF: one does
 * not listen. */
MUST_CHECK int peers_wait(struct peers *self, int ms);

/* To all who have subscribed. */
void peers_publish(struct peers *self, const struct span *frames, size_t count);

/* Sends what is queued and shuts the connections down for writing. */
void peers_end(struct peers *self);
bool peers_any(const struct peers *self); /* whether one is connected still */
