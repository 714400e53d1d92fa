/* Proves intervals by their known ends: those of few values, and of equal ones.
 * tests/e2e/test_statistics.py compares them with scipy's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/config.h"
#include "measure/result/interval.h"

static void assert_is(struct interval i, size_t n, double median, double low, double high)
{
    if (i.n != n || i.middle != median || i.low != low || i.high != high)
        fail_msg("%zu: %g (%g to %g)", i.n, i.middle, i.low, i.high);
}

/* Ordered values 1 and n, 1 and n, 2 and n - 1, 5 and n - 4: for these n the ends are those of the
 * sign test, the exact interval of a median at 95 % or more. */
static void test_ends_are_order_statistics(void **state)
{
    static const double values[] = {9, 3, 17, 1, 5, 11, 7, 13, 15, 2, 4, 6, 8, 10, 12, 14, 16};
    (void)state;
    assert_is(interval_of(values, 6), 6, 7, 1, 17);
    assert_is(interval_of(values, 7), 7, 7, 1, 17);
    assert_is(interval_of(values, 9), 9, 9, 3, 15);
    assert_is(interval_of(values, 17), 17, 9, 5, 13);
}

static void test_equal_values_leave_no_doubt(void **state)
{
    double values[BLOCKS_MAX];
    (void)state;
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        values[i] = 2.5;
    assert_is(interval_of(values, BLOCKS_MAX), BLOCKS_MAX, 2.5, 2.5, 2.5);
    assert_is(interval_of_medians(values, 8, values, BLOCKS_MAX), 8, 1, 1, 1);
}

static void test_few_values_give_their_range(void **state)
{
    static const double values[] = {5, 3, 4, 9, 8};
    (void)state;
    assert_is(interval_of(values, 0), 0, 0, 0, 0);
    assert_is(interval_of(values, 1), 1, 5, 5, 5);
    assert_is(interval_of(values, 5), 5, 5, 3, 9);
    assert_is(interval_of_medians(values, 5, values, 0), 0, 0, 0, 0);
    assert_is(interval_of_medians(values, 3, values, 5), 3, 0.8, 3.0 / 9.0, 5.0 / 3.0);
}

/* One wild block of ten moves neither end: that is why it is a median. */
static void test_one_outlier_changes_nothing(void **state)
{
    static const double tame[] = {20, 21, 22, 23, 24, 25, 26, 27, 28, 29};
    static const double wild[] = {20, 21, 22, 23, 24, 25, 26, 27, 28, 1e9};
    struct interval a = interval_of(tame, 10);
    struct interval b = interval_of(wild, 10);
    (void)state;
    assert_true(a.low == b.low && a.high == b.high && a.middle == b.middle);
    assert_true(a.low > 20 && a.high < 29);
}

/* The two are drawn on their own: paired draws of the same values would always give 1. */
static void test_medians_are_resampled_apart(void **state)
{
    static const double values[] = {20, 21, 22, 23, 24, 25, 26, 27, 28, 29};
    struct interval i = interval_of_medians(values, 10, values, 10);
    (void)state;
    assert_true(i.middle == 1);
    assert_true(i.low > 20.0 / 29.0 && i.low < 0.95);
    assert_true(i.high < 29.0 / 20.0 && i.high > 1.05);
}

/* Values of no order, for every n that has an interval: the sums are those of all resamples sorted
 * and counted one by one, as they once were. */
static void test_every_count_of_blocks(void **state)
{
    double values[BLOCKS_MAX];
    double lows = 0.0;
    double highs = 0.0;
    uint32_t next = 12345;
    (void)state;
    for (size_t n = INTERVAL_MIN; n <= BLOCKS_MAX; n++)
        for (unsigned round = 0; round < 50; round++) {
            for (size_t i = 0; i < n; i++) {
                next = next * 1103515245 + 12345;
                values[i] = 1 + (next >> 16) % 10000;
            }
            struct interval found = interval_of(values, n);
            lows += found.low;
            highs += found.high;
        }
    assert_true(fabs(lows - 15336945.6952822) < 1e-3);
    assert_true(fabs(highs - 29611225.0840865) < 1e-3);
}

