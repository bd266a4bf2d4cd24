/*
 * A message that the kernel has sent, as a client receives it.
 */
#pragma once

#include "protocol/json.h"
#include "protocol/message.h"

struct received {
    struct message *msg;
    char *parent;    /* the parent header's msg_id; "" when there is none */
    char *type;      /* the header's msg_type */
    json_t *content; /* NULL when it is no JSON object */
};

struct received *received_new(struct message *msg); /* takes it; never NULL */
void received_free(struct received *self);

/* Whether it is a `what`: a type of message or an execution_state, as "execute_reply" or "idle". */
bool received_is(const struct received *self, const char *what);
/* The execution_state of a status; "" of any other message. */
const char *received_state(const struct received *self);

/* One line on standard output, headed by its index. */
void received_print(const struct received *self, size_t index);

/* A string member of a JSON object; "" when there is none. */
const char *member_text(const json_t *object, const char *key);
