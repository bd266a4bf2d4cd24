#include "protocol/arena.h"

#include "tests/unit/alloc.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>

struct foreign {
    struct bytes base;
    atomic_int released;
};

static void count_release(struct bytes *self)
{
    atomic_fetch_add(&((struct foreign *)self)->released, 1);
}

static void foreign_init(struct foreign *self)
{
    self->base = (struct bytes){.view = SPAN("foreign"), .release = count_release};
    atomic_init(&self->base.refs, 1);
    atomic_init(&self->released, 0);
}

/* NULL after a failed check. */
static struct arena *make(void)
{
    struct arena *arena = NULL;
    CHECK_INT(arena_new(&arena), 0);
    return arena;
}

enum { PIECES = 3000 };

/* Sizes around every bound: nothing, a little, a block, more than a block. */
static size_t size_of_piece(size_t i)
{
    static const size_t sizes[] = {0, 1, 7, 16, 17, 100, 1023, 1024, 1025, 2048, 4096, 4097, 70000};
    return sizes[i * 7 % (sizeof sizes / sizeof *sizes)];
}

static bool is_filled(const unsigned char *piece, size_t size, unsigned char with)
{
    for (size_t i = 0; i < size; i++)
        if (piece[i] != with)
            return false;
    return true;
}

static void pieces_do_not_overlap(void)
{
    static unsigned char *pieces[PIECES];
    struct arena *arena = make();
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(arena, size_of_piece(i));
        if (!CHECK(pieces[i] != NULL))
            return;
        CHECK_INT((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 251), size_of_piece(i));
    }
    for (size_t i = 0; i < PIECES; i++)
        CHECK(is_filled(pieces[i], size_of_piece(i), (unsigned char)(i % 251)));
    arena_unref(arena);
}

static void small_pieces_share_blocks(void)
{
    struct arena *arena = make();
    alloc_fail(20, ALLOC_FROM_THEN_ON); /* 2,000 pieces of 32 bytes need 16 blocks of 4 KiB */
    for (int i = 0; i < 2000; i++) {
        char *piece = arena_alloc(arena, 32);
        if (!CHECK(piece != NULL))
            return;
        memset(piece, 'x', 32);
    }
    CHECK(!alloc_has_failed());
    alloc_fail(0, ALLOC_ONCE);
    arena_unref(arena);
}

static void copies(void)
{
    char text[] = "a\0b";
    struct arena *arena = make();
    struct span copy = arena_copy(arena, (struct span){text, 3});
    text[0] = 'z';
    CHECK_SPAN(copy, SPAN("a\0b"));
    copy = arena_copy(arena, (struct span){0});
    CHECK(copy.ptr != NULL && copy.len == 0);
    arena_unref(arena);
}

static void refuses_impossible_sizes(void)
{
    struct arena *arena = make();
    CHECK(arena_alloc(arena, SIZE_MAX) == NULL);
    CHECK(arena_alloc(arena, SIZE_MAX - 8) == NULL);
    CHECK(arena_copy(arena, (struct span){"", SIZE_MAX}).ptr == NULL);
    CHECK(arena_alloc(arena, 8) != NULL);
    arena_unref(arena);
    arena_unref(NULL);
}

static void keeps_until_the_last_reference(void)
{
    struct foreign blocks[3];
    struct arena *arena = make();
    for (int i = 0; i < 3; i++) {
        foreign_init(&blocks[i]);
        CHECK_INT(arena_keep(arena, &blocks[i].base), 0);
    }
    CHECK(arena_ref(arena) == arena);
    arena_unref(arena);
    for (int i = 0; i < 3; i++)
        CHECK_INT(blocks[i].released, 0);
    arena_unref(arena);
    for (int i = 0; i < 3; i++)
        CHECK_INT(blocks[i].released, 1);
}

static void keep_takes_also_on_failure(void)
{
    struct foreign block;
    struct arena *arena = make();
    foreign_init(&block);
    alloc_fail(1, ALLOC_FROM_THEN_ON);
    while (arena_alloc(arena, 8))
        ;
    CHECK_INT(arena_keep(arena, &block.base), -ENOMEM);
    alloc_fail(0, ALLOC_ONCE);
    CHECK_INT(block.released, 1);
    arena_unref(arena);
    CHECK_INT(block.released, 1);
}

static void *let_go(void *user)
{
    arena_unref(user);
    return NULL;
}

static void ends_on_another_thread(void)
{
    struct foreign block;
    pthread_t thread;
    struct arena *arena = make();
    foreign_init(&block);
    CHECK_INT(arena_keep(arena, &block.base), 0);
    CHECK_INT(pthread_create(&thread, NULL, let_go, arena_ref(arena)), 0);
    arena_unref(arena);
    pthread_join(thread, NULL);
    CHECK_INT(block.released, 1);
}

static int use(void *user)
{
    (void)user;
    struct arena *arena;
    int r = arena_new(&arena);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < 30; i++)
        r = arena_alloc(arena, size_of_piece(i)) ? 0 : -ENOMEM;
    arena_unref(arena);
    return r;
}

static void survives_without_memory(void) { CHECK_INT(alloc_sweep(use, NULL), 0); }

static const struct check_test TESTS[] = {
    CHECK_TEST(pieces_do_not_overlap),
    CHECK_TEST(small_pieces_share_blocks),
    CHECK_TEST(copies),
    CHECK_TEST(refuses_impossible_sizes),
    CHECK_TEST(keeps_until_the_last_reference),
    CHECK_TEST(keep_takes_also_on_failure),
    CHECK_TEST(ends_on_another_thread),
    CHECK_TEST(survives_without_memory),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
