#include "protocol/bytes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 256 };

struct span span_of(const char *text) { return (struct span){text, text ? strlen(text) : 0}; }

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void release_copy(struct bytes *self) { free(self); }

int bytes_new_copy(struct span from, struct bytes **ret)
{
    if (from.len > SIZE_MAX / 2)
        return -ENOMEM;
    struct bytes *self = malloc(sizeof *self + from.len);
    if (!self)
        return -ENOMEM;
    char *data = (char *)(self + 1);
    if (from.len > 0)
        memcpy(data, from.ptr, from.len);
    self->view = (struct span){data, from.len};
    self->release = release_copy;
    atomic_init(&self->refs, 1);
    *ret = self;
    return 0;
}

static void release_adopted(struct bytes *self)
{
    free((char *)self->view.ptr);
    free(self);
}

int bytes_new_adopt(char *ptr, size_t len, struct bytes **ret)
{
    struct bytes *self = malloc(sizeof *self);
    if (!self) {
        free(ptr);
        return -ENOMEM;
    }
    self->view = (struct span){ptr, len};
    self->release = release_adopted;
    atomic_init(&self->refs, 1);
    *ret = self;
    return 0;
}

struct bytes *bytes_ref(struct bytes *self)
{
    atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
    return self;
}

void bytes_unref(struct bytes *self)
{
    if (self && atomic_fetch_sub_explicit(&self->refs, 1, memory_order_acq_rel) == 1)
        self->release(self);
}

void bytes_unrefp(struct bytes **self)
{
    bytes_unref(*self);
    *self = NULL;
}

void buf_finish(struct buf *self)
{
    free(self->ptr);
    *self = BUF_INIT;
}

int buf_reserve(struct buf *self, size_t extra)
{
    if (self->error < 0)
        return self->error;
    if (extra <= self->cap - self->len)
        return 0;
    if (extra > SIZE_MAX / 2 - self->len)
        return self->error = -ENOMEM;
    size_t cap = self->cap < BUF_FIRST ? BUF_FIRST : self->cap * 2;
    if (cap < self->len + extra) /* what is large comes alone, and little after it */
        cap = self->len + extra + extra / 16;
    char *ptr = realloc(self->ptr, cap);
    if (!ptr)
        return self->error = -ENOMEM;
    self->ptr = ptr;
    self->cap = cap;
    return 0;
}

void buf_append(struct buf *self, const void *ptr, size_t len)
{
    if (len == 0 || buf_reserve(self, len) < 0)
        return;
    memcpy(self->ptr + self->len, ptr, len);
    self->len += len;
}

void buf_put(struct buf *self, struct span text) { buf_append(self, text.ptr, text.len); }

void buf_putc(struct buf *self, char c)
{
    if (buf_reserve(self, 1) == 0)
        self->ptr[self->len++] = c;
}

/* True when the text fit; otherwise *ret_size is what it needs, or 0 when it can not be written. */
PRINTF_LIKE(2, 0)
static bool try_vprintf(struct buf *self, const char *format, va_list args, size_t *ret_size)
{
    size_t room = self->cap - self->len;
    int len = vsnprintf(self->ptr + self->len, room, format, args);
    *ret_size = len < 0 ? 0 : (size_t)len + 1;
    if (len < 0 || (size_t)len >= room)
        return false;
    self->len += (size_t)len;
    return true;
}

void buf_printf(struct buf *self, const char *format, ...)
{
    if (buf_reserve(self, 1) < 0)
        return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t size;
    if (!try_vprintf(self, format, args, &size)) {
        if (size == 0)
            self->error = -ENOMEM;
        else if (buf_reserve(self, size) == 0)
            (void)try_vprintf(self, format, again, &size);
    }
    va_end(again);
    va_end(args);
}

int buf_error(const struct buf *self) { return self->error; }

struct span buf_view(const struct buf *self) { return (struct span){self->ptr, self->len}; }

const char *buf_cstr(struct buf *self)
{
    if (buf_reserve(self, 1) < 0)
        return "";
    self->ptr[self->len] = '\0';
    return self->ptr;
}

int buf_take(struct buf *self, struct bytes **ret)
{
    struct buf taken = *self;
    *self = BUF_INIT;
    if (taken.error == 0)
        return bytes_new_adopt(taken.ptr, taken.len, ret);
    free(taken.ptr);
    return taken.error;
}
