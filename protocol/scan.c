#include "protocol/scan.h"

#include "protocol/utf8.h"

#include <errno.h>

static int scan_value(struct scan *self, int depth, enum scan_kind *ret_kind);

static int fail(struct scan *self, const char *problem)
{
    self->problem = problem;
    return -EBADMSG;
}

/* The next byte, or -1 at the end. */
static int peek(const struct scan *self)
{
    return self->at < self->end ? (unsigned char)*self->at : -1;
}

static bool accept(struct scan *self, char c)
{
    if (peek(self) != (unsigned char)c)
        return false;
    self->at++;
    return true;
}

static void skip_space(struct scan *self)
{
    while (self->at < self->end && strchr(" \t\r\n", *self->at) && *self->at != '\0')
        self->at++;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int scan_escape(struct scan *self)
{
    int c = peek(self);
    if (c <= 0 || !strchr("\"\\/bfnrtu", c))
        return fail(self, "a backslash is followed by no known escape");
    self->at++;
    for (int i = 0; c == 'u' && i < 4; i++) {
        if (peek(self) < 0 || hex_digit(*self->at) < 0)
            return fail(self, "\\u is not followed by four hexadecimal digits");
        self->at++;
    }
    return 0;
}

/* Passes over one character of a string, or one escape. */
static int scan_character(struct scan *self)
{
    int c = peek(self);
    if (c < 0)
        return fail(self, "the text ends inside a string");
    if (c < ' ')
        return fail(self, "a control character stands in a string");
    if (accept(self, '\\'))
        return scan_escape(self);
    size_t len;
    if (!utf8_step((struct span){self->at, (size_t)(self->end - self->at)}, &len))
        return fail(self, "a string is not UTF-8");
    self->at += len;
    return 0;
}

static int scan_string(struct scan *self)
{
    if (!accept(self, '"'))
        return fail(self, "a string in double quotes is missing");
    while (!accept(self, '"')) {
        int r = scan_character(self);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool skip_digits(struct scan *self)
{
    const char *from = self->at;
    while (peek(self) >= '0' && peek(self) <= '9')
        self->at++;
    return self->at > from;
}

static int scan_number(struct scan *self)
{
    (void)accept(self, '-');
    if (!accept(self, '0') && !skip_digits(self))
        return fail(self, "a value is missing");
    if (accept(self, '.') && !skip_digits(self))
        return fail(self, "digits are missing in a number");
    if (accept(self, 'e') || accept(self, 'E')) {
        if (!accept(self, '+'))
            (void)accept(self, '-');
        if (!skip_digits(self))
            return fail(self, "digits are missing in a number");
    }
    return 0;
}

static int scan_word(struct scan *self, struct span word)
{
    if ((size_t)(self->end - self->at) < word.len || memcmp(self->at, word.ptr, word.len) != 0)
        return fail(self, "a value is missing");
    self->at += word.len;
    return 0;
}

static int scan_array(struct scan *self, int depth)
{
    if (depth >= SCAN_DEPTH)
        return fail(self, "arrays and objects are nested too deeply");
    self->at++;
    skip_space(self);
    if (accept(self, ']'))
        return 0;
    do {
        enum scan_kind kind;
        skip_space(self);
        int r = scan_value(self, depth + 1, &kind);
        if (r < 0)
            return r;
        skip_space(self);
    } while (accept(self, ','));
    return accept(self, ']') ? 0 : fail(self, "a comma or ] is missing");
}

static int scan_member(struct scan *self, int depth, struct scan_member *ret)
{
    skip_space(self);
    const char *from = self->at;
    int r = scan_string(self);
    if (r < 0)
        return r;
    struct scan_member member = {.key = {from, (size_t)(self->at - from)}};
    skip_space(self);
    if (!accept(self, ':'))
        return fail(self, "a colon is missing");
    skip_space(self);
    from = self->at;
    r = scan_value(self, depth, &member.kind);
    if (r < 0)
        return r;
    member.value = (struct span){from, (size_t)(self->at - from)};
    skip_space(self);
    *ret = member;
    return 0;
}

static int scan_object(struct scan *self, int depth)
{
    if (depth >= SCAN_DEPTH)
        return fail(self, "arrays and objects are nested too deeply");
    self->at++;
    skip_space(self);
    if (accept(self, '}'))
        return 0;
    do {
        struct scan_member member;
        int r = scan_member(self, depth + 1, &member);
        if (r < 0)
            return r;
    } while (accept(self, ','));
    return accept(self, '}') ? 0 : fail(self, "a comma or } is missing");
}

/* `depth` counts the arrays and objects that the value stands in. */
static int scan_value(struct scan *self, int depth, enum scan_kind *ret_kind)
{
    switch (peek(self)) {
    case '"':
        *ret_kind = SCAN_STRING;
        return scan_string(self);
    case '[':
        *ret_kind = SCAN_ARRAY;
        return scan_array(self, depth);
    case '{':
        *ret_kind = SCAN_OBJECT;
        return scan_object(self, depth);
    case 't':
        *ret_kind = SCAN_BOOL;
        return scan_word(self, SPAN("true"));
    case 'f':
        *ret_kind = SCAN_BOOL;
        return scan_word(self, SPAN("false"));
    case 'n':
        *ret_kind = SCAN_NULL;
        return scan_word(self, SPAN("null"));
    default:
        *ret_kind = SCAN_NUMBER;
        return scan_number(self);
    }
}

void scan_init(struct scan *self, struct span text)
{
    const char *begin = text.ptr ? text.ptr : "";
    *self = (struct scan){.begin = begin, .at = begin, .end = begin + text.len};
}

/* The brace, the comma or the end before the next member: 1, 1, 0. */
static int scan_between(struct scan *self)
{
    if (!self->started) {
        skip_space(self);
        if (!accept(self, '{'))
            return fail(self, "an object in braces is missing");
        skip_space(self);
        self->started = true;
        if (!accept(self, '}'))
            return 1;
    } else if (accept(self, ',')) {
        return 1;
    } else if (!accept(self, '}')) {
        return fail(self, "a comma or } is missing");
    }
    skip_space(self);
    return peek(self) < 0 ? 0 : fail(self, "something follows the object");
}

int scan_next(struct scan *self, struct scan_member *ret)
{
    int r = scan_between(self);
    if (r <= 0)
        return r;
    r = scan_member(self, 1, ret);
    return r < 0 ? r : 1;
}

void scan_where(const struct scan *self, unsigned *ret_line, unsigned *ret_column)
{
    unsigned line = 1;
    const char *start = self->begin;
    for (const char *at = self->begin; at < self->at; at++) {
        if (*at == '\n') {
            line++;
            start = at + 1;
        }
    }
    *ret_line = line;
    *ret_column = (unsigned)(self->at - start) + 1;
}

static unsigned hex4(const char *at)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 4 | (unsigned)hex_digit(at[i]);
    return value;
}

/* Decodes the \u escape at `at`, or two that are one pair. Returns what follows, NULL for a half.
 */
static const char *decode_unicode(const char *at, const char *end, unsigned long *ret)
{
    unsigned long high = hex4(at + 2);
    at += 6;
    if (high < 0xD800 || high > 0xDFFF) {
        *ret = high;
        return at;
    }
    if (high > 0xDBFF || end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return NULL;
    unsigned long low = hex4(at + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return NULL;
    *ret = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return at + 6;
}

static char decode_short(char escape)
{
    static const char pairs[] = "b\bf\fn\nr\rt\t";
    for (const char *pair = pairs; *pair; pair += 2)
        if (*pair == escape)
            return pair[1];
    return escape;
}

int scan_text(struct span string, char *ret_text, size_t *ret_len)
{
    const char *at = string.ptr + 1, *end = string.ptr + string.len - 1;
    char *out = ret_text;
    while (at < end) {
        if (*at != '\\') {
            *out++ = *at++;
        } else if (at[1] != 'u') {
            *out++ = decode_short(at[1]);
            at += 2;
        } else {
            unsigned long code_point;
            at = decode_unicode(at, end, &code_point);
            if (!at)
                return -EILSEQ;
            out += utf8_encode(code_point, out);
        }
    }
    *ret_len = (size_t)(out - ret_text);
    return 0;
}

const char *scan_kind_text(enum scan_kind kind)
{
    static const char *const texts[] = {
        [SCAN_STRING] = "a string", [SCAN_NUMBER] = "a number", [SCAN_BOOL] = "true or false",
        [SCAN_NULL] = "null",       [SCAN_ARRAY] = "an array",  [SCAN_OBJECT] = "an object",
    };
    return texts[kind];
}
