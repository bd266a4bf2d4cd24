/*
 * The desktop's transport: five ZeroMQ sockets and the one thread that owns them. That thread
 * verifies, parses, signs, sends and answers heartbeats; it never waits for the language.
 *
 * iopub is an XPUB that drops nothing: when a subscriber's queue is full, messages wait here, and
 * after SOCKETS_STALL_MS (state.h) that one subscriber loses what it does not read while the others
 * go on.
 */
#pragma once

#include "kernel/platform/waker.h"
#include "kernel/transport.h"
#include "kernel/zmq/watch.h"
#include "protocol/connection.h"

/*
 * Binds all five, or adopts `fds`, which listen already (-1: bind). Bind errors are logged by name.
 * -EPROTONOSUPPORT: unknown signature scheme. -EADDRINUSE and other errors of bind. -ENOMEM.
 */
MUST_CHECK int sockets_new(const struct connection *connection, const int fds[CONNECTION_PORTS],
                           struct transport **ret);

/*
 * Calls `ready` in the transport's thread whenever `fd` is readable, and does with the watch what
 * it says: goes on, goes on when there is room, ends. Any thread; -ENOSPC past WATCHES_MAX at
 * a time.
 */
MUST_CHECK int sockets_watch(struct transport *t, int fd, enum watch (*ready)(void *user),
                             void *user);

/*
 * For a process that is about to end: sends what is queued, for SOCKETS_LINGER_MS at the most,
 * closes, and then wakes `drained`, which is borrowed. From the transport's thread.
 */
void sockets_drain(struct transport *t, struct waker *drained);
