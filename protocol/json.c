#include "protocol/json.h"

#include "protocol/utf8.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t ONES = UINT64_C(0x0101010101010101);
static const uint64_t HIGHS = UINT64_C(0x8080808080808080);

static uint64_t bytes_below(uint64_t word, unsigned char bound)
{
    return (word - ONES * bound) & ~word & HIGHS;
}

/* Whether eight bytes are ASCII that a JSON string holds as they are. */
static bool is_plain_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t special = (word & HIGHS) | bytes_below(word, ' ') |
                       bytes_below(word ^ (ONES * '"'), 1) | bytes_below(word ^ (ONES * '\\'), 1);
    return special == 0;
}

static bool is_plain(unsigned char c) { return c >= ' ' && c < 0x80 && c != '"' && c != '\\'; }

/* The length of the part at the beginning of `text` that needs neither an escape nor mending. */
static size_t plain_length(struct span text)
{
    size_t i = 0;
    while (i < text.len) {
        size_t step = 1;
        if (text.len - i >= 8 && is_plain_word(text.ptr + i))
            step = 8;
        else if (!is_plain((unsigned char)text.ptr[i]) &&
                 ((unsigned char)text.ptr[i] < 0x80 ||
                  !utf8_step((struct span){text.ptr + i, text.len - i}, &step)))
            break;
        i += step;
    }
    return i;
}

static void put_escape(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *pair = shorts; *pair; pair += 2) {
        if ((unsigned char)*pair == c) {
            buf_append(out, (char[]){'\\', pair[1]}, 2);
            return;
        }
    }
    buf_append(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

/* Writes what stands for the first byte or ill-formed part of `text`; returns that one's length. */
static size_t put_special(struct buf *out, struct span text)
{
    unsigned char c = (unsigned char)text.ptr[0];
    if (c < 0x80) {
        put_escape(out, c);
        return 1;
    }
    size_t len;
    (void)utf8_step(text, &len);
    buf_put(out, SPAN("\xEF\xBF\xBD"));
    return len;
}

void json_put_string(struct buf *out, struct span text)
{
    if (text.len > SIZE_MAX / 4 || buf_reserve(out, text.len + 2) < 0) {
        out->error = -ENOMEM;
        return;
    }
    buf_putc(out, '"');
    while (text.len > 0) {
        size_t len = plain_length(text);
        buf_append(out, text.ptr, len);
        if (len < text.len)
            len += put_special(out, (struct span){text.ptr + len, text.len - len});
        text = (struct span){text.ptr + len, text.len - len};
    }
    buf_putc(out, '"');
}

void json_put_key(struct buf *out, const char *key)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        buf_putc(out, ',');
    buf_putc(out, '"');
    buf_put(out, span_of(key));
    buf_put(out, SPAN("\":"));
}

void json_put_member(struct buf *out, const char *key, struct span text)
{
    json_put_key(out, key);
    json_put_string(out, text);
}

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
