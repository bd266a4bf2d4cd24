/*
 * Memory that lives as long as one message: many small pieces, freed at once.
 *
 * Threads: one owner at a time for allocation; reference counting from any thread. An arena may
 * outlive its message while the transport still sends from it.
 */
#pragma once

#include "protocol/bytes.h"

struct arena;

/* One reference. -ENOMEM. */
MUST_CHECK int arena_new(struct arena **ret);
struct arena *arena_ref(struct arena *self);
void arena_unref(struct arena *self); /* accepts NULL; any thread; does not block */

/* `size` bytes, aligned for any type, not zeroed; NULL when memory ran out. */
void *arena_alloc(struct arena *self, size_t size);

/* A copy of `text`; the result's ptr is NULL when memory ran out. */
struct span arena_copy(struct arena *self, struct span text);

/* Keeps one reference of `block` (taken, also on failure) until the arena ends. -ENOMEM. */
MUST_CHECK int arena_keep(struct arena *self, struct bytes *block);
