#include "kernel/dispatch.h"

#include "kernel/answers.h"
#include "kernel/execute.h"
#include "kernel/reply.h"
#include "kernel/request.h"
#include "kernel/shell.h"
#include "protocol/json.h"

/* What may answer a type of message, and when. */
struct handler {
    void (*answer)(struct kernel *kernel, struct request *request, json_t *content);
    enum when {
        IN_TURN,    /* by the shell's thread, in the order of the queue */
        URGENT,     /* on the control channel at once, by the transport's thread */
        CONCURRENT, /* in turn, or by another thread while the main shell runs a cell */
    } when;
};

static const struct handler handlers[MSG_TYPE_COUNT] = {
    [MSG_KERNEL_INFO_REQUEST] = {answer_kernel_info, URGENT},
    [MSG_CONNECT_REQUEST] = {answer_connect, URGENT},
    [MSG_INTERRUPT_REQUEST] = {answer_interrupt, URGENT},
    [MSG_SHUTDOWN_REQUEST] = {answer_shutdown, URGENT},
    [MSG_EXECUTE_REQUEST] = {answer_execute, IN_TURN},
    [MSG_COMPLETE_REQUEST] = {answer_complete, CONCURRENT},
    [MSG_INSPECT_REQUEST] = {answer_inspect, CONCURRENT},
    [MSG_IS_COMPLETE_REQUEST] = {answer_is_complete, CONCURRENT},
    [MSG_HISTORY_REQUEST] = {answer_history, IN_TURN},
    [MSG_COMM_INFO_REQUEST] = {answer_comm_info, IN_TURN},
    [MSG_COMM_OPEN] = {answer_comm, IN_TURN},
    [MSG_COMM_MSG] = {answer_comm, IN_TURN},
    [MSG_COMM_CLOSE] = {answer_comm, IN_TURN},
    [MSG_CREATE_SUBSHELL_REQUEST] = {answer_by_threads, URGENT},
    [MSG_DELETE_SUBSHELL_REQUEST] = {answer_by_threads, URGENT},
    [MSG_LIST_SUBSHELL_REQUEST] = {answer_by_threads, URGENT},
    [MSG_USAGE_REQUEST] = {answer_by_threads, IN_TURN},
};

/* A type without a handler is answered at once on control, so that it does not wait for a cell. */
bool dispatch_is_urgent(const struct message *msg)
{
    const struct handler *handler = &handlers[msg->type];
    return msg->channel == CHANNEL_CONTROL && (handler->when == URGENT || !handler->answer);
}

bool dispatch_is_concurrent(const struct message *msg)
{
    return handlers[msg->type].when == CONCURRENT;
}

