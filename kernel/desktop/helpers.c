#include "kernel/desktop/helpers.h"

#include "kernel/dispatch.h"
#include "kernel/platform/thread.h"
#include "kernel/request.h"
#include "kernel/shell.h"
#include "protocol/system.h"

#include <poll.h>
#include <stdlib.h>

struct helper {
    struct shell shell;
    pthread_t thread;
};

static bool goes_on(struct helper *self) { return !atomic_load(&self->shell.stopping); }

/* Waits until the waker is woken: for a request, or for the end. */
static void await(struct helper *self)
{
    struct pollfd item = {.fd = self->shell.waker.fd, .events = POLLIN};
    poll(&item, 1, -1);
    waker_clear(&self->shell.waker);
}

static void *read_system(void *user)
{
    struct helper *self = user;
    do
        await(self);
    while (dispatch_run(&self->shell));
    return NULL;
}

/* --- requests about code ---------------------------------------------------------------------- */

static bool any_waits(struct kernel *kernel)
{
    kernel_lock(kernel);
    const struct message *msg = kernel->shell.queue.head;
    while (msg && !dispatch_is_concurrent(msg))
        msg = msg->next;
    kernel_unlock(kernel);
    return msg != NULL;
}

/* A client gets its replies in the order of its requests, but for those of its cells. */
static bool must_follow(const struct message *msg, const struct message *before)
{
    return before->type != MSG_EXECUTE_REQUEST && !dispatch_is_concurrent(before) &&
           !dispatch_is_comm(before) && span_equal(before->session, msg->session);
}

static bool may_overtake(const struct queue *queue, const struct message *msg)
{
    const struct message *before = queue->head;
    while (before != msg && !must_follow(msg, before))
        before = before->next;
    return before == msg;
}

/* With the lock. NULL: none, or the main shell runs no cell and answers itself. */
static struct message *find_concurrent(struct kernel *kernel)
{
    const struct queue *queue = &kernel->shell.queue;
    struct message *msg = atomic_load(&kernel->shell.executing) ? queue->head : NULL;
    while (msg && !(dispatch_is_concurrent(msg) && may_overtake(queue, msg)))
        msg = msg->next;
    return msg;
}

static struct message *take(struct kernel *kernel)
{
    kernel_lock(kernel);
    struct message *msg = find_concurrent(kernel);
    if (msg)
        queue_remove(&kernel->shell.queue, msg);
    kernel_unlock(kernel);
    return msg;
}

static void answer_waiting(struct helper *self, struct interp *interp)
{
    struct kernel *kernel = self->shell.kernel;
    struct message *msg;
    if (interp->impl->enter(interp, NULL) < 0)
        return;
    while ((msg = take(kernel)))
        dispatch_message(&self->shell, msg);
    interp->impl->leave(interp);
}

/* What is left of HELPER_GRACE_MS for the cell that runs. When the requests in the queue have to
 * wait for it anyway, HELPER_GRACE_MS until the next look. */
static int grace_ms(struct kernel *kernel)
{
    int64_t now = system_steady_us(), begun = now;
    kernel_lock(kernel);
    if (find_concurrent(kernel))
        begun = kernel->shell.current->begun_us;
    kernel_unlock(kernel);
    int64_t past = (now - begun) / 1000;
    return past < HELPER_GRACE_MS ? HELPER_GRACE_MS - (int)past : 0;
}

static void *answer_code_requests(void *user)
{
    struct helper *self = user;
    struct kernel *kernel = self->shell.kernel;
    while (goes_on(self)) {
        await(self);
        while (goes_on(self) && any_waits(kernel)) {
            poll(NULL, 0, grace_ms(kernel));
            if (atomic_load(&kernel->shell.executing))
                answer_waiting(self, kernel->interp);
        }
    }
    return NULL;
}

/* --- the threads ------------------------------------------------------------------------------ */

static void *(*const mains[HELPER_COUNT])(void *) = {
    [HELPER_CODE] = answer_code_requests,
    [HELPER_SYSTEM] = read_system,
};

static struct helper *helper_new(struct kernel *kernel, enum helper_kind kind)
{
    struct helper *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    int r = shell_init(&self->shell, kernel);
    self->shell.concurrent = true;
    if (r == 0)
        r = thread_start(mains[kind], self, &self->thread);
    if (r == 0)
        return self;
    shell_finish(&self->shell);
    free(self);
    return NULL;
}

/* With the lock. NULL: no memory or no thread for it, or the kernel ends. */
static struct helper *find(struct helpers *self, struct kernel *kernel, enum helper_kind kind)
{
    if (!self->list[kind] && !atomic_load(&kernel->stopping))
        self->list[kind] = helper_new(kernel, kind);
    return self->list[kind];
}

bool helpers_push(struct helpers *self, struct kernel *kernel, struct message *msg)
{
    if (msg->type != MSG_USAGE_REQUEST || !kernel->interp->impl->enter)
        return false;
    kernel_lock(kernel);
    struct helper *helper = find(self, kernel, HELPER_SYSTEM);
    if (helper)
        queue_push(&helper->shell.queue, msg);
    kernel_unlock(kernel);
    if (helper)
        waker_wake(&helper->shell.waker);
    return helper != NULL;
}

void helpers_look(struct helpers *self, struct kernel *kernel)
{
    if (!kernel->interp->impl->enter)
        return;
    kernel_lock(kernel);
    struct helper *helper = find(self, kernel, HELPER_CODE);
    kernel_unlock(kernel);
    if (helper)
        waker_wake(&helper->shell.waker);
}

void helpers_stop(struct helpers *self, struct kernel *kernel)
{
    kernel_lock(kernel);
    for (int i = 0; i < HELPER_COUNT; i++)
        if (self->list[i])
            shell_stop(&self->list[i]->shell);
    kernel_unlock(kernel);
}

void helpers_join(struct helpers *self, struct kernel *kernel)
{
    helpers_stop(self, kernel);
    for (int i = 0; i < HELPER_COUNT; i++) {
        struct helper *helper = TAKE(self->list[i]);
        if (!helper)
            continue;
        pthread_join(helper->thread, NULL);
        shell_finish(&helper->shell);
        free(helper);
    }
}
