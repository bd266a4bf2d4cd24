#include "protocol/scan.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

/* Reads to the end: 0 or the error. The strings of members are decoded, too. */
static int scan_all(struct span text, struct scan *ret_scan)
{
    struct scan_member member;
    scan_init(ret_scan, text);
    int r;
    while ((r = scan_next(ret_scan, &member)) > 0) {
        char *decoded = malloc(member.value.len);
        size_t len = 0;
        if (member.kind == SCAN_STRING && scan_text(member.value, decoded, &len) == 0)
            CHECK(len <= member.value.len - 2);
        free(decoded);
    }
    return r;
}

static void accepts(void)
{
    static const char *const texts[] = {
        "{}",
        " \t\r\n{ } \t\r\n",
        "{\"a\":1}",
        "{ \"a\" : 1 , \"b\" : [ ] , \"c\" : { } }",
        "{\"\":\"\"}",
        "{\"a\":[1,2,[3,{\"b\":null}],true,false]}",
        "{\"a\":-0,\"b\":0.5,\"c\":1e5,\"d\":-1.25E+10,\"e\":1e-7}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}",
        "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\x7F\"}",
    };
    struct scan scan;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!CHECK_INT(scan_all(span_of(texts[i]), &scan), 0))
            printf("  %s: %s\n", texts[i], scan.problem);
}

static void refuses(void)
{
    static const char *const texts[] = {
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "null",
        "{",
        "}",
        "{}}",
        "{} x",
        "{}{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":-}",
        "{\"a\":0x10}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":tru}",
        "{\"a\":truex}",
        "{\"a\":True}",
        "{\"a\":nul",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[}",
        "{\"a\":[1}",
        "{\"a\":{\"b\"}}",
        "{\"a\":\"b}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12G4\"}",
        "{\"a\":\"\\",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\x1F\"}",
        "{\"a\":\"\xFF\"}",
        "{\"a\":\"\xC0\x80\"}",
        "{\"a\":\"\xED\xA0\x80\"}",
        "{\"a\":1} // comment",
        "\xEF\xBB\xBF{}",
    };
    struct scan scan;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK(scan_all(span_of(texts[i]), &scan) == -EBADMSG || !printf("%s\n", texts[i]));
        CHECK(scan.problem != NULL);
    }
    CHECK_INT(scan_all((struct span){NULL, 0}, &scan), -EBADMSG);
    CHECK_INT(scan_all(SPAN("{}\0"), &scan), -EBADMSG);
    CHECK_INT(scan_all(SPAN("{\0}"), &scan), -EBADMSG);
    CHECK_INT(scan_all(SPAN("{\"a\":\"\0\"}"), &scan), -EBADMSG);
    CHECK_INT(scan_all(SPAN("{\"a\":\"\\\0\"}"), &scan), -EBADMSG);
}

/* `depth` containers inside each other, the outer object among them. */
static int scan_nested(int depth, const char *open, const char *close, struct scan *ret_scan)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    buf_put(&text, SPAN("{\"a\":"));
    for (int i = 1; i < depth; i++)
        buf_put(&text, span_of(open));
    buf_put(&text, SPAN("1"));
    for (int i = 1; i < depth; i++)
        buf_put(&text, span_of(close));
    buf_put(&text, SPAN("}"));
    return scan_all(buf_view(&text), ret_scan);
}

static void limits_nesting(void)
{
    struct scan scan;
    CHECK_INT(scan_nested(SCAN_DEPTH, "[", "]", &scan), 0);
    CHECK_INT(scan_nested(SCAN_DEPTH, "{\"b\":", "}", &scan), 0);
    CHECK_INT(scan_nested(SCAN_DEPTH + 1, "[", "]", &scan), -EBADMSG);
    CHECK_TEXT(scan.problem, "arrays and objects are nested too deeply");
    CHECK_INT(scan_nested(SCAN_DEPTH + 1, "{\"b\":", "}", &scan), -EBADMSG);
    CHECK_TEXT(scan.problem, "arrays and objects are nested too deeply");
    CHECK_INT(scan_nested(1000000, "[", "", &scan), -EBADMSG);
}

static void returns_members_verbatim(void)
{
    struct scan scan;
    struct scan_member member;
    scan_init(&scan, SPAN("{ \"a\\u0062\" : \"x\\n\" ,\"n\":-1.5e3 , \"l\":[1, {}] }"));
    if (CHECK_INT(scan_next(&scan, &member), 1)) {
        CHECK_SPAN(member.key, SPAN("\"a\\u0062\""));
        CHECK_SPAN(member.value, SPAN("\"x\\n\""));
        CHECK_INT(member.kind, SCAN_STRING);
    }
    if (CHECK_INT(scan_next(&scan, &member), 1)) {
        CHECK_SPAN(member.value, SPAN("-1.5e3"));
        CHECK_INT(member.kind, SCAN_NUMBER);
    }
    if (CHECK_INT(scan_next(&scan, &member), 1)) {
        CHECK_SPAN(member.value, SPAN("[1, {}]"));
        CHECK_INT(member.kind, SCAN_ARRAY);
    }
    CHECK_INT(scan_next(&scan, &member), 0);
}

