/*
 * Patterns of history searches, as of SQLite's operator GLOB, over characters: * ? [abc] [a-z]
 * [^a-z]; a backslash is itself. Source: SQLite's documentation, "The GLOB operator", which
 * IPython's history uses.
 *
 * Threads: any. Nothing blocks; the time is the product of both lengths at the most.
 */
#pragma once

#include "protocol/bytes.h"

bool pattern_matches(struct span pattern, struct span text);
