#include "protocol/date.h"

#include "tests/unit/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* A number below 15 thousand million: seconds up to the year 2445. */
static int64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1; /* D. Knuth's MMIX */
    return (int64_t)(*state >> 16) % INT64_C(15000000000);
}

static void writes_as_libc_does(void)
{
    uint64_t state = 7;
    for (int i = 0; i < 20000; i++) {
        int64_t seconds = next(&state);
        time_t moment = (time_t)seconds;
        struct tm day;
        char text[DATE_LEN + 1], expected[64];
        gmtime_r(&moment, &day);
        size_t len = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &day);
        snprintf(expected + len, sizeof expected - len, ".%06dZ", i);
        date_write(seconds * 1000000 + i, text);
        CHECK_TEXT(text, expected);
    }
}

static void reads_what_it_writes(void)
{
    uint64_t state = 8;
    for (int i = 0; i < 20000; i++) {
        int64_t us = next(&state) * 1000000 + next(&state) % 1000000, read = 0;
        char text[DATE_LEN + 1];
        date_write(us, text);
        CHECK(date_read(span_of(text), &read));
        CHECK_INT(read, us);
    }
}

static void reads_other_forms(void)
{
    static const struct {
        const char *text;
        int64_t us;
    } forms[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00", 0},
        {"1970-01-01T00:00:01.5Z", 1500000},
        {"1970-01-01T00:00:00.123456789+02:00", 123456},
        {"1970-01-01T00:01:00.04", 60040000},
        {"2000-02-29T12:00:00.000001+0000", INT64_C(951825600000001)},
        {"2026-11-01T09:05:03.000042Z", INT64_C(1793523903000042)},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        int64_t us = -1;
        CHECK(date_read(span_of(forms[i].text), &us));
        CHECK_INT(us, forms[i].us);
    }
}

static void refuses(void)
{
    static const char *const texts[] = {
        "",
        "now",
        "2026-11-01",
        "2026-11-01 09:05:03",
        "2026-1-01T09:05:03",
        "2026-00-01T09:05:03",
        "2026-13-01T09:05:03",
        "0000-01-01T00:00:00",
        "2026-11-01T09:05",
        "2026-11-01T09:05:0x",
        "+026-11-01T09:05:03",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t us = 5;
        if (!CHECK(!date_read(span_of(texts[i]), &us)))
            printf("%s\n", texts[i]);
        CHECK_INT(us, 5);
    }
}

/* A sanitizer would report a read beyond the text. */
static void reads_within_the_span(void)
{
    static const char text[] = "2026-11-01T09:05:03.000042Z";
    for (size_t len = 0; len < sizeof text; len++) {
        char *copy = malloc(len + 1);
        memcpy(copy, text, len);
        char *exact = realloc(copy, len > 0 ? len : 1);
        int64_t us;
        CHECK_INT(date_read((struct span){exact, len}, &us), len >= 19);
        free(exact);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(writes_as_libc_does),   CHECK_TEST(reads_what_it_writes),
    CHECK_TEST(reads_other_forms),     CHECK_TEST(refuses),
    CHECK_TEST(reads_within_the_span),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
