#include "protocol/json.h"

#include "protocol/utf8.h"
#include "tests/unit/alloc.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define MENDED "\xEF\xBF\xBD"

struct pair {
    struct span from, to;
};

#define PAIR(from, to) \
    { \
        {(from), sizeof(from) - 1}, { (to), sizeof(to) - 1 } \
    }

static void check_strings(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_finish) struct buf out = BUF_INIT;
        json_put_string(&out, pairs[i].from);
        CHECK_SPAN(buf_view(&out), pairs[i].to);
    }
}

static void escapes(void)
{
    static const struct pair pairs[] = {
        PAIR("", "\"\""),
        PAIR("plain", "\"plain\""),
        PAIR("\"\\/", "\"\\\"\\\\/\""),
        PAIR("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""),
        PAIR("\0", "\"\\u0000\""),
        PAIR("\x01\x1F\x7F", "\"\\u0001\\u001f\x7F\""),
        PAIR("0123456789abcdef\n0123456789abcdef", "\"0123456789abcdef\\n0123456789abcdef\""),
    };
    check_strings(pairs, sizeof pairs / sizeof *pairs);
}

static void keeps_utf8(void)
{
    static const struct pair pairs[] = {
        PAIR("\xC2\x80\xDF\xBF", "\"\xC2\x80\xDF\xBF\""),
        PAIR("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
             "\"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\""),
        PAIR("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", "\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""),
    };
    check_strings(pairs, sizeof pairs / sizeof *pairs);
}

/* The Unicode Standard 15, tables 3-8 to 3-11, and the bounds of table 3-7. */
static void replaces_ill_formed_parts(void)
{
    static const struct pair pairs[] = {
        PAIR("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41",
             "\"" MENDED MENDED MENDED MENDED MENDED MENDED MENDED MENDED "A\""),
        PAIR("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41",
             "\"" MENDED MENDED MENDED MENDED MENDED MENDED MENDED MENDED "A\""),
        PAIR("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42",
             "\"" MENDED MENDED MENDED MENDED MENDED "A" MENDED MENDED "B\""),
        PAIR("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "\"" MENDED MENDED MENDED MENDED "A\""),
        PAIR("\xC3", "\"" MENDED "\""),
        PAIR("\xC1\xBF", "\"" MENDED MENDED "\""),
        PAIR("\xE2\x82", "\"" MENDED "\""),
        PAIR("\xF0\x9F\x98", "\"" MENDED "\""),
        PAIR("\xF5\x80\x80\x80", "\"" MENDED MENDED MENDED MENDED "\""),
        PAIR("\xC3\"", "\"" MENDED "\\\"\""),
        PAIR("12345678\xC3"
             "12345678",
             "\"12345678" MENDED "12345678\""),
    };
    check_strings(pairs, sizeof pairs / sizeof *pairs);
}

/* Each byte at each place of a word, for the path that reads words. */
static void finds_every_byte_at_every_place(void)
{
    for (int c = 0; c < 256; c++) {
        for (size_t place = 0; place < 17; place++) {
            char text[17];
            memset(text, 'x', sizeof text);
            text[place] = (char)c;
            CLEANUP(buf_finish) struct buf out = BUF_INIT;
            json_put_string(&out, (struct span){text, sizeof text});
            CLEANUP(json_decrefp)
            json_t *value = json_loadb(out.ptr, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            if (!CHECK(value != NULL))
                return;
            struct span back = {json_string_value(value), json_string_length(value)};
            if (c < 0x80)
                CHECK_SPAN(back, ((struct span){text, sizeof text}));
            else
                CHECK_SPAN(((struct span){back.ptr + place, 3}), SPAN(MENDED));
        }
    }
}

/* The same text from utf8_step(), one character at a time. */
static void mend(struct buf *out, struct span text)
{
    while (text.len > 0) {
        size_t len;
        if (utf8_step(text, &len))
            buf_append(out, text.ptr, len);
        else
            buf_put(out, SPAN(MENDED));
        text = (struct span){text.ptr + len, text.len - len};
    }
}

static void random_bytes_become_valid_utf8(void)
{
    static const char alphabet[] = "aaaaaa\"\\\n\x80\xBF\xC3\xE2\xED\xA0\xF0\x9F\xF4\x8F";
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        char text[40];
        size_t len = (size_t)round % sizeof text;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1103515245U + 12345U;
            text[i] = alphabet[(seed >> 16) % sizeof alphabet];
        }
        CLEANUP(buf_finish) struct buf out = BUF_INIT;
        CLEANUP(buf_finish) struct buf expected = BUF_INIT;
        json_put_string(&out, (struct span){text, len});
        mend(&expected, (struct span){text, len});
        CLEANUP(json_decrefp)
        json_t *value = json_loadb(out.ptr, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (!CHECK(value != NULL))
            return;
        CHECK_SPAN(((struct span){json_string_value(value), json_string_length(value)}),
                   buf_view(&expected));
    }
}

static void code_points_round_trip(void)
{
    for (unsigned long c = 0; c <= 0x10FFFF; c++) {
        char text[4];
        size_t len;
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        size_t written = utf8_encode(c, text);
        if (!CHECK(utf8_step((struct span){text, written}, &len)) || !CHECK_INT(len, written))
            return;
    }
}

static void members(void)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    json_put_member(&out, "a", SPAN("1"));
    CHECK_SPAN(buf_view(&out), SPAN("\"a\":\"1\""));
    buf_finish(&out);
    buf_putc(&out, '1');
    json_put_key(&out, "b");
    buf_putc(&out, '{');
    json_put_member(&out, "c", SPAN("{"));
    json_put_member(&out, "d", SPAN(""));
    buf_putc(&out, '}');
    json_put_key(&out, "e");
    buf_put(&out, SPAN("2"));
    CHECK_SPAN(buf_view(&out), SPAN("1,\"b\":{\"c\":\"{\",\"d\":\"\"},\"e\":2"));
}

static int read_text(const char *text)
{
    char why[160] = "";
    CLEANUP(json_decrefp) json_t *value = NULL;
    int r = json_read_object(span_of(text), why, &value);
    CHECK_INT(r == 0, value != NULL);
    CHECK_INT(r < 0, why[0] != '\0');
    return r;
}

static void reads_objects_only(void)
{
    CHECK_INT(read_text("{}"), 0);
    CHECK_INT(read_text(" {\"a\": [1, {}, null]}\n"), 0);
    CHECK_INT(read_text("{\"a\": 1, \"a\": 2}"), 0);
    CHECK_INT(read_text("{\"a\": \"\\u0000\"}"), 0);
    CHECK_INT(read_text(""), -EBADMSG);
    CHECK_INT(read_text("[]"), -EBADMSG);
    CHECK_INT(read_text("\"a\""), -EBADMSG);
    CHECK_INT(read_text("1"), -EBADMSG);
    CHECK_INT(read_text("null"), -EBADMSG);
    CHECK_INT(read_text("{}x"), -EBADMSG);
    CHECK_INT(read_text("{} {}"), -EBADMSG);
    CHECK_INT(read_text("{\"a\": NaN}"), -EBADMSG);
    CHECK_INT(read_text("{\"a\": \"\\ud800\"}"), -EBADMSG);
    CHECK_INT(read_text("{\"a\": \"\xFF\"}"), -EBADMSG);
    CHECK_INT(read_text("{\"a\": \"\xED\xA0\x80\"}"), -EBADMSG);
    CHECK_INT(read_text("{'a': 1}"), -EBADMSG);
}

static void reads_empty_span(void)
{
    char why[160] = "";
    json_t *value = NULL;
    CHECK_INT(json_read_object((struct span){0}, why, &value), -EBADMSG);
    CHECK(value == NULL);
}

static void reads_integers_of_any_size(void)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *value = NULL;
    struct span text = SPAN("{\"a\": 123456789012345680000, \"b\": 3}");
    if (!CHECK_INT(json_read_object(text, why, &value), 0))
        return;
    CHECK(json_real_value(json_object_get(value, "a")) == 123456789012345680000.0);
    CHECK(json_number_value(json_object_get(value, "b")) == 3.0);
    CHECK_INT(read_text("{\"a\": 1e999}"), -EBADMSG);
}

