#include "kernel/desktop/comm_requests.h"

#include "protocol/json.h"

enum { LONGEST = 1024 * 1024 }; /* bytes of a content that is read for it */

void comm_requests_finish(struct comm_requests *self)
{
    json_decref(self->shells);
    self->shells = NULL;
}

bool comm_requests_concern(struct span content)
{
    static const char member[] = "\"id\"";
    return content.len <= LONGEST &&
           memmem(content.ptr, content.len, member, sizeof member - 1) != NULL;
}

/* False: this is none. */
static bool put_key(const json_t *content, struct buf *out)
{
    const json_t *comm = json_object_get(content, "comm_id");
    const json_t *id =
        json_object_get(json_object_get(json_object_get(content, "data"), "content"), "id");
    if (!json_is_string(comm) || !json_is_string(id))
        return false;
    buf_printf(out, "%s\n%s", json_string_value(comm), json_string_value(id));
    return buf_error(out) == 0;
}

void comm_requests_note(struct comm_requests *self, const json_t *content, struct span id)
{
    CLEANUP(buf_finish) struct buf key = BUF_INIT;
    if (!put_key(content, &key))
        return;
    if (!self->shells)
        self->shells = json_object();
    json_object_set_new(self->shells, buf_cstr(&key), json_stringn(id.ptr, id.len));
    if (json_object_size(self->shells) > COMM_REQUESTS_MAX)
        json_object_del(self->shells, json_object_iter_key(json_object_iter(self->shells)));
}

json_t *comm_requests_take(struct comm_requests *self, const json_t *content)
{
    CLEANUP(buf_finish) struct buf key = BUF_INIT;
    if (!self->shells || !put_key(content, &key))
        return NULL;
    json_t *shell = json_incref(json_object_get(self->shells, buf_cstr(&key)));
    json_object_del(self->shells, buf_cstr(&key));
    return shell;
}
