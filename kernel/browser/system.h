/*
 * The host that kernel/browser/system.c asks. Threads: one.
 */
#pragma once

#include "protocol/system.h"

struct system_source {
    int64_t (*now_us)(void *user);
    void (*random)(void *user, void *ret, size_t len);
    void *user;
};

/* Copied; before any other call. */
void system_provide(const struct system_source *source);

void system_random(void *ret, size_t len); /* the host's */
