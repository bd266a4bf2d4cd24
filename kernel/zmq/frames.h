/*
 * Messages of libzmq to blocks and back. A socket is libzmq's void pointer.
 * Threads: the one that owns the socket. Nothing blocks.
 */
#pragma once

#include "protocol/wire.h"

/* The frames of one multipart message, one reference each. */
struct frames {
    struct bytes **list;
    size_t count, cap;
};

void frames_finish(struct frames *self); /* for CLEANUP */

/* One whole message, whatever its frames are; frames are kept, not copied. -EAGAIN: none is there.
 * -ENOMEM: it was received and thrown away. */
MUST_CHECK int frames_recv(struct frames *self, void *socket);

/* The same frames back to the socket they came from. */
void frames_echo(const struct frames *self, void *socket);

/*
 * Sends a message from part *part on, and counts *part up to where it got. Long frames leave
 * without a copy. -EAGAIN: the socket is full. -ENOMEM and zmq_msg_send's.
 */
MUST_CHECK int frames_send(void *socket, const struct signer *signer, const struct message *msg,
                           size_t *part);
