#include "protocol/sign.h"

#include "tests/unit/alloc.h"
#include "tests/unit/check.h"

#include <errno.h>

#define KEY_20 "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"

/* RFC 4231, test cases 1, 2 and 6; the data is cut into the four frames. */
struct rfc {
    struct span key, frames[SIGN_FRAMES];
    const char *sha256, *sha512;
};

static const char KEY_131[131] = {
#define EIGHT '\xaa', '\xaa', '\xaa', '\xaa', '\xaa', '\xaa', '\xaa', '\xaa'
    EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT,  EIGHT,  EIGHT,  EIGHT,
    EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, '\xaa', '\xaa', '\xaa',
#undef EIGHT
};

static const struct rfc RFC_4231[] = {
    {{KEY_20, 20},
     {{"Hi", 2}, {NULL, 0}, {" There", 6}, {"", 0}},
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {{"Jefe", 4},
     {{"what ", 5}, {"do ya ", 6}, {"want for", 8}, {" nothing?", 9}},
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {{KEY_131, 131},
     {{"Test Using Larger ", 18}, {"Than Block-Size Key", 19}, {" - Hash Key", 11}, {" First", 6}},
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

/* NULL after a failed check. */
static struct signer *make(struct span scheme, struct span key)
{
    struct signer *signer = NULL;
    CHECK_INT(signer_new(scheme, key, &signer), 0);
    return signer;
}

static void check_rfc(const struct rfc *rfc, struct span scheme, const char *expected)
{
    CLEANUP(signer_freep) struct signer *signer = make(scheme, rfc->key);
    char hex[SIGN_HEX_MAX];
    size_t len = signer_sign(signer, rfc->frames, hex);
    CHECK_SPAN(((struct span){hex, len}), span_of(expected));
    CHECK_INT(signer_verify(signer, span_of(expected), rfc->frames), 0);
}

static void signs_as_rfc_4231(void)
{
    for (size_t i = 0; i < sizeof RFC_4231 / sizeof *RFC_4231; i++) {
        check_rfc(&RFC_4231[i], SPAN("hmac-sha256"), RFC_4231[i].sha256);
        check_rfc(&RFC_4231[i], SPAN("hmac-sha512"), RFC_4231[i].sha512);
    }
}

static void refuses_other_schemes(void)
{
    static const char *const schemes[] = {"",           "hmac-md5",     "hmac-sha1",  "sha256",
                                          "hmac-sha25", "hmac-sha2567", "HMAC-SHA256"};
    struct signer *signer = NULL;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        CHECK_INT(signer_new(span_of(schemes[i]), SPAN("k"), &signer), -EOPNOTSUPP);
        CHECK_INT(signer_new(span_of(schemes[i]), SPAN(""), &signer), -EOPNOTSUPP);
    }
    CHECK(signer == NULL);
    signer_free(NULL);
}

static void empty_key_is_unsigned(void)
{
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha512"), SPAN(""));
    const struct span *frames = RFC_4231[0].frames;
    char hex[SIGN_HEX_MAX];
    CHECK_INT(signer_sign(signer, frames, hex), 0);
    CHECK_INT(signer_verify(signer, SPAN(""), frames), 0);
    CHECK_INT(signer_verify(signer, SPAN(""), frames), 0);
    CHECK_INT(signer_verify(signer, SPAN("anything"), frames), 0);
}

static void refuses_wrong_signatures(void)
{
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha256"), SPAN("key"));
    const struct span *frames = RFC_4231[1].frames;
    char hex[SIGN_HEX_MAX + 1];
    size_t len = signer_sign(signer, frames, hex);
    hex[len] = '0';
    for (size_t i = 0; i < len; i++) {
        char right = hex[i];
        hex[i] = right == '0' ? '1' : '0';
        CHECK_INT(signer_verify(signer, (struct span){hex, len}, frames), -EACCES);
        hex[i] = right;
    }
    CHECK_INT(signer_verify(signer, (struct span){hex, len - 1}, frames), -EACCES);
    CHECK_INT(signer_verify(signer, (struct span){hex, len + 1}, frames), -EACCES);
    CHECK_INT(signer_verify(signer, (struct span){NULL, 0}, frames), -EACCES);
    CHECK_INT(signer_verify(signer, (struct span){hex, len}, frames), 0);
}

static void refuses_upper_case(void)
{
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha256"), SPAN("Jefe"));
    char hex[SIGN_HEX_MAX];
    size_t len = signer_sign(signer, RFC_4231[1].frames, hex);
    for (size_t i = 0; i < len; i++)
        if (hex[i] >= 'a')
            hex[i] = (char)(hex[i] - 'a' + 'A');
    CHECK_INT(signer_verify(signer, (struct span){hex, len}, RFC_4231[1].frames), -EACCES);
}

static void every_frame_counts(void)
{
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha256"), SPAN("key"));
    struct span frames[SIGN_FRAMES] = {SPAN("a"), SPAN("b"), SPAN("c"), SPAN("d")};
    char hex[SIGN_HEX_MAX];
    size_t len = signer_sign(signer, frames, hex);
    for (int i = 0; i < SIGN_FRAMES; i++) {
        struct span right = frames[i];
        frames[i] = SPAN("x");
        CHECK_INT(signer_verify(signer, (struct span){hex, len}, frames), -EACCES);
        frames[i] = right;
    }
}

/* Message `i` with its right signature. */
static int deliver(struct signer *signer, unsigned i)
{
    char hex[SIGN_HEX_MAX];
    const struct span frames[SIGN_FRAMES] = {{(char *)&i, sizeof i}};
    size_t len = signer_sign(signer, frames, hex);
    return signer_verify(signer, (struct span){hex, len}, frames);
}

static unsigned count_replays(struct signer *signer, unsigned from, unsigned to)
{
    unsigned replays = 0;
    for (unsigned i = from; i < to; i++)
        replays += deliver(signer, i) == -EEXIST;
    return replays;
}

static void refuses_replays(void)
{
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha512"), SPAN("key"));
    CHECK_INT(deliver(signer, 1), 0);
    CHECK_INT(deliver(signer, 1), -EEXIST);
    CHECK_INT(deliver(signer, 2), 0);
    CHECK_INT(deliver(signer, 1), -EEXIST);
    CLEANUP(signer_freep) struct signer *other = make(SPAN("hmac-sha512"), SPAN("key"));
    CHECK_INT(deliver(other, 1), 0);
}

static void forgets_the_oldest_first(void)
{
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha256"), SPAN("key"));
    CHECK_INT(count_replays(signer, 0, SIGN_SEEN_MAX), 0);
    CHECK_INT(deliver(signer, 0), -EEXIST);
    CHECK_INT(deliver(signer, SIGN_SEEN_MAX), 0); /* takes the place of 0 */
    CHECK_INT(deliver(signer, 1), -EEXIST);
    CHECK_INT(deliver(signer, 0), 0); /* takes the place of 1 */
    CHECK_INT(deliver(signer, 2), -EEXIST);
    CHECK_INT(deliver(signer, 1), 0);
}

static void remembers_the_last_ones_exactly(void)
{
    enum { SENT = 4 * SIGN_SEEN_MAX + 12345 };
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha256"), SPAN("key"));
    CHECK_INT(count_replays(signer, 0, SENT), 0);
    CHECK_INT(count_replays(signer, SENT - SIGN_SEEN_MAX, SENT), SIGN_SEEN_MAX);
    CHECK_INT(deliver(signer, SENT - SIGN_SEEN_MAX - 1), 0);
}

static void wrong_signatures_do_not_fill_the_table(void)
{
    CLEANUP(signer_freep) struct signer *signer = make(SPAN("hmac-sha256"), SPAN("key"));
    char hex[64];
    memset(hex, 'a', sizeof hex);
    CHECK_INT(deliver(signer, 0), 0);
    for (unsigned i = 0; i < 2 * SIGN_SEEN_MAX; i++) {
        const struct span frames[SIGN_FRAMES] = {{(char *)&i, sizeof i}};
        memcpy(hex, &(unsigned){0x61616161U + i % 8}, sizeof i);
        if (!CHECK_INT(signer_verify(signer, (struct span){hex, sizeof hex}, frames), -EACCES))
            return;
    }
    CHECK_INT(deliver(signer, 0), -EEXIST);
    CHECK_INT(deliver(signer, 1), 0);
}

static int make_and_free(void *user)
{
    (void)user;
    CLEANUP(signer_freep) struct signer *signer = NULL;
    return signer_new(SPAN("hmac-sha256"), SPAN("key"), &signer);
}

static void survives_without_memory(void) { CHECK_INT(alloc_sweep(make_and_free, NULL), 0); }

static const struct check_test TESTS[] = {
    CHECK_TEST(signs_as_rfc_4231),
    CHECK_TEST(refuses_other_schemes),
    CHECK_TEST(empty_key_is_unsigned),
    CHECK_TEST(refuses_wrong_signatures),
    CHECK_TEST(refuses_upper_case),
    CHECK_TEST(every_frame_counts),
    CHECK_TEST(refuses_replays),
    CHECK_TEST(forgets_the_oldest_first),
    CHECK_TEST(remembers_the_last_ones_exactly),
    CHECK_TEST(wrong_signatures_do_not_fill_the_table),
    CHECK_TEST(survives_without_memory),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
