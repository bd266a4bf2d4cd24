/*
 * The host of a browser's worker: an object of the Python half with methods, which hands messages
 * to the page; lib/_carme/browser/worker_api.py says which.
 *
 * Threads: one, with the GIL. What the host raises is dropped, unless said: it would have to be
 * told through here.
 */
#pragma once

#include "protocol/message.h"

#include <stdint.h>

/* Before all others: a PyObject *, held for good. False: there is one. */
MUST_CHECK bool worker_host_set(void *host);

void worker_host_post(const struct message *msg); /* borrows; runs no Python code */
void worker_host_arm(unsigned ms);                /* struct bridge_kernel's tick() is called then */
int64_t worker_host_now_us(void *unused);
void worker_host_random(void *unused, void *ret, size_t len);

/* What the host keeps of older sessions, as store_page_new() takes it; NULL: nothing. Once,
 * before the kernel starts. */
struct bytes *worker_host_history(void);

/* A cell for the host to keep; runs no Python code. */
void worker_host_keep(long line, struct span code);

/* Somebody wants the execution that awaits to end. */
void worker_host_interrupt(void);
void worker_host_forget_interrupts(void);

/*
 * Sends an input_request and blocks until the client has answered; borrows it. NULL goes on waiting
 * after -EINTR. -EINTR: an interrupt, which is for PyErr_CheckSignals() to find. -ECANCELED: with
 * an exception set. -ENOMEM.
 */
MUST_CHECK int worker_host_ask(const struct message *request, struct message **ret_reply);
