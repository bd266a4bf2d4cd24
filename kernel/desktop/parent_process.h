/*
 * The process that started the kernel: when it ends, the kernel ends. Also under a subreaper, where
 * an orphan's parent is not process 1.
 */
#pragma once

#include "kernel/transport.h"

/*
 * Has the transport call `ended` once the process of JPY_PARENT_PID has ended. 0 also where there
 * is none to watch: the variable is absent, no number, or 1 (a container's init started the
 * kernel). -errno of pidfd_open other than a process that is gone, which counts as ended.
 */
MUST_CHECK int parent_process_watch(struct transport *transport, void (*ended)(void *user),
                                    void *user);
