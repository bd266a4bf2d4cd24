/* The one thread that owns the sockets; it never waits for the language. */
#pragma once

#include "kernel/zmq/state.h"

/* For thread_start(); `sockets` is a struct sockets. Returns when all is sent after the end was
 * asked for (`stopping`), or SOCKETS_LINGER_MS later; then closes and wakes `drained`, if that is
 * set.
 */
void *io_thread_main(void *sockets);
