/*
 * Frames of the wire to messages and back:
 *   identity* "<IDS|MSG>" signature header parent_header metadata content buffer*
 * Source: "Messaging in Jupyter", section "The Wire Protocol".
 *
 * Threads: one at a time per signer. Nothing blocks.
 */
#pragma once

#include "protocol/message.h"
#include "protocol/sign.h"

/*
 * Takes one reference on each of the `count` frames, also on failure. The signature is verified
 * before any other frame is looked at. Frames are kept, not copied. The header must be a JSON
 * object with strings msg_id and msg_type; parent_header, metadata and content are left unread.
 * -ENOMSG: no delimiter. -EPROTO: truncated. -EACCES: wrong signature. -EEXIST: replayed.
 * -EBADMSG: the header is no such object. -ENOMEM.
 */
MUST_CHECK int wire_parse(struct signer *signer, enum channel channel, struct bytes *const *frames,
                          size_t count, struct message **ret);

/* One line for a log: what wire_parse's error means. Static text. */
const char *wire_strerror(int error);

/* The frames of a message to send, in order; spans borrow from the message and from `hex`. */
struct wire_frames {
    char hex[SIGN_HEX_MAX];
    struct span *list; /* in the message's store */
    size_t count;
    size_t first_json; /* index of the header; buffers start at first_json + 4 */
};

/* Lays out and signs `msg`; a JSON text that is empty goes out as {}. -ENOMEM. `ret` must not be
 * moved afterwards. */
MUST_CHECK int wire_format(const struct signer *signer, const struct message *msg,
                           struct wire_frames *ret);