static int read_nested(int depth)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    buf_put(&text, SPAN("{\"a\":"));
    for (int i = 0; i < depth; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < depth; i++)
        buf_putc(&text, ']');
    buf_putc(&text, '}');
    return read_text(buf_cstr(&text));
}

static void limits_nesting(void)
{
    CHECK_INT(read_nested(2000), 0);
    CHECK_INT(read_nested(2100), -EBADMSG);
    CHECK_INT(read_nested(1000000), -EBADMSG);
}

static void reports_where_and_why(void)
{
    char why[160];
    json_t *value = NULL;
    CHECK_INT(json_read_object(SPAN("{\"a\": 1,\n \"b\": }"), why, &value), -EBADMSG);
    CHECK(strncmp(why, "line 2, column ", 15) == 0);
    CHECK_INT(json_read_object(SPAN("[1]"), why, &value), -EBADMSG);
    CHECK_TEXT(why, "an array, not an object");
}

static void returns_members(void)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *value = NULL;
    struct span text = SPAN("{\"s\": \"a\\u0000b\", \"t\": true, \"f\": false, \"n\": null}");
    if (!CHECK_INT(json_read_object(text, why, &value), 0))
        return;
    CHECK_SPAN(json_member_text(value, "s", SPAN("?")), SPAN("a\0b"));
    CHECK_SPAN(json_member_text(value, "t", SPAN("?")), SPAN("?"));
    CHECK_SPAN(json_member_text(value, "absent", SPAN("?")), SPAN("?"));
    CHECK(json_member_bool(value, "t", false));
    CHECK(!json_member_bool(value, "f", true));
    CHECK(json_member_bool(value, "n", true));
    CHECK(!json_member_bool(value, "s", false));
    CHECK(json_member_bool(value, "absent", true));
}

