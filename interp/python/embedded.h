/*
 * Files that are part of the module: the Python half's sources, the kernelspec's resources. The
 * table is written at build time by embed.py.
 */
#pragma once

#include "protocol/bytes.h"

struct embedded {
    const char *name; /* a module's without package, with "@MAGIC" its code's; a resource's file */
    struct span data;
};

extern const struct embedded embedded_modules[], embedded_resources[]; /* end with a NULL name */
