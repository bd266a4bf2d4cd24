/*
 * Threads of the kernel's own, on a desktop.
 */
#pragma once

#include "protocol/bytes.h"

#include <pthread.h>

/* Starts a thread with all signals blocked: they are for the main thread, which is Python's.
 * -errno of pthread_create. */
MUST_CHECK int thread_start(void *(*main)(void *user), void *user, pthread_t *ret);
