/* Proves that the heap of deadlines gives the same order as a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "loop/deadline.h"

#define IDS 300

static uint64_t memory[IDS * 3];
static struct deadline deadline;
static uint64_t model[IDS];

static void start(uint32_t ids)
{
    assert_true(deadline_size(ids) <= sizeof memory);
    memset(memory, 0, sizeof memory);
    deadline_init(&deadline, memory, ids);
    for (uint32_t i = 0; i < ids; i++)
        model[i] = DEADLINE_NEVER;
}

static void set(uint32_t id, uint64_t at)
{
    deadline_set(&deadline, id, at);
    model[id] = at;
}

static uint64_t soonest(uint32_t ids)
{
    uint64_t at = DEADLINE_NEVER;
    for (uint32_t i = 0; i < ids; i++)
        at = model[i] < at ? model[i] : at;
    return at;
}

static void expect_model(uint32_t ids)
{
    uint32_t id = IDS, count = 0;
    uint64_t first = deadline_first(&deadline, &id);
    assert_true(first == soonest(ids));
    assert_true(first == DEADLINE_NEVER || model[id] == first);
    for (uint32_t i = 0; i < ids; i++) {
        assert_true(deadline_of(&deadline, i) == model[i]);
        count += model[i] != DEADLINE_NEVER;
    }
    assert_int_equal(deadline.count, count);
}

static void test_random_changes_against_an_array(void **state)
{
    static const uint32_t sizes[] = {1, 2, 3, 17, IDS};
    uint64_t seed = 7;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        start(sizes[i]);
        expect_model(sizes[i]);
        for (int k = 0; k < 20000; k++) {
            uint32_t id = (uint32_t)random_below_repeatable(&seed, sizes[i]);
            uint64_t at = random_below_repeatable(&seed, k % 2000 < 1000 ? 50 : 1000000);
            set(id, random_below_repeatable(&seed, 3) == 0 ? DEADLINE_NEVER : at);
            if (k % 16 == 0)
                expect_model(sizes[i]);
        }
        expect_model(sizes[i]);
    }
}

/* Taken off one by one they come in order, each once. */
static void test_they_come_in_order(void **state)
{
    uint64_t seed = 9, last = 0;
    uint32_t id = 0;
    (void)state;
    start(IDS);
    for (uint32_t i = 0; i < IDS; i++)
        set(i, 1 + random_below_repeatable(&seed, 100));
    for (uint32_t i = 0; i < IDS; i++) {
        uint64_t at = deadline_first(&deadline, &id);
        assert_true(at >= last && at == model[id]);
        last = at;
        set(id, DEADLINE_NEVER);
        expect_model(IDS);
    }
    assert_true(deadline_first(&deadline, &id) == DEADLINE_NEVER);
    set(0, DEADLINE_NEVER); /* removing what is not there */
    expect_model(IDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_changes_against_an_array),
        cmocka_unit_test(test_they_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
