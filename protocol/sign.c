#include "protocol/sign.h"

#include "protocol/sha256.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    DIGEST_MAX = crypto_auth_hmacsha512_BYTES,
    SEEN_BYTES = 8, /* of a digest: one message in 2^48 is taken for another, and none by choice */
    SEEN_SLOTS = 2 * (SIGN_SEEN_MAX + 1) /* half full at the most: short probes */
};
_Static_assert(SIGN_SEEN_MAX <= UINT16_MAX, "a place is kept in 16 bits");
_Static_assert((SEEN_SLOTS & (SEEN_SLOTS - 1)) == 0, "slots are masked");

/*
 * The digests seen, in a ring by age, and an open-addressed index into it. Zeroed pages that were
 * never written to cost no memory.
 */
struct seen {
    unsigned char digests[SIGN_SEEN_MAX][SEEN_BYTES];
    uint16_t slots[SEEN_SLOTS]; /* 0: free, otherwise 1 + place in the ring */
    uint32_t next;              /* the oldest, once the ring is full */
    uint32_t count;
};

enum scheme { SCHEME_UNSIGNED, SCHEME_SHA256, SCHEME_SHA512 };

/* The states have absorbed the key; a message goes on from a copy. */
struct signer {
    enum scheme scheme;
    crypto_auth_hmacsha256_state sha256;
    crypto_auth_hmacsha512_state sha512;
    struct seen *seen;
};

static int scheme_from_text(struct span text, enum scheme *ret)
{
    if (span_equal(text, SPAN("hmac-sha256")))
        *ret = SCHEME_SHA256;
    else if (span_equal(text, SPAN("hmac-sha512")))
        *ret = SCHEME_SHA512;
    else
        return -EOPNOTSUPP;
    return 0;
}

static void absorb_key(struct signer *self, struct span key)
{
    const unsigned char *bytes = (const unsigned char *)key.ptr;
    if (self->scheme == SCHEME_SHA256)
        crypto_auth_hmacsha256_init(&self->sha256, bytes, key.len);
    else
        crypto_auth_hmacsha512_init(&self->sha512, bytes, key.len);
}

int signer_new(struct span scheme, struct span key, struct signer **ret)
{
    enum scheme kind;
    int r = scheme_from_text(scheme, &kind);
    if (r < 0)
        return r;
    if (sodium_init() < 0)
        return -EIO;
    CLEANUP(signer_freep) struct signer *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    if (key.len > 0) {
        self->scheme = kind;
        absorb_key(self, key);
        self->seen = calloc(1, sizeof *self->seen);
        if (!self->seen)
            return -ENOMEM;
    }
    *ret = TAKE(self);
    return 0;
}

void signer_free(struct signer *self)
{
    if (!self)
        return;
    free(self->seen);
    sodium_memzero(self, sizeof *self);
    free(self);
}

void signer_freep(struct signer **self)
{
    signer_free(*self);
    *self = NULL;
}

static void digest_sha256(const struct signer *self, const struct span frames[SIGN_FRAMES],
                          unsigned char *ret)
{
    crypto_auth_hmacsha256_state state = self->sha256;
    for (int i = 0; i < SIGN_FRAMES; i++)
        sha256_update(&state.ictx, (const unsigned char *)frames[i].ptr, frames[i].len);
    crypto_auth_hmacsha256_final(&state, ret);
    sodium_memzero(&state, sizeof state);
}

static void digest_sha512(const struct signer *self, const struct span frames[SIGN_FRAMES],
                          unsigned char *ret)
{
    crypto_auth_hmacsha512_state state = self->sha512;
    for (int i = 0; i < SIGN_FRAMES; i++)
        crypto_auth_hmacsha512_update(&state, (const unsigned char *)frames[i].ptr, frames[i].len);
    crypto_auth_hmacsha512_final(&state, ret);
    sodium_memzero(&state, sizeof state);
}

