#include "protocol/wire.h"

#include "protocol/header.h"

#include <errno.h>

enum { JSON_FRAMES = SIGN_FRAMES, IDENTITIES_MAX = 255 };

static const struct span DELIMITER = {"<IDS|MSG>", 9};

static int find_delimiter(struct bytes *const *frames, size_t count, size_t *ret)
{
    for (size_t i = 0; i < count && i <= IDENTITIES_MAX; i++) {
        if (span_equal(frames[i]->view, DELIMITER)) {
            *ret = i;
            return 0;
        }
    }
    return -ENOMSG;
}

static int verify(struct signer *signer, const struct bytes *signature,
                  struct bytes *const json[JSON_FRAMES])
{
    struct span texts[JSON_FRAMES];
    for (int i = 0; i < JSON_FRAMES; i++)
        texts[i] = json[i]->view;
    return signer_verify(signer, signature->view, texts);
}

static int keep_json(struct message *msg, struct bytes *const json[JSON_FRAMES])
{
    struct span *texts[JSON_FRAMES] = {&msg->header, &msg->parent, &msg->metadata, &msg->content};
    for (int i = 0; i < JSON_FRAMES; i++) {
        int r = arena_keep(msg->store, bytes_ref(json[i]));
        if (r < 0)
            return r;
        *texts[i] = json[i]->view;
    }
    return 0;
}

/* `delimiter` is its index; a signature and the JSON frames follow it. */
static int build(enum channel channel, struct bytes *const *frames, size_t count, size_t delimiter,
                 struct message **ret)
{
    struct bytes *const *json = frames + delimiter + 2;
    size_t buffers = count - delimiter - 2 - JSON_FRAMES;
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = message_new(MSG_UNKNOWN, channel, &msg);
    if (r < 0)
        return r;
    r = keep_json(msg, json);
    if (r == 0)
        r = header_read(msg);
    if (r == 0)
        r = message_hold(msg, frames, delimiter, &msg->route);
    if (r == 0 && buffers > 0)
        r = message_hold(msg, json + JSON_FRAMES, buffers, &msg->buffers);
    if (r < 0)
        return r;
    *ret = TAKE(msg);
    return 0;
}

static int parse(struct signer *signer, enum channel channel, struct bytes *const *frames,
                 size_t count, struct message **ret)
{
    size_t delimiter;
    int r = find_delimiter(frames, count, &delimiter);
    if (r < 0)
        return r;
    if (count - delimiter < 2 + JSON_FRAMES)
        return -EPROTO;
    r = verify(signer, frames[delimiter + 1], frames + delimiter + 2);
    if (r < 0)
        return r;
    return build(channel, frames, count, delimiter, ret);
}

int wire_parse(struct signer *signer, enum channel channel, struct bytes *const *frames,
               size_t count, struct message **ret)
{
    int r = parse(signer, channel, frames, count, ret);
    for (size_t i = 0; i < count; i++)
        bytes_unref(frames[i]);
    return r;
}

const char *wire_strerror(int error)
{
    switch (error) {
    case -ENOMSG:
        return "the delimiter <IDS|MSG> is missing";
    case -EPROTO:
        return "frames are missing after the delimiter";
    case -EACCES:
        return "wrong signature: the sender has another key";
    case -EEXIST:
        return "replayed: a message with this signature came before";
    case -EBADMSG:
        return "the header is not a JSON object with msg_id and msg_type";
    case -ENOMEM:
        return "out of memory";
    default:
        return "unknown error";
    }
}

static struct span json_or_empty(struct span text) { return text.len > 0 ? text : SPAN("{}"); }

static size_t put_list(struct span *list, size_t at, struct bytes *const *blocks)
{
    for (; blocks && *blocks; blocks++)
        list[at++] = (*blocks)->view;
    return at;
}

int wire_format(const struct signer *signer, const struct message *msg, struct wire_frames *ret)
{
    size_t identities = message_list_count(msg->route);
    size_t count = identities + 2 + JSON_FRAMES + message_list_count(msg->buffers);
    struct span *list = arena_alloc(msg->store, count * sizeof *list);
    if (!list)
        return -ENOMEM;
    size_t at = put_list(list, 0, msg->route);
    list[at++] = DELIMITER;
    struct span *json = list + at + 1;
    json[0] = json_or_empty(msg->header);
    json[1] = json_or_empty(msg->parent);
    json[2] = json_or_empty(msg->metadata);
    json[3] = json_or_empty(msg->content);
    list[at] = (struct span){ret->hex, signer_sign(signer, json, ret->hex)};
    put_list(list, at + 1 + JSON_FRAMES, msg->buffers);
    ret->list = list;
    ret->count = count;
    ret->first_json = identities + 2;
    return 0;
}
