#include "protocol/json.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Whether there is memory to read `len` bytes. jansson ends the process when its token buffer can
 * not grow (its issue 362), so the most that the buffer may take is asked for beforehand.
 */
static bool has_memory(size_t len)
{
    if (len > SIZE_MAX / 8)
        return false;
    void *volatile probe = malloc(4 * len + 64);
    free(probe);
    return probe != NULL;
}

static json_t *load(struct span text, json_error_t *error)
{
    json_t *value = json_loadb(text.len > 0 ? text.ptr : "", text.len, JSON_ALLOW_NUL, error);
    if (value || json_error_code(error) != json_error_numeric_overflow)
        return value;
    /* Integers beyond 64 bits are JSON, too; a double is what other readers make of them. */
    size_t flags = JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    return json_loadb(text.ptr, text.len, flags, error);
}

static int fail_memory(char why[160])
{
    snprintf(why, 160, "memory ran out");
    return -ENOMEM;
}

int json_read_object(struct span text, char why[160], json_t **ret)
{
    json_error_t error = {0};
    if (!has_memory(text.len))
        return fail_memory(why);
    CLEANUP(json_decrefp) json_t *value = load(text, &error);
    if (!value && (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory))
        return fail_memory(why);
    if (!value) {
        snprintf(why, 160, "line %d, column %d: %.120s", error.line, error.column, error.text);
        return -EBADMSG;
    }
    if (!json_is_object(value)) {
        snprintf(why, 160, "an array, not an object");
        return -EBADMSG;
    }
    *ret = TAKE(value);
    return 0;
}

struct span json_member_text(const json_t *object, const char *key, struct span otherwise)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return otherwise;
    return (struct span){json_string_value(value), json_string_length(value)};
}

bool json_member_bool(const json_t *object, const char *key, bool otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}
