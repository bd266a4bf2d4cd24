/*
 * A kernel whose Python can not start says so in the notebook: kernel_info and heartbeats are
 * answered, and the first cell that is run ends with the error that names what was wrong and what
 * to do about it. Without that a client sees a process die, and starts it again and again.
 * Source: "Messaging in Jupyter", protocol 5.5.
 */
#pragma once

#include "kernel/launch/say.h"
#include "protocol/connection.h"

/*
 * Takes the place of the kernel if a Jupyter client has started this process: JPY_PARENT_PID says
 * so; a person at a shell has seen the line on stderr. `why` is the reason, one line.
 * Blocks until a cell was answered, the kernel is shut down, whoever started it ends, or nobody
 * connects for a minute. Returns `code`, or EXIT_ORPHANED.
 */
MUST_CHECK enum exit_code failed_start_serve(const struct connection *connection,
                                             const int fds[CONNECTION_PORTS], enum exit_code code,
                                             const char *why);
