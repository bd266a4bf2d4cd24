#include "kernel/launch/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static char line[8192]; /* two paths and the text around them; longer lines are cut */

const char *say_last(void) { return line; }

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (char *c = line; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    }
    fprintf(stderr, "carme: %s\n", line);
}

const char *reason(int error)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    return strerror(error < 0 ? -error : error);
}

const char *variable(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread, and nothing sets variables */
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

enum exit_code out_of_memory(void)
{
    say("out of memory");
    return EXIT_SYSTEM;
}
