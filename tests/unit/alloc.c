#include "tests/unit/alloc.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct {
    unsigned long count, nth;
    size_t above;
    enum alloc_failure how;
    bool failed;
} state;

/* The names that the linker's --wrap asks for. NOLINTBEGIN(readability-identifier-naming) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
char *__wrap_strdup(const char *text);

void alloc_fail(unsigned long nth, enum alloc_failure how)
{
    state.count = 0;
    state.nth = nth;
    state.above = 0;
    state.how = how;
    state.failed = false;
}

void alloc_fail_above(size_t size)
{
    alloc_fail(0, ALLOC_ONCE);
    state.above = size;
}

bool alloc_has_failed(void) { return state.failed; }

static bool fails(size_t size)
{
    bool failing = state.above > 0 && size >= state.above;
    if (state.nth > 0) {
        state.count++;
        failing |= state.count == state.nth;
        failing |= state.count > state.nth && state.how == ALLOC_FROM_THEN_ON;
    }
    state.failed |= failing;
    return failing;
}

void *__wrap_malloc(size_t size) { return fails(size) ? NULL : __real_malloc(size); }

void *__wrap_calloc(size_t count, size_t size)
{
    return fails(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return fails(size) ? NULL : __real_realloc(ptr, size);
}

char *__wrap_strdup(const char *text)
{
    return fails(strlen(text) + 1) ? NULL : __real_strdup(text);
}
/* NOLINTEND(readability-identifier-naming) */

static unsigned sweep(int (*operation)(void *user), void *user, enum alloc_failure how)
{
    unsigned wrong = 0;
    for (unsigned long nth = 1;; nth++) {
        alloc_fail(nth, how);
        int r = operation(user);
        bool failed = alloc_has_failed();
        alloc_fail(0, how);
        if (!failed)
            return wrong + (r != 0);
        wrong += r != -ENOMEM;
    }
}

unsigned alloc_sweep(int (*operation)(void *user), void *user)
{
    return sweep(operation, user, ALLOC_ONCE) + sweep(operation, user, ALLOC_FROM_THEN_ON);
}

static void *jansson_malloc(size_t size) { return malloc(size); }

void alloc_adopt_jansson(void) { json_set_alloc_funcs(jansson_malloc, free); }
