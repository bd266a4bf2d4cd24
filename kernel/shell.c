#include "kernel/shell.h"

#include "kernel/core.h"
#include "kernel/handlers.h"

static _Thread_local struct shell *here;

int shell_init(struct shell *self, struct kernel *kernel)
{
    *self = (struct shell){.kernel = kernel, .waker.fd = -1};
    queue_init(&self->queue);
    return waker_init(&self->waker);
}

void shell_finish(struct shell *self)
{
    queue_finish(&self->queue);
    request_unref(self->current);
    waker_finish(&self->waker);
}

struct shell *shell_here(struct kernel *kernel)
{
    return here && here->kernel == kernel ? here : &kernel->shell;
}

void shell_push(struct shell *self, struct message *msg)
{
    kernel_lock(self->kernel);
    queue_push(&self->queue, msg);
    kernel_unlock(self->kernel);
    waker_ring(&self->waker);
}

/* The next message, and whether it stood behind a cell that failed. */
static struct message *next_message(struct shell *self, bool *ret_aborted)
{
    kernel_lock(self->kernel);
    struct message *msg = queue_pop(&self->queue);
    self->answering = msg != NULL;
    *ret_aborted = msg && msg->type == MSG_EXECUTE_REQUEST && msg->number < self->abort_before;
    kernel_unlock(self->kernel);
    if (msg && msg->type == MSG_EXECUTE_REQUEST && !*ret_aborted)
        *ret_aborted = failure_covers(&self->failure, msg);
    return msg;
}

static bool goes_on(const struct shell *self) { return !atomic_load(&self->stopping); }

bool shell_run(struct shell *self)
{
    bool aborted = false;
    struct message *msg = NULL;
    here = self;
    waker_clear(&self->waker);
    if (goes_on(self) && !atomic_load(&self->executing))
        msg = next_message(self, &aborted);
    if (msg)
        handlers_dispatch(self, msg, aborted);
    here = NULL;
    if (shell_waits(self))
        waker_ring(&self->waker);
    return goes_on(self);
}

void shell_answer(struct shell *self, struct message *msg)
{
    here = self;
    handlers_dispatch(self, msg, false);
    here = NULL;
}

static struct message *next_comm(struct shell *self)
{
    kernel_lock(self->kernel);
    struct message *msg = queue_take(&self->queue, handlers_is_comm);
    kernel_unlock(self->kernel);
    return msg;
}

/* The bell is rung again when the execution ends, for what is left in the queue. */
void shell_serve_comms(struct shell *self)
{
    struct message *msg;
    waker_clear(&self->waker);
    while ((msg = next_comm(self)))
        handlers_dispatch_within(self, msg);
}

void shell_stop(struct shell *self)
{
    atomic_store(&self->stopping, true);
    waker_ring(&self->waker);
}

bool shell_is_free(struct shell *self)
{
    kernel_lock(self->kernel);
    bool is_free = queue_empty(&self->queue) && !self->answering;
    kernel_unlock(self->kernel);
    return is_free;
}

bool shell_waits(struct shell *self)
{
    return !shell_is_empty(self) && !atomic_load(&self->executing);
}

bool shell_is_empty(struct shell *self)
{
    kernel_lock(self->kernel);
    bool empty = queue_empty(&self->queue);
    kernel_unlock(self->kernel);
    return empty;
}
