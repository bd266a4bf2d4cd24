/*
 * Files that are part of the module: the Python half's sources, the kernelspec's resources. The
 * table is written at build time by embed.py.
 */
#pragma once

#include "protocol/bytes.h"

struct embedded {
    const char *name; /* a module's name without package, or a resource's file name */
    struct span data;
};

extern const struct embedded embedded_modules[], embedded_resources[]; /* end with a NULL name */

/* The data of a name; ptr is NULL when there is none. */
struct span embedded_find(const struct embedded *table, const char *name);
