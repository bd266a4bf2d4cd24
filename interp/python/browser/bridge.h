/*
 * Between a worker's host and the kernel in it: the module _carme of a browser.
 *
 * The host is an object with methods; lib/_carme/lite.py says which. The composition root,
 * kernel/browser/lite.c, provides what starts with lite_.
 * Threads: one, with the GIL.
 */
#pragma once

#include "protocol/message.h"

#include <stdint.h>

/* To the host. What it raises is dropped, unless said: it would have to be told through here. */
void bridge_post(const struct message *msg); /* borrows; runs no Python code */
void bridge_arm(unsigned ms);
int64_t bridge_now_us(void *unused);
void bridge_random(void *unused, void *ret, size_t len);

/* What the host keeps of older sessions, as store_lite_new() takes it; NULL: nothing. Once, before
 * the kernel starts. */
struct bytes *bridge_history(void);

/* A cell for the host to keep; runs no Python code. */
void bridge_keep(long line, struct span code);

/* Somebody wants the execution that awaits to end. */
void bridge_interrupt(void);
void bridge_forget_interrupts(void);

/*
 * Blocks until the client has answered; borrows the question. NULL for the question goes on after
 * -EINTR. -EINTR: an interrupt, which is for PyErr_CheckSignals() to find. -ECANCELED: with an
 * exception set. -ENOMEM.
 */
MUST_CHECK int bridge_ask(const struct message *question, struct message **ret_answer);

/* Called once, when the host is known. 0, or -errno; -ECANCELED: with an exception set. */
MUST_CHECK int lite_start(void);

/* Takes a message of the client, answers it or has it wait, and what waited before it. */
void lite_push(struct message *msg);

/* An execution has ended after execute() had returned: what waited for it is answered. */
void lite_resume(void);

/* The moment that bridge_arm() asked for. */
void lite_tick(void);
