/*
 * Text and bytes: a borrowed view, a shared block, a growing buffer.
 *
 * Threads: a view and a buffer belong to one thread at a time; a `struct bytes` may be held and
 * let go from any thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define CLEANUP(free_function) __attribute__((cleanup(free_function)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* Moves a pointer out of a CLEANUP variable. */
#define TAKE(pointer) take_pointer(&(pointer))
static inline void *take_pointer(void *where)
{
    void *taken;
    memcpy(&taken, where, sizeof taken);
    memset(where, 0, sizeof taken);
    return taken;
}

/* A borrowed view of bytes, passed by value. Not NUL-terminated; ptr may be NULL when len is 0. */
struct span {
    const char *ptr;
    size_t len;
};

/* The span of a string literal. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

struct span span_of(const char *text); /* of a NUL-terminated string; NULL gives an empty span */
bool span_equal(struct span a, struct span b);

/*
 * A shared, counted block of bytes, immutable once it is shared. Whoever makes one from a foreign
 * memory (a zmq_msg_t, a Py_buffer) embeds it and sets `release`, which is called once, from
 * whichever thread drops the last reference, and must not block.
 */
struct bytes {
    struct span view;
    atomic_uint refs;
    void (*release)(struct bytes *self);
};

/* A copy of `from` on the heap, with one reference. -ENOMEM. */
MUST_CHECK int bytes_new_copy(struct span from, struct bytes **ret);

/* Adopts `ptr` (from malloc), also on failure, when it is freed. -ENOMEM. */
MUST_CHECK int bytes_new_adopt(char *ptr, size_t len, struct bytes **ret);

struct bytes *bytes_ref(struct bytes *self);
void bytes_unref(struct bytes *self);   /* accepts NULL */
void bytes_unrefp(struct bytes **self); /* for CLEANUP */

/*
 * A growing byte buffer, embedded. Appending never fails visibly: the first failure is kept, later
 * appends do nothing, and buf_error() tells. `ptr` is not NUL-terminated; buf_cstr() makes it so.
 */
struct buf {
    char *ptr;
    size_t len, cap;
    int error; /* 0 or -ENOMEM */
};

#define BUF_INIT ((struct buf){0})

void buf_finish(struct buf *self); /* frees the contents, ready for use again; for CLEANUP */
void buf_append(struct buf *self, const void *ptr, size_t len);
void buf_put(struct buf *self, struct span text);
void buf_putc(struct buf *self, char c);
void buf_printf(struct buf *self, const char *format, ...) PRINTF_LIKE(2, 3);
MUST_CHECK int buf_error(const struct buf *self);
MUST_CHECK int buf_reserve(struct buf *self,
                           size_t extra); /* room for `extra` more bytes. -ENOMEM */
struct span buf_view(const struct buf *self);
const char *buf_cstr(struct buf *self); /* "" when memory ran out */

/* Moves the contents into a shared block; the buffer is empty afterwards, also on failure. -ENOMEM
 */
MUST_CHECK int buf_take(struct buf *self, struct bytes **ret);
