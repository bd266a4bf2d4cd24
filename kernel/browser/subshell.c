#include "kernel/desktop/subshell.h"

#include "kernel/core.h"
#include "kernel/handlers.h"

static const char *const none = "there are no subshells in a browser's worker";

bool subshell_push(struct kernel *kernel, struct message *msg)
{
    if (msg->subshell.len == 0)
        return false;
    handlers_refuse(kernel, msg, "ValueError", none);
    return true;
}

void subshell_note_question(struct kernel *kernel, const struct request *request,
                            struct span content)
{
    (void)kernel, (void)request, (void)content;
}

void subshells_stop(struct kernel *kernel) { (void)kernel; }

void subshells_finish(struct kernel *kernel) { (void)kernel; }

void answer_create_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    request_fail(kernel, request, "NotImplementedError", "%s", none);
}

void answer_delete_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    answer_create_subshell(kernel, request, content);
}

void answer_list_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    request_reply(kernel, request, MSG_LIST_SUBSHELL_REPLY,
                  SPAN("{\"status\":\"ok\",\"subshell_id\":[]}"));
}
