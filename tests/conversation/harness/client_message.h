/*
 * A message that a client sends to the kernel: a request, or an input_reply.
 */
#pragma once

#include "protocol/message.h"
#include "protocol/sign.h"

/* NULL for a text that a client would write as {}. */
struct client_message {
    enum channel channel;
    const char *client; /* its identity; NULL is "client" */
    const char *id, *type;
    const char *header; /* in place of the one that id and type make */
    const char *parent, *metadata, *content;
    const char *const *buffers; /* NULL-ended; may be NULL */
};

/* What wire_parse() makes of its frames; for the caller to free. One that it refuses ends the
 * process. */
struct message *client_message_parse(const struct client_message *self, struct signer *signer);
