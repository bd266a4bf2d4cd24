#include "protocol/sha256.h"

#include "tests/unit/check.h"

#include <string.h>

enum { LEN_MAX = 700 };

static unsigned char data[LEN_MAX];

static void fill(void)
{
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 131 + i / 7);
}

/* Each length, cut at each of some places: the digest is libsodium's. */
static void same_as_libsodium(void)
{
    static const size_t cuts[] = {0, 1, 55, 56, 63, 64, 65, 127, 128, 200, 640};
    fill();
    for (size_t len = 0; len <= LEN_MAX; len++)
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts && cuts[i] <= len; i++) {
            unsigned char expected[crypto_hash_sha256_BYTES], found[crypto_hash_sha256_BYTES];
            crypto_hash_sha256_state state;
            crypto_hash_sha256(expected, data, len);
            crypto_hash_sha256_init(&state);
            sha256_update(&state, data, cuts[i]);
            sha256_update(&state, data + cuts[i], len - cuts[i]);
            crypto_hash_sha256_final(&state, found);
            CHECK(memcmp(found, expected, sizeof found) == 0);
        }
}

/* FIPS 180-4's example of a million letters. */
static void a_million_letters(void)
{
    static unsigned char letters[1000000];
    unsigned char found[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    crypto_hash_sha256_state state;
    memset(letters, 'a', sizeof letters);
    crypto_hash_sha256_init(&state);
    sha256_update(&state, letters, sizeof letters);
    crypto_hash_sha256_final(&state, found);
    sodium_bin2hex(hex, sizeof hex, found, sizeof found);
    CHECK(strcmp(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") == 0);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(same_as_libsodium),
    CHECK_TEST(a_million_letters),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
