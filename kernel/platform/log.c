#include "kernel/platform/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 1024, FLOOD_LINES = 20, FLOOD_SECONDS = 60 };

static atomic_int log_fd = 2;
static atomic_long window_start;
static atomic_int window_lines;

void log_set_fd(int fd) { atomic_store(&log_fd, fd); }

static void write_line(const char *text, const char *reason)
{
    char line[LINE_MAX_LEN];
    int len = snprintf(line, sizeof line - 1, "carme: %s%s%s", text, *reason ? ": " : "", reason);
    size_t end = len < (int)sizeof line - 1 ? (size_t)len : sizeof line - 2;
    line[end++] = '\n';
    ssize_t written = write(atomic_load(&log_fd), line, end);
    (void)written; /* nobody is left to tell */
}

void log_line(const char *format, ...)
{
    char text[LINE_MAX_LEN];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    write_line(text, "");
}

void log_failure(int error, const char *format, ...)
{
    char text[LINE_MAX_LEN], reason[128];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    write_line(text, strerror_r(error, reason, sizeof reason));
}

bool log_allowed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long start = atomic_load(&window_start);
    if (!start || now.tv_sec - start >= FLOOD_SECONDS) {
        atomic_store(&window_start, now.tv_sec);
        atomic_store(&window_lines, 0);
    }
    return atomic_fetch_add(&window_lines, 1) < FLOOD_LINES;
}