/* Tokens of less than 16 bytes: the buffer that jansson can not see failing does not grow. Some of
 * the other failures jansson tells as errors of syntax. */
static int read_something(void *user)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *value = NULL;
    int r = json_read_object(span_of(user), why, &value);
    return r == -EBADMSG ? -ENOMEM : r;
}

static int put_something(void *user)
{
    (void)user;
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    for (int i = 0; i < 100; i++)
        json_put_member(&out, "key", SPAN("\n\n\n\n\xFF\xFF\xFF\xFF a value with an escape\n"));
    return buf_error(&out);
}

static void survives_without_memory(void)
{
    static char members[] = "{\"code\": \"1 + 1\", \"list\": [1, 2.5, {\"a\": {}}], \"n\": null}";
    alloc_adopt_jansson();
    CHECK_INT(alloc_sweep(read_something, members), 0);
    CHECK_INT(alloc_sweep(put_something, NULL), 0);
}

static void refuses_what_memory_can_not_hold(void)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&text, SPAN("{\"code\":\""));
    for (int i = 0; i < 100000; i++)
        buf_putc(&text, 'x');
    buf_put(&text, SPAN("\"}"));
    const char *whole = buf_cstr(&text);
    alloc_adopt_jansson();
    for (size_t above = 1000; above < 400000; above += 10000) {
        alloc_fail_above(above);
        CHECK_INT(read_text(whole), -ENOMEM);
    }
    alloc_fail_above(500000);
    CHECK_INT(read_text(whole), 0);
    alloc_fail_above(100000);
    json_put_string(&out, buf_view(&text));
    alloc_fail_above(0);
    CHECK_INT(buf_error(&out), -ENOMEM);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(escapes),
    CHECK_TEST(keeps_utf8),
    CHECK_TEST(replaces_ill_formed_parts),
    CHECK_TEST(finds_every_byte_at_every_place),
    CHECK_TEST(random_bytes_become_valid_utf8),
    CHECK_TEST(code_points_round_trip),
    CHECK_TEST(members),
    CHECK_TEST(reads_objects_only),
    CHECK_TEST(reads_empty_span),
    CHECK_TEST(reads_integers_of_any_size),
    CHECK_TEST(limits_nesting),
    CHECK_TEST(reports_where_and_why),
    CHECK_TEST(returns_members),
    CHECK_TEST(survives_without_memory),
    CHECK_TEST(refuses_what_memory_can_not_hold),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
