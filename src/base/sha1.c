#include "base/sha1.h"

#include <string.h>

#define BLOCK 64

static uint32_t rotate(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

static uint32_t load_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* RFC 3174 section 5: f and K of step t. */
static uint32_t mix(unsigned t, uint32_t b, uint32_t c, uint32_t d)
{
    if (t < 20) {
        return ((b & c) | (~b & d)) + 0x5A827999u;
    }
    if (t < 40) {
        return (b ^ c ^ d) + 0x6ED9EBA1u;
    }
    if (t < 60) {
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCu;
    }
    return (b ^ c ^ d) + 0xCA62C1D6u;
}

/* RFC 3174 section 6.2: the schedule in place, in sixteen words. */
static void add_block(uint32_t h[5], const uint8_t *block)
{
    uint32_t w[16];
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned t = 0; t < 80; t++) {
        uint32_t *word = &w[t & 15];
        if (t < 16) {
            *word = load_u32(block + 4 * t);
        } else {
            *word = rotate(w[(t - 3) & 15] ^ w[(t - 8) & 15] ^ w[(t - 14) & 15] ^ *word, 1);
        }
        uint32_t sum = rotate(a, 5) + mix(t, b, c, d) + e + *word;
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = sum;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

void sha1_digest(struct span data, uint8_t out[SHA1_BYTES])
{
    uint32_t h[5] = {0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u, 0xC3D2E1F0u};
    uint64_t bits = (uint64_t)data.len * 8;
    while (data.len >= BLOCK) {
        add_block(h, data.ptr);
        data = span_after(data, BLOCK);
    }

    /* Section 4: a one bit, zeros, and the length; two blocks when the length does not fit. */
    uint8_t tail[2 * BLOCK] = {0};
    size_t tail_len = data.len < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    if (data.len > 0) {
        memcpy(tail, data.ptr, data.len);
    }
    tail[data.len] = 0x80;
    bytes_put_u64(tail + tail_len - 8, bits);
    for (size_t at = 0; at < tail_len; at += BLOCK) {
        add_block(h, tail + at);
    }

    for (unsigned i = 0; i < SHA1_BYTES; i++) {
        out[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
    }
}
