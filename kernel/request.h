/*
 * A request while it is answered, and everything that is sent because of it.
 *
 * Threads: counted, held from any thread; the message in it is immutable.
 */
#pragma once

#include "interp/interp.h"
#include "protocol/ident.h"

#include <stdint.h>

struct kernel;
struct shell;

struct request {
    atomic_uint refs;
    struct message *msg; /* owned */
    struct shell *shell; /* that answers it; NULL for the transport's thread */
    char started[IDENT_DATE_LEN + 1];
    bool silent, allow_stdin, stop_on_error, store_history;
    int64_t begun_us;    /* system_steady_us(), of an execution */
    bool ends_later;     /* who answers it ends it, not the dispatcher */
    long count;          /* this cell's number */
    long counted;        /* the latest number that was given to a cell: this one's or an older */
    size_t written, cut; /* bytes of its streams, and those of them that were dropped */
};

/* Takes `msg`, also on failure. -ENOMEM. */
MUST_CHECK int request_new(struct shell *shell, struct message *msg, struct request **ret);
struct request *request_ref(struct request *self);
void request_unref(struct request *self);   /* accepts NULL */
void request_unrefp(struct request **self); /* for CLEANUP */

/* A reference on `request`, or, for NULL, on the current one of shell_here(), which may be NULL as
 * well. */
struct request *request_of(struct kernel *kernel, struct request *request);

/*
 * A message of the kernel's own: header made here, parent verbatim from `parent` (NULL gives {}),
 * route as the channel asks: the topic on iopub, elsewhere the identities of the parent. -ENOMEM.
 */
MUST_CHECK int request_message(struct kernel *kernel, const struct request *parent,
                               enum msg_type type, enum channel channel, struct message **ret);

/* The answer, on the channel of the request, after all output so far. Content is copied. */
void request_reply(struct kernel *kernel, const struct request *self, enum msg_type type,
                   struct span content);

/* An error for a request that could not be handled: {"status":"error","ename","evalue",…}. The
 * reply's type is the request's, with _reply for _request. */
void request_fail(struct kernel *kernel, const struct request *self, const char *ename,
                  const char *format, ...) PRINTF_LIKE(4, 5);

/*
 * The idle that ends a request: what answers it leaves. Clients show the last state that they have
 * heard of, so that another one, busy without a parent, follows while a cell of the main shell
 * runs.
 */
void request_end(struct kernel *kernel, const struct request *self);

/* The same of an execution, whose shell is free for the next message from here on. */
void request_end_execution(struct kernel *kernel, const struct request *self);

/* {"execution_state": …} on iopub; parent may be NULL. */
void request_status(struct kernel *kernel, const struct request *parent, const char *state);
