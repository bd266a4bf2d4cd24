/* What arrives at a socket: to the kernel, to who waits for it, or back. The I/O thread's. */
#pragma once

#include "kernel/zmq/state.h"

/* All messages that are there. One that can not be read is logged and dropped. */
void receive_all(struct sockets *self, enum channel channel);
