/*
 * What answers beside the main shell, in threads of its own: subshells, and whoever answers while a
 * cell runs. kernel/desktop/threads.c is the desktop's, kernel/browser/one_thread.c a browser
 * worker's, which has none. The composition root hands one to kernel_new().
 *
 * All functions may be called from any thread, unless said; the kernel's lock is taken inside.
 */
#pragma once

#include "protocol/message.h"

#include <jansson.h>

struct kernel;
struct request;
struct threads;

struct threads_impl {
    /* Takes a message of the shell or the control channel that a thread of its own answers. False,
     * and nothing is taken: it is the caller's. From the transport's thread. */
    bool (*push)(struct threads *t, struct message *msg);

    /* The main shell is busy, and in its queue is a message that may be answered meanwhile:
     * dispatch_is_concurrent(). Does not wait. */
    void (*help)(struct threads *t);

    /* A comm_msg of this request, or for NULL of the shell that the calling thread serves, is about
     * to be sent. */
    void (*note_comm_msg)(struct threads *t, const struct request *request, struct span content);

    /* Answers create_subshell_request, delete_subshell_request, list_subshell_request or
     * usage_request, as a function of answers.h. */
    void (*answer)(struct threads *t, struct request *request, json_t *content);

    /* The threads end once they have answered what they are at. Does not wait for them. */
    void (*stop)(struct threads *t);

    /* stop(), then waits until all have ended. One thread. */
    void (*join)(struct threads *t);

    /* join(), and frees. */
    void (*destroy)(struct threads *t);
};

struct threads {
    const struct threads_impl *impl;
    struct kernel *kernel; /* set by kernel_new(), before anything is called */
};
