#include "protocol/json_write.h"

#include "protocol/utf8.h"

#include <errno.h>
#include <stdint.h>

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
