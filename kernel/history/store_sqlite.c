#include "kernel/history/store_sqlite.h"

#include "kernel/history/history_file.h"
#include "kernel/platform/log.h"
#include "kernel/platform/thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct sqlite_store {
    struct store base; /* first: store functions cast back */
    bool outputs;

    pthread_mutex_t file_lock; /* for the next two; never waited for with `lock` held */
    struct history_file file;
    unsigned told; /* kinds of trouble, one bit each */

    atomic_long session; /* the file's, 0 before there is one */

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed;
    struct history_row *rows, **last;
    long cells;
    pthread_t thread;
    struct timespec due; /* no write before */
    unsigned failures;   /* since the last write that went well */
    bool running, ending, ended;
    bool parked; /* the next cell decides whether it is tried again */
    bool closed; /* nothing is kept any more */
    bool held;   /* the file's lock, by store_sqlite_hold() */
};

static struct timespec from_now(clockid_t clock, long ms)
{
    struct timespec at;
    clock_gettime(clock, &at);
    long nsec = at.tv_nsec + ms % 1000 * 1000000;
    return (struct timespec){at.tv_sec + ms / 1000 + nsec / 1000000000, nsec % 1000000000};
}

static void free_rows(struct history_row *row)
{
    while (row) {
        struct history_row *next = row->next;
        bytes_unref(row->text);
        free(row);
        row = next;
    }
}

/* --- trouble ---------------------------------------------------------------------------------- */

static const struct trouble {
    int error;
    bool passes; /* it may, by itself */
    const char *text;
} troubles[] = {
    {-EBUSY, true, "is locked by another program; cells are written once it is free"},
    {-EROFS, true, "can not be opened or written; cells stay in memory until it can"},
    {-ENOSPC, true, "is on a full disk; cells stay in memory until there is room"},
    {-EIO, true, "can not be read or written; cells stay in memory until it can"},
    {-ENOMEM, true, "found no memory; cells are written later"},
    {-EUCLEAN, false, "is damaged and left as it is; this session's cells stay in memory"},
    {-EPROTO, false,
     "is not of the kind that IPython 9 and this kernel know; it is left as it is, this session's "
     "cells stay in memory"},
    {-ELIBACC, false, "needs SQLite; this session's cells stay in memory"},
};

static const struct trouble *trouble_of(int error)
{
    size_t i = 0;
    while (i + 1 < sizeof troubles / sizeof *troubles && troubles[i].error != error)
        i++;
    return &troubles[i];
}

/* With the file's lock. */
static void tell(struct sqlite_store *self, int error)
{
    const struct trouble *trouble = trouble_of(error);
    unsigned bit = 1U << (unsigned)(trouble - troubles);
    if (!(self->told & bit))
        log_line("the history file %s %s (%s)", self->file.path, trouble->text, self->file.why);
    self->told |= bit;
}

/* --- the writer ------------------------------------------------------------------------------- */

static bool is_due(const struct sqlite_store *self)
{
    struct timespec now = from_now(CLOCK_MONOTONIC, 0);
    return now.tv_sec > self->due.tv_sec ||
           (now.tv_sec == self->due.tv_sec && now.tv_nsec >= self->due.tv_nsec);
}

/* With the lock, which is open meanwhile. */
static void wait_for_work(struct sqlite_store *self)
{
    while (!self->ending && (!self->rows || self->parked || !is_due(self))) {
        struct timespec until = self->due;
        if (!self->rows || self->parked)
            pthread_cond_wait(&self->changed, &self->lock);
        else
            pthread_cond_timedwait(&self->changed, &self->lock, &until);
    }
}

static int write_rows(struct sqlite_store *self, const struct history_row *rows, long cells)
{
    pthread_mutex_lock(&self->file_lock);
    int r = history_file_write(&self->file, rows, cells);
    atomic_store(&self->session, self->file.session);
    if (r < 0)
        tell(self, r);
    pthread_mutex_unlock(&self->file_lock);
    return r;
}

static void put_back(struct sqlite_store *self, struct history_row *rows)
{
    struct history_row **end = &rows;
    while (*end)
        end = &(*end)->next;
    if (!self->rows)
        self->last = end;
    *end = self->rows;
    self->rows = rows;
}

/* With the lock. What stays in memory is what the kernel's own history holds anyway. */
static void settle(struct sqlite_store *self, struct history_row *rows, int r)
{
    if (r == 0 || !trouble_of(r)->passes) {
        self->closed = self->closed || r < 0;
        self->failures = 0;
        free_rows(rows);
        return;
    }
    unsigned doublings = self->failures < STORE_TRIES ? self->failures : STORE_TRIES;
    self->due = from_now(CLOCK_MONOTONIC, (long)STORE_RETRY_MS << doublings);
    self->parked = ++self->failures >= STORE_TRIES;
    put_back(self, rows);
}

/* With the lock, which is open while the disk works. */
static void work(struct sqlite_store *self)
{
    struct history_row *rows = self->rows;
    long cells = self->ending ? self->cells : -1;
    self->rows = NULL;
    self->last = &self->rows;
    pthread_mutex_unlock(&self->lock);
    int r = write_rows(self, rows, cells);
    pthread_mutex_lock(&self->lock);
    settle(self, rows, r);
}

