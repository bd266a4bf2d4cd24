/*
 * The harness of the unit tests. Each test runs in a forked process of its own: a crash, a leak
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

enum { CHECK_SECONDS = 120, CHECK_SHOWN = 200 };

static unsigned check_failures; /* of this process */

/* A failure does not end the test; these return whether the check held, for the tests that must. */
#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected) \
    check_int((long long)(actual), (long long)(expected), #actual, __FILE__, __LINE__)
#define CHECK_SPAN(actual, expected) check_span((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) \
    check_span(span_of(actual), span_of(expected), #actual, __FILE__, __LINE__)

static inline bool check_true(bool held, const char *what, const char *file, int line)
{
    if (!held) {
        check_failures++;
        printf("%s:%d: %s does not hold\n", file, line, what);
    }
    return held;
}

static inline bool check_int(long long actual, long long expected, const char *what,
                             const char *file, int line)
{
    if (actual == expected)
        return true;
    check_failures++;
    printf("%s:%d: %s is %lld, expected %lld\n", file, line, what, actual, expected);
    return false;
}

static inline void check_show(struct span text)
{
    putchar('"');
    for (size_t i = 0; i < text.len && i < CHECK_SHOWN; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' || c > '~')
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    printf("\"%s (%zu bytes)", text.len > CHECK_SHOWN ? "..." : "", text.len);
}

static inline bool check_span(struct span actual, struct span expected, const char *what,
                              const char *file, int line)
{
    if (span_equal(actual, expected))
        return true;
    check_failures++;
    printf("%s:%d: %s is ", file, line, what);
    check_show(actual);
    printf(", expected ");
    check_show(expected);
    putchar('\n');
    return false;
}

/* Whether the child of one test ended well; tells when it did not. */
static inline bool check_wait(pid_t child, const char *name)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        printf("%s: no process for it\n", name);
    else if (WIFSIGNALED(status))
        printf("%s: ended by signal %d\n", name, WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        printf("%s: failed\n", name);
    else
        return true;
    return false;
}

/* The exit code of main(), which must return it at once: it comes back in the children, too. */
static inline int check_run(const struct check_test *tests, size_t count)
{
    unsigned failed = 0;
    for (size_t i = 0; i < count; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            alarm(CHECK_SECONDS);
            tests[i].run();
            return check_failures > 0;
        }
        if (!check_wait(child, tests[i].name))
            failed++;
    }
    printf("%zu passed, %u failed\n", count - failed, failed);
    return failed > 0;
}
