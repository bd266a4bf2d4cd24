#include "kernel/execute.h"

#include "kernel/output.h"
#include "kernel/reply.h"
#include "kernel/state.h"
#include "protocol/json.h"
#include "protocol/system.h"

#include <errno.h>
#include <stdlib.h>

static void publish_input(struct kernel *kernel, struct request *request, struct span code)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    if (request_message(kernel, request, MSG_EXECUTE_INPUT, CHANNEL_IOPUB, &msg) < 0)
        return;
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_putc(&content, '{');
    json_put_member(&content, "code", code);
    buf_printf(&content, ",\"execution_count\":%ld}", request->count);
    struct bytes *block = NULL;
    if (buf_take(&content, &block) < 0)
        return;
    msg->content = block->view;
    if (arena_keep(msg->store, block) == 0)
        output_send(kernel, TAKE(msg));
}

static bool blank(struct span code)
{
    for (size_t i = 0; i < code.len; i++)
        if (!strchr(" \t\r\n\f", code.ptr[i]) || !code.ptr[i])
            return false;
    return true;
}

/* As in ipykernel, silent, unstored and empty cells are not counted. */
static void count_cell(struct kernel *kernel, struct request *request, struct span code)
{
    request->count = kernel->history.execution_count + 1;
    request->counted = kernel->history.execution_count;
    if (request->silent || !request->store_history || blank(code))
        return;
    request->counted = ++kernel->history.execution_count;
    if (history_add(&kernel->history, request->count, code) < 0)
        request->store_history = false;
}

/* Locked: other threads may already publish for this request, which is the current one. */
static void begin_cell(struct kernel *kernel, struct request *request, const json_t *content,
                       struct span code)
{
    request->begun_us = system_steady_us();
    kernel_lock(kernel);
    request->silent = json_member_bool(content, "silent", false);
    request->store_history = !request->silent && json_member_bool(content, "store_history", true);
    request->allow_stdin = json_member_bool(content, "allow_stdin", true);
    request->stop_on_error = json_member_bool(content, "stop_on_error", true);
    count_cell(kernel, request, code);
    kernel_unlock(kernel);
}

static void run(struct kernel *kernel, struct request *request, struct span code,
                struct span expressions)
{
    struct execution execution = {
        .code = code,
        .user_expressions = expressions,
        .count = request->count,
        .silent = request->silent,
        .store_history = request->store_history,
        .allow_stdin = request->allow_stdin,
    };
    request->ends_later = true;
    atomic_fetch_add(&request->shell->executions, 1);
    atomic_store(&request->shell->executing, true);
    request_ref(request); /* until execute_done() */
    kernel->interp->impl->execute(kernel->interp, request, &execution);
}

void answer_execute(struct kernel *kernel, struct request *request, json_t *content)
{
    struct span code;
    if (!reply_read_text(kernel, request, content, "code", &code))
        return;
    const json_t *expressions = json_object_get(content, "user_expressions");
    if (expressions && !json_is_object(expressions) && !json_is_null(expressions)) {
        reply_error(kernel, request, "ValueError",
                    "execute_request: \"user_expressions\" is no object");
        return;
    }
    begin_cell(kernel, request, content, code);
    if (!request->silent)
        publish_input(kernel, request, code);
    char *text = json_is_object(expressions) ? json_dumps(expressions, JSON_COMPACT) : NULL;
    run(kernel, request, code, text ? span_of(text) : SPAN("{}"));
    free(text);
}

/* Cells that arrive before the reply is sent were sent without knowledge of the failure; those that
 * arrive later may be sent because of it. */
static void abort_queued(struct kernel *kernel, const struct request *request)
{
    struct shell *shell = request->shell;
    failed_cell_note(&shell->failed_cell, request->msg, system_steady_us() - request->begun_us);
    kernel->transport->impl->receive_pending(kernel->transport);
    kernel_lock(kernel);
    shell->abort_before = shell->queue.pushed;
    kernel_unlock(kernel);
}

void execute_done(struct kernel *kernel, struct request *request, const struct outcome *outcome)
{
    kernel->drain(kernel->drain_user, true);
    output_tell_cut(kernel, request);
    if (!outcome->ok && !request->silent && request->stop_on_error)
        abort_queued(kernel, request);
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_printf(&content, "{\"status\":\"%s\",\"execution_count\":%ld", outcome->ok ? "ok" : "error",
               request->counted);
    if (outcome->members.len > 0)
        buf_putc(&content, ',');
    buf_put(&content, outcome->members);
    buf_putc(&content, '}');
    if (buf_error(&content) == 0)
        reply_send(kernel, request, MSG_EXECUTE_REPLY, buf_view(&content));
    else
        reply_error(kernel, request, "MemoryError", "no memory for the reply");
    struct shell *shell = request->shell;
    reply_end_execution(kernel, request);
    waker_wake(&shell->waker);
    request_unref(request);
    if (kernel->options.executed)
        kernel->options.executed(kernel->options.user);
}

/* Without execution_count: front ends would show it beside the cell. */
void answer_aborted(struct kernel *kernel, struct request *request)
{
    reply_send(kernel, request, MSG_EXECUTE_REPLY, SPAN("{\"status\":\"aborted\"}"));
}