static void *writer(void *user)
{
    struct sqlite_store *self = user;
    bool last = false;
    pthread_mutex_lock(&self->lock);
    while (!last) {
        wait_for_work(self);
        last = self->ending;
        if (!self->closed || self->rows)
            work(self);
    }
    self->ended = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

/* --- adding ----------------------------------------------------------------------------------- */

static void start_writer(struct sqlite_store *self)
{
    self->running = thread_start(writer, self, &self->thread) == 0;
}

/* While a row waits for its time, the writer does as well and needs no call. */
static void append(struct sqlite_store *self, struct history_row *row)
{
    bool sleeps = !self->rows || self->parked;
    *self->last = row;
    self->last = &row->next;
    self->cells += !row->is_output;
    if (sleeps && self->failures == 0)
        self->due = from_now(CLOCK_MONOTONIC, STORE_PAUSE_MS);
    self->parked = false;
    if (!self->running)
        start_writer(self);
    if (sleeps)
        pthread_cond_signal(&self->changed);
}

/* Takes the row. */
static void add_row(struct sqlite_store *self, struct history_row *row)
{
    pthread_mutex_lock(&self->lock);
    if (self->closed || self->ending)
        free_rows(row);
    else
        append(self, row);
    pthread_mutex_unlock(&self->lock);
}

static void add(struct sqlite_store *self, long line, struct bytes *text, bool is_output)
{
    struct history_row *row = malloc(sizeof *row);
    if (!row)
        return;
    *row = (struct history_row){.text = bytes_ref(text), .line = line, .is_output = is_output};
    add_row(self, row);
}

static void store_add_cell(struct store *s, long line, struct bytes *code)
{
    add((struct sqlite_store *)s, line, code, false);
}

static void store_add_output(struct store *s, long line, struct bytes *text)
{
    struct sqlite_store *self = (struct sqlite_store *)s;
    if (self->outputs)
        add(self, line, text, true);
}

/* --- reading, and the end --------------------------------------------------------------------- */

static bool take_file(struct sqlite_store *self)
{
    struct timespec until = from_now(CLOCK_REALTIME, STORE_WAIT_MS);
    return pthread_mutex_timedlock(&self->file_lock, &until) == 0;
}

static long store_read(struct store *s, const struct store_query *query, store_found found,
                       void *user)
{
    struct sqlite_store *self = (struct sqlite_store *)s;
    long session = atomic_load(&self->session);
    if ((session && !found) || !take_file(self))
        return session ? session : 1;
    int r = history_file_read(&self->file, query, found, user, &session);
    if (r < 0)
        tell(self, r);
    pthread_mutex_unlock(&self->file_lock);
    return session;
}

static void store_end(struct store *s)
{
    struct sqlite_store *self = (struct sqlite_store *)s;
    pthread_mutex_lock(&self->lock);
    self->ending = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static bool wait_ended(struct sqlite_store *self)
{
    struct timespec until = from_now(CLOCK_MONOTONIC, STORE_WAIT_MS);
    int r = 0;
    pthread_mutex_lock(&self->lock);
    while (self->running && !self->ended && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &until);
    bool ended = !self->running || self->ended;
    pthread_mutex_unlock(&self->lock);
    return ended;
}

static void store_close(struct store *s)
{
    store_end(s);
    (void)wait_ended((struct sqlite_store *)s);
}

/* One whose writer still waits for the disk stays in memory: the process ends anyway. */
static void store_destroy(struct store *s)
{
    struct sqlite_store *self = (struct sqlite_store *)s;
    store_end(s);
    if (!wait_ended(self))
        return;
    if (self->running)
        pthread_join(self->thread, NULL);
    free_rows(self->rows);
    history_file_finish(&self->file);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    pthread_mutex_destroy(&self->file_lock);
    free(self);
}

static const struct store_impl sqlite_store_impl = {
    .add_cell = store_add_cell,
    .add_output = store_add_output,
    .read = store_read,
    .end = store_end,
    .close = store_close,
    .destroy = store_destroy,
};

int store_sqlite_new(const struct store_sqlite_options *options, struct store **ret)
{
    struct sqlite_store *self = calloc(1, sizeof *self);
    if (!self) {
        free(options->path);
        return -ENOMEM;
    }
    int r = history_file_init(&self->file, options->path, options->library, options->is_ours);
    if (r < 0) {
        history_file_finish(&self->file);
        free(self);
        return r;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->file_lock, NULL);
    self->base.impl = &sqlite_store_impl;
    self->outputs = options->outputs;
    self->last = &self->rows;
    *ret = &self->base;
    return 0;
}

void store_sqlite_hold(struct store *s)
{
    struct sqlite_store *self = (struct sqlite_store *)s;
    bool held = take_file(self);
    pthread_mutex_lock(&self->lock);
    self->held = held;
}

void store_sqlite_release(struct store *s, bool is_child)
{
    struct sqlite_store *self = (struct sqlite_store *)s;
    bool held = self->held;
    if (is_child) {
        self->closed = true;
        self->running = false;
    }
    pthread_mutex_unlock(&self->lock);
    if (held)
        pthread_mutex_unlock(&self->file_lock);
}
