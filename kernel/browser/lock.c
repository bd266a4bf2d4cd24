#include "kernel/platform/lock.h"

void lock_init(struct lock *self) { (void)self; }

void lock_finish(struct lock *self) { (void)self; }

void lock_take(struct lock *self) { (void)self; }

void lock_give(struct lock *self) { (void)self; }
