/* What the language may ask of its kernel: interp_host_impl, by the kernel proper. */
#pragma once

#include "interp/interp.h"

/* kernel_new() installs it; the host is the first member of struct kernel. */
extern const struct interp_host_impl host_impl;
