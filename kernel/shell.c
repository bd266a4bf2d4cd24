#include "kernel/shell.h"

#include "kernel/request.h"

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

void shell_enter(struct shell *self) { here = self; }

struct request *shell_hold_request(struct kernel *kernel, struct request *request)
{
    kernel_lock(kernel);
    struct request *found = request ? request : shell_here(kernel)->current;
    if (found)
        request_ref(found);
    kernel_unlock(kernel);
    return found;
}

void shell_push(struct shell *self, struct message *msg)
{
    kernel_lock(self->kernel);
    queue_push(&self->queue, msg);
    kernel_unlock(self->kernel);
    waker_wake(&self->waker);
}

void shell_stop(struct shell *self)
{
    atomic_store(&self->stopping, true);
    waker_wake(&self->waker);
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

bool shell_stop_all(struct kernel *kernel)
{
    if (atomic_exchange(&kernel->stopping, true))
        return false;
    kernel->transport->impl->cancel_input(kernel->transport);
    shell_stop(&kernel->shell);
    kernel->threads->impl->stop(kernel->threads);
    kernel->interp->impl->interrupt(kernel->interp);
    return true;
}
