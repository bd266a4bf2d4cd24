/*
 * What the protocol takes from the machine: time, uuids, a number for the process. system.c has
 * the desktop's (uuids are libuuid's); kernel/browser/system.c the browser's, where they come in
 * through the host.
 *
 * Threads: any. Nothing blocks.
 */
#pragma once

#include "protocol/bytes.h"

#include <stdint.h>

int64_t system_now_us(void);             /* since 1970 in UTC */
int64_t system_steady_us(void);          /* since some moment; never goes back */
void system_uuid(unsigned char ret[16]); /* RFC 4122, version 4 */
long system_process(void);               /* also right in a fork's child */
