#include "tests/conversation/harness/received.h"

#include "tests/conversation/harness/require.h"

#include <stdlib.h>

enum { PRINTED_MAX = 160 };

/* A string member of a JSON object that is given as text; "" when there is none. */
static char *copy_member(struct span object, const char *key)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *value = NULL;
    struct span member = SPAN("");
    if (json_read_object(object, why, &value) == 0)
        member = json_member_text(value, key, SPAN(""));
    return strndup(member.ptr, member.len);
}

struct received *received_new(struct message *msg)
{
    char why[160];
    struct received *self = calloc(1, sizeof *self);
    require(self, "no memory");
    self->msg = msg;
    self->parent = copy_member(msg->parent, "msg_id");
    self->type = copy_member(msg->header, "msg_type");
    require(self->parent && self->type, "no memory");
    if (json_read_object(msg->content, why, &self->content) < 0)
        self->content = NULL;
    return self;
}

void received_free(struct received *self)
{
    if (!self)
        return;
    message_free(self->msg);
    json_decref(self->content);
    free(self->parent);
    free(self->type);
    free(self);
}

const char *received_state(const struct received *self)
{
    return self->msg->type == MSG_STATUS ? member_text(self->content, "execution_state") : "";
}

bool received_is(const struct received *self, const char *what)
{
    return strcmp(self->type, what) == 0 ||
           (self->msg->type == MSG_STATUS && strcmp(received_state(self), what) == 0);
}

void received_print(const struct received *self, size_t index)
{
    static const char *const channels[] = {"shell", "control", "stdin", "iopub", "hb"};
    struct span content = self->msg->content;
    printf("  %3zu %-8s %-20s of \"%s\" %.*s%s\n", index, channels[self->msg->channel], self->type,
           self->parent, content.len < PRINTED_MAX ? (int)content.len : PRINTED_MAX, content.ptr,
           content.len < PRINTED_MAX ? "" : "...");
}

const char *member_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}
