/*
 * Where cells are kept beyond this session. kernel_options has one or none; without one the history
 * is that of this session only.
 *
 * No function fails: the store logs its errors itself (no space, no right, a lock, damage).
 */
#pragma once

#include "protocol/bytes.h"

struct store {
    const struct store_impl *impl;
};

/* One cell of an older session; what is in it is valid until the call that it is given to ends. */
struct store_cell {
    long session, line;
    struct span code;
    struct span output; /* ptr is NULL for none */
};

struct store_query {
    long session;        /* 0: every session but this one; negative: so many before this one */
    long start, stop;    /* start <= line < stop */
    long newest;         /* at most so many */
    struct span pattern; /* as kernel/history/pattern.h has it, over the code as typed; ptr NULL:
                            every cell */
    bool unique;         /* of cells with the same code only the newest */
    bool raw;            /* the code as typed, not as the language's own shorthands turned it */
    bool output;
};

/* False: enough. */
typedef bool (*store_found)(void *user, const struct store_cell *cell);

struct store_impl {
    /* A cell of this session that begins, and the text of its result. Any thread, also with a lock
     * of the kernel's held; neither waits for anything. A reference is taken. */
    void (*add_cell)(struct store *s, long line, struct bytes *code);
    void (*add_output)(struct store *s, long line, struct bytes *text);

    /*
     * Tells what the query finds in older sessions, the newest cell first; nothing when the query
     * names this session by its number. Returns that number, 1 or more; a session of which nothing
     * is kept yet has the one that comes next. `found` may be NULL: only the number is wanted.
     * Any thread, without locks. Waits for at most a second, and tells then what it has.
     */
    long (*read)(struct store *s, const struct store_query *query, store_found found, void *user);

    /* This session ends here: later cells are not kept. What is queued is written in the
     * background. Any thread, also twice. */
    void (*end)(struct store *s);

    /* end(), then waits until all is written, a third of a second at most. Any thread. */
    void (*close)(struct store *s);

    /* close(), and frees. Nobody else uses it any more. */
    void (*destroy)(struct store *s);
};