/* Values whose logarithms are 0.01 apart around 0: mean 0, and Student's interval by hand. */
static void test_ratios(void **state)
{
    double ratios[10];
    (void)state;
    for (size_t i = 0; i < 10; i++)
        ratios[i] = exp(0.01 * ((double)((7 * i) % 10) - 4.5));
    struct interval six = interval_of_ratios(ratios, 6, 1);
    struct interval all = interval_of_ratios(ratios, 10, 1);
    struct interval claims = interval_of_ratios(ratios, 10, 3);
    assert_int_equal(all.n, 10);
    assert_true(fabs(all.middle - 1.0) < 1e-12);
    /* Eight values are left; the moved ones' deviation is sqrt(66.5 / 9), t is 2.3646. */
    assert_true(fabs(log(all.high) - 0.01 * 2.3646 * sqrt(66.5 / 9 / 10) / 0.8) < 1e-6);
    assert_true(fabs(log(all.low) + log(all.high)) < 1e-12);
    assert_true(claims.high > all.high && claims.low < all.low);
    assert_true(six.low < six.middle && six.middle < six.high); /* nothing is left out of six */
    assert_true(fabs(log(six.middle) - 0.01 * ((0 + 7 + 4 + 1 + 8 + 5) / 6.0 - 4.5)) < 1e-12);
}

static void test_a_disturbed_block_says_nothing(void **state)
{
    double ratios[10] = {1.02, 1.03, 1.025, 1.02, 1.03, 1.025, 1.02, 1.03, 1.025, 1.02};
    (void)state;
    struct interval calm = interval_of_ratios(ratios, 10, 3);
    ratios[4] = 2.06;
    struct interval disturbed = interval_of_ratios(ratios, 10, 3);
    ratios[4] = 1e6;
    struct interval wild = interval_of_ratios(ratios, 10, 3);
    assert_true(calm.low > 1.0 && disturbed.low > 1.0);
    assert_true(fabs(wild.high - disturbed.high) < 1e-12);
}

static void test_few_ratios(void **state)
{
    static const double ratios[] = {4, 1, 2, 8, 0.5};
    (void)state;
    struct interval i = interval_of_ratios(ratios, 5, 1);
    assert_int_equal(i.n, 5);
    assert_true(fabs(i.middle - 2.0) < 1e-12);
    assert_true(fabs(i.low - 0.5) < 1e-12 && fabs(i.high - 8.0) < 1e-12);
    assert_is(interval_of_ratios(ratios, 0, 1), 0, 0, 0, 0);
}

/* One of ten ratios may be a lower bound: it is left out anyway. */
static void test_bounds_of_ratios(void **state)
{
    double ratios[10] = {1.02, 1.03, 1.025, 1.02, 1.03, 1.025, 1.02, 1.03, 1.025, 1.02};
    bool beyond[10] = {false, false, true};
    (void)state;
    struct interval one = interval_of_ratio_bounds(ratios, beyond, 10, 3);
    assert_true(!one.middle_beyond && !one.high_beyond && one.low > 1.0 && one.high < 1.04);
    beyond[7] = true;
    struct interval two = interval_of_ratio_bounds(ratios, beyond, 10, 3);
    assert_true(two.middle_beyond && two.high_beyond && !two.low_beyond);
    assert_true(two.low == 1.02 && interval_most(&two) == INFINITY);
    for (int i = 0; i < 10; i++)
        beyond[i] = true;
    assert_true(interval_of_ratio_bounds(ratios, beyond, 10, 3).low_beyond);
    beyond[0] = false;
    assert_true(interval_of_ratio_bounds(ratios, beyond, 5, 3).high_beyond); /* few of them */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_are_order_statistics),
        cmocka_unit_test(test_equal_values_leave_no_doubt),
        cmocka_unit_test(test_few_values_give_their_range),
        cmocka_unit_test(test_one_outlier_changes_nothing),
        cmocka_unit_test(test_medians_are_resampled_apart),
        cmocka_unit_test(test_every_count_of_blocks),
        cmocka_unit_test(test_ratios),
        cmocka_unit_test(test_a_disturbed_block_says_nothing),
        cmocka_unit_test(test_few_ratios),
        cmocka_unit_test(test_bounds_of_ratios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
