/*
 * A language whose cells are a function of the test, and interp/echo.h in all else.
 */
#pragma once

#include "interp/echo.h"

#include <stdio.h>
#include <stdlib.h>

typedef void player_cell(struct interp_host *host, struct request *request,
                         const struct execution *execution, void *user);

struct player {
    struct interp base; /* first: interp functions cast back */
    struct interp_impl impl;
    struct interp *echo;
    atomic_bool interrupted;
    player_cell *cell;
    void *user;
};

/* Echo, which finds its kernel where the player's is. */
static inline struct interp *player_echo(struct interp *i)
{
    struct interp *echo = ((struct player *)i)->echo;
    echo->host = i->host;
    return echo;
}

static inline void player_execute(struct interp *i, struct request *request,
                                  const struct execution *execution)
{
    struct player *self = (struct player *)i;
    self->cell(i->host, request, execution, self->user);
}

static inline struct bytes *player_complete(struct interp *i, struct span code, size_t cursor,
                                            bool aside)
{
    struct interp *echo = player_echo(i);
    return echo->impl->complete(echo, code, cursor, aside);
}

static inline struct bytes *player_inspect(struct interp *i, struct span code, size_t cursor,
                                           int detail, bool aside)
{
    struct interp *echo = player_echo(i);
    return echo->impl->inspect(echo, code, cursor, detail, aside);
}

static inline struct bytes *player_is_complete(struct interp *i, struct span code)
{
    struct interp *echo = player_echo(i);
    return echo->impl->is_complete(echo, code);
}

static inline bool player_comm(struct interp *i, struct request *request, const struct message *msg)
{
    struct interp *echo = player_echo(i);
    return echo->impl->comm(echo, request, msg);
}

static inline void player_interrupt(struct interp *i)
{
    atomic_store(&((struct player *)i)->interrupted, true);
}

static inline void player_forget_interrupts(struct interp *i)
{
    atomic_store(&((struct player *)i)->interrupted, false);
}

static inline int player_wait(struct interp *i, int fd)
{
    struct interp *echo = player_echo(i);
    return echo->impl->wait(echo, fd);
}

static inline void player_destroy(struct interp *i)
{
    struct player *self = (struct player *)i;
    self->echo->impl->destroy(self->echo);
    free(self);
}

/* For theatre_options, which takes it. Ends the process without memory. */
static inline struct interp *player_new(player_cell *cell, void *user)
{
    struct player *self = calloc(1, sizeof *self);
    if (!self || echo_new(&self->echo) < 0)
        abort();
    const struct interp_impl *echo = self->echo->impl;
    self->impl = (struct interp_impl){.language_info = echo->language_info,
                                      .implementation = echo->implementation,
                                      .implementation_version = echo->implementation_version,
                                      .banner = echo->banner,
                                      .execute = player_execute,
                                      .complete = player_complete,
                                      .inspect = player_inspect,
                                      .is_complete = player_is_complete,
                                      .comm = player_comm,
                                      .interrupt = player_interrupt,
                                      .forget_interrupts = player_forget_interrupts,
                                      .wait = player_wait,
                                      .enter = echo->enter,
                                      .leave = echo->leave,
                                      .destroy = player_destroy};
    self->base.impl = &self->impl;
    self->cell = cell;
    self->user = user;
    return &self->base;
}

/* Whether it was interrupted since the last look. Any thread. */
static inline bool player_interrupted(struct interp *interp)
{
    return atomic_exchange(&((struct player *)interp)->interrupted, false);
}

/* Ends an execution, well or with ename Played. */
static inline void player_done(struct interp_host *host, struct request *request, bool ok)
{
    struct span members = ok ? SPAN("\"user_expressions\":{},\"payload\":[]")
                             : SPAN("\"ename\":\"Played\",\"evalue\":\"\",\"traceback\":[]");
    host->impl->done(host, request, &(struct outcome){ok, members});
}

/* Writes as a language does: while clients read too slowly it waits. */
static inline void player_write(struct interp_host *host, struct request *request,
                                enum stream stream, struct span text)
{
    while (host->impl->write(host, request, stream, text) < 0)
        host->impl->room(host, 1000);
}
