/* Proves that the pool agrees with a model that knows every lease, under random leases and
 * releases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "loop/pool.h"

#define BLOCKS 200
#define LEASES 256
#define USABLE (POOL_BLOCK_BYTES - LEASE_HEAD) /* of one block */

static _Alignas(4096) uint8_t memory[BLOCKS * (POOL_BLOCK_BYTES + sizeof(struct pool_tag))];
static struct pool pool;
static struct lease *leases[LEASES];
static unsigned lease_count;

static void start(size_t blocks)
{
    memset(memory, 0, sizeof memory);
    lease_count = 0;
    assert_true(pool_size(blocks * POOL_BLOCK_BYTES, 0) <= sizeof memory);
    pool_init(&pool, memory, blocks * POOL_BLOCK_BYTES, 0);
    assert_int_equal(pool.blocks, blocks);
    assert_int_equal(pool.free, blocks);
}

static void note_owners(uint8_t owner[BLOCKS])
{
    memset(owner, 0, BLOCKS);
    for (unsigned i = 0; i < lease_count; i++)
        for (size_t b = leases[i]->first; b < leases[i]->first + leases[i]->count; b++)
            assert_int_equal(owner[b]++, 0);
}

/* Each gap between leases is one free run, in the list of its class. */
static void expect_runs(const uint8_t owner[BLOCKS])
{
    size_t listed = 0;
    for (unsigned class = 0; class < POOL_CLASSES; class ++) {
        assert_int_equal(pool.used[class / 64] >> (class % 64) & 1, pool.first[class] != 0);
        for (uint32_t at = pool.first[class]; at != 0; at = pool.tags[at - 1].next)
            listed += pool.tags[at - 1].run;
    }
    assert_int_equal(listed, pool.free);
    for (size_t b = 0; b < pool.blocks;) {
        size_t run = 0;
        while (b + run < pool.blocks && owner[b + run] == 0)
            run++;
        assert_int_equal(pool.tags[b].run, run);
        if (run > 0)
            assert_int_equal(pool.tags[b + run - 1].run, run);
        b += run > 0 ? run : 1;
    }
}

/* No two leases share a block, the lists agree, and each is what its neighbours left alone. */
static void expect_consistent(void)
{
    uint8_t owner[BLOCKS];
    size_t lent = 0;
    note_owners(owner);
    for (unsigned i = 0; i < lease_count; i++) {
        const struct lease *l = leases[i];
        assert_ptr_equal(l, memory + l->first * POOL_BLOCK_BYTES);
        assert_ptr_equal(l->data, (const uint8_t *)l + LEASE_HEAD);
        assert_int_equal(l->cap, l->count * POOL_BLOCK_BYTES - LEASE_HEAD);
        assert_true(l->count > 0 && l->first + l->count <= pool.blocks);
        assert_int_equal(l->data[0], l->data[l->cap - 1]);
        lent += l->count;
    }
    expect_runs(owner);
    assert_int_equal(pool.free, pool.blocks - lent);
    assert_true(pool.most >= lent);
}

static void keep(struct lease *lease)
{
    memset(lease->data, (int)(lease_count * 37 + lease->first), lease->cap);
    leases[lease_count++] = lease;
}

static void release(unsigned i)
{
    pool_release(&pool, leases[i]);
    leases[i] = leases[--lease_count];
}

