#include "protocol/sha256.h"

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { BLOCK = 64 };

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* CPUID leaf 1, ECX: bit 9 SSSE3, bit 19 SSE4.1; leaf 7, EBX: bit 29 SHA. */
static bool ask_processor(void)
{
    unsigned eax, ebx, ecx, edx;
    unsigned needed = 1U << 9 | 1U << 19;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || (ecx & needed) != needed)
        return false;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && ebx >> 29 & 1;
}

/* Asked once: a virtual machine takes tens of microseconds for the answer. */
static bool processor_can(void)
{
    static atomic_int known; /* 0: not asked yet; 1: it can not; 2: it can */
    int answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (!answer) {
        answer = ask_processor() ? 2 : 1;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer == 2;
}

/* The working variables stand as the instructions want them: A B E F, C D G H. */
struct variables {
    __m128i abef, cdgh;
};

__attribute__((target("sha,sse4.1"))) static struct variables load(const uint32_t state[8])
{
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    return (struct variables){_mm_alignr_epi8(low, high, 8), _mm_blend_epi16(high, low, 0xf0)};
}

__attribute__((target("sha,sse4.1"))) static void store(struct variables self, uint32_t state[8])
{
    __m128i low = _mm_shuffle_epi32(self.abef, 0x1b);
    __m128i high = _mm_shuffle_epi32(self.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

/* Four rounds each time; `w` is a ring of the message schedule's last 16 words. */
__attribute__((target("sha,sse4.1"))) static struct variables compress(struct variables self,
                                                                       const unsigned char *block)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i abef = self.abef, cdgh = self.cdgh, w[4];
    for (size_t i = 0; i < 4; i++)
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * i)), swap);
#pragma GCC unroll 16
    for (size_t i = 0; i < 16; i++) {
        __m128i words = w[i % 4];
        __m128i sum = _mm_add_epi32(words, _mm_loadu_si128((const __m128i *)&constants[4 * i]));
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        __m128i later = w[(i + 3) % 4];
        words = _mm_add_epi32(_mm_sha256msg1_epu32(words, w[(i + 1) % 4]),
                              _mm_alignr_epi8(later, w[(i + 2) % 4], 4));
        w[i % 4] = _mm_sha256msg2_epu32(words, later);
    }
    return (struct variables){_mm_add_epi32(self.abef, abef), _mm_add_epi32(self.cdgh, cdgh)};
}

__attribute__((target("sha,sse4.1"))) static void blocks(uint32_t state[8],
                                                         const unsigned char *data, size_t count)
{
    struct variables variables = load(state);
    for (; count > 0; count--, data += BLOCK)
        variables = compress(variables, data);
    store(variables, state);
}

/* libsodium's `count` is in bits, and `buf` holds what is no whole block yet. */
void sha256_update(crypto_hash_sha256_state *state, const unsigned char *data, size_t len)
{
    size_t open = state->count / 8 % BLOCK, first = open ? BLOCK - open : 0;
    if (len < first + BLOCK || !processor_can()) {
        crypto_hash_sha256_update(state, data, len);
        return;
    }
    crypto_hash_sha256_update(state, data, first);
    size_t count = (len - first) / BLOCK;
    blocks(state->state, data + first, count);
    state->count += (uint64_t)count * BLOCK * 8;
    size_t done = first + count * BLOCK;
    crypto_hash_sha256_update(state, data + done, len - done);
}

#else

void sha256_update(crypto_hash_sha256_state *state, const unsigned char *data, size_t len)
{
    crypto_hash_sha256_update(state, data, len);
}

#endif
