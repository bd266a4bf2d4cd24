#include "kernel/desktop/subshells.h"

#include "kernel/dispatch.h"
#include "kernel/platform/thread.h"
#include "kernel/reply.h"
#include "kernel/request.h"
#include "kernel/shell.h"
#include "protocol/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct subshell {
    struct shell shell;
    pthread_t thread;
    atomic_bool ended; /* its thread does not use it any more */
    /* under the kernel's lock: the create_subshell_request until the thread has begun, then the
     * delete_subshell_request until it has ended; or NULL */
    struct request *waiting;
    struct subshell *next;
};

static const char *const unknown = "UnknownSubshellError";

/* As Python's repr() shows the id. */
static void put_unknown(struct buf *out, struct span id)
{
    buf_put(out, SPAN("Unknown subshell_id '"));
    buf_put(out, id);
    buf_putc(out, '\'');
}

static void refuse(struct kernel *kernel, struct message *msg)
{
    CLEANUP(buf_finish) struct buf why = BUF_INIT;
    put_unknown(&why, msg->subshell);
    dispatch_refuse(kernel, msg, unknown, buf_cstr(&why));
}

/* What a deleted subshell has not answered. */
static void refuse_rest(struct shell *shell)
{
    struct message *msg;
    do {
        kernel_lock(shell->kernel);
        msg = queue_pop(&shell->queue);
        kernel_unlock(shell->kernel);
        if (msg)
            refuse(shell->kernel, msg);
    } while (msg);
}

static void reply_created(struct kernel *kernel, const struct request *request, const char *id)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_printf(&out, "{\"status\":\"ok\",\"subshell_id\":\"%s\"}", id);
    if (buf_error(&out) == 0)
        reply_send(kernel, request, MSG_CREATE_SUBSHELL_REPLY, buf_view(&out));
}

static void reply_deleted(struct kernel *kernel, const struct request *request)
{
    reply_send(kernel, request, MSG_DELETE_SUBSHELL_REPLY, SPAN("{\"status\":\"ok\"}"));
}

/* Takes the request that waits for this thread, or NULL. */
static struct request *take_waiting(struct subshell *self)
{
    kernel_lock(self->shell.kernel);
    struct request *request = TAKE(self->waiting);
    kernel_unlock(self->shell.kernel);
    return request;
}

static void tell_created(struct subshell *self)
{
    struct kernel *kernel = self->shell.kernel;
    CLEANUP(request_unrefp) struct request *request = take_waiting(self);
    reply_created(kernel, request, self->shell.id);
    reply_end(kernel, request);
}

static void tell_deleted(struct subshell *self)
{
    struct kernel *kernel = self->shell.kernel;
    CLEANUP(request_unrefp) struct request *request = take_waiting(self);
    if (!request)
        return;
    reply_deleted(kernel, request);
    reply_end(kernel, request);
}

static void serve(struct subshell *self, struct interp *interp)
{
    int r;
    do
        r = interp->impl->wait(interp, self->shell.waker.fd);
    while (r >= 0 && dispatch_run(&self->shell));
}

/* The replies to create and delete follow the change of the language's list of threads. */
static void *subshell_main(void *user)
{
    struct subshell *self = user;
    struct interp *interp = self->shell.kernel->interp;
    char name[sizeof "subshell-" + IDENT_UUID_LEN];
    snprintf(name, sizeof name, "subshell-%s", self->shell.id);
    int r = interp->impl->enter(interp, name);
    tell_created(self);
    if (r == 0) {
        serve(self, interp);
        interp->impl->leave(interp);
    }
    if (!atomic_load(&self->shell.kernel->stopping))
        refuse_rest(&self->shell);
    tell_deleted(self);
    atomic_store(&self->ended, true);
    return NULL;
}

static void subshell_free(struct subshell *self)
{
    pthread_join(self->thread, NULL);
    request_unref(self->waiting);
    shell_finish(&self->shell);
    free(self);
}

/* Frees those that have ended, and counts the others. */
static size_t reap(struct subshells *list)
{
    size_t count = 0;
    struct subshell **link = &list->first;
    while (*link) {
        struct subshell *self = *link;
        if (!atomic_load(&self->ended)) {
            link = &self->next;
            count++;
            continue;
        }
        *link = self->next;
        subshell_free(self);
    }
    return count;
}

/* The thread sends the reply to `request`. */
static int subshell_new(struct kernel *kernel, struct request *request, struct subshell **ret)
{
    struct subshell *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    int r = shell_init(&self->shell, kernel);
    if (r == 0) {
        ident_uuid(self->shell.id);
        self->waiting = request_ref(request);
        r = thread_start(subshell_main, self, &self->thread);
    }
    if (r < 0) {
        request_unref(self->waiting);
        shell_finish(&self->shell);
        free(self);
        return r;
    }
    *ret = self;
    return 0;
}

/* Appends: list_subshell_reply has them in the order of their creation. */
static void add(struct subshells *list, struct subshell *self)
{
    struct subshell **link = &list->first;
    while (*link)
        link = &(*link)->next;
    *link = self;
}

