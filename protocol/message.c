#include "protocol/message.h"

#include <errno.h>
#include <stdint.h>

static const struct span TYPE_TEXTS[] = {
#define X(enumerator, text) [enumerator] = {text, sizeof(text) - 1},
    MESSAGE_TYPES(X)
#undef X
};
_Static_assert(sizeof TYPE_TEXTS / sizeof *TYPE_TEXTS == MSG_TYPE_COUNT, "one text per type");

struct span msg_type_text(enum msg_type type) { return TYPE_TEXTS[type]; }

enum msg_type msg_type_from_text(struct span text)
{
    for (int type = MSG_UNKNOWN + 1; type < MSG_TYPE_COUNT; type++)
        if (span_equal(TYPE_TEXTS[type], text))
            return (enum msg_type)type;
    return MSG_UNKNOWN;
}

int message_new(enum msg_type type, enum channel channel, struct message **ret)
{
    struct arena *store;
    int r = arena_new(&store);
    if (r < 0)
        return r;
    struct message *self = arena_alloc(store, sizeof *self);
    if (!self) {
        arena_unref(store);
        return -ENOMEM;
    }
    *self = (struct message){
        .type = type, .channel = channel, .type_text = msg_type_text(type), .store = store};
    *ret = self;
    return 0;
}

static void let_go(struct bytes **list)
{
    for (; list && *list; list++)
        bytes_unref(*list);
}

void message_free(struct message *self)
{
    if (!self)
        return;
    let_go(self->route);
    let_go(self->buffers);
    arena_unref(self->store);
}

void message_freep(struct message **self)
{
    message_free(*self);
    *self = NULL;
}

int message_hold(struct message *self, struct bytes *const *blocks, size_t count,
                 struct bytes ***ret)
{
    if (count > SIZE_MAX / sizeof(struct bytes *) - 1)
        return -ENOMEM;
    struct bytes **list = arena_alloc(self->store, (count + 1) * sizeof(struct bytes *));
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        list[i] = bytes_ref(blocks[i]);
    list[count] = NULL;
    *ret = list;
    return 0;
}

size_t message_list_count(struct bytes *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}
