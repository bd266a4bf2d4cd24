/*
 * What the tests in C check with. Each test runs in a forked process of its own: a crash, a leak
 * that a sanitizer sees or an endless loop fails that test only.
 *
 *     static void adds(void) { CHECK_INT(1 + 1, 2); }
 *     static const struct check_test TESTS[] = {CHECK_TEST(adds)};
 *     int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
 */
#pragma once

#include "protocol/bytes.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct check_test {
    const char *name;
    void (*run)(void);
};

#define CHECK_TEST(function) \
    { \
#function, function \
    }

/* A failure does not end the test; these return whether the check held, for the tests that must. */
#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected) \
    check_int((long long)(actual), (long long)(expected), #actual, __FILE__, __LINE__)
#define CHECK_SPAN(actual, expected) check_span((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) \
    check_span(span_of(actual), span_of(expected), #actual, __FILE__, __LINE__)

bool check_span(struct span actual, struct span expected, const char *what, const char *file,
                int line);

void check_fail(const char *what, const char *file, int line);
void check_fail_int(long long actual, long long expected, const char *what, const char *file,
                    int line);

/* Inline, so that a static analyser knows what holds afterwards. */
static inline bool check_true(bool held, const char *what, const char *file, int line)
{
    if (!held)
        check_fail(what, file, line);
    return held;
}

static inline bool check_int(long long actual, long long expected, const char *what,
                             const char *file, int line)
{
    if (actual != expected)
        check_fail_int(actual, expected, what, file, line);
    return actual == expected;
}

unsigned check_failures(void);     /* of this process, so far */
void check_show(struct span text); /* on standard output, with escapes; a long one is cut off */

/* Whether the child of one test ended well; prints why when it did not. */
bool check_wait(pid_t child, const char *name);

/* The exit code of main(), which must return it at once: it comes back in the children, too. */
int check_run(const struct check_test *tests, size_t count);
