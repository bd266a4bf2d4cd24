/*
 * The threads of the desktop kernel that answer beside the main shell: subshells and helpers.
 */
#pragma once

#include "kernel/threads.h"

/* For kernel_options. -ENOMEM. */
MUST_CHECK int threads_new(struct threads **ret);
