#include "kernel/handlers.h"

#include "kernel/core.h"
#include "protocol/json.h"

static const struct handler handlers[MSG_TYPE_COUNT] = {
    [MSG_KERNEL_INFO_REQUEST] = {answer_kernel_info, true},
    [MSG_CONNECT_REQUEST] = {answer_connect, true},
    [MSG_INTERRUPT_REQUEST] = {answer_interrupt, true},
    [MSG_SHUTDOWN_REQUEST] = {answer_shutdown, true},
    [MSG_EXECUTE_REQUEST] = {answer_execute, false},
    [MSG_COMPLETE_REQUEST] = {answer_complete, false},
    [MSG_INSPECT_REQUEST] = {answer_inspect, false},
    [MSG_IS_COMPLETE_REQUEST] = {answer_is_complete, false},
    [MSG_HISTORY_REQUEST] = {answer_history, false},
    [MSG_COMM_INFO_REQUEST] = {answer_comm_info, false},
    [MSG_COMM_OPEN] = {answer_comm, false},
    [MSG_COMM_MSG] = {answer_comm, false},
    [MSG_COMM_CLOSE] = {answer_comm, false},
    [MSG_CREATE_SUBSHELL_REQUEST] = {answer_create_subshell, true},
    [MSG_DELETE_SUBSHELL_REQUEST] = {answer_delete_subshell, true},
    [MSG_USAGE_REQUEST] = {answer_usage, false},
    [MSG_LIST_SUBSHELL_REQUEST] = {answer_list_subshell, true},
};

bool content_text(struct kernel *kernel, const struct request *request, const json_t *content,
                  const char *key, struct span *ret)
{
    const json_t *value = json_object_get(content, key);
    if (json_is_string(value)) {
        *ret = (struct span){json_string_value(value), json_string_length(value)};
        return true;
    }
    request_fail(kernel, request, "ValueError", "%.*s: \"%s\" %s; a string is needed",
                 (int)request->msg->type_text.len, request->msg->type_text.ptr, key,
                 value ? "is no string" : "is missing");
    return false;
}

/* A type without a handler is answered at once on control, so that it does not wait for a cell. */
bool handlers_urgent(const struct message *msg)
{
    const struct handler *handler = &handlers[msg->type];
    return msg->channel == CHANNEL_CONTROL && (handler->urgent || !handler->answer);
}

static void answer(struct kernel *kernel, struct request *request)
{
    const struct message *msg = request->msg;
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL, *metadata = NULL;
    if (!handlers[msg->type].answer)
        request_fail(kernel, request, "NotImplementedError",
                     "carme does not know the message type %.*s", (int)msg->type_text.len,
                     msg->type_text.ptr);
    else if (json_read_object(msg->content, why, &content) < 0)
        request_fail(kernel, request, "ValueError", "%.*s: the content can not be read: %s",
                     (int)msg->type_text.len, msg->type_text.ptr, why);
    else if (json_read_object(msg->metadata, why, &metadata) < 0)
        request_fail(kernel, request, "ValueError", "%.*s: the metadata can not be read: %s",
                     (int)msg->type_text.len, msg->type_text.ptr, why);
    else
        handlers[msg->type].answer(kernel, request, content);
}

static void set_current(struct shell *shell, struct request *request, bool answering)
{
    kernel_lock(shell->kernel);
    struct request *last = shell->current;
    if (request != last)
        shell->current = request_ref(request);
    shell->answering = answering;
    kernel_unlock(shell->kernel);
    if (request != last)
        request_unref(last);
}

/* Interrupts are for the main shell, whose thread has the signals. */
static void forget_interrupts(struct shell *shell)
{
    struct kernel *kernel = shell->kernel;
    if (shell != &kernel->shell)
        return;
    kernel->interp->impl->forget_interrupts(kernel->interp);
    if (atomic_load(&kernel->stopping)) /* whose interrupt may just have been forgotten */
        kernel_interrupt(kernel);
}

void handlers_dispatch(struct shell *shell, struct message *msg, bool aborted)
{
    struct kernel *kernel = shell->kernel;
    CLEANUP(request_unrefp) struct request *request = NULL;
    if (request_new(shell, msg, &request) < 0)
        return;
    set_current(shell, request, true);
    forget_interrupts(shell);
    request_status(kernel, request, "busy");
    if (aborted)
        answer_aborted(kernel, request);
    else
        answer(kernel, request);
    if (request->ends_later)
        return;
    kernel->drain(kernel->drain_user, true);
    request_end(kernel, request);
    set_current(shell, request, false);
}

bool handlers_is_comm(const struct message *msg)
{
    return msg->type == MSG_COMM_OPEN || msg->type == MSG_COMM_MSG || msg->type == MSG_COMM_CLOSE;
}

void handlers_dispatch_within(struct shell *shell, struct message *msg)
{
    struct kernel *kernel = shell->kernel;
    CLEANUP(request_unrefp) struct request *request = NULL, *outer = request_of(kernel, NULL);
    bool tells = !handlers_is_comm(msg);
    if (request_new(shell, msg, &request) < 0)
        return;
    set_current(shell, request, true);
    if (tells)
        request_status(kernel, request, "busy");
    answer(kernel, request);
    kernel->drain(kernel->drain_user, tells);
    if (tells)
        request_end(kernel, request);
    set_current(shell, outer, true);
}

static void note_control(struct kernel *kernel, struct request *request)
{
    kernel_lock(kernel);
    struct request *last = kernel->control;
    kernel->control = request_ref(request);
    kernel_unlock(kernel);
    request_unref(last);
}

void handlers_answer_now(struct kernel *kernel, struct message *msg)
{
    CLEANUP(request_unrefp) struct request *request = NULL;
    if (request_new(NULL, msg, &request) < 0)
        return;
    if (request->msg->channel == CHANNEL_CONTROL)
        note_control(kernel, request);
    request_status(kernel, request, "busy");
    answer(kernel, request);
    if (!request->ends_later)
        request_end(kernel, request);
}

void handlers_refuse(struct kernel *kernel, struct message *msg, const char *ename, const char *why)
{
    CLEANUP(request_unrefp) struct request *request = NULL;
    if (request_new(NULL, msg, &request) < 0)
        return;
    request_status(kernel, request, "busy");
    if (!handlers_is_comm(request->msg))
        request_fail(kernel, request, ename, "%s", why);
    request_end(kernel, request);
}
