/* Proves that each message of a rate is due at its exact instant, and that the count of due
 * messages agrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "client/options/schedule.h"

#define SECOND UINT64_C(1000000000)

static void test_due_is_exact(void **state)
{
    (void)state;
    assert_int_equal(schedule_due(0, 1), 0);
    assert_int_equal(schedule_due(0, 10000000), 0);
    assert_int_equal(schedule_due(1, 3), 333333333);
    assert_int_equal(schedule_due(2, 3), 666666666);
    assert_int_equal(schedule_due(3, 3), SECOND);
    assert_int_equal(schedule_due(1, 10000000), 100);
    /* A day at the highest rate, where a product in one go would not fit in 64 bits; and at one
     * whose period is no whole number of ns, where adding periods up would be off by 28.8 ms. */
    assert_true(schedule_due(86400 * UINT64_C(10000000), 10000000) == 86400 * SECOND);
    assert_true(schedule_due(86400 * UINT64_C(3000000) + 1, 3000000) == 86400 * SECOND + 333);
}

/* The count is that of the due instants before, for every instant: found by walking along. */
static void walk(uint64_t rate, uint64_t until, uint64_t step)
{
    uint64_t k = 0;
    uint64_t before = 0;
    for (uint64_t ns = 0; ns < until; ns += step) {
        while (schedule_due(k, rate) < ns) {
            assert_true(schedule_due(k, rate) >= before);
            before = schedule_due(k++, rate);
        }
        if (schedule_count(ns, rate) != k)
            fail_msg("%llu/s: %llu in %llu ns, not %llu", (unsigned long long)rate,
                     (unsigned long long)schedule_count(ns, rate), (unsigned long long)ns,
                     (unsigned long long)k);
    }
}

static void test_count_is_of_due(void **state)
{
    (void)state;
    walk(10000000, 100000, 1);
    walk(9999999, 100000, 1);
    walk(3000000, 100000, 1);
    walk(1000, 3 * SECOND, 99991);
    walk(7, 100 * SECOND, 999983);
    walk(1, 100 * SECOND, SECOND / 3);
}

static void test_count_at_its_edges(void **state)
{
    static const uint64_t rates[] = {1, 3, 7, 999, 1000, 1001, 3000000, 9999991, 10000000};
    (void)state;
    assert_int_equal(schedule_count(0, 1000), 0);
    assert_int_equal(schedule_count(1, 1000), 1);
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        for (uint64_t k = 1; k < 86400 * rates[i]; k = k * 3 + 1) {
            uint64_t due = schedule_due(k, rates[i]);
            assert_true(schedule_count(due, rates[i]) <= k);
            assert_true(schedule_count(due + 1, rates[i]) > k);
        }
    assert_true(schedule_count(86400 * SECOND, 10000000) == 86400 * UINT64_C(10000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due_is_exact),
        cmocka_unit_test(test_count_is_of_due),
        cmocka_unit_test(test_count_at_its_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
