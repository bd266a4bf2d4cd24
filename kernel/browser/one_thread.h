/*
 * What a browser's worker has in the place of threads: nothing. It has one, the main shell's.
 */
#pragma once

#include "kernel/threads.h"

/* For kernel_options. The same one every time. */
struct threads *one_thread(void);
