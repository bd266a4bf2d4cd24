/*
 * What answers a request: replies, errors, and the statuses around them.
 * Source: "Messaging in Jupyter", "Request-Reply" and "Kernel status".
 *
 * Threads: any; the kernel's lock is taken inside.
 */
#pragma once

#include "kernel/request.h"

#include <jansson.h>

/* The answer, on the channel of the request, after all output so far. Content is copied. */
void reply_send(struct kernel *kernel, const struct request *self, enum msg_type type,
                struct span content);

/* An error for a request that could not be handled: {"status":"error","ename","evalue",…}. The
 * reply's type is the request's, with _reply for _request. */
void reply_error(struct kernel *kernel, const struct request *self, const char *ename,
                 const char *format, ...) PRINTF_LIKE(4, 5);

/*
 * Sends the idle that ends a request, and all that is queued. Clients show the status that came
 * last: while a cell of the main shell runs, a busy of no request follows.
 */
void reply_end(struct kernel *kernel, const struct request *self);

/* The same of an execution, whose shell is free for the next message from here on. */
void reply_end_execution(struct kernel *kernel, const struct request *self);

/* {"execution_state": …} on iopub; parent may be NULL. */
void reply_status(struct kernel *kernel, const struct request *parent, const char *state);

/* Reads a string member into *ret, or sends an error: "TYPE: "KEY" is missing; …". */
MUST_CHECK bool reply_read_text(struct kernel *kernel, const struct request *request,
                                const json_t *content, const char *key, struct span *ret);
