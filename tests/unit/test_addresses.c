/* Proves that connections are counted by address, in any order of coming and going. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "server/addresses.h"

#define KEYS 40

static uint64_t memory[1024];
static struct addresses addresses;

static void test_counts_agree_with_a_model(void **state)
{
    uint32_t counts[KEYS] = {0};
    uint64_t seed = 1;
    uint32_t total = 0;
    (void)state;
    assert_true(addresses_size(64) <= sizeof memory);
    addresses_init(&addresses, memory, 64, 7);
    for (int i = 0; i < 20000; i++) {
        uint64_t k = random_below_repeatable(&seed, KEYS);
        uint64_t key = (k % 5 + 1) << 32 | (k + 1); /* many share a place */
        if (total < 64 && random_below_repeatable(&seed, 2) == 0) {
            assert_int_equal(addresses_add(&addresses, key), ++counts[k]);
            total++;
        } else if (counts[k] > 0) {
            addresses_remove(&addresses, key);
            counts[k]--;
            total--;
        }
    }
}

static void test_the_port_does_not_count(void **state)
{
    (void)state;
    uint64_t one = addresses_key(&addresses, "127.0.0.1:1");
    assert_true(one == addresses_key(&addresses, "127.0.0.1:2"));
    assert_true(one != addresses_key(&addresses, "127.0.0.2:1"));
    assert_true(addresses_key(&addresses, "[::1]:1") == addresses_key(&addresses, "[::1]:99"));
    assert_true(addresses_key(&addresses, "[::1]:1") != addresses_key(&addresses, "[::2]:1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_agree_with_a_model),
        cmocka_unit_test(test_the_port_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
