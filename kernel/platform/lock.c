#include "kernel/platform/lock.h"

void lock_init(struct lock *self) { pthread_mutex_init(&self->mutex, NULL); }

void lock_finish(struct lock *self) { pthread_mutex_destroy(&self->mutex); }

void lock_take(struct lock *self) { pthread_mutex_lock(&self->mutex); }

void lock_give(struct lock *self) { pthread_mutex_unlock(&self->mutex); }
