#include "protocol/murmur2.h"

enum { WORD = 4, SHIFT = 24, LAST_SHIFT = 13, FINAL_SHIFT = 15, BYTE_BITS = 8 };

static const uint32_t multiplier = UINT32_C(0x5bd1e995);

/* Up to four bytes, the first one lowest. */
static uint32_t read_word(const char *bytes, size_t count)
{
    uint32_t word = 0;
    while (count-- > 0)
        word = word << BYTE_BITS | (unsigned char)bytes[count];
    return word;
}

uint32_t murmur2(struct span data, uint32_t seed)
{
    uint32_t hash = seed ^ (uint32_t)data.len;
    for (; data.len >= WORD; data.ptr += WORD, data.len -= WORD) {
        uint32_t word = read_word(data.ptr, WORD) * multiplier;
        word = (word ^ word >> SHIFT) * multiplier;
        hash = hash * multiplier ^ word;
    }
    if (data.len > 0)
        hash = (hash ^ read_word(data.ptr, data.len)) * multiplier;
    hash = (hash ^ hash >> LAST_SHIFT) * multiplier;
    return hash ^ hash >> FINAL_SHIFT;
}
