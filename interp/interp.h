/*
 * The interface between the kernel and a language.
 *
 * interp_impl is what a language does, interp_host is what it may ask of its kernel. A language
 * knows text and bytes; sockets, statuses, counters, history and the order of requests are the
 * kernel's.
 */
#pragma once

#include "protocol/message.h"

struct interp;
struct interp_host;
struct request; /* the kernel's, counted: whose output, whose input */

enum stream { STREAM_STDOUT, STREAM_STDERR };

/* One execute_request. Spans are borrowed until execute() returns. */
struct execution {
    struct span code;
    struct span user_expressions; /* JSON text of an object */
    long count;                   /* this cell's number */
    bool silent, store_history, allow_stdin;
};

/* How an execution ended. The kernel writes status and execution_count; the language the rest. */
struct outcome {
    bool ok;
    /* JSON members without braces. ok: "user_expressions" and "payload";
     * otherwise: "ename", "evalue", "traceback", "user_expressions" and "payload". */
    struct span members;
};

/*
 * What a language may ask. All functions may be called from any thread, with the interpreter's own
 * lock held, and do not block unless said. `request` NULL means the one that is being answered, or
 * the last one that was.
 */
struct interp_host_impl {
    /*
     * Appends UTF-8 text to a stream of the request. Texts are joined; the rest of what one cell
     * publishes keeps its place among them.
     * -EAGAIN: clients read too slowly, nothing was taken: room() with the lock let go, then again.
     */
    int (*write)(struct interp_host *h, struct request *request, enum stream stream,
                 struct span text);

    /* Blocks for `wait_ms` at the most. True when write() would take text. */
    bool (*room)(struct interp_host *h, unsigned wait_ms);

    /* A message on iopub. Content and metadata are JSON objects and are copied, buffers (NULL-ended
     * or NULL) are held. -ENOMEM. */
    int (*publish)(struct interp_host *h, struct request *request, enum msg_type type,
                   struct span content, struct span metadata, struct bytes *const *buffers);

    /* As publish, for a large content, which is not copied. Takes `content`, also on failure. */
    int (*publish_large)(struct interp_host *h, struct request *request, enum msg_type type,
                         struct bytes *content, struct span metadata, struct bytes *const *buffers);

    /*
     * Asks the request's client for one line and blocks until it answers; without the interpreter's
     * lock, and with all signals blocked by the caller: they are open only while it waits, so that
     * none is missed between the caller's look and the wait. `resume` goes on waiting for the
     * reply to the last one. *ret_line is UTF-8 without newline. -EINTR: a signal came, the request
     * stays open. -ENOTSUP: the request does not allow stdin. -EPIPE: the kernel ends. -EBADMSG:
     * the answer has no text. -ENOMEM.
     */
    int (*input)(struct interp_host *h, struct request *request, struct span prompt, bool password,
                 bool resume, struct bytes **ret_line);

    /* Ends an execution: once per execute(), before it returns or later. */
    void (*done)(struct interp_host *h, struct request *request, const struct outcome *outcome);

    /* One more reference, also for NULL's request; NULL while there has been none. */
    struct request *(*hold)(struct interp_host *h, struct request *request);
    struct request *(*hold_control)(struct interp_host *h); /* of the last one on control */
    /* What the client sent; valid and constant while the request is held. */
    const struct message *(*message)(const struct request *request);
    void (*drop)(struct interp_host *h, struct request *request); /* accepts NULL */

    /* For an execution that awaits, in its own thread: a descriptor that is readable when a message
     * has come, and what is to be called then. Comm messages are answered, by comm(); the others
     * wait for the end of the execution. */
    int (*message_fd)(struct interp_host *h);
    void (*serve_comms)(struct interp_host *h);

    /* Appends what history_reply would have as "history" for this content of a history_request, a
     * JSON array. Any thread, without the interpreter's lock: it waits for a file. -EBADMSG,
     * -EINVAL: no such request. -ENOMEM. */
    int (*history)(struct interp_host *h, struct span request, struct buf *out);

    /* The running cell has started processes that work for cells after it, a pool's: what they
     * write belongs to the cell that runs by then. */
    void (*share_output)(struct interp_host *h);

    /* The process is about to end in the middle of a request, by _exit(): sends what was written.
     * Nothing can be sent after it. Blocks for a second or two at the most. */
    void (*flush_before_exit)(struct interp_host *h);

    /* The user leaves: the kernel ends as by a shutdown_request, once the request that is being
     * answered has its reply. Nothing happens where the process can not end. */
    void (*shut_down)(struct interp_host *h);
};

struct interp_host {
    const struct interp_host_impl *impl;
};

/*
 * What a language does. All but interrupt() are called from one thread, the one that calls
 * kernel_run(), or from a thread between enter() and leave(). Texts that are returned are the whole
 * content of the reply, JSON, one reference for the caller; NULL when memory ran out.
 */
struct interp_impl {
    /* Constant, valid before the language has started. JSON object: kernel_info's language_info. */
    struct span language_info;
    struct span implementation, implementation_version, banner;

    void (*execute)(struct interp *i, struct request *request, const struct execution *execution);
    /* `concurrent`: from another thread, while an execution goes on that this must not disturb:
     * what can be told without running any of the user's code. */
    struct bytes *(*complete)(struct interp *i, struct span code, size_t cursor, bool concurrent);
    struct bytes *(*inspect)(struct interp *i, struct span code, size_t cursor, int detail,
                             bool concurrent);
    struct bytes *(*is_complete)(struct interp *i, struct span code);

    /* comm_open, comm_msg or comm_close from a client. False: nobody has this comm or target. */
    bool (*comm)(struct interp *i, struct request *request, const struct message *msg);

    /* Ends the request that is being answered, as soon as the language can, also one whose answer
     * begins only now; during wait(), background work. Any thread, also before the language has
     * started, without its lock; never blocks. */
    void (*interrupt)(struct interp *i);

    /* A request is about to be told as busy: interrupts that came before are not for it. */
    void (*forget_interrupts)(struct interp *i);

    /* Blocks until `fd` is readable, and lets the language's own background work go on meanwhile.
     */
    int (*wait)(struct interp *i, int fd);

    /*
     * A thread of the kernel's own, a subshell's, takes the language's lock, and lets it go for
     * good; waits until the language has started. `name` is what the language's own list of threads
     * calls it; NULL: it is not in the list. enter NULL: one thread is all this language can serve.
     * -ECANCELED: it has ended.
     */
    int (*enter)(struct interp *i, const char *name);
    void (*leave)(struct interp *i);

    void (*destroy)(struct interp *i);
};

struct interp {
    const struct interp_impl *impl;
    struct interp_host *host; /* set by kernel_new(), before anything is called */
};
