/*
 * A stage for the kernel proper: a transport in memory, a language, and the two threads of the
 * desktop program. What is said to the kernel goes through wire_parse(); what the kernel sends is
 * kept in the order of its send() calls, over all channels.
 *
 * Threads: all functions are for the test's own thread, unless said. Whatever the theatre itself
 * can not go on after (a message that does not come, a thread that does not end) prints what was
 * heard so far and ends the process with status 1.
 */
#pragma once

#include "interp/interp.h"
#include "kernel/kernel.h"
#include "protocol/json.h"

struct theatre;

struct theatre_options {
    struct interp *interp; /* taken; NULL is interp/echo.h */
    bool by_hand;          /* no thread calls kernel_run(), the test does: theatre_run() */
    int interruptions;     /* so many calls of ask() fail with -EINTR before one waits */
    int ports[5];
    struct store *store; /* struct kernel_options'; borrowed */
    /* From the thread that sends, with the kernel's lock held: may only call theatre_say…(). */
    void (*on_send)(struct theatre *t, const struct message *msg, void *user);
    void (*drain)(void *user, bool ends);       /* kernel_set_drain()'s */
    void (*stopping)(void *user, bool restart); /* struct kernel_options' */
    void *user;                                 /* for the three */
};

/* One message to the kernel. NULL for a text that a client would write as {}. */
struct line {
    enum channel channel;
    const char *client; /* its identity; NULL is "client" */
    const char *id, *type;
    const char *header; /* in place of the one that id and type make */
    const char *parent, *metadata, *content;
    const char *const *buffers; /* NULL-ended; may be NULL */
};

/* One message from the kernel. The theatre owns all of it. */
struct heard {
    struct message *msg;
    char *parent;    /* the parent header's msg_id; "" when there is none */
    char *type;      /* the header's msg_type */
    json_t *content; /* NULL when it is no JSON object */
};

struct theatre *theatre_open(const struct theatre_options *options); /* NULL: all zero */
void theatre_close(struct theatre *self); /* stops the kernel unless it is, and frees all */

/* Any thread. The message is with the kernel some time after the call. */
void theatre_say_line(struct theatre *self, const struct line *line);
void theatre_subscribe(struct theatre *self, const char *topic);

/* Until all that was said is with the kernel. */
void theatre_deliver(struct theatre *self);
/* Until, moreover, the kernel has nothing left to do. */
void theatre_rest(struct theatre *self);
/* by_hand: delivers, then kernel_run() until nothing waits. */
bool theatre_run(struct theatre *self);
/* Until kernel_run() has returned false and its thread has ended. */
void theatre_wait_stopped(struct theatre *self);

struct kernel *theatre_kernel(struct theatre *self);
struct interp_host *theatre_host(struct theatre *self);
void theatre_set_room(struct theatre *self, bool room); /* any thread */

/*
 * Waits for a message to `parent` that is a `what`: a type of message or a state of the kernel, as
 * "execute_reply" or "idle". Borrowed until the theatre closes.
 */
const struct heard *theatre_await(struct theatre *self, const char *parent, const char *what);
/* The same without waiting; NULL when there is none. */
const struct heard *theatre_find(struct theatre *self, const char *parent, const char *what);
/* What came as the `index`th of all, from 0; NULL beyond the last. */
const struct heard *theatre_heard(struct theatre *self, size_t index);
const char *theatre_said(struct theatre *self, size_t index); /* the id of a request, or NULL */
unsigned theatre_flushed(struct theatre *self);               /* messages before the last flush() */

/* Everything in order, readable, on standard output. */
void theatre_print(struct theatre *self);

/* Short words for theatre_say_line(). */
static inline void theatre_say(struct theatre *self, const char *id, const char *type,
                               const char *content)
{
    theatre_say_line(self, &(struct line){.id = id, .type = type, .content = content});
}

static inline void theatre_control(struct theatre *self, const char *id, const char *type,
                                   const char *content)
{
    theatre_say_line(
        self,
        &(struct line){.channel = CHANNEL_CONTROL, .id = id, .type = type, .content = content});
}

static inline void theatre_execute(struct theatre *self, const char *id, const char *code)
{
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_putc(&content, '{');
    json_put_member(&content, "code", span_of(code));
    buf_putc(&content, '}');
    theatre_say(self, id, "execute_request", buf_cstr(&content));
}

/* An input_reply. */
static inline void theatre_answer(struct theatre *self, const char *client, const char *parent,
                                  const char *content)
{
    theatre_say_line(self, &(struct line){.channel = CHANNEL_STDIN,
                                          .client = client,
                                          .id = "answer",
                                          .type = "input_reply",
                                          .parent = parent,
                                          .content = content});
}