static int create(struct subshells *list, struct kernel *kernel, struct request *request)
{
    struct subshell *self = NULL;
    if (!kernel->interp->impl->enter)
        return -ENOTSUP;
    kernel_lock(kernel);
    int r = reap(list) < SUBSHELLS_MAX ? subshell_new(kernel, request, &self) : -EAGAIN;
    if (r == 0)
        add(list, self);
    kernel_unlock(kernel);
    return r;
}

static bool is_there(const struct subshell *self) { return !atomic_load(&self->shell.stopping); }

/* With the lock. */
static struct subshell *find(const struct subshells *list, struct span id)
{
    struct subshell *self = list->first;
    while (self && !(is_there(self) && span_equal(span_of(self->shell.id), id)))
        self = self->next;
    return self;
}

/* With the lock: a message must not be queued after its subshell was stopped. */
static bool push_locked(struct subshells *list, struct message *msg, struct span id)
{
    struct subshell *self = find(list, id);
    if (!self)
        return false;
    queue_push(&self->shell.queue, msg);
    waker_wake(&self->shell.waker);
    return true;
}

/* The id of the shell whose request this responds to, or NULL. */
static json_t *requester(struct subshells *self, struct kernel *kernel, const struct message *msg)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    if (msg->type != MSG_COMM_MSG || !comm_requests_concern(msg->content) ||
        json_read_object(msg->content, why, &content) < 0)
        return NULL;
    kernel_lock(kernel);
    json_t *shell = comm_requests_take(&self->requests, content);
    kernel_unlock(kernel);
    return shell;
}

bool subshells_push(struct subshells *self, struct kernel *kernel, struct message *msg)
{
    CLEANUP(json_decrefp) json_t *shell = requester(self, kernel, msg);
    struct span id = shell ? span_of(json_string_value(shell)) : msg->subshell;
    if (id.len == 0)
        return false;
    kernel_lock(kernel);
    bool pushed = push_locked(self, msg, id);
    kernel_unlock(kernel);
    if (!pushed)
        refuse(kernel, msg);
    return true;
}

void subshells_note_comm_msg(struct subshells *self, struct kernel *kernel,
                             const struct request *request, struct span content)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *object = NULL;
    if (!comm_requests_concern(content) || json_read_object(content, why, &object) < 0)
        return;
    struct span id = request ? request->msg->subshell : span_of(shell_here(kernel)->id);
    kernel_lock(kernel);
    comm_requests_note(&self->requests, object, id);
    kernel_unlock(kernel);
}

void subshells_stop(struct subshells *list, struct kernel *kernel)
{
    kernel_lock(kernel);
    for (struct subshell *self = list->first; self; self = self->next)
        shell_stop(&self->shell);
    kernel_unlock(kernel);
}

void subshells_join(struct subshells *list, struct kernel *kernel)
{
    subshells_stop(list, kernel);
    while (list->first) {
        struct subshell *self = list->first;
        list->first = self->next;
        subshell_free(self);
    }
    comm_requests_finish(&list->requests);
}

/* --- the answers ------------------------------------------------------------------------------ */

void subshells_create(struct subshells *self, struct kernel *kernel, struct request *request)
{
    request->ends_later = true;
    int r = create(self, kernel, request);
    if (r == 0)
        return;
    request->ends_later = false;
    if (r == -ENOTSUP)
        reply_error(kernel, request, "NotImplementedError", "there are no subshells here");
    else
        reply_error(kernel, request, "RuntimeError", "no subshell: %s",
                    r == -EAGAIN ? "there are too many, or too many threads" : "out of memory");
}

/* Stops it. The reply follows when its thread has ended; at once if that answers a request. */
static bool stop_locked(struct subshells *list, struct span id, struct request *request)
{
    struct subshell *self = find(list, id);
    if (!self)
        return false;
    request->ends_later = !self->shell.answering && !self->waiting;
    if (request->ends_later)
        self->waiting = request_ref(request);
    shell_stop(&self->shell);
    return true;
}

void subshells_delete(struct subshells *self, struct kernel *kernel, struct request *request,
                      const json_t *content)
{
    struct span id;
    if (!reply_read_text(kernel, request, content, "subshell_id", &id))
        return;
    kernel_lock(kernel);
    bool found = stop_locked(self, id, request);
    kernel_unlock(kernel);
    CLEANUP(buf_finish) struct buf why = BUF_INIT;
    put_unknown(&why, id);
    if (!found)
        reply_error(kernel, request, unknown, "%s", buf_cstr(&why));
    else if (!request->ends_later)
        reply_deleted(kernel, request);
}

static void put_ids(const struct subshell *self, struct buf *out)
{
    const char *between = "";
    for (; self; self = self->next) {
        if (!is_there(self))
            continue;
        buf_printf(out, "%s\"%s\"", between, self->shell.id);
        between = ",";
    }
}

void subshells_list(struct subshells *self, struct kernel *kernel, struct request *request)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"ok\",\"subshell_id\":["));
    kernel_lock(kernel);
    put_ids(self->first, &out);
    kernel_unlock(kernel);
    buf_put(&out, SPAN("]}"));
    if (buf_error(&out) == 0)
        reply_send(kernel, request, MSG_LIST_SUBSHELL_REPLY, buf_view(&out));
}
