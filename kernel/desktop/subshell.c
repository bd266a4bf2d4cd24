#include "kernel/desktop/subshell.h"

#include "kernel/core.h"
#include "kernel/handlers.h"
#include "protocol/json.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct subshell {
    struct shell shell;
    pthread_t thread;
    atomic_bool ended; /* its thread touches nothing of it any more */
    /* the lock's; `waiting` first belongs to the thread, then to who deletes it */
    struct request *waiting; /* for the thread to have begun, or ended; or NULL */
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
    handlers_refuse(kernel, msg, unknown, buf_cstr(&why));
}

/* What a deleted subshell had not come to. */
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
        request_reply(kernel, request, MSG_CREATE_SUBSHELL_REPLY, buf_view(&out));
}

static void reply_deleted(struct kernel *kernel, const struct request *request)
{
    request_reply(kernel, request, MSG_DELETE_SUBSHELL_REPLY, SPAN("{\"status\":\"ok\"}"));
}

/* The request that waits for this thread; the reference is the caller's. */
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
    request_end(kernel, request);
}

static void tell_deleted(struct subshell *self)
{
    struct kernel *kernel = self->shell.kernel;
    CLEANUP(request_unrefp) struct request *request = take_waiting(self);
    if (!request)
        return;
    reply_deleted(kernel, request);
    request_end(kernel, request);
}

static void serve(struct subshell *self, struct interp *interp)
{
    int r;
    do
        r = interp->impl->wait(interp, self->shell.waker.fd);
    while (r >= 0 && shell_run(&self->shell));
}

/* Who makes or deletes it hears of it when the language's list of threads has changed. */
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

int subshell_start_thread(void *(*main)(void *), void *user, pthread_t *ret)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = -pthread_create(ret, NULL, main, user);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

static void subshell_free(struct subshell *self)
{
    pthread_join(self->thread, NULL);
    request_unref(self->waiting);
    shell_finish(&self->shell);
    free(self);
}

/* Frees those that have ended, and counts the others. */
static size_t reap(struct kernel *kernel)
{
    size_t count = 0;
    struct subshell **link = &kernel->subshells;
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

/* `request` is told by the thread that it is there. */
static int subshell_new(struct kernel *kernel, struct request *request, struct subshell **ret)
{
    struct subshell *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    int r = shell_init(&self->shell, kernel);
    if (r == 0) {
        ident_uuid(self->shell.id);
        self->waiting = request_ref(request);
        r = subshell_start_thread(subshell_main, self, &self->thread);
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

/* At the end: lists are in the order of their making. */
static void add(struct kernel *kernel, struct subshell *self)
{
    struct subshell **link = &kernel->subshells;
    while (*link)
        link = &(*link)->next;
    *link = self;
}

static int create(struct kernel *kernel, struct request *request)
{
    struct subshell *self = NULL;
    if (!kernel->interp->impl->enter)
        return -ENOTSUP;
    kernel_lock(kernel);
    int r = reap(kernel) < SUBSHELLS_MAX ? subshell_new(kernel, request, &self) : -EAGAIN;
    if (r == 0)
        add(kernel, self);
    kernel_unlock(kernel);
    return r;
}

static bool is_there(const struct subshell *self) { return !atomic_load(&self->shell.stopping); }

/* With the lock. */
static struct subshell *find(struct kernel *kernel, struct span id)
{
    struct subshell *self = kernel->subshells;
    while (self && !(is_there(self) && span_equal(span_of(self->shell.id), id)))
        self = self->next;
    return self;
}

/* In one piece, so that a message does not come behind the end of its subshell. */
static bool push_locked(struct kernel *kernel, struct message *msg, struct span id)
{
    struct subshell *self = find(kernel, id);
    if (!self)
        return false;
    queue_push(&self->shell.queue, msg);
    waker_ring(&self->shell.waker);
    return true;
}

/* The shell that has asked for this, or NULL. */
static json_t *asker(struct kernel *kernel, const struct message *msg)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    if (msg->type != MSG_COMM_MSG || !questions_concern(msg->content) ||
        json_read_object(msg->content, why, &content) < 0)
        return NULL;
    kernel_lock(kernel);
    json_t *shell = questions_take(&kernel->questions, content);
    kernel_unlock(kernel);
    return shell;
}

bool subshell_push(struct kernel *kernel, struct message *msg)
{
    CLEANUP(json_decrefp) json_t *shell = asker(kernel, msg);
    struct span id = shell ? span_of(json_string_value(shell)) : msg->subshell;
    if (id.len == 0)
        return false;
    kernel_lock(kernel);
    bool pushed = push_locked(kernel, msg, id);
    kernel_unlock(kernel);
    if (!pushed)
        refuse(kernel, msg);
    return true;
}

void subshell_note_question(struct kernel *kernel, const struct request *request,
                            struct span content)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *object = NULL;
    if (!questions_concern(content) || json_read_object(content, why, &object) < 0)
        return;
    struct span id = request ? request->msg->subshell : span_of(shell_here(kernel)->id);
    kernel_lock(kernel);
    questions_note(&kernel->questions, object, id);
    kernel_unlock(kernel);
}

void subshells_stop(struct kernel *kernel)
{
    kernel_lock(kernel);
    for (struct subshell *self = kernel->subshells; self; self = self->next)
        shell_stop(&self->shell);
    kernel_unlock(kernel);
}

void subshells_finish(struct kernel *kernel)
{
    subshells_stop(kernel);
    while (kernel->subshells) {
        struct subshell *self = kernel->subshells;
        kernel->subshells = self->next;
        subshell_free(self);
    }
    questions_finish(&kernel->questions);
}

/* --- the answers ----------------------------------------------------------------------------- */

void answer_create_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    request->ends_later = true;
    int r = create(kernel, request);
    if (r == 0)
        return;
    request->ends_later = false;
    if (r == -ENOTSUP)
        request_fail(kernel, request, "NotImplementedError", "there are no subshells here");
    else
        request_fail(kernel, request, "RuntimeError", "no subshell: %s",
                     r == -EAGAIN ? "there are too many, or too many threads" : "out of memory");
}

/* Stops it. `request` is told when its thread has ended, at once if it is in the middle of one. */
static bool stop_locked(struct kernel *kernel, struct span id, struct request *request)
{
    struct subshell *self = find(kernel, id);
    if (!self)
        return false;
    request->ends_later = !self->shell.answering && !self->waiting;
    if (request->ends_later)
        self->waiting = request_ref(request);
    shell_stop(&self->shell);
    return true;
}

void answer_delete_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    struct span id;
    if (!content_text(kernel, request, content, "subshell_id", &id))
        return;
    kernel_lock(kernel);
    bool found = stop_locked(kernel, id, request);
    kernel_unlock(kernel);
    CLEANUP(buf_finish) struct buf why = BUF_INIT;
    put_unknown(&why, id);
    if (!found)
        request_fail(kernel, request, unknown, "%s", buf_cstr(&why));
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

void answer_list_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"ok\",\"subshell_id\":["));
    kernel_lock(kernel);
    put_ids(kernel->subshells, &out);
    kernel_unlock(kernel);
    buf_put(&out, SPAN("]}"));
    if (buf_error(&out) == 0)
        request_reply(kernel, request, MSG_LIST_SUBSHELL_REPLY, buf_view(&out));
}
