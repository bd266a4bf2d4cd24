/*
 * A kernel under test: the kernel proper with a fake transport, a language, and the two threads of
 * the desktop program. What a client sends goes through wire_parse().
 *
 * Threads: all functions are for the test's own thread, unless said. A wait for what never comes
 * prints what was received so far and ends the process with status 1.
 */
#pragma once

#include "interp/interp.h"
#include "kernel/kernel.h"
#include "protocol/json.h"
#include "tests/conversation/harness/client_message.h"
#include "tests/conversation/harness/received.h"

struct harness;

struct harness_options {
    struct interp *interp; /* taken; NULL is interp/echo.h */
    bool run_by_test;      /* no thread calls kernel_run(), the test does: harness_run() */
    int eintr_count;       /* so many calls of input() fail with -EINTR before one waits */
    int ports[5];
    struct store *store; /* struct kernel_options'; borrowed */
    /* From the thread that sends, with the kernel's lock held: may only call harness_send…(). */
    void (*on_send)(struct harness *t, const struct message *msg, void *user);
    void (*drain)(void *user, bool ends);       /* kernel_set_drain()'s */
    void (*stopping)(void *user, bool restart); /* struct kernel_options' */
    void *user;                                 /* for the three */
};

struct harness *harness_new(const struct harness_options *options); /* NULL: all zero */
void harness_free(struct harness *self); /* stops the kernel unless it is, and frees all */

/* Any thread. The message is with the kernel some time after the call. */
void harness_send_message(struct harness *self, const struct client_message *message);
void harness_subscribe(struct harness *self, const char *topic);

/* Until all that was sent is with the kernel. */
void harness_wait_delivered(struct harness *self);
/* Until, moreover, the kernel has nothing left to do. */
void harness_wait_idle(struct harness *self);
/* run_by_test: delivers, then kernel_run() until no request waits. */
bool harness_run(struct harness *self);
/* Until kernel_run() has returned false and its thread has ended. */
void harness_wait_stopped(struct harness *self);

struct kernel *harness_kernel(struct harness *self);
struct interp_host *harness_host(struct harness *self);
void harness_set_room(struct harness *self, bool room); /* any thread; the transport's room() */

/*
 * Waits for a message with this parent that is a `what`: a type of message or a state of the
 * kernel, as "execute_reply" or "idle". Borrowed until harness_free().
 */
const struct received *harness_await(struct harness *self, const char *parent, const char *what);
/* The same without waiting; NULL when there is none. */
const struct received *harness_find(struct harness *self, const char *parent, const char *what);
/* Its index in all messages; -1 when there is none. */
long harness_find_index(struct harness *self, const char *parent, const char *what);
/* The message with this index, from 0, in the order of the kernel's send() calls over all channels;
 * NULL beyond the last. */
const struct received *harness_received(struct harness *self, size_t index);
/* The id of the request with this index, or NULL. */
const char *harness_request_id(struct harness *self, size_t index);
unsigned harness_flushed(struct harness *self); /* messages before the last flush() */

/* All that was received, readable, on standard output. */
void harness_print(struct harness *self);

/* harness_send_message() with fewer words. */
static inline void harness_send(struct harness *self, const char *id, const char *type,
                                const char *content)
{
    harness_send_message(self,
                         &(struct client_message){.id = id, .type = type, .content = content});
}

static inline void harness_send_control(struct harness *self, const char *id, const char *type,
                                        const char *content)
{
    harness_send_message(
        self, &(struct client_message){
                  .channel = CHANNEL_CONTROL, .id = id, .type = type, .content = content});
}

/* An execute_request. */
static inline void harness_execute(struct harness *self, const char *id, const char *code)
{
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_putc(&content, '{');
    json_put_member(&content, "code", span_of(code));
    buf_putc(&content, '}');
    harness_send(self, id, "execute_request", buf_cstr(&content));
}

static inline void harness_send_input_reply(struct harness *self, const char *client,
                                            const char *parent, const char *content)
{
    harness_send_message(self, &(struct client_message){.channel = CHANNEL_STDIN,
                                                        .client = client,
                                                        .id = "input_reply",
                                                        .type = "input_reply",
                                                        .parent = parent,
                                                        .content = content});
}