/* The digest's length: 0 when unsigned. */
static size_t digest(const struct signer *self, const struct span frames[SIGN_FRAMES],
                     unsigned char ret[DIGEST_MAX])
{
    switch (self->scheme) {
    case SCHEME_SHA256:
        digest_sha256(self, frames, ret);
        return crypto_auth_hmacsha256_BYTES;
    case SCHEME_SHA512:
        digest_sha512(self, frames, ret);
        return crypto_auth_hmacsha512_BYTES;
    case SCHEME_UNSIGNED:
        break;
    }
    return 0;
}

static size_t hex_of(const unsigned char *bytes, size_t len, char ret_hex[SIGN_HEX_MAX])
{
    char hex[SIGN_HEX_MAX + 1];
    sodium_bin2hex(hex, sizeof hex, bytes, len);
    memcpy(ret_hex, hex, 2 * len);
    return 2 * len;
}

size_t signer_sign(const struct signer *self, const struct span frames[SIGN_FRAMES],
                   char ret_hex[SIGN_HEX_MAX])
{
    unsigned char bytes[DIGEST_MAX];
    return hex_of(bytes, digest(self, frames, bytes), ret_hex);
}

/* A digest is evenly spread already: a part of it is its hash. */
static uint32_t home_of(const unsigned char *bytes)
{
    uint32_t hash;
    memcpy(&hash, bytes, sizeof hash);
    return hash & (SEEN_SLOTS - 1);
}

static uint32_t slot_after(uint32_t slot) { return (slot + 1) & (SEEN_SLOTS - 1); }

/* The slot that holds the digest, or the free one where it belongs. */
static uint32_t seen_find(const struct seen *self, const unsigned char *bytes)
{
    uint32_t slot = home_of(bytes);
    while (self->slots[slot] != 0 &&
           memcmp(self->digests[self->slots[slot] - 1], bytes, SEEN_BYTES) != 0)
        slot = slot_after(slot);
    return slot;
}

/* Frees a slot and moves later ones up, so that no probe ends too early. */
static void seen_remove(struct seen *self, uint32_t hole)
{
    for (uint32_t slot = slot_after(hole); self->slots[slot] != 0; slot = slot_after(slot)) {
        uint32_t home = home_of(self->digests[self->slots[slot] - 1]);
        uint32_t way = (slot - home) & (SEEN_SLOTS - 1);
        if (way >= ((slot - hole) & (SEEN_SLOTS - 1))) {
            self->slots[hole] = self->slots[slot];
            hole = slot;
        }
    }
    self->slots[hole] = 0;
}

/* False: it was there already. Otherwise it takes the oldest one's place. */
static bool seen_add(struct seen *self, const unsigned char *bytes)
{
    if (self->slots[seen_find(self, bytes)] != 0)
        return false;
    if (self->count == SIGN_SEEN_MAX)
        seen_remove(self, seen_find(self, self->digests[self->next]));
    else
        self->count++;
    memcpy(self->digests[self->next], bytes, SEEN_BYTES);
    self->slots[seen_find(self, bytes)] = (uint16_t)(self->next + 1);
    self->next = (self->next + 1) % SIGN_SEEN_MAX;
    return true;
}

int signer_verify(struct signer *self, struct span hex, const struct span frames[SIGN_FRAMES])
{
    if (self->scheme == SCHEME_UNSIGNED)
        return 0;
    unsigned char bytes[DIGEST_MAX];
    char expected[SIGN_HEX_MAX];
    size_t len = hex_of(bytes, digest(self, frames, bytes), expected);
    bool right = hex.len == len && sodium_memcmp(hex.ptr, expected, len) == 0;
    sodium_memzero(expected, sizeof expected);
    int r = !right ? -EACCES : seen_add(self->seen, bytes) ? 0 : -EEXIST;
    sodium_memzero(bytes, sizeof bytes);
    return r;
}
