/* The five sockets at their addresses. */
#pragma once

#include "kernel/zmq/state.h"
#include "protocol/connection.h"

/* Sets context, sockets and signer: sockets_new() says the rest. What has been opened stays open
 * after an error. */
MUST_CHECK int endpoints_open(struct sockets *self, const struct connection *connection,
                              const int *fds);

/* Closes what is open. Blocks for SOCKETS_LINGER_MS at the most. */
void endpoints_close(struct sockets *self);
