/*
 * What the protocol takes from the machine: time, randomness, a number for the process. system.c
 * has the desktop's; system_lite.c the browser's, where they come in through the host.
 *
 * Threads: any. Nothing blocks.
 */
#pragma once

#include "protocol/bytes.h"

#include <stdint.h>

int64_t system_now_us(void);    /* since 1970 in UTC */
int64_t system_steady_us(void); /* since some moment; never goes back */
void system_random(void *ret, size_t len);
long system_process(void); /* also right in a fork's child */
