#include "protocol/murmur2.h"

#include "tests/unit/check.h"

#include <stdlib.h>

/* As ipykernel.compiler.murmur2_x86 has them. */
static void as_jupyters_debugger(void)
{
    CHECK_INT(murmur2(SPAN(""), MURMUR2_SEED), 0xedd39288);
    CHECK_INT(murmur2(SPAN("a"), MURMUR2_SEED), 0x8129eeee);
    CHECK_INT(murmur2(SPAN("ab"), MURMUR2_SEED), 0xa73301b9);
    CHECK_INT(murmur2(SPAN("abc"), MURMUR2_SEED), 0xc7bbdbb5);
    CHECK_INT(murmur2(SPAN("abcd"), MURMUR2_SEED), 0x2ff70f61);
    CHECK_INT(murmur2(SPAN("\xc3\xa9 = '\xe2\x80\xa8'"), MURMUR2_SEED), 0xace5abff);
}

static void a_long_text(void)
{
    static const char line[] = "x = 1\n";
    enum { LINES = 200000, LEN = sizeof line - 1 };
    char *text = malloc((size_t)LINES * LEN);
    if (!CHECK(text != NULL))
        return;
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + i * LEN, line, LEN);
    CHECK_INT(murmur2((struct span){text, (size_t)LINES * LEN}, MURMUR2_SEED), 0x782445f0);
    free(text);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(as_jupyters_debugger),
    CHECK_TEST(a_long_text),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
