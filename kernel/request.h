/*
 * A request while it is answered, and the messages that name it as their parent.
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

/*
 * A message of the kernel's own: header made here, parent verbatim from `parent` (NULL gives {}),
 * route as the channel asks: the topic on iopub, elsewhere the identities of the parent. -ENOMEM.
 */
MUST_CHECK int request_message(struct kernel *kernel, const struct request *parent,
                               enum msg_type type, enum channel channel, struct message **ret);

/* The same with a type that is not in the table: `type_text` is what the header says. -ENOMEM. */
MUST_CHECK int request_message_typed(struct kernel *kernel, const struct request *parent,
                                     enum msg_type type, struct span type_text,
                                     enum channel channel, struct message **ret);
