#include "kernel/launch/hmac.h"

#include <stdint.h>

enum { BLOCK = 64, DIGEST = 32, ROUNDS = 64 };

struct sha256 {
    uint32_t state[8];
    unsigned char block[BLOCK];
    uint64_t length; /* bytes so far */
};

static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void schedule(const unsigned char *block, uint32_t ret[ROUNDS])
{
    for (size_t i = 0; i < 16; i++)
        ret[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                 (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < ROUNDS; i++) {
        uint32_t a = ret[i - 15], b = ret[i - 2];
        ret[i] = ret[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + ret[i - 7] +
                 (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
    }
}

/* FIPS 180-4, 6.2.2; v[0] to v[7] are its a to h. */
static void compress(struct sha256 *self)
{
    uint32_t words[ROUNDS], v[8];
    schedule(self->block, words);
    memcpy(v, self->state, sizeof v);
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) +
                       ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + words[i];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) +
                       ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        self->state[i] += v[i];
}

static void init(struct sha256 *self)
{
    *self = (struct sha256){0};
    memcpy(self->state, initial, sizeof initial);
}

static void update(struct sha256 *self, const void *data, size_t length)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i++) {
        self->block[self->length++ % BLOCK] = bytes[i];
        if (self->length % BLOCK == 0)
            compress(self);
    }
}

static void final(struct sha256 *self, unsigned char ret[DIGEST])
{
    uint64_t bits = self->length * 8;
    unsigned char size[8];
    for (int i = 0; i < 8; i++)
        size[i] = (unsigned char)(bits >> (56 - 8 * i));
    update(self, "\x80", 1);
    while (self->length % BLOCK != BLOCK - sizeof size)
        update(self, "", 1);
    update(self, size, sizeof size);
    for (int i = 0; i < DIGEST; i++)
        ret[i] = (unsigned char)(self->state[i / 4] >> (24 - 8 * (i % 4)));
}

/* RFC 2104: a key that is longer than a block is hashed first. */
static void begin(struct sha256 *self, struct span key, unsigned char pad)
{
    unsigned char block[BLOCK] = {0};
    if (key.len > BLOCK) {
        init(self);
        update(self, key.ptr, key.len);
        final(self, block);
    } else if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }
    for (int i = 0; i < BLOCK; i++)
        block[i] ^= pad;
    init(self);
    update(self, block, sizeof block);
}

void hmac_sha256(struct span key, const struct span *parts, size_t count,
                 char ret_hex[HMAC_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    struct sha256 hash;
    unsigned char digest[DIGEST];
    begin(&hash, key, 0x36);
    for (size_t i = 0; i < count; i++)
        update(&hash, parts[i].ptr, parts[i].len);
    final(&hash, digest);
    begin(&hash, key, 0x5c);
    update(&hash, digest, sizeof digest);
    final(&hash, digest);
    for (size_t i = 0; i < DIGEST; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[HMAC_HEX] = '\0';
}
