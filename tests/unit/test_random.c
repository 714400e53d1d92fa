/* Proves that ChaCha20 gives the RFC's vectors and one stream however it is drawn, and that bounded
 * numbers are even. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "guard.h"

/* RFC 8439 section 2.3.2: key 00..1f, nonce 000000090000004a00000000, counter 1. */
static void block_function_vector(void **state)
{
    (void)state;
    static const uint32_t input[16] = {
        0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x03020100, 0x07060504,
        0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c,
        0x00000001, 0x09000000, 0x4a000000, 0x00000000,
    };
    static const uint8_t expected[64] = {
        0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
        0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
        0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
        0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
        0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
    };
    uint8_t out[64];
    random_chacha_block(input, out);
    assert_memory_equal(out, expected, 64);
}

/* RFC 8439 appendix A.1, vectors 1 and 2: key and nonce zero, counters 0 and 1. */
static const uint8_t first_blocks[16] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
                                         0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28};
static const uint8_t second_block[16] = {0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a,
                                         0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d};

static void stream_is_the_blocks_in_order(void **state)
{
    (void)state;
    static const uint8_t seed[RANDOM_SEED_BYTES];
    struct random r;
    uint8_t out[80];
    random_seed(&r, seed);
    random_bytes(&r, out, sizeof out);
    assert_memory_equal(out, first_blocks, 16);
    assert_memory_equal(out + 64, second_block, 16);
}

static void pieces_join_to_the_same_stream(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_SEED_BYTES];
    uint8_t whole[300];
    struct random r;
    memset(seed, 0x5a, sizeof seed);
    random_seed(&r, seed);
    random_bytes(&r, whole, sizeof whole);
    for (size_t step = 1; step < 150; step++) {
        random_seed(&r, seed);
        for (size_t at = 0; at < sizeof whole; at += step) {
            uint8_t *room = guard_room(step);
            size_t len = sizeof whole - at < step ? sizeof whole - at : step;
            random_bytes(&r, room, len);
            assert_memory_equal(room, whole + at, len);
        }
    }
}

static void words_and_bytes_share_the_stream(void **state)
{
    (void)state;
    static const uint8_t seed[RANDOM_SEED_BYTES];
    struct random r;
    random_seed(&r, seed);
    assert_true(random_u32(&r) == 0xade0b876u);
    assert_true(random_u32(&r) == 0x903df1a0u);
}

static void every_bit_of_the_seed_counts(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_SEED_BYTES] = {0};
    uint8_t seen[8 * RANDOM_SEED_BYTES][16];
    for (size_t bit = 0; bit < 8 * RANDOM_SEED_BYTES; bit++) {
        struct random r;
        seed[bit / 8] = (uint8_t)(1u << bit % 8);
        random_seed(&r, seed);
        random_bytes(&r, seen[bit], 16);
        seed[bit / 8] = 0;
        for (size_t other = 0; other < bit; other++) {
            assert_memory_not_equal(seen[bit], seen[other], 16);
        }
    }
}

static void counter_carries_on(void **state)
{
    (void)state;
    static const uint8_t seed[RANDOM_SEED_BYTES];
    struct random r;
    uint8_t before[64], after[64];
    random_seed(&r, seed);
    random_bytes(&r, before, sizeof before);
    random_seed(&r, seed);
    r.state[12] = UINT32_MAX;
    random_bytes(&r, after, sizeof after);
    assert_int_equal(r.state[12], 0);
    assert_int_equal(r.state[13], 1);
    random_bytes(&r, after, sizeof after);
    assert_memory_not_equal(after, before, 64);
}

/* SplitMix64 from state 0: the published first outputs. */
static void repeatable_sequence(void **state)
{
    (void)state;
    uint64_t s = 0;
    assert_true(random_next_repeatable(&s) == 0xE220A8397B1DCDAFu);
    assert_true(random_next_repeatable(&s) == 0x6E789E6AA1B965F4u);
    assert_true(random_next_repeatable(&s) == 0x06C45D188009454Fu);
}

static void below_is_even_and_in_range(void **state)
{
    (void)state;
    uint64_t s = 1;
    unsigned counts[3] = {0};
    for (int i = 0; i < 30000; i++) {
        uint64_t value = random_below_repeatable(&s, 3);
        assert_true(value < 3);
        counts[value]++;
    }
    for (int i = 0; i < 3; i++) {
        assert_in_range(counts[i], 9700, 10300);
    }
    assert_int_equal(random_below_repeatable(&s, 1), 0);

    /* Two thirds of the range are kept, and the upper half of them has twice the share without
     * care. */
    uint64_t bound = UINT64_MAX / 3 * 2;
    unsigned low = 0;
    for (int i = 0; i < 20000; i++) {
        uint64_t value = random_below_repeatable(&s, bound);
        assert_true(value < bound);
        low += value < bound / 2;
    }
    assert_in_range(low, 9700, 10300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_function_vector),
        cmocka_unit_test(stream_is_the_blocks_in_order),
        cmocka_unit_test(pieces_join_to_the_same_stream),
        cmocka_unit_test(words_and_bytes_share_the_stream),
        cmocka_unit_test(every_bit_of_the_seed_counts),
        cmocka_unit_test(counter_carries_on),
        cmocka_unit_test(repeatable_sequence),
        cmocka_unit_test(below_is_even_and_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
