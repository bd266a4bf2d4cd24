#include "kernel/desktop/aside.h"

#include "kernel/core.h"
#include "kernel/handlers.h"
#include "protocol/system.h"

#include <poll.h>
#include <stdlib.h>

struct aside {
    struct shell shell;
    pthread_t thread;
};

static bool goes_on(struct aside *self) { return !atomic_load(&self->shell.stopping); }

/* Until something has come, or it is stopped. */
static void await(struct aside *self)
{
    struct pollfd item = {.fd = self->shell.waker.fd, .events = POLLIN};
    poll(&item, 1, -1);
    waker_clear(&self->shell.waker);
}

static void *read_system(void *user)
{
    struct aside *self = user;
    do
        await(self);
    while (shell_run(&self->shell));
    return NULL;
}

/* --- what is asked about code ---------------------------------------------------------------- */

bool aside_concerns(const struct message *msg)
{
    return msg->type == MSG_COMPLETE_REQUEST || msg->type == MSG_INSPECT_REQUEST ||
           msg->type == MSG_IS_COMPLETE_REQUEST;
}

static bool any_waits(struct kernel *kernel)
{
    kernel_lock(kernel);
    const struct message *msg = kernel->shell.queue.head;
    while (msg && !aside_concerns(msg))
        msg = msg->next;
    kernel_unlock(kernel);
    return msg != NULL;
}

/* A client's replies come in the order of its requests, but for those of its cells. */
static bool must_follow(const struct message *msg, const struct message *before)
{
    return before->type != MSG_EXECUTE_REQUEST && !aside_concerns(before) &&
           !handlers_is_comm(before) && span_equal(before->session, msg->session);
}

static bool may_overtake(const struct queue *queue, const struct message *msg)
{
    const struct message *before = queue->head;
    while (before != msg && !must_follow(msg, before))
        before = before->next;
    return before == msg;
}

/* With the lock. NULL: none; the main shell answers by itself as long as it runs no cell. */
static struct message *find_question(struct kernel *kernel)
{
    const struct queue *queue = &kernel->shell.queue;
    struct message *msg = atomic_load(&kernel->shell.executing) ? queue->head : NULL;
    while (msg && !(aside_concerns(msg) && may_overtake(queue, msg)))
        msg = msg->next;
    return msg;
}

static struct message *take(struct kernel *kernel)
{
    kernel_lock(kernel);
    struct message *msg = find_question(kernel);
    if (msg)
        queue_remove(&kernel->shell.queue, msg);
    kernel_unlock(kernel);
    return msg;
}

static void answer_waiting(struct aside *self, struct interp *interp)
{
    struct kernel *kernel = self->shell.kernel;
    struct message *msg;
    if (interp->impl->enter(interp, NULL) < 0)
        return;
    while ((msg = take(kernel)))
        shell_answer(&self->shell, msg);
    interp->impl->leave(interp);
}

/* How long a cell that has just begun may still take to end by itself; what has to wait for it in
 * any case is looked at again as often. */
static int grace_ms(struct kernel *kernel)
{
    int64_t now = system_steady_us(), begun = now;
    kernel_lock(kernel);
    if (find_question(kernel))
        begun = kernel->shell.current->begun_us;
    kernel_unlock(kernel);
    int64_t past = (now - begun) / 1000;
    return past < ASIDE_GRACE_MS ? ASIDE_GRACE_MS - (int)past : 0;
}

static void *answer_questions(void *user)
{
    struct aside *self = user;
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

/* --- the threads ----------------------------------------------------------------------------- */

static void *(*const mains[ASIDE_COUNT])(void *) = {
    [ASIDE_CODE] = answer_questions,
    [ASIDE_SYSTEM] = read_system,
};

static struct aside *aside_new(struct kernel *kernel, enum aside_kind kind)
{
    struct aside *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    int r = shell_init(&self->shell, kernel);
    self->shell.is_aside = true;
    if (r == 0)
        r = subshell_start_thread(mains[kind], self, &self->thread);
    if (r == 0)
        return self;
    shell_finish(&self->shell);
    free(self);
    return NULL;
}

/* With the lock. NULL: there can be none. */
static struct aside *find(struct kernel *kernel, enum aside_kind kind)
{
    if (!kernel->asides[kind] && !atomic_load(&kernel->stopping))
        kernel->asides[kind] = aside_new(kernel, kind);
    return kernel->asides[kind];
}

bool aside_push(struct kernel *kernel, struct message *msg)
{
    if (msg->type != MSG_USAGE_REQUEST || !kernel->interp->impl->enter)
        return false;
    kernel_lock(kernel);
    struct aside *self = find(kernel, ASIDE_SYSTEM);
    if (self)
        queue_push(&self->shell.queue, msg);
    kernel_unlock(kernel);
    if (self)
        waker_ring(&self->shell.waker);
    return self != NULL;
}

void aside_look(struct kernel *kernel)
{
    if (!kernel->interp->impl->enter)
        return;
    kernel_lock(kernel);
    struct aside *self = find(kernel, ASIDE_CODE);
    kernel_unlock(kernel);
    if (self)
        waker_ring(&self->shell.waker);
}

void asides_stop(struct kernel *kernel)
{
    kernel_lock(kernel);
    for (int i = 0; i < ASIDE_COUNT; i++)
        if (kernel->asides[i])
            shell_stop(&kernel->asides[i]->shell);
    kernel_unlock(kernel);
}

void asides_finish(struct kernel *kernel)
{
    asides_stop(kernel);
    for (int i = 0; i < ASIDE_COUNT; i++) {
        struct aside *self = TAKE(kernel->asides[i]);
        if (!self)
            continue;
        pthread_join(self->thread, NULL);
        shell_finish(&self->shell);
        free(self);
    }
    usage_finish(&kernel->usage);
}
