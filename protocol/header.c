#include "protocol/header.h"

#include "protocol/json.h"

#include <errno.h>

static int copy_member(struct message *msg, const json_t *header, const char *key, struct span *ret)
{
    struct span copy = arena_copy(msg->store, json_member_text(header, key, SPAN("")));
    if (!copy.ptr)
        return -ENOMEM;
    *ret = copy;
    return 0;
}

int header_read(struct message *msg)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *header = NULL;
    int r = json_read_object(msg->header, why, &header);
    if (r < 0)
        return r;
    if (!json_is_string(json_object_get(header, "msg_id")) ||
        !json_is_string(json_object_get(header, "msg_type")))
        return -EBADMSG;
    r = copy_member(msg, header, "msg_id", &msg->id);
    if (r == 0)
        r = copy_member(msg, header, "msg_type", &msg->type_text);
    if (r == 0)
        r = copy_member(msg, header, "session", &msg->session);
    if (r == 0)
        r = copy_member(msg, header, "subshell_id", &msg->subshell);
    if (r == 0)
        msg->type = msg_type_from_text(msg->type_text);
    return r;
}
