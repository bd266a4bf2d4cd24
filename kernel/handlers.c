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

static void set_current(struct kernel *kernel, struct request *request, bool answering)
{
    kernel_lock(kernel);
    struct request *last = kernel->current;
    if (request != last)
        kernel->current = request_ref(request);
    kernel->answering = answering;
    kernel_unlock(kernel);
    if (request != last)
        request_unref(last);
}

void handlers_dispatch(struct kernel *kernel, struct message *msg, bool aborted)
{
    struct request *request = NULL;
    if (request_new(msg, &request) < 0)
        return;
    set_current(kernel, request, true);
    kernel->interp->impl->forget_interrupts(kernel->interp);
    if (atomic_load(&kernel->stopping)) /* whose interrupt may just have been forgotten */
        kernel_interrupt(kernel);
    request_status(kernel, request, "busy");
    if (aborted)
        answer_aborted(kernel, request);
    else
        answer(kernel, request);
    if (!request->executed) {
        kernel->drain(kernel->drain_user, true);
        request_end(kernel, request);
        set_current(kernel, request, false);
    }
    request_unref(request);
}

void handlers_dispatch_within(struct kernel *kernel, struct message *msg)
{
    struct request *request = NULL, *outer = request_of(kernel, NULL);
    if (request_new(msg, &request) == 0) {
        set_current(kernel, request, true);
        request_status(kernel, request, "busy");
        answer(kernel, request);
        kernel->drain(kernel->drain_user, true);
        request_end(kernel, request);
        request_unref(request);
    }
    set_current(kernel, outer, true);
    request_unref(outer);
}

void handlers_answer_now(struct kernel *kernel, struct message *msg)
{
    struct request *request = NULL;
    if (request_new(msg, &request) < 0)
        return;
    request_status(kernel, request, "busy");
    answer(kernel, request);
    request_end(kernel, request);
    request_unref(request);
}
