#include "kernel/desktop/usage.h"

#include "protocol/json.h"
#include "protocol/system.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALL_FILE = 8192 };

/* The beginning of a file below /proc, as text; "" when there is none. */
static void read_file(const char *path, char ret[SMALL_FILE])
{
    size_t length = 0;
    ssize_t got = 0;
    memset(ret, 0, SMALL_FILE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (got = read(fd, ret + length, SMALL_FILE - 1 - length)) > 0)
        length += (size_t)got;
    if (fd >= 0)
        close(fd);
}

/* The number behind the line's `name`, in bytes from kB; false: there is no such line. */
static bool find_kb(const char *text, const char *name, uint64_t *ret)
{
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            *ret = strtoull(line + length + 1, NULL, 10) * 1024;
            return true;
        }
    }
    return false;
}

/* `part` of `whole` in percent, with one digit behind the point in any locale. */
static void put_percent(struct buf *out, const char *key, uint64_t part, uint64_t whole)
{
    uint64_t tenths = whole ? (part * 1000 + whole / 2) / whole : 0;
    json_put_key(out, key);
    buf_printf(out, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

static void put_number(struct buf *out, const char *key, uint64_t number)
{
    json_put_key(out, key);
    buf_printf(out, "%" PRIu64, number);
}

/* --- the kernel's processes ------------------------------------------------------------------- */

/* False: the process has ended, or the file has another format. */
static bool read_process(long pid, struct usage_process *ret)
{
    char path[64], text[SMALL_FILE];
    unsigned long user, system;
    unsigned long long began;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_file(path, text);
    const char *rest = strrchr(text, ')'); /* behind the name, which may have any character */
    *ret = (struct usage_process){.pid = pid};
    if (!rest || sscanf(rest,
                        ") %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d "
                        "%*d %*d %llu",
                        &ret->parent, &user, &system, &began) != 4)
        return false;
    ret->ticks = user + system;
    ret->began = began;
    return true;
}

static void add(struct usage *self, const struct usage_process *process)
{
    if ((self->count & (self->count - 1)) == 0) { /* full: the capacity is a power of two */
        size_t capacity = self->count ? self->count * 2 : 1;
        void *more = realloc(self->processes, capacity * sizeof *self->processes);
        if (!more)
            return;
        self->processes = more;
    }
    self->processes[self->count++] = *process;
}

static void list_processes(struct usage *self)
{
    DIR *directory = opendir("/proc");
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of this function's own */
    while (directory && (entry = readdir(directory))) {
        struct usage_process process;
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && read_process(pid, &process))
            add(self, &process);
    }
    if (directory)
        closedir(directory);
}

static bool is_ours(const struct usage *self, long pid)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->processes[i].pid == pid)
            return self->processes[i].ours;
    return false;
}

/* Repeated until nothing changes: a parent may have a larger PID than its child. */
static void mark_ours(struct usage *self)
{
    bool changed = true;
    long kernel = getpid();
    while (changed) {
        changed = false;
        for (size_t i = 0; i < self->count; i++) {
            struct usage_process *each = &self->processes[i];
            if (each->ours || (each->pid != kernel && !is_ours(self, each->parent)))
                continue;
            each->ours = changed = true;
        }
    }
}

static void keep_ours(struct usage *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++)
        if (self->processes[i].ours)
            self->processes[kept++] = self->processes[i];
    self->count = kept;
}

/* CPU time of the processes since the sample before, as far as that has them. */
static uint64_t ticks_since(const struct usage *self, const struct usage *before)
{
    uint64_t ticks = 0;
    for (size_t i = 0; i < self->count; i++) {
        const struct usage_process *now = &self->processes[i];
        for (size_t j = 0; j < before->count; j++) {
            const struct usage_process *then = &before->processes[j];
            if (now->pid == then->pid && now->began == then->began)
                ticks += now->ticks - then->ticks;
        }
    }
    return ticks;
}

/* The proportional set size, which counts what processes share once; or the resident one. */
static uint64_t memory_of(long pid)
{
    char path[64], text[SMALL_FILE];
    uint64_t bytes;
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", pid);
    read_file(path, text);
    if (find_kb(text, "Pss", &bytes))
        return bytes;
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    read_file(path, text);
    return find_kb(text, "VmRSS", &bytes) ? bytes : 0;
}

static void put_kernel(const struct usage *self, const struct usage *before, struct buf *out)
{
    uint64_t memory = 0, elapsed = (uint64_t)(self->looked_us - before->looked_us);
    uint64_t spent = ticks_since(self, before) * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
    for (size_t i = 0; i < self->count; i++)
        memory += memory_of(self->processes[i].pid);
    put_percent(out, "kernel_cpu", spent, elapsed);
    put_number(out, "kernel_memory", memory);
}

/* --- the machine ------------------------------------------------------------------------------ */

/* /proc/stat's first line; guests' time is within user's and nice's. */
static void read_cpus(struct usage *self)
{
    char text[SMALL_FILE];
    unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;
    read_file("/proc/stat", text);
    if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
               &iowait, &irq, &softirq, &steal) != 8)
        return;
    self->working = user + nice + system + irq + softirq + steal;
    self->spent = self->working + idle + iowait;
}

/* As ipykernel, which leaves out a zero: psutil's first number has no meaning. */
static void put_cpus(const struct usage *self, const struct usage *before, struct buf *out)
{
    if (before->spent && self->working > before->working && self->spent > before->spent)
        put_percent(out, "host_cpu_percent", self->working - before->working,
                    self->spent - before->spent);
    put_number(out, "cpu_count", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
}

static void put_memory(struct buf *out)
{
    static const char *const keys[][2] = {
        {"free", "MemFree"},    {"active", "Active"}, {"inactive", "Inactive"},
        {"buffers", "Buffers"}, {"cached", "Cached"}, {"shared", "Shmem"},
        {"slab", "Slab"},
    };
    char text[SMALL_FILE];
    uint64_t total, available, reclaimable = 0;
    read_file("/proc/meminfo", text);
    if (!find_kb(text, "MemTotal", &total) || !find_kb(text, "MemAvailable", &available))
        return;
    (void)find_kb(text, "SReclaimable", &reclaimable);
    json_put_key(out, "host_virtual_memory");
    buf_putc(out, '{');
    put_number(out, "total", total);
    put_number(out, "available", available);
    put_percent(out, "percent", total - available, total);
    put_number(out, "used", total - available);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        uint64_t bytes = 0;
        (void)find_kb(text, keys[i][1], &bytes);
        put_number(out, keys[i][0], bytes + (strcmp(keys[i][0], "cached") == 0 ? reclaimable : 0));
    }
    buf_putc(out, '}');
}

/* --------------------------------------------------------------------------------------------- */

void usage_finish(struct usage *self)
{
    free(self->processes);
    *self = (struct usage){0};
}

void usage_put(struct usage *self, struct buf *out)
{
    char host[256] = "";
    struct usage look = {.looked_us = system_steady_us()};
    list_processes(&look);
    mark_ours(&look);
    keep_ours(&look);
    read_cpus(&look);
    gethostname(host, sizeof host - 1);
    buf_put(out, SPAN("{\"status\":\"ok\""));
    json_put_member(out, "hostname", span_of(host));
    put_number(out, "pid", (uint64_t)getpid());
    put_kernel(&look, self, out);
    put_cpus(&look, self, out);
    put_memory(out);
    buf_putc(out, '}');
    usage_finish(self);
    *self = look;
}
