#include "protocol/arena.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_SIZE = 2048, BLOCK_SIZE = 4096, ALIGNMENT = _Alignof(max_align_t) };

union block {
    union block *next;
    max_align_t alignment;
};

struct kept {
    struct kept *next;
    struct bytes *block;
};

struct arena {
    char *at, *end; /* the free part of the block in use */
    union block *blocks;
    struct kept *kept;
    atomic_uint refs;
};

static size_t round_up(size_t size) { return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

int arena_new(struct arena **ret)
{
    struct arena *self = malloc(FIRST_SIZE);
    if (!self)
        return -ENOMEM;
    self->at = (char *)self + round_up(sizeof *self);
    self->end = (char *)self + FIRST_SIZE;
    self->blocks = NULL;
    self->kept = NULL;
    atomic_init(&self->refs, 1);
    *ret = self;
    return 0;
}

struct arena *arena_ref(struct arena *self)
{
    atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
    return self;
}

static void arena_free(struct arena *self)
{
    for (struct kept *kept = self->kept; kept; kept = kept->next)
        bytes_unref(kept->block);
    for (union block *block = self->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(self);
}

void arena_unref(struct arena *self)
{
    if (self && atomic_fetch_sub_explicit(&self->refs, 1, memory_order_acq_rel) == 1)
        arena_free(self);
}

static char *add_block(struct arena *self, size_t size)
{
    union block *block = malloc(sizeof *block + size);
    if (!block)
        return NULL;
    block->next = self->blocks;
    self->blocks = block;
    return (char *)(block + 1);
}

void *arena_alloc(struct arena *self, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = round_up(size);
    if (size > BLOCK_SIZE / 4 && size > (size_t)(self->end - self->at))
        return add_block(self, size);
    if (size > (size_t)(self->end - self->at)) {
        char *data = add_block(self, BLOCK_SIZE);
        if (!data)
            return NULL;
        self->at = data;
        self->end = data + BLOCK_SIZE;
    }
    char *piece = self->at;
    self->at += size;
    return piece;
}

struct span arena_copy(struct arena *self, struct span text)
{
    char *copy = arena_alloc(self, text.len);
    if (!copy)
        return (struct span){0};
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return (struct span){copy, text.len};
}

int arena_keep(struct arena *self, struct bytes *block)
{
    struct kept *kept = arena_alloc(self, sizeof *kept);
    if (!kept) {
        bytes_unref(block);
        return -ENOMEM;
    }
    *kept = (struct kept){self->kept, block};
    self->kept = kept;
    return 0;
}
