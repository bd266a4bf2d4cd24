#include "kernel/desktop/threads.h"

#include "kernel/desktop/helpers.h"
#include "kernel/desktop/subshells.h"
#include "kernel/desktop/usage.h"
#include "kernel/reply.h"

#include <errno.h>
#include <stdlib.h>

struct desktop_threads {
    struct threads base; /* first: threads functions cast back */
    struct subshells subshells;
    struct helpers helpers;
    struct usage usage; /* of the thread that answers usage_request */
};

static bool threads_push(struct threads *t, struct message *msg)
{
    struct desktop_threads *self = (struct desktop_threads *)t;
    return helpers_push(&self->helpers, t->kernel, msg) ||
           (msg->channel == CHANNEL_SHELL && subshells_push(&self->subshells, t->kernel, msg));
}

static void threads_help(struct threads *t)
{
    helpers_look(&((struct desktop_threads *)t)->helpers, t->kernel);
}

static void threads_note_comm_msg(struct threads *t, const struct request *request,
                                  struct span content)
{
    subshells_note_comm_msg(&((struct desktop_threads *)t)->subshells, t->kernel, request, content);
}

static void answer_usage(struct kernel *kernel, struct usage *usage, struct request *request)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    usage_put(usage, &out);
    if (buf_error(&out) == 0)
        reply_send(kernel, request, MSG_USAGE_REPLY, buf_view(&out));
    else
        reply_error(kernel, request, "MemoryError", "no memory for the reply");
}

static void threads_answer(struct threads *t, struct request *request, json_t *content)
{
    struct desktop_threads *self = (struct desktop_threads *)t;
    switch (request->msg->type) {
    case MSG_CREATE_SUBSHELL_REQUEST:
        subshells_create(&self->subshells, t->kernel, request);
        break;
    case MSG_DELETE_SUBSHELL_REQUEST:
        subshells_delete(&self->subshells, t->kernel, request, content);
        break;
    case MSG_LIST_SUBSHELL_REQUEST:
        subshells_list(&self->subshells, t->kernel, request);
        break;
    default:
        answer_usage(t->kernel, &self->usage, request);
    }
}

static void threads_stop(struct threads *t)
{
    struct desktop_threads *self = (struct desktop_threads *)t;
    subshells_stop(&self->subshells, t->kernel);
    helpers_stop(&self->helpers, t->kernel);
}

static void threads_join(struct threads *t)
{
    struct desktop_threads *self = (struct desktop_threads *)t;
    helpers_join(&self->helpers, t->kernel);
    subshells_join(&self->subshells, t->kernel);
}

static void threads_destroy(struct threads *t)
{
    struct desktop_threads *self = (struct desktop_threads *)t;
    if (t->kernel)
        threads_join(t);
    usage_finish(&self->usage);
    free(self);
}

static const struct threads_impl impl = {
    .push = threads_push,
    .help = threads_help,
    .note_comm_msg = threads_note_comm_msg,
    .answer = threads_answer,
    .stop = threads_stop,
    .join = threads_join,
    .destroy = threads_destroy,
};

int threads_new(struct threads **ret)
{
    struct desktop_threads *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->base.impl = &impl;
    *ret = &self->base;
    return 0;
}
