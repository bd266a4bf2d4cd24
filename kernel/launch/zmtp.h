/*
 * One connection of ZeroMQ's transport protocol, from the side that listens, without security:
 * bytes of the peer to messages, and messages to bytes for it. No socket is in here.
 * Source: RFC 23/ZMTP 3.0. Peers of later versions speak 3.0 with it; older ones are refused.
 */
#pragma once

#include "protocol/bytes.h"

enum { ZMTP_FRAMES_MAX = 64, ZMTP_MESSAGE_MAX = 16 * 1024 * 1024 };

struct zmtp {
    const char *socket_type; /* what this end is: "ROUTER", "XPUB", "REP" */
    struct buf in, out;      /* `out` is for the caller to send and to shorten */
    size_t used;             /* of `in`, by what was returned so far */
    bool greeted, ready;     /* the peer's greeting, its READY command have come */
};

void zmtp_init(struct zmtp *self, const char *socket_type);
void zmtp_finish(struct zmtp *self);

/* Bytes have come. */
void zmtp_feed(struct zmtp *self, struct span bytes);

/*
 * 1: a message; its frames are valid until the next call. 0: there is none yet. -EPROTO: the peer
 * speaks something else. -EMSGSIZE: its message is too large. -ENOMEM.
 */
MUST_CHECK int zmtp_next(struct zmtp *self, struct span ret_frames[ZMTP_FRAMES_MAX],
                         size_t *ret_count);

/* Appends a message to `out`. */
void zmtp_send(struct zmtp *self, const struct span *frames, size_t count);
