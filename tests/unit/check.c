#include "tests/unit/check.h"

enum { SECONDS_MAX = 300, SHOWN_MAX = 200 }; /* of one test; of a text, in bytes */

static unsigned failures;

void check_fail(const char *what, const char *file, int line)
{
    failures++;
    printf("%s:%d: %s does not hold\n", file, line, what);
}

void check_fail_int(long long actual, long long expected, const char *what, const char *file,
                    int line)
{
    failures++;
    printf("%s:%d: %s is %lld, expected %lld\n", file, line, what, actual, expected);
}

void check_show(struct span text)
{
    putchar('"');
    for (size_t i = 0; i < text.len && i < SHOWN_MAX; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' || c > '~')
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    printf("\"%s (%zu bytes)", text.len > SHOWN_MAX ? "..." : "", text.len);
}

bool check_span(struct span actual, struct span expected, const char *what, const char *file,
                int line)
{
    if (span_equal(actual, expected))
        return true;
    failures++;
    printf("%s:%d: %s is ", file, line, what);
    check_show(actual);
    printf(", expected ");
    check_show(expected);
    putchar('\n');
    return false;
}

unsigned check_failures(void) { return failures; }

bool check_wait(pid_t child, const char *name)
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

int check_run(const struct check_test *tests, size_t count)
{
    unsigned failed = 0;
    for (size_t i = 0; i < count; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            alarm(SECONDS_MAX);
            tests[i].run();
            return failures > 0;
        }
        if (!check_wait(child, tests[i].name))
            failed++;
    }
    printf("%zu passed, %u failed\n", count - failed, failed);
    return failed > 0;
}
