#include "kernel/desktop/termination.h"

#include "kernel/platform/thread.h"

#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_flag begun = ATOMIC_FLAG_INIT;
static atomic_int exit_status;
static pid_t registered;

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Source: proc(5), /proc/PID/stat: the name may hold spaces and parentheses. False for zombies. */
static bool in_group(const char *pid, pid_t group)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *rest = strrchr(text, ')');
    char state;
    int parent, found;
    return rest && sscanf(rest + 1, " %c %d %d", &state, &parent, &found) == 3 && state != 'Z' &&
           found == group;
}

/* Signals each process of the group but this one; returns how many there are. */
static int signal_group(int number)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int count = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): this stream is this call's own */
    while (proc && (entry = readdir(proc))) {
        pid_t pid =
            isdigit((unsigned char)*entry->d_name) ? (pid_t)strtol(entry->d_name, NULL, 10) : 0;
        if (!pid || pid == getpid() || !in_group(entry->d_name, getpgrp()))
            continue;
        kill(pid, number);
        count++;
    }
    if (proc)
        closedir(proc);
    return count;
}

void termination_end_children(void)
{
    if (getpid() != registered || getpgrp() != getpid() || signal_group(SIGTERM) == 0)
        return;
    for (int ms = 0; ms < TERMINATION_CHILDREN_MS; ms += 10) {
        sleep_ms(10);
        if (signal_group(0) == 0)
            return;
    }
    signal_group(SIGKILL);
}

void termination_register(void)
{
    registered = getpid();
    atexit(termination_end_children);
}

static void *watchdog(void *unused)
{
    (void)unused;
    sleep_ms(TERMINATION_PYTHON_MS);
    termination_end_children();
    _exit(atomic_load(&exit_status));
    return NULL;
}

void termination_begin(enum exit_code code)
{
    if (atomic_flag_test_and_set(&begun))
        return;
    atomic_store(&exit_status, code ? code : EXIT_WATCHDOG);
    pthread_t thread;
    if (thread_start(watchdog, NULL, &thread) == 0)
        pthread_detach(thread);
}
