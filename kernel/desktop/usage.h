/*
 * What the kernel's processes and the machine use: usage_request, which JupyterLab's resource
 * monitors send. The content is that of ipykernel 7.4 (kernelbase.py, usage_request), the numbers
 * those of psutil 7, whose text "free" of procps is the model. A member that the system does not
 * tell is left out.
 * Source: proc(5).
 *
 * Threads: one at a time. Reads files of /proc, whose sizes grow with the memory of processes.
 */
#pragma once

#include "protocol/bytes.h"

#include <stdint.h>

/* What one process has used so far. */
struct usage_process {
    long pid, parent;
    uint64_t ticks, began; /* of CPU; since boot */
    bool ours;             /* the kernel's, or below it */
};

/* A sample, for the next one to compare with. */
struct usage {
    struct usage_process *processes;
    size_t count;
    int64_t looked_us;       /* system_steady_us(); 0: never */
    uint64_t spent, working; /* ticks of all CPUs */
};

void usage_finish(struct usage *self);

/* Appends usage_reply's content. CPU is in percent of one CPU since the last call, 0 at first. */
void usage_put(struct usage *self, struct buf *out);
