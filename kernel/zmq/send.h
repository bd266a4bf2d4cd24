/* What waits in the outboxes: to the sockets. The I/O thread's. */
#pragma once

#include "kernel/zmq/state.h"

/* Replies first, then as many of the messages on iopub as its subscribers have room for. */
void send_all(struct sockets *self);
