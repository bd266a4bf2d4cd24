/* What the composition root hands to kernel_new(). */
#pragma once

#include "interp/interp.h"
#include "kernel/history/store.h"
#include "kernel/threads.h"
#include "kernel/transport.h"

struct kernel_options {
    int ports[5]; /* for connect_reply, by enum channel */
    /*
     * Called once, from the transport's or the kernel's thread, when a shutdown_request has been
     * answered: whoever owns the process ends it. kernel_run() returns false from then on.
     */
    void (*stopping)(void *user, bool restart);
    void *user;                   /* stopping's and executed's */
    void (*executed)(void *user); /* an execution has ended; or NULL. Must not block */
    void (*flush_before_exit)(
        void); /* interp_host_impl's, or NULL: the process can not end by itself */
    /* What one request may write to its streams, in bytes; 0: all it wants. The rest is dropped,
     * and the output says so. */
    size_t stream_max;
    /* The language's execute() may return long before it calls done(), and messages may arrive in
     * the middle of it: all but executions are answered meanwhile. */
    bool returns_early;
    struct store *store;     /* borrowed until kernel_free; NULL: the history is this session's */
    struct threads *threads; /* taken, also on failure */
};
