#include "kernel/comms.h"

#include "protocol/json.h"

void comms_finish(struct comms *self)
{
    json_decref(self->targets);
    self->targets = NULL;
}

void comms_note(struct comms *self, enum msg_type type, const json_t *content)
{
    const json_t *id = json_object_get(content, "comm_id");
    json_t *name = json_object_get(content, "target_name"); /* copied: `content` is not shared */
    if (!json_is_string(id))
        return;
    if (!self->targets)
        self->targets = json_object();
    if (type == MSG_COMM_CLOSE)
        json_object_del(self->targets, json_string_value(id));
    else if (type == MSG_COMM_OPEN && json_is_string(name))
        json_object_set_new(self->targets, json_string_value(id), json_copy(name));
}

static struct span text_of(const json_t *string)
{
    return (struct span){json_string_value(string), json_string_length(string)};
}

void comms_list(const struct comms *self, struct span target, struct buf *out)
{
    const char *id;
    json_t *name;
    buf_putc(out, '{');
    json_object_foreach(self->targets, id, name)
    {
        if (target.len > 0 && !span_equal(target, text_of(name)))
            continue;
        if (out->ptr && out->ptr[out->len - 1] != '{')
            buf_putc(out, ',');
        json_put_string(out, span_of(id));
        buf_put(out, SPAN(":{"));
        json_put_member(out, "target_name", text_of(name));
        buf_putc(out, '}');
    }
    buf_putc(out, '}');
}
