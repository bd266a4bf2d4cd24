/*
 * The table of who answers what. busy, idle, unreadable contents and unknown types are handled here
 * once; a handler only answers.
 */
#pragma once

#include "kernel/request.h"

#include <jansson.h>

struct handler {
    /* Sends the reply, or an error by request_fail(). `content` is an object. */
    void (*answer)(struct kernel *kernel, struct request *request, json_t *content);
    /* Answered on the control channel at once, in the transport's thread, whatever the language
     * does. Such a handler uses nothing that belongs to kernel_run()'s thread. */
    bool urgent;
};

/* Takes `msg`: busy, answer, idle. The idle of an execution follows its host_done(). `aborted`: an
 * execution that is answered as aborted. */
void handlers_dispatch(struct shell *shell, struct message *msg, bool aborted);

/* As dispatch, while an execution has not ended; afterwards that is the current one again. A comm
 * message has no busy and idle then: they would speak of the cell. */
void handlers_dispatch_within(struct shell *shell, struct message *msg);
bool handlers_is_comm(const struct message *msg);

/* True when `msg` is answered in the transport's thread. */
bool handlers_urgent(const struct message *msg);

/* As dispatch, for urgent messages; the language need not run. Takes `msg`. */
void handlers_answer_now(struct kernel *kernel, struct message *msg);

/* busy, an error reply that says why, unless it is a comm's message, which has no reply, and idle.
 * Takes `msg`. Any thread. */
void handlers_refuse(struct kernel *kernel, struct message *msg, const char *ename,
                     const char *why);

/* The answers, by the file that has them. */
void answer_kernel_info(struct kernel *kernel, struct request *request, json_t *content);
void answer_connect(struct kernel *kernel, struct request *request, json_t *content);
void answer_interrupt(struct kernel *kernel, struct request *request, json_t *content);
void answer_shutdown(struct kernel *kernel, struct request *request, json_t *content);
void answer_execute(struct kernel *kernel, struct request *request, json_t *content);
void answer_complete(struct kernel *kernel, struct request *request, json_t *content);
void answer_inspect(struct kernel *kernel, struct request *request, json_t *content);
void answer_is_complete(struct kernel *kernel, struct request *request, json_t *content);
void answer_history(struct kernel *kernel, struct request *request, json_t *content);
void answer_comm_info(struct kernel *kernel, struct request *request, json_t *content);
void answer_comm(struct kernel *kernel, struct request *request, json_t *content);
void answer_create_subshell(struct kernel *kernel, struct request *request, json_t *content);
void answer_delete_subshell(struct kernel *kernel, struct request *request, json_t *content);
void answer_usage(struct kernel *kernel, struct request *request, json_t *content);
void answer_list_subshell(struct kernel *kernel, struct request *request, json_t *content);

/* execute_reply's aborted, for a cell behind one that failed. */
void answer_aborted(struct kernel *kernel, struct request *request);

/* Reads a string member into *ret, or fails the request: "TYPE: "KEY" is missing; …". */
MUST_CHECK bool content_text(struct kernel *kernel, const struct request *request,
                             const json_t *content, const char *key, struct span *ret);
