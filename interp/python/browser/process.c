#include "interp/python/process.h"

#include "interp/python/browser/worker_host.h"

#include <errno.h>

void signal_block_start(struct signal_block *self) { (void)self; }

void signal_block_end(struct signal_block *self) { (void)self; }

int (*const process_enter)(struct interp *i, const char *name) = NULL;
void (*const process_leave)(struct interp *i) = NULL;

void process_tell_started(void) {}

void process_adopt_thread(void) {}

void process_interrupt(void) { worker_host_interrupt(); }

int process_stacks_signal(void) { return 0; }

void process_forget_interrupts(void) { worker_host_forget_interrupts(); }

PyThreadState *process_unlock(void) { return NULL; }

void process_lock(PyThreadState *state) { (void)state; }

int process_wait(int fd)
{
    (void)fd;
    return -ENOSYS;
}

void process_flush(void) {}

int process_write(int fd, struct span text)
{
    (void)fd, (void)text;
    return 0;
}
