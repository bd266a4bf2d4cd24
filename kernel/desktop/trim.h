/*
 * A kernel that rests gives memory back: what cells have freed stays with malloc otherwise, since
 * one block that lives on keeps all below it.
 */
#pragma once

#include "kernel/kernel.h"

enum { TRIM_MS = 3000 };

struct trim;

/* Once, after kernel_new(); lives as long as the process. -errno. */
MUST_CHECK int trim_start(struct kernel *kernel, struct transport *transport, struct trim **ret);

/* In TRIM_MS from here, unless it is called again or a cell runs by then. Any thread; does not
 * block. */
void trim_later(struct trim *self);
