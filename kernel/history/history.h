/*
 * What was executed in this session, and the store that keeps it for others.
 *
 * Threads: none of its own; the kernel's lock is held. Nothing blocks.
 */
#pragma once

#include "kernel/history/store.h"

enum { HISTORY_OUTPUT_MAX = 16 * 1024 };

struct history_cell {
    long line;
    struct bytes *code;
    struct bytes *output; /* or NULL */
};

struct history {
    struct store *store;        /* borrowed; may be NULL */
    struct history_cell *cells; /* in the order of execution */
    size_t count, cap;
    long execution_count; /* cells that were counted, also those that are not kept */
};

void history_finish(struct history *self);

/* Keeps a copy of the cell's code, without the line ends behind it, as IPython does. -ENOMEM. */
MUST_CHECK int history_add(struct history *self, long line, struct span code);

/* Keeps text/plain of the newest cell's execute_result, whose content is given, if it is one of
 * HISTORY_OUTPUT_MAX bytes at the most. */
void history_note_result(struct history *self, long line, struct span content);

struct history_query {
    long start, stop;    /* start <= line < stop */
    struct span pattern; /* see pattern.h; ptr is NULL for every cell */
    size_t newest;       /* at most so many, the latest */
    bool unique;         /* of cells with the same code only the latest */
};

/* What a query found, in the order of execution; it stays when the kernel's lock is open. */
struct history_found {
    struct history_cell *cells;
    size_t count;
};

/* -ENOMEM. */
MUST_CHECK int history_select(const struct history *self, const struct history_query *query,
                              struct history_found *ret);
void history_found_finish(struct history_found *self); /* for CLEANUP; zeroes are empty */
