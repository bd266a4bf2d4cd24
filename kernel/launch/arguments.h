/*
 * The command line as a table: a verb knows its options, one loop reads them.
 */
#pragma once

#include "kernel/launch/say.h"

struct option {
    const char *name;  /* "--user", "-f" */
    const char *value; /* what to call its value in messages; NULL: it has none */
    const char *help;
};

struct given {
    const struct option *option; /* NULL: an argument that is no option */
    const char *value;           /* NULL for an option without one */
};

struct verb;

struct arguments {
    const struct verb *verb;
    struct given *given; /* in their order, `count` of them */
    size_t count;
    char *const *rest; /* the words that are kept; ends with NULL */
};

struct verb {
    const char *name;
    const char *argument; /* what to call the one argument that is no option; NULL: none is taken */
    const char *help;
    const struct option *options; /* ends with a name of NULL */
    enum exit_code (*run)(const struct arguments *arguments);
    /* Once this option was given, the words from the first unknown one on are kept; NULL: an
     * unknown word is an error. */
    const char *keeps_after;
};

/*
 * Reads what follows the verb: --option VALUE, --option=VALUE, -f VALUE. The texts are borrowed.
 * EXIT_USAGE, said why: unknown, value missing or empty or not wanted, an argument too many or
 * missing.
 */
MUST_CHECK enum exit_code arguments_parse(const struct verb *verb, char *const *words,
                                          struct arguments *ret);
void arguments_finish(struct arguments *self);

/* The last value given for the option `name`; NULL when it was not given. */
const char *arguments_value(const struct arguments *self, const char *name);
