/* The launcher's ZMTP and HMAC. */
#include "kernel/launch/hmac.h"
#include "kernel/launch/zmtp.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <stdint.h>

enum { GREETING = 64 };

/* What libzmq 4.3's DEALER sends first: its greeting (version 3.1) and READY. */
static void put_hello(struct buf *out)
{
    char mechanism[20] = "NULL", rest[32] = {0};
    buf_put(out, SPAN("\xff\0\0\0\0\0\0\0\1\x7f\3\1"));
    buf_append(out, mechanism, sizeof mechanism);
    buf_append(out, rest, sizeof rest);
    buf_put(out, SPAN("\4\x29\5READY\13Socket-Type\0\0\0\6DEALER\10Identity\0\0\0\0"));
}

static int next(struct zmtp *self, struct span ret_frames[ZMTP_FRAMES_MAX], size_t *ret_count)
{
    *ret_count = 0;
    return zmtp_next(self, ret_frames, ret_count);
}

/* The same messages, however the bytes are split. */
static void reads_messages(void)
{
    static char large[70000];
    struct span frames[ZMTP_FRAMES_MAX], sent[3] = {SPAN("one"), {large, sizeof large}, SPAN("")};
    struct zmtp source, self;
    size_t count;
    zmtp_init(&source, "DEALER");
    buf_finish(&source.out);
    put_hello(&source.out);
    zmtp_send(&source, sent, 3);
    buf_put(&source.out, SPAN("\4\10\4PING\0\1c"));
    zmtp_send(&source, sent, 1);
    for (size_t step = 1; step < 200; step += 7) {
        zmtp_init(&self, "ROUTER");
        CHECK_INT(self.out.len, GREETING);
        int messages = 0, r = 0;
        for (size_t at = 0; at < source.out.len && r >= 0; at += step) {
            size_t left = source.out.len - at;
            zmtp_feed(&self, (struct span){source.out.ptr + at, left < step ? left : step});
            while ((r = next(&self, frames, &count)) > 0) {
                CHECK_INT(count, messages++ == 0 ? 3 : 1);
                CHECK_SPAN(frames[0], SPAN("one"));
            }
        }
        CHECK_INT(r, 0);
        CHECK_INT(messages, 2);
        CHECK(memmem(self.out.ptr, self.out.len, "\4\6\4PONGc", 8) != NULL);
        CHECK(memmem(self.out.ptr, self.out.len, "ROUTER", 6) != NULL);
        zmtp_finish(&self);
    }
    zmtp_finish(&source);
}

static void check_refused(struct span bytes, int expected)
{
    struct span frames[ZMTP_FRAMES_MAX];
    struct zmtp self;
    size_t count;
    zmtp_init(&self, "ROUTER");
    zmtp_feed(&self, bytes);
    int r;
    while ((r = next(&self, frames, &count)) > 0)
        ;
    CHECK_INT(r, expected);
    zmtp_finish(&self);
}

static void check_after_hello(struct span bytes, int expected)
{
    CLEANUP(buf_finish) struct buf all = BUF_INIT;
    put_hello(&all);
    buf_put(&all, bytes);
    check_refused(buf_view(&all), expected);
}

static void refuses_other_protocols(void)
{
    char early[GREETING] = "\xff\0\0\0\0\0\0\0\1\x7f\3";
    check_refused(SPAN("GET / HTTP/1.1\r\n"), -EPROTO);
    check_refused(SPAN("\xff\0\0\0\0\0\0\0\1\x7f\1"), -EPROTO);
    check_refused((struct span){early, sizeof early}, -EPROTO); /* no mechanism */
    check_after_hello(SPAN("\x10\1x"), -EPROTO);
    check_after_hello(SPAN("\2\0\0\0\0\x7f\0\0\0"), -EMSGSIZE);
    check_after_hello(SPAN("\2\xff\xff\xff\xff\xff\xff\xff\xff"), -EMSGSIZE);
    check_after_hello(SPAN("\1\1a\4\1b"), -EPROTO); /* a command within a message */
    check_after_hello(SPAN("\1\1a\1\1b"), 0);
}

/* Random bytes give messages or an error. */
static void survives_random_bytes(void)
{
    uint32_t state = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[300];
        CLEANUP(buf_finish) struct buf all = BUF_INIT;
        for (size_t i = 0; i < sizeof bytes; i++) {
            state = state * 1664525 + 1013904223; /* Numerical Recipes' generator */
            bytes[i] = (char)(i % 3 ? state >> 24 : (state >> 24) % 8);
        }
        if (round % 2)
            put_hello(&all);
        buf_append(&all, bytes, sizeof bytes);
        struct span frames[ZMTP_FRAMES_MAX];
        struct zmtp self;
        size_t count;
        zmtp_init(&self, "ROUTER");
        zmtp_feed(&self, buf_view(&all));
        while (next(&self, frames, &count) > 0)
            CHECK(count > 0);
        zmtp_finish(&self);
    }
}

/* RFC 4231, test cases 1, 2 and 6. */
static void signs(void)
{
    char hex[HMAC_HEX + 1], key[131];
    memset(key, 0x0b, 20);
    hmac_sha256((struct span){key, 20}, (struct span[]){SPAN("Hi"), SPAN(" There")}, 2, hex);
    CHECK_TEXT(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    hmac_sha256(SPAN("Jefe"), (struct span[]){SPAN("what do ya want for nothing?")}, 1, hex);
    CHECK_TEXT(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    struct span text = SPAN("Test Using Larger Than Block-Size Key - Hash Key First");
    hmac_sha256((struct span){key, sizeof key}, &text, 1, hex);
    CHECK_TEXT(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static const struct check_test TESTS[] = {
    CHECK_TEST(reads_messages),
    CHECK_TEST(refuses_other_protocols),
    CHECK_TEST(survives_random_bytes),
    CHECK_TEST(signs),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