static void check_decoded(struct span string, int expected_r, struct span expected)
{
    char text[64];
    size_t len = 0;
    CHECK_INT(scan_text(string, text, &len), expected_r);
    CHECK_SPAN(((struct span){text, len}), expected);
}

static void decodes_escapes(void)
{
    check_decoded(SPAN("\"\""), 0, SPAN(""));
    check_decoded(SPAN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), 0, SPAN("\"\\/\b\f\n\r\t"));
    check_decoded(SPAN("\"\\u0041\\u00e9\\u20AC\\uFFFF\""), 0,
                  SPAN("A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"));
    check_decoded(SPAN("\"\\uD83D\\uDE00\\udbff\\udfff\""), 0,
                  SPAN("\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF"));
    check_decoded(SPAN("\"a\\u0000b\""), 0, SPAN("a\0b"));
    check_decoded(SPAN("\"\\uD83D\""), -EILSEQ, SPAN(""));
    check_decoded(SPAN("\"\\uD83D\\u0041\""), -EILSEQ, SPAN(""));
    check_decoded(SPAN("\"\\uD83Dx\\uDE0\""), -EILSEQ, SPAN(""));
    check_decoded(SPAN("\"\\uDE00\\uD83D\""), -EILSEQ, SPAN(""));
    check_decoded(SPAN("\"\\uDE00\\uDE00\""), -EILSEQ, SPAN(""));
    check_decoded(SPAN("\"\\uD83D\\n12345\""), -EILSEQ, SPAN(""));
}

static void reports_where(void)
{
    struct scan scan;
    unsigned line = 0, column = 0;
    CHECK_INT(scan_all(SPAN("{\n \"a\": 1,\n  x}"), &scan), -EBADMSG);
    scan_where(&scan, &line, &column);
    CHECK_INT(line, 3);
    CHECK_INT(column, 3);
    CHECK_INT(scan_all(SPAN("x"), &scan), -EBADMSG);
    scan_where(&scan, &line, &column);
    CHECK_INT(line, 1);
    CHECK_INT(column, 1);
}

static void returns_kinds(void)
{
    for (int kind = SCAN_STRING; kind <= SCAN_OBJECT; kind++)
        CHECK(strlen(scan_kind_text((enum scan_kind)kind)) > 3);
    CHECK_TEXT(scan_kind_text(SCAN_NUMBER), "a number");
}

/* What jansson refuses though the grammar of JSON allows it. */
static bool only_jansson_refuses(const char *problem)
{
    return strstr(problem, "invalid Unicode") || strstr(problem, "overflow") ||
           strstr(problem, "NUL byte");
}

static bool jansson_accepts(struct span text, bool *ret_judges)
{
    json_error_t error = {0};
    size_t flags = JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    json_t *value = json_loadb(text.ptr, text.len, flags, &error);
    bool accepted = json_is_object(value);
    *ret_judges = value || !only_jansson_refuses(error.text);
    json_decref(value);
    return accepted;
}

/* Changes a byte, removes one, or repeats one. */
static size_t mutate(char *text, size_t len, unsigned random)
{
    static const char alphabet[] =
        "{}[]:,\"\\ \n\t0123456789-+.eEtrufalsn/\xC3\xA9\x80\xE2\xF0\x1F\x7F";
    size_t place = (random >> 8) % len;
    switch (random % 3) {
    case 0:
        text[place] = alphabet[(random >> 20) % sizeof alphabet];
        return len;
    case 1:
        memmove(text + place, text + place + 1, len - place - 1);
        return len - 1;
    default:
        memmove(text + place + 1, text + place, len - place);
        return len + 1;
    }
}

static void agrees_with_jansson(void)
{
    static const char seed_text[] = "{ \"a\": [1, -2.5e+3, true, null], \"b\\n\\u00e9\": {\"c\": "
                                    "\"\xC3\xA9\\uD83D\\uDE00\"}, \"d\": \"\"}";
    unsigned random = 7, accepted = 0;
    for (int round = 0; round < 200000; round++) {
        char text[128];
        size_t len = sizeof seed_text - 1;
        memcpy(text, seed_text, len);
        for (int changes = round % 4; changes >= 0; changes--) {
            random = random * 1664525U + 1013904223U;
            len = mutate(text, len, random ^ random >> 16);
        }
        struct scan scan;
        bool judges;
        bool theirs = jansson_accepts((struct span){text, len}, &judges);
        bool ours = scan_all((struct span){text, len}, &scan) == 0;
        accepted += ours;
        if (judges && !CHECK_INT(ours, theirs)) {
            check_show((struct span){text, len});
            printf("\n");
            return;
        }
    }
    CHECK(accepted > 10000);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(accepts),         CHECK_TEST(refuses),
    CHECK_TEST(limits_nesting),  CHECK_TEST(returns_members_verbatim),
    CHECK_TEST(decodes_escapes), CHECK_TEST(reports_where),
    CHECK_TEST(returns_kinds),   CHECK_TEST(agrees_with_jansson),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
