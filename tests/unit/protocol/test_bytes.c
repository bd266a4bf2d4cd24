#include "protocol/bytes.h"

#include "tests/unit/alloc.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

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

static void spans(void)
{
    CHECK_INT(span_of(NULL).len, 0);
    CHECK_INT(span_of("abc").len, 3);
    CHECK(span_equal(SPAN("abc"), span_of("abc")));
    CHECK(!span_equal(SPAN("abc"), SPAN("abd")));
    CHECK(!span_equal(SPAN("abc"), SPAN("ab")));
    CHECK(span_equal((struct span){NULL, 0}, SPAN("")));
    CHECK(span_equal(SPAN("a\0b"), SPAN("a\0b")));
    CHECK(!span_equal(SPAN("a\0b"), SPAN("a\0c")));
}

static void take_empties(void)
{
    char text[] = "x";
    char *pointer = text;
    char *taken = TAKE(pointer);
    CHECK(taken == text);
    CHECK(pointer == NULL);
}

static void copy_is_a_copy(void)
{
    char text[] = "a\0b";
    struct bytes *copy = NULL;
    if (!CHECK_INT(bytes_new_copy((struct span){text, 3}, &copy), 0))
        return;
    text[0] = 'z';
    CHECK_SPAN(copy->view, SPAN("a\0b"));
    bytes_unref(copy);
    if (CHECK_INT(bytes_new_copy((struct span){0}, &copy), 0))
        CHECK_INT(copy->view.len, 0);
    bytes_unrefp(&copy);
    CHECK(copy == NULL);
    bytes_unref(NULL);
    CHECK_INT(bytes_new_copy((struct span){text, SIZE_MAX}, &copy), -ENOMEM);
}

static void adopt_frees(void)
{
    struct bytes *block = NULL;
    if (CHECK_INT(bytes_new_adopt(calloc(1, 10), 10, &block), 0))
        CHECK_INT(block->view.len, 10);
    bytes_unref(block);
    alloc_fail(2, ALLOC_ONCE);
    char *adopted = malloc(10); /* freed by the failing call: a leak otherwise */
    CHECK_INT(bytes_new_adopt(adopted, 10, &block), -ENOMEM);
    alloc_fail(0, ALLOC_ONCE);
}

static void released_once_by_the_last(void)
{
    struct foreign block;
    foreign_init(&block);
    CHECK(bytes_ref(&block.base) == &block.base);
    bytes_unref(&block.base);
    CHECK_INT(block.released, 0);
    bytes_unref(&block.base);
    CHECK_INT(block.released, 1);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *ref_and_unref(void *user)
{
    struct bytes *block = user;
    for (int i = 0; i < ROUNDS; i++)
        bytes_unref(bytes_ref(block));
    bytes_unref(block);
    return NULL;
}

static void counts_across_threads(void)
{
    struct foreign block;
    pthread_t threads[THREADS];
    foreign_init(&block);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, ref_and_unref, bytes_ref(&block.base)), 0);
    bytes_unref(&block.base);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(block.released, 1);
}

static void buffer_grows(void)
{
    CLEANUP(buf_finish) struct buf buf = BUF_INIT;
    for (int i = 0; i < 100000; i++)
        buf_printf(&buf, "%05d", i);
    if (!CHECK_INT(buf_error(&buf), 0) || !CHECK_INT(buf.len, 500000))
        return;
    for (int i = 0; i < 100000; i += 997) {
        char expected[16];
        snprintf(expected, sizeof expected, "%05d", i);
        CHECK_SPAN(((struct span){buf.ptr + (size_t)i * 5, 5}), span_of(expected));
    }
}

static void buffer_appends(void)
{
    CLEANUP(buf_finish) struct buf buf = BUF_INIT;
    CHECK_TEXT(buf_cstr(&buf), "");
    buf_put(&buf, (struct span){0});
    buf_append(&buf, NULL, 0);
    buf_put(&buf, SPAN("ab"));
    buf_putc(&buf, '\0');
    buf_append(&buf, "cd", 2);
    CHECK_SPAN(buf_view(&buf), SPAN("ab\0cd"));
    CHECK_INT(buf_cstr(&buf)[5], 0);
    CHECK_INT(buf.len, 5);
}

static void buffer_prints_more_than_there_is_room(void)
{
    for (int width = 1; width < 600; width++) {
        CLEANUP(buf_finish) struct buf buf = BUF_INIT;
        buf_put(&buf, SPAN("<"));
        buf_printf(&buf, "%*d>", width, 7);
        CHECK_INT(buf.len, (size_t)width + 2);
        CHECK_SPAN(((struct span){buf.ptr + buf.len - 2, 2}), SPAN("7>"));
    }
}

static void buffer_keeps_its_first_error(void)
{
    CLEANUP(buf_finish) struct buf buf = BUF_INIT;
    buf_put(&buf, SPAN("kept"));
    alloc_fail(1, ALLOC_ONCE);
    CHECK_INT(buf_reserve(&buf, 100000), -ENOMEM);
    alloc_fail(0, ALLOC_ONCE);
    buf_put(&buf, SPAN("lost"));
    buf_putc(&buf, 'x');
    buf_printf(&buf, "%d", 1);
    CHECK_INT(buf_error(&buf), -ENOMEM);
    CHECK_SPAN(buf_view(&buf), SPAN("kept"));
    CHECK_TEXT(buf_cstr(&buf), "");
    buf_finish(&buf);
    CHECK_INT(buf_error(&buf), 0);
    CHECK_INT(buf_reserve(&buf, SIZE_MAX), -ENOMEM);
}

static void buffer_is_taken(void)
{
    CLEANUP(buf_finish) struct buf buf = BUF_INIT;
    CLEANUP(bytes_unrefp) struct bytes *block = NULL;
    buf_put(&buf, SPAN("text"));
    const char *memory = buf.ptr;
    if (CHECK_INT(buf_take(&buf, &block), 0)) {
        CHECK_SPAN(block->view, SPAN("text"));
        CHECK(block->view.ptr == memory);
    }
    CHECK(buf.ptr == NULL && buf.len == 0);
    struct bytes *untouched = NULL;
    CHECK_INT(buf_reserve(&buf, SIZE_MAX), -ENOMEM);
    CHECK_INT(buf_take(&buf, &untouched), -ENOMEM);
    CHECK(untouched == NULL);
    CHECK_INT(buf_error(&buf), 0);
}

static int fill_and_take(void *user)
{
    (void)user;
    CLEANUP(buf_finish) struct buf buf = BUF_INIT;
    CLEANUP(bytes_unrefp) struct bytes *block = NULL;
    for (int i = 0; i < 1000; i++)
        buf_printf(&buf, "line %d\n", i);
    return buf_take(&buf, &block);
}

static void survives_without_memory(void) { CHECK_INT(alloc_sweep(fill_and_take, NULL), 0); }

static const struct check_test TESTS[] = {
    CHECK_TEST(spans),
    CHECK_TEST(take_empties),
    CHECK_TEST(copy_is_a_copy),
    CHECK_TEST(adopt_frees),
    CHECK_TEST(released_once_by_the_last),
    CHECK_TEST(counts_across_threads),
    CHECK_TEST(buffer_grows),
    CHECK_TEST(buffer_appends),
    CHECK_TEST(buffer_prints_more_than_there_is_room),
    CHECK_TEST(buffer_keeps_its_first_error),
    CHECK_TEST(buffer_is_taken),
    CHECK_TEST(survives_without_memory),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
