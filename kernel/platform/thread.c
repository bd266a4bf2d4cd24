#include "kernel/platform/thread.h"

#include <signal.h>

int thread_start(void *(*main)(void *user), void *user, pthread_t *ret)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = -pthread_create(ret, NULL, main, user);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}
