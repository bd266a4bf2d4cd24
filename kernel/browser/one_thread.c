#include "kernel/browser/one_thread.h"

#include "kernel/dispatch.h"
#include "kernel/reply.h"

static const char *const no_subshells = "there are no subshells in a browser's worker";

static bool push(struct threads *t, struct message *msg)
{
    if (msg->channel != CHANNEL_SHELL || msg->subshell.len == 0)
        return false;
    dispatch_refuse(t->kernel, msg, "ValueError", no_subshells);
    return true;
}

static void answer(struct threads *t, struct request *request, json_t *content)
{
    (void)content;
    if (request->msg->type == MSG_LIST_SUBSHELL_REQUEST)
        reply_send(t->kernel, request, MSG_LIST_SUBSHELL_REPLY,
                   SPAN("{\"status\":\"ok\",\"subshell_id\":[]}"));
    else if (request->msg->type == MSG_USAGE_REQUEST)
        reply_error(t->kernel, request, "NotImplementedError",
                    "usage_request: a browser's worker can not see what it uses");
    else
        reply_error(t->kernel, request, "NotImplementedError", "%s", no_subshells);
}

static void note_comm_msg(struct threads *t, const struct request *request, struct span content)
{
    (void)t, (void)request, (void)content;
}

static void nothing(struct threads *t) { (void)t; }

static const struct threads_impl impl = {
    .push = push,
    .help = nothing,
    .note_comm_msg = note_comm_msg,
    .answer = answer,
    .stop = nothing,
    .join = nothing,
    .destroy = nothing,
};

struct threads *one_thread(void)
{
    static struct threads threads = {.impl = &impl};
    return &threads;
}
