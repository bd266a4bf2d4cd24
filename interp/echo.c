#include "interp/echo.h"

#include "protocol/json.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

struct echo {
    struct interp base; /* first: interp functions cast back */
    atomic_bool interrupted;
};

static void write_text(struct echo *self, struct request *request, enum stream stream,
                       struct span text)
{
    struct interp_host *host = self->base.host;
    while (host->impl->write(host, request, stream, text) == -EAGAIN)
        host->impl->room(host, 1000);
}

static void done(struct echo *self, struct request *request, const char *ename, struct span evalue)
{
    struct interp_host *host = self->base.host;
    CLEANUP(buf_finish) struct buf members = BUF_INIT;
    buf_put(&members, SPAN("\"user_expressions\":{},\"payload\":[]"));
    if (ename) {
        json_put_member(&members, "ename", span_of(ename));
        json_put_member(&members, "evalue", evalue);
        buf_put(&members, SPAN(",\"traceback\":[]"));
    }
    host->impl->done(host, request, &(struct outcome){!ename, buf_view(&members)});
}

static void result(struct echo *self, struct request *request, long count, struct span text)
{
    struct interp_host *host = self->base.host;
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_put(&content, SPAN("{\"data\":{"));
    json_put_member(&content, "text/plain", text);
    buf_printf(&content, "},\"metadata\":{},\"execution_count\":%ld}", count);
    (void)!host->impl->publish(host, request, MSG_EXECUTE_RESULT, buf_view(&content), SPAN("{}"),
                               NULL);
}

static const char *ask(struct echo *self, struct request *request, struct span prompt)
{
    struct interp_host *host = self->base.host;
    CLEANUP(bytes_unrefp) struct bytes *line = NULL;
    int r = host->impl->input(host, request, prompt, false, false, &line);
    if (r == 0)
        write_text(self, request, STREAM_STDOUT, line->view);
    return r == 0 ? NULL : r == -ENOTSUP ? "StdinNotImplementedError" : "EOFError";
}

static void wait_for_interrupt(struct echo *self)
{
    while (!atomic_load(&self->interrupted))
        poll(NULL, 0, 1);
}

static void echo_execute(struct interp *i, struct request *request, const struct execution *e)
{
    struct echo *self = (struct echo *)i;
    bool command = e->code.len >= 2 && e->code.ptr[1] == ' ';
    struct span rest = command ? (struct span){e->code.ptr + 2, e->code.len - 2} : e->code;
    const char *ename = NULL;
    if (command && e->code.ptr[0] == '!') {
        write_text(self, request, STREAM_STDERR, rest);
        ename = "Echo";
    } else if (command && e->code.ptr[0] == '?') {
        ename = ask(self, request, rest);
    } else if (command && e->code.ptr[0] == '=') {
        result(self, request, e->count, rest);
    } else if (span_equal(rest, SPAN("..."))) {
        wait_for_interrupt(self);
        ename = "KeyboardInterrupt";
    } else {
        write_text(self, request, STREAM_STDOUT, rest);
    }
    done(self, request, ename, rest);
}

static struct bytes *text_of(struct span text)
{
    struct bytes *ret = NULL;
    return bytes_new_copy(text, &ret) < 0 ? NULL : ret;
}

static struct bytes *echo_complete(struct interp *i, struct span code, size_t cursor,
                                   bool concurrent)
{
    (void)i, (void)concurrent;
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"ok\",\"matches\":["));
    json_put_string(&out, code);
    buf_printf(&out, "],\"cursor_start\":0,\"cursor_end\":%zu,\"metadata\":{}}", cursor);
    return buf_error(&out) < 0 ? NULL : text_of(buf_view(&out));
}

static struct bytes *echo_inspect(struct interp *i, struct span code, size_t cursor, int detail,
                                  bool concurrent)
{
    (void)i, (void)concurrent, (void)code, (void)cursor, (void)detail;
    return text_of(SPAN("{\"status\":\"ok\",\"found\":false,\"data\":{},\"metadata\":{}}"));
}

static struct bytes *echo_is_complete(struct interp *i, struct span code)
{
    (void)i, (void)code;
    return text_of(SPAN("{\"status\":\"complete\"}"));
}

/* Target "echo" is open to all; what comes for it goes back. */
static bool echo_comm(struct interp *i, struct request *request, const struct message *msg)
{
    struct interp_host *host = i->host;
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    if (json_read_object(msg->content, why, &content) < 0)
        return false;
    if (msg->type == MSG_COMM_OPEN)
        return span_equal(json_member_text(content, "target_name", SPAN("")), SPAN("echo"));
    return msg->type == MSG_COMM_CLOSE ||
           host->impl->publish(host, request, MSG_COMM_MSG, msg->content, msg->metadata,
                               msg->buffers) == 0;
}

static void echo_interrupt(struct interp *i)
{
    atomic_store(&((struct echo *)i)->interrupted, true);
}

static void echo_forget_interrupts(struct interp *i)
{
    atomic_store(&((struct echo *)i)->interrupted, false);
}

static int echo_wait(struct interp *i, int fd)
{
    (void)i;
    struct pollfd item = {.fd = fd, .events = POLLIN};
    return poll(&item, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

static int echo_enter(struct interp *i, const char *name)
{
    (void)i, (void)name;
    return 0;
}

static void echo_leave(struct interp *i) { (void)i; }

static void echo_destroy(struct interp *i) { free(i); }

#define TEXT(literal) \
    { \
        (literal), sizeof(literal) - 1 \
    }

static const struct interp_impl impl = {
    .language_info = TEXT("{\"name\":\"echo\",\"version\":\"1\",\"mimetype\":\"text/plain\","
                          "\"file_extension\":\".txt\"}"),
    .implementation = TEXT("echo"),
    .implementation_version = TEXT("1.0.0"),
    .banner = TEXT("Echo"),
    .execute = echo_execute,
    .complete = echo_complete,
    .inspect = echo_inspect,
    .is_complete = echo_is_complete,
    .comm = echo_comm,
    .interrupt = echo_interrupt,
    .forget_interrupts = echo_forget_interrupts,
    .wait = echo_wait,
    .enter = echo_enter,
    .leave = echo_leave,
    .destroy = echo_destroy,
};

int echo_new(struct interp **ret)
{
    struct echo *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->base.impl = &impl;
    *ret = &self->base;
    return 0;
}
