#include "kernel/launch/arguments.h"

#include <stdlib.h>

static const struct option *find_option(const struct verb *verb, struct span name)
{
    for (const struct option *option = verb->options; option->name != NULL; option++) {
        if (strlen(option->name) == name.len && memcmp(option->name, name.ptr, name.len) == 0)
            return option;
    }
    return NULL;
}

static enum exit_code refuse(const struct verb *verb, const char *what, const char *word)
{
    say("%s: %s %s; see carme %s --help", verb->name, what, word, verb->name);
    return EXIT_USAGE;
}

/* Reads the option at words[0]; *ret_used is 1, or 2 with a value in a word of its own. */
static enum exit_code parse_option(const struct verb *verb, char *const *words, struct given *ret,
                                   size_t *ret_used)
{
    const char *word = words[0], *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_option(verb, (struct span){word, length});
    if (option == NULL)
        return refuse(verb, "unknown option", word);
    if (option->value == NULL && equals != NULL)
        return refuse(verb, "no value belongs to", option->name);
    const char *value = equals != NULL ? equals + 1 : option->value != NULL ? words[1] : NULL;
    if (option->value != NULL && (value == NULL || *value == '\0'))
        return refuse(verb, option->value, "is missing");
    *ret = (struct given){option, value};
    *ret_used = option->value != NULL && equals == NULL ? 2 : 1;
    return EXIT_FINE;
}

static bool is_option(const char *word) { return word[0] == '-' && word[1] != '\0'; }

static bool is_kept(const struct arguments *arguments, const char *word)
{
    const struct verb *verb = arguments->verb;
    if (verb->keeps_after == NULL || arguments_value(arguments, verb->keeps_after) == NULL)
        return false;
    return !is_option(word) || find_option(verb, (struct span){word, strcspn(word, "=")}) == NULL;
}

static enum exit_code parse_words(const struct verb *verb, char *const *words,
                                  struct arguments *arguments)
{
    size_t others = 0;
    while (*words != NULL && !is_kept(arguments, *words)) {
        struct given *next = &arguments->given[arguments->count++];
        size_t used = 1;
        enum exit_code code = EXIT_FINE;
        if (is_option(*words)) {
            code = parse_option(verb, words, next, &used);
        } else {
            *next = (struct given){NULL, *words};
            if (verb->argument == NULL || others++ > 0)
                code = refuse(verb, "unexpected argument", *words);
        }
        if (code != EXIT_FINE)
            return code;
        words += used;
    }
    arguments->rest = words;
    if (verb->argument != NULL && others == 0)
        return refuse(verb, verb->argument, "is missing");
    return EXIT_FINE;
}

enum exit_code arguments_parse(const struct verb *verb, char *const *words, struct arguments *ret)
{
    struct arguments arguments = {.verb = verb};
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    arguments.given = calloc(count + 1, sizeof *arguments.given);
    if (arguments.given == NULL)
        return out_of_memory();
    enum exit_code code = parse_words(verb, words, &arguments);
    if (code != EXIT_FINE) {
        arguments_finish(&arguments);
        return code;
    }
    *ret = arguments;
    return EXIT_FINE;
}

void arguments_finish(struct arguments *self)
{
    free(self->given);
    *self = (struct arguments){0};
}

const char *arguments_value(const struct arguments *self, const char *name)
{
    for (size_t i = self->count; i-- > 0;) {
        if (self->given[i].option != NULL && strcmp(self->given[i].option->name, name) == 0)
            return self->given[i].value;
    }
    return NULL;
}
