#include "base/random.h"

#include <string.h>

#define ROUNDS 20

static uint32_t rotate(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

/* RFC 8439 section 2.1. */
static void mix_quarter(uint32_t x[16], unsigned a, unsigned b, unsigned c, unsigned d)
{
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 7);
}

static uint32_t load_little(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

void random_chacha_block(const uint32_t state[16], uint8_t out[64])
{
    uint32_t x[16];
    memcpy(x, state, sizeof x);
    for (int i = 0; i < ROUNDS; i += 2) {
        for (unsigned column = 0; column < 4; column++) {
            mix_quarter(x, column, 4 + column, 8 + column, 12 + column);
        }
        for (unsigned i4 = 0; i4 < 4; i4++) {
            mix_quarter(x, i4, 4 + (i4 + 1) % 4, 8 + (i4 + 2) % 4, 12 + (i4 + 3) % 4);
        }
    }
    for (unsigned i = 0; i < 64; i++) {
        uint32_t word = x[i / 4] + state[i / 4];
        out[i] = (uint8_t)(word >> (8 * (i % 4)));
    }
}

void random_seed(struct random *r, const uint8_t seed[RANDOM_SEED_BYTES])
{
    *r = (struct random){.state = {0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u}};
    for (unsigned i = 0; i < RANDOM_SEED_BYTES / 4; i++) {
        r->state[4 + i] = load_little(seed + 4 * i);
    }
    r->used = sizeof r->block;
}

static void refill(struct random *r)
{
    random_chacha_block(r->state, r->block);
    r->used = 0;
    /* The nonce is ours alone, so the counter may grow into it instead of repeating. */
    for (unsigned i = 12; i < 16 && ++r->state[i] == 0; i++) {
    }
}

void random_bytes(struct random *r, void *out, size_t len)
{
    uint8_t *to = out;
    while (len > 0) {
        if (r->used == sizeof r->block) {
            refill(r);
        }
        size_t left = sizeof r->block - r->used;
        size_t step = len < left ? len : left;
        memcpy(to, r->block + r->used, step);
        r->used = (uint8_t)(r->used + step);
        to += step;
        len -= step;
    }
}

uint32_t random_u32(struct random *r)
{
    uint8_t bytes[4];
    random_bytes(r, bytes, sizeof bytes);
    return load_little(bytes);
}

uint64_t random_next_repeatable(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

uint64_t random_below_repeatable(uint64_t *state, uint64_t bound)
{
    /* 2^64 mod bound values are one too many for an even share: the lowest are drawn again. */
    uint64_t surplus = (0 - bound) % bound;
    uint64_t value;
    do {
        value = random_next_repeatable(state);
    } while (value < surplus);
    return value % bound;
}
