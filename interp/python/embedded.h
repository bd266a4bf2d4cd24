/*
 * Files that are part of the module: the Python half's sources, the kernelspec's resources. The
 * tables are written at build time by embed.py.
 */
#pragma once

#include "protocol/bytes.h"

#include <string.h>

struct embedded {
    const char *names; /* each file's name and NUL; then an empty name */
    const char *text;  /* each file's content and NUL: apart, so that a search reads none of it */
    const size_t *lengths; /* of the contents */
};

/* A module's name is without the package's; with "@MAGIC" behind it it is its code's. */
extern const struct embedded embedded_modules, embedded_resources;

/* Takes the first file out of `rest`; false: there is none. A NUL follows its content. */
static inline bool embedded_next(struct embedded *rest, const char **ret_name,
                                 struct span *ret_content)
{
    if (!*rest->names)
        return false;
    *ret_name = rest->names;
    *ret_content = (struct span){rest->text, *rest->lengths++};
    rest->names += strlen(rest->names) + 1;
    rest->text += ret_content->len + 1;
    return true;
}
