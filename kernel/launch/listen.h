/*
 * The five listening sockets of a kernel, made before anything else so that a client which
 * connects early does not meet a closed port and wait for its reconnect (100 ms in libzmq).
 *
 * libzmq adopts them through ZMQ_USE_FD. They do not block and are closed on exec.
 */
#pragma once

#include "kernel/launch/say.h"
#include "protocol/connection.h"

/*
 * Listens on the addresses of `connection`, in the order of enum channel. A name such as localhost
 * is looked up (which may block), IPv4 first; "*" is every IPv4 address. A socket file that nobody
 * listens on any more is removed. Says why on failure, when no socket stays open.
 */
MUST_CHECK enum exit_code listen_all(const struct connection *connection,
                                     int ret_fds[CONNECTION_PORTS]);
