#include "kernel/subshell.h"

#include "kernel/core.h"
#include "kernel/handlers.h"
#include "protocol/json.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

struct subshell {
    struct shell shell;
    pthread_t thread;
    atomic_bool ended;     /* its thread touches nothing of it any more */
    struct subshell *next; /* the lock's */
};

static const char *const no_such = "there is no such subshell";

/* What a deleted subshell had not come to. */
static void refuse_rest(struct shell *shell)
{
    struct message *msg;
    do {
        kernel_lock(shell->kernel);
        msg = queue_pop(&shell->queue);
        kernel_unlock(shell->kernel);
        if (msg)
            handlers_refuse(shell->kernel, msg, no_such);
    } while (msg);
}

static void *subshell_main(void *user)
{
    struct subshell *self = user;
    struct interp *interp = self->shell.kernel->interp;
    if (interp->impl->enter(interp) == 0) {
        int r;
        do
            r = interp->impl->wait(interp, self->shell.waker.fd);
        while (r >= 0 && shell_run(&self->shell));
        interp->impl->leave(interp);
    }
    if (!atomic_load(&self->shell.kernel->stopping))
        refuse_rest(&self->shell);
    atomic_store(&self->ended, true);
    return NULL;
}

/* Signals are for the main shell's thread: this one starts with all of them blocked. */
static int start_thread(struct subshell *self)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = -pthread_create(&self->thread, NULL, subshell_main, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

static void subshell_free(struct subshell *self)
{
    pthread_join(self->thread, NULL);
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

static int subshell_new(struct kernel *kernel, struct subshell **ret)
{
    struct subshell *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    int r = shell_init(&self->shell, kernel);
    if (r == 0) {
        ident_uuid(self->shell.id);
        r = start_thread(self);
    }
    if (r < 0) {
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

static int create(struct kernel *kernel, char ret_id[IDENT_UUID_LEN + 1])
{
    struct subshell *self = NULL;
    if (!kernel->interp->impl->enter)
        return -ENOTSUP;
    kernel_lock(kernel);
    int r = reap(kernel) < SUBSHELLS_MAX ? subshell_new(kernel, &self) : -EAGAIN;
    if (r == 0) {
        add(kernel, self);
        memcpy(ret_id, self->shell.id, sizeof self->shell.id);
    }
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
static struct message *push_locked(struct kernel *kernel, struct message *msg)
{
    struct subshell *self = find(kernel, msg->subshell);
    if (!self)
        return msg;
    queue_push(&self->shell.queue, msg);
    waker_ring(&self->shell.waker);
    return NULL;
}

void subshell_push(struct kernel *kernel, struct message *msg)
{
    kernel_lock(kernel);
    struct message *refused = push_locked(kernel, msg);
    kernel_unlock(kernel);
    if (refused)
        handlers_refuse(kernel, refused, no_such);
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
}

/* --- the answers ----------------------------------------------------------------------------- */

void answer_create_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    char id[IDENT_UUID_LEN + 1];
    int r = create(kernel, id);
    if (r == -ENOTSUP) {
        request_fail(kernel, request, "NotImplementedError", "there are no subshells here");
    } else if (r < 0) {
        request_fail(kernel, request, "RuntimeError", "no subshell: %s",
                     r == -EAGAIN ? "there are too many, or too many threads" : "out of memory");
    } else {
        CLEANUP(buf_finish) struct buf out = BUF_INIT;
        buf_printf(&out, "{\"status\":\"ok\",\"subshell_id\":\"%s\"}", id);
        if (buf_error(&out) == 0)
            request_reply(kernel, request, MSG_CREATE_SUBSHELL_REPLY, buf_view(&out));
    }
}

void answer_delete_subshell(struct kernel *kernel, struct request *request, json_t *content)
{
    struct span id;
    if (!content_text(kernel, request, content, "subshell_id", &id))
        return;
    kernel_lock(kernel);
    struct subshell *self = find(kernel, id);
    if (self)
        shell_stop(&self->shell);
    kernel_unlock(kernel);
    if (self)
        request_reply(kernel, request, MSG_DELETE_SUBSHELL_REPLY, SPAN("{\"status\":\"ok\"}"));
    else
        request_fail(kernel, request, "ValueError", "delete_subshell_request: %s", no_such);
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