static size_t longest_free_run(void)
{
    uint8_t owner[BLOCKS];
    size_t run = 0, longest = 0;
    note_owners(owner);
    for (size_t b = 0; b < pool.blocks; b++) {
        run = owner[b] != 0 ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void step(uint64_t *seed)
{
    size_t bytes = (size_t)random_below_repeatable(
        seed, random_below_repeatable(seed, 60) * POOL_BLOCK_BYTES + 1);
    size_t least = (size_t)random_below_repeatable(seed, 40);
    size_t count = pool_blocks(bytes);
    size_t run = longest_free_run();
    bool fits = count <= run && pool.free - count >= least;
    struct lease *lease;
    switch (lease_count < LEASES ? random_below_repeatable(seed, 5) : 4) {
    case 0:
    case 1:
        lease = pool_lease(&pool, bytes, least);
        assert_int_equal(lease != NULL, fits);
        assert_true(lease == NULL || (lease->cap >= bytes && lease->count == count));
        break;
    case 2:
        lease = pool_lease_some(&pool, bytes, 0);
        assert_int_equal(lease != NULL, run > 0);
        assert_true(lease == NULL || lease->count == count || count > run);
        break;
    default:
        lease = NULL;
        if (lease_count > 0)
            release((unsigned)random_below_repeatable(seed, lease_count));
        break;
    }
    if (lease != NULL)
        keep(lease);
}

static void test_random_leases_against_a_model(void **state)
{
    static const size_t sizes[] = {1, 63, 64, 65, 128, BLOCKS};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t seed = sizes[i];
        start(sizes[i]);
        for (int k = 0; k < 4000; k++) {
            step(&seed);
            expect_consistent();
        }
        while (lease_count > 0)
            release(0);
        expect_consistent();
        assert_int_equal(pool.free, pool.blocks);
        struct lease *all = pool_lease(&pool, pool.blocks * POOL_BLOCK_BYTES - LEASE_HEAD, 0);
        assert_non_null(all); /* one piece again */
        assert_int_equal(pool.most, pool.blocks);
    }
}

static void test_sizes_at_the_edges_of_a_block(void **state)
{
    (void)state;
    assert_int_equal(pool_blocks(0), 1);
    assert_int_equal(pool_blocks(1), 1);
    assert_int_equal(pool_blocks(USABLE), 1);
    assert_int_equal(pool_blocks(USABLE + 1), 2);
    assert_int_equal(pool_blocks(USABLE + POOL_BLOCK_BYTES), 2);
    assert_int_equal(pool_blocks(USABLE + POOL_BLOCK_BYTES + 1), 3);
    start(10);
    pool_init(&pool, memory, 9 * POOL_BLOCK_BYTES + 1, 0); /* rounded up */
    assert_int_equal(pool.blocks, 10);
}

static void test_keep_is_honoured_exactly(void **state)
{
    (void)state;
    start(10);
    assert_null(pool_lease(&pool, USABLE, 10));
    assert_null(pool_lease(&pool, 7 * POOL_BLOCK_BYTES, 3));
    keep(pool_lease(&pool, 7 * POOL_BLOCK_BYTES - LEASE_HEAD, 3));
    assert_non_null(leases[0]);
    assert_int_equal(pool.free, 3);
    assert_null(pool_lease(&pool, 0, 3));
    assert_non_null(pool_lease(&pool, 0, 2));
    assert_null(pool_lease(&pool, SIZE_MAX / 2, 0));
}

/* Short runs at one end, long ones at the other: short ones that stay do not cut the long ones. */
static void test_short_runs_do_not_cut_up_long_ones(void **state)
{
    (void)state;
    start(BLOCKS);
    for (int i = 0; i < 20; i++) {
        keep(pool_lease(&pool, USABLE, 0));
        keep(pool_lease(&pool, 8 * POOL_BLOCK_BYTES - LEASE_HEAD, 0));
        release(lease_count - 1);
    }
    assert_int_equal(longest_free_run(), BLOCKS - 20);
    for (unsigned i = 0; i < lease_count; i++)
        assert_true(leases[i]->first >= BLOCKS - 20);
}

static void test_some_takes_what_there_is(void **state)
{
    (void)state;
    start(16);
    for (int i = 0; i < 16; i++)
        keep(pool_lease(&pool, USABLE, 0));
    assert_null(pool_lease_some(&pool, 1, 0));
    for (unsigned i = lease_count; i-- > 0;)
        if (leases[i]->first % 2 == 0)
            release(i);
    assert_int_equal(pool.free, 8);
    assert_null(pool_lease(&pool, USABLE + 1, 0)); /* single blocks only */
    for (int i = 0; i < 8; i++) {
        struct lease *lease = pool_lease_some(&pool, 1000000, 0);
        assert_non_null(lease);
        assert_int_equal(lease->count, 1);
    }
    assert_null(pool_lease_some(&pool, 1000000, 0));
    assert_int_equal(pool.free, 0);
    pool_release(&pool, NULL);
}

/* At least half of what was wanted, or of what there is in one piece. */
static void test_some_is_long(void **state)
{
    (void)state;
    start(100);
    struct lease *lease = pool_lease_some(&pool, 50 * POOL_BLOCK_BYTES, 0);
    assert_int_equal(lease->count, 51);
    lease = pool_lease_some(&pool, 90 * POOL_BLOCK_BYTES, 0);
    assert_true(lease->count >= 25);
}

/* Where it lies, as far as what follows is free; what was there stays. */
static void test_a_lease_grows(void **state)
{
    (void)state;
    start(100);
    keep(pool_lease(&pool, 8 * POOL_BLOCK_BYTES, 0));
    struct lease *lease = leases[0];
    assert_true(pool_grow(&pool, lease, 1, 91)); /* it has that */
    assert_false(pool_grow(&pool, lease, 20 * POOL_BLOCK_BYTES, 80));
    assert_true(pool_grow(&pool, lease, 20 * POOL_BLOCK_BYTES, 79));
    assert_int_equal(lease->count, 21);
    memset(lease->data, 7, lease->cap);
    expect_consistent();
    keep(pool_lease(&pool, 8 * POOL_BLOCK_BYTES, 0));
    assert_false(pool_grow(&pool, lease, 22 * POOL_BLOCK_BYTES, 0));
    release(1);
    assert_true(pool_grow(&pool, lease, 100 * POOL_BLOCK_BYTES - LEASE_HEAD, 0));
    assert_int_equal(pool.free, 0);
    memset(lease->data, 7, lease->cap);
    expect_consistent();
    release(0);
    expect_consistent();
}

/* One lease beside the blocks, for one at a time. */
static void test_the_room(void **state)
{
    (void)state;
    memset(memory, 0, sizeof memory);
    lease_count = 0;
    assert_true(pool_size(10 * POOL_BLOCK_BYTES, 50000) <= sizeof memory);
    pool_init(&pool, memory, 10 * POOL_BLOCK_BYTES, 50000);
    assert_null(pool_take_room(&pool, 60000));
    keep(pool_lease(&pool, 10 * POOL_BLOCK_BYTES - LEASE_HEAD, 0));
    struct lease *room = pool_take_room(&pool, 50000);
    assert_non_null(room);
    assert_true(room->cap >= 50000);
    memset(room->data, 1, room->cap);
    assert_null(pool_take_room(&pool, 1));
    assert_false(pool_grow(&pool, room, 60000, 0));
    assert_int_equal(pool.free, 0);
    expect_consistent();
    pool_release(&pool, room);
    assert_int_equal(pool.free, 0);
    assert_ptr_equal(pool_take_room(&pool, 50000), room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_leases_against_a_model),
        cmocka_unit_test(test_sizes_at_the_edges_of_a_block),
        cmocka_unit_test(test_keep_is_honoured_exactly),
        cmocka_unit_test(test_short_runs_do_not_cut_up_long_ones),
        cmocka_unit_test(test_some_takes_what_there_is),
        cmocka_unit_test(test_a_lease_grows),
        cmocka_unit_test(test_the_room),
        cmocka_unit_test(test_some_is_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
