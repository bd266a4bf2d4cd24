/*
 * The kernel's lock. lock.c is the desktop's; kernel/browser/lock.c that of a browser's worker,
 * which has one thread.
 */
#pragma once

#include <pthread.h>

struct lock {
    pthread_mutex_t mutex;
};

void lock_init(struct lock *self);
void lock_finish(struct lock *self);
void lock_take(struct lock *self); /* blocks */
void lock_give(struct lock *self);