static void answer(struct kernel *kernel, struct request *request)
{
    const struct message *msg = request->msg;
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL, *metadata = NULL;
    if (!handlers[msg->type].answer)
        reply_error(kernel, request, "NotImplementedError",
                    "carme does not know the message type %.*s", (int)msg->type_text.len,
                    msg->type_text.ptr);
    else if (json_read_object(msg->content, why, &content) < 0)
        reply_error(kernel, request, "ValueError", "%.*s: the content can not be read: %s",
                    (int)msg->type_text.len, msg->type_text.ptr, why);
    else if (json_read_object(msg->metadata, why, &metadata) < 0)
        reply_error(kernel, request, "ValueError", "%.*s: the metadata can not be read: %s",
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

/* Only the main shell's thread receives signals. */
static void forget_interrupts(struct shell *shell)
{
    struct kernel *kernel = shell->kernel;
    if (shell != &kernel->shell)
        return;
    kernel->interp->impl->forget_interrupts(kernel->interp);
    if (atomic_load(
            &kernel->stopping)) /* the interrupt of shell_stop_all() may just have been forgotten */
        kernel->interp->impl->interrupt(kernel->interp);
}

static void dispatch(struct shell *shell, struct message *msg, bool aborted)
{
    struct kernel *kernel = shell->kernel;
    CLEANUP(request_unrefp) struct request *request = NULL;
    if (request_new(shell, msg, &request) < 0)
        return;
    set_current(shell, request, true);
    forget_interrupts(shell);
    reply_status(kernel, request, "busy");
    if (aborted)
        answer_aborted(kernel, request);
    else
        answer(kernel, request);
    if (request->ends_later)
        return;
    kernel->drain(kernel->drain_user, true);
    reply_end(kernel, request);
    set_current(shell, request, false);
}

bool dispatch_is_comm(const struct message *msg)
{
    return msg->type == MSG_COMM_OPEN || msg->type == MSG_COMM_MSG || msg->type == MSG_COMM_CLOSE;
}

void dispatch_within(struct shell *shell, struct message *msg)
{
    struct kernel *kernel = shell->kernel;
    CLEANUP(request_unrefp)
    struct request *request = NULL, *outer = shell_hold_request(kernel, NULL);
    bool tells = !dispatch_is_comm(msg);
    if (request_new(shell, msg, &request) < 0)
        return;
    set_current(shell, request, true);
    if (tells)
        reply_status(kernel, request, "busy");
    answer(kernel, request);
    kernel->drain(kernel->drain_user, tells);
    if (tells)
        reply_end(kernel, request);
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

void dispatch_now(struct kernel *kernel, struct message *msg)
{
    CLEANUP(request_unrefp) struct request *request = NULL;
    if (request_new(NULL, msg, &request) < 0)
        return;
    if (request->msg->channel == CHANNEL_CONTROL)
        note_control(kernel, request);
    reply_status(kernel, request, "busy");
    answer(kernel, request);
    if (!request->ends_later)
        reply_end(kernel, request);
}

void dispatch_refuse(struct kernel *kernel, struct message *msg, const char *ename, const char *why)
{
    CLEANUP(request_unrefp) struct request *request = NULL;
    if (request_new(NULL, msg, &request) < 0)
        return;
    reply_status(kernel, request, "busy");
    if (!dispatch_is_comm(request->msg))
        reply_error(kernel, request, ename, "%s", why);
    reply_end(kernel, request);
}

/* --- what a shell does next ------------------------------------------------------------------- */

/* The next message, and whether it is aborted because a cell before it has failed. */
static struct message *next_message(struct shell *self, bool *ret_aborted)
{
    kernel_lock(self->kernel);
    struct message *msg = queue_pop(&self->queue);
    self->answering = msg != NULL;
    *ret_aborted = msg && msg->type == MSG_EXECUTE_REQUEST && msg->number < self->abort_before;
    kernel_unlock(self->kernel);
    if (msg && msg->type == MSG_EXECUTE_REQUEST && !*ret_aborted)
        *ret_aborted = failed_cell_aborts(&self->failed_cell, msg);
    return msg;
}

static bool goes_on(const struct shell *self) { return !atomic_load(&self->stopping); }

bool dispatch_run(struct shell *self)
{
    bool aborted = false;
    struct message *msg = NULL;
    shell_enter(self);
    waker_clear(&self->waker);
    if (goes_on(self) && !atomic_load(&self->executing))
        msg = next_message(self, &aborted);
    if (msg)
        dispatch(self, msg, aborted);
    shell_enter(NULL);
    if (shell_waits(self))
        waker_wake(&self->waker);
    return goes_on(self);
}

void dispatch_message(struct shell *self, struct message *msg)
{
    shell_enter(self);
    dispatch(self, msg, false);
    shell_enter(NULL);
}

static struct message *next_comm(struct shell *self)
{
    kernel_lock(self->kernel);
    struct message *msg = queue_take(&self->queue, dispatch_is_comm);
    kernel_unlock(self->kernel);
    return msg;
}

/* When the execution ends, the waker wakes the thread again for what is left in the queue. */
void dispatch_comms(struct shell *self)
{
    struct message *msg;
    waker_clear(&self->waker);
    while ((msg = next_comm(self)))
        dispatch_within(self, msg);
}
