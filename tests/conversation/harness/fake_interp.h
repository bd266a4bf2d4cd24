/*
 * An interpreter whose cells call a function of the test. In all else it is interp/echo.h.
 */
#pragma once

#include "interp/echo.h"

#include <stdio.h>
#include <stdlib.h>

typedef void fake_interp_cell(struct interp_host *host, struct request *request,
                              const struct execution *execution, void *user);

struct fake_interp {
    struct interp base; /* first: interp functions cast back */
    struct interp_impl impl;
    struct interp *echo;
    atomic_bool interrupted;
    fake_interp_cell *cell;
    void *user;
};

/* The echo interpreter behind it, with the same host. */
static inline struct interp *fake_interp_echo(struct interp *i)
{
    struct interp *echo = ((struct fake_interp *)i)->echo;
    echo->host = i->host;
    return echo;
}

static inline void fake_interp_execute(struct interp *i, struct request *request,
                                       const struct execution *execution)
{
    struct fake_interp *self = (struct fake_interp *)i;
    self->cell(i->host, request, execution, self->user);
}

static inline struct bytes *fake_interp_complete(struct interp *i, struct span code, size_t cursor,
                                                 bool concurrent)
{
    struct interp *echo = fake_interp_echo(i);
    return echo->impl->complete(echo, code, cursor, concurrent);
}

static inline struct bytes *fake_interp_inspect(struct interp *i, struct span code, size_t cursor,
                                                int detail, bool concurrent)
{
    struct interp *echo = fake_interp_echo(i);
    return echo->impl->inspect(echo, code, cursor, detail, concurrent);
}

static inline struct bytes *fake_interp_is_complete(struct interp *i, struct span code)
{
    struct interp *echo = fake_interp_echo(i);
    return echo->impl->is_complete(echo, code);
}

static inline bool fake_interp_comm(struct interp *i, struct request *request,
                                    const struct message *msg)
{
    struct interp *echo = fake_interp_echo(i);
    return echo->impl->comm(echo, request, msg);
}

static inline void fake_interp_interrupt(struct interp *i)
{
    atomic_store(&((struct fake_interp *)i)->interrupted, true);
}

static inline void fake_interp_forget_interrupts(struct interp *i)
{
    atomic_store(&((struct fake_interp *)i)->interrupted, false);
}

static inline int fake_interp_wait(struct interp *i, int fd)
{
    struct interp *echo = fake_interp_echo(i);
    return echo->impl->wait(echo, fd);
}

static inline void fake_interp_destroy(struct interp *i)
{
    struct fake_interp *self = (struct fake_interp *)i;
    self->echo->impl->destroy(self->echo);
    free(self);
}

/* For struct harness_options, which takes it. Never NULL. */
static inline struct interp *fake_interp_new(fake_interp_cell *cell, void *user)
{
    struct fake_interp *self = calloc(1, sizeof *self);
    if (!self || echo_new(&self->echo) < 0)
        abort();
    const struct interp_impl *echo = self->echo->impl;
    self->impl = (struct interp_impl){.language_info = echo->language_info,
                                      .implementation = echo->implementation,
                                      .implementation_version = echo->implementation_version,
                                      .banner = echo->banner,
                                      .execute = fake_interp_execute,
                                      .complete = fake_interp_complete,
                                      .inspect = fake_interp_inspect,
                                      .is_complete = fake_interp_is_complete,
                                      .comm = fake_interp_comm,
                                      .interrupt = fake_interp_interrupt,
                                      .forget_interrupts = fake_interp_forget_interrupts,
                                      .wait = fake_interp_wait,
                                      .enter = echo->enter,
                                      .leave = echo->leave,
                                      .destroy = fake_interp_destroy};
    self->base.impl = &self->impl;
    self->cell = cell;
    self->user = user;
    return &self->base;
}

/* Whether it was interrupted since the last call. Any thread. */
static inline bool fake_interp_interrupted(struct interp *interp)
{
    return atomic_exchange(&((struct fake_interp *)interp)->interrupted, false);
}

/* Ends an execution, with status ok or with the ename FakeError. */
static inline void fake_interp_done(struct interp_host *host, struct request *request, bool ok)
{
    struct span members = ok ? SPAN("\"user_expressions\":{},\"payload\":[]")
                             : SPAN("\"ename\":\"FakeError\",\"evalue\":\"\",\"traceback\":[]");
    host->impl->done(host, request, &(struct outcome){ok, members});
}

/* Writes to a stream; waits while clients read too slowly. */
static inline void fake_interp_write(struct interp_host *host, struct request *request,
                                     enum stream stream, struct span text)
{
    while (host->impl->write(host, request, stream, text) < 0)
        host->impl->room(host, 1000);
}
