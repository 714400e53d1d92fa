/* ChaCha20 (RFC 8439 section 2.3) as a generator: unpredictable mask keys, sids and handshake keys
 * at a few nanoseconds each, seeded once by the system (RFC 6455 section 5.3 asks for strong
 * entropy). Also a small generator with a printed seed for the order of blocks, where repeating is
 * wanted. */
#ifndef WSIO_BASE_RANDOM_H
#define WSIO_BASE_RANDOM_H

#include "base/bytes.h"

#define RANDOM_SEED_BYTES 32

struct random {
    uint32_t state[16];
    uint8_t block[64];
    uint8_t used; /* bytes of block already given, 64 when empty */
};

/* `seed` comes from the system's generator, or from a test. */
void random_seed(struct random *r, const uint8_t seed[RANDOM_SEED_BYTES]);
void random_bytes(struct random *r, void *out, size_t len);
uint32_t random_u32(struct random *r);

/* SplitMix64: for shuffles and resampling that a seed must be able to repeat. */
uint64_t random_next_repeatable(uint64_t *state);

/* 0..bound-1, unbiased; bound >= 1. */
uint64_t random_below_repeatable(uint64_t *state, uint64_t bound);

/* The block function alone, for the test vectors of RFC 8439 section 2.3.2. */
void random_chacha_block(const uint32_t state[16], uint8_t out[64]);

#endif
