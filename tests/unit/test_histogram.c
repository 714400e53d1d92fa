/* Proves that the histogram's percentiles are those of a sorted array of the same values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/record/histogram.h"

#define COUNT 2500000 /* of each of four distributions: 10 million in all */

static uint64_t values[COUNT];
static struct histogram whole;
static struct histogram part;
static struct histogram other;

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static double next_part(uint64_t *x) /* within (0, 1] */
{
    return (double)((next_random(x) >> 11) + 1) / 9007199254740992.0;
}

/* Spread evenly over the octaves: every bin range from 1 ns to the end gets its share. */
static uint64_t draw_octaves(uint64_t *x)
{
    unsigned bits = (unsigned)(next_random(x) % HISTOGRAM_OCTAVES) + 1;
    return next_random(x) & ((UINT64_C(1) << bits) - 1);
}

static uint64_t draw_exponential(uint64_t *x)
{
    return (uint64_t)(-50000.0 * log(next_part(x)));
}

/* As latencies are: log-normal (Box and Muller), around 20 us. */
static uint64_t draw_log_normal(uint64_t *x)
{
    double normal = sqrt(-2.0 * log(next_part(x))) * cos(6.283185307179586 * next_part(x));
    return (uint64_t)(20000.0 * exp(0.4 * normal));
}

/* Two narrow ones, a thousand times apart: what a delayed acknowledgement does. */
static uint64_t draw_two_modes(uint64_t *x)
{
    uint64_t base = next_random(x) % 16 == 0 ? 40000000 : 40000;
    return base + next_random(x) % 1000;
}

static void record_all(uint64_t (*draw)(uint64_t *))
{
    uint64_t x = 88172645463325252u;
    histogram_reset(&whole);
    histogram_reset(&part);
    histogram_reset(&other);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = draw(&x);
        assert_true(histogram_record(&whole, values[i]));
        histogram_record(i % 3 == 0 ? &part : &other, values[i]);
    }
    qsort(values, COUNT, sizeof values[0], compare);
}

static uint64_t sorted_percentile(size_t per_million)
{
    size_t rank = (size_t)(((uint64_t)per_million * COUNT + 999999) / 1000000);
    return values[rank == 0 ? 0 : rank - 1];
}

/* Both readings of one percentile. */
static void check_percentile(size_t per_million)
{
    uint64_t exact = sorted_percentile(per_million);
    double bound = (double)exact / 128.0;
    uint64_t found = histogram_percentile(&whole, (double)per_million / 10000.0);
    double between = histogram_between(&whole, (double)per_million / 10000.0);
    if (found < exact || (double)(found - exact) > bound)
        fail_msg("percentile %zu/10^6: %llu for %llu", per_million, (unsigned long long)found,
                 (unsigned long long)exact);
    if (fabs(between - (double)exact) > bound || between > (double)found)
        fail_msg("between %zu/10^6: %g for %llu", per_million, between, (unsigned long long)exact);
}

static void check_percentiles(void)
{
    double before = 0.0;
    for (size_t per_million = 0; per_million <= 1000000; per_million += 250) {
        double between = histogram_between(&whole, (double)per_million / 10000.0);
        check_percentile(per_million);
        assert_true(between >= before);
        before = between;
    }
}

static void check_exact_figures(void)
{
    double sum = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < COUNT; i++)
        sum += (double)values[i];
    for (size_t i = 0; i < COUNT; i++)
        squares += ((double)values[i] - sum / COUNT) * ((double)values[i] - sum / COUNT);
    assert_int_equal(whole.values.n, COUNT);
    assert_true(whole.values.min == (double)values[0]);
    assert_true(whole.values.max == (double)values[COUNT - 1]);
    assert_true(fabs(histogram_mean(&whole) / (sum / COUNT) - 1.0) < 1e-11);
    assert_true(fabs(histogram_deviation(&whole) / sqrt(squares / (COUNT - 1)) - 1.0) < 1e-11);
}

static void check_merge(void)
{
    other.outside = 3;
    part.outside = 4;
    histogram_merge(&part, &other);
    assert_memory_equal(part.counts, whole.counts, sizeof whole.counts);
    assert_int_equal(part.values.n, COUNT);
    assert_int_equal(part.outside, 7);
    assert_true(part.values.min == whole.values.min);
    assert_true(part.values.max == whole.values.max);
    assert_true(fabs(histogram_deviation(&part) / histogram_deviation(&whole) - 1.0) < 1e-11);
}

static void check_all(uint64_t (*draw)(uint64_t *))
{
    record_all(draw);
    check_percentiles();
    check_exact_figures();
    check_merge();
}

static void test_sorted_octaves(void **state)
{
    (void)state;
    check_all(draw_octaves);
}

static void test_sorted_exponential(void **state)
{
    (void)state;
    check_all(draw_exponential);
}

static void test_sorted_log_normal(void **state)
{
    (void)state;
    check_all(draw_log_normal);
}

static void test_sorted_two_modes(void **state)
{
    (void)state;
    check_all(draw_two_modes);
}

static void test_bins_cover_everything_once(void **state)
{
    uint64_t expected_low = 0;
    (void)state;
    for (unsigned bin = 0; bin < HISTOGRAM_BINS; bin++) {
        assert_int_equal(histogram_bin_low(bin), expected_low);
        assert_int_equal(histogram_bin(histogram_bin_low(bin)), bin);
        assert_int_equal(histogram_bin(histogram_bin_high(bin)), bin);
        expected_low = histogram_bin_high(bin) + 1;
    }
    assert_int_equal(expected_low, HISTOGRAM_MAX + 1);
}

static void test_outside_is_counted_not_clipped(void **state)
{
    static struct histogram h;
    (void)state;
    assert_true(histogram_record(&h, HISTOGRAM_MAX));
    assert_false(histogram_record(&h, HISTOGRAM_MAX + 1));
    assert_false(histogram_record(&h, UINT64_MAX));
    assert_int_equal(h.outside, 2);
    assert_int_equal(h.values.n, 1);
    assert_int_equal(histogram_percentile(&h, 100.0), HISTOGRAM_MAX);
    histogram_reset(&h);
    assert_int_equal(h.outside + h.values.n + h.counts[HISTOGRAM_BINS - 1], 0);
}

/* 980 values of 1 to 980, and 20 that did not come within 5000 and more. */
static void test_what_is_missing_is_greater_than_all(void **state)
{
    static struct histogram h, more, both;
    (void)state;
    assert_false(histogram_is_beyond(&h, 100.0));
    assert_int_equal(histogram_bound(&h), 0);
    for (uint64_t i = 1; i <= 980; i++)
        histogram_record(&h, i);
    histogram_miss(&h, 7000, 15);
    histogram_miss(&more, 5000, 5);
    histogram_miss(&more, 1, 0);
    histogram_merge(&both, &h);
    histogram_merge(&both, &more);
    assert_int_equal(histogram_total(&both), 1000);
    assert_int_equal(both.missing, 20);
    assert_int_equal(histogram_bound(&both), 5000);
    assert_false(histogram_is_beyond(&both, 98.0));
    assert_true(histogram_is_beyond(&both, 98.1));
    assert_int_equal(histogram_percentile(&both, 98.0), 980);
    assert_int_equal(histogram_percentile(&both, 99.0), 5000);
    assert_true(histogram_between(&both, 99.0) == 5000.0);
    assert_int_equal(both.values.n, 980); /* mean and deviation are of these */
    histogram_record(&both, 6000);        /* later than what some are known to exceed */
    assert_int_equal(histogram_bound(&both), 6000);
}

static void test_values_outside_are_greater_than_all(void **state)
{
    static struct histogram h;
    (void)state;
    histogram_record(&h, UINT64_MAX);
    assert_true(histogram_is_beyond(&h, 50.0));
    assert_int_equal(histogram_bound(&h), HISTOGRAM_MAX);
    histogram_miss(&h, 5, 1);
    assert_int_equal(histogram_bound(&h), 5);
}

static void test_a_percentile_needs_ten_beyond(void **state)
{
    static struct histogram h;
    (void)state;
    assert_false(histogram_supports(&h, 0.0));
    for (int i = 0; i < 999; i++)
        histogram_record(&h, 1);
    assert_false(histogram_supports(&h, 99.0));
    assert_true(histogram_supports(&h, 98.9));
    histogram_miss(&h, 1, 1);
    assert_true(histogram_supports(&h, 99.0));
    assert_false(histogram_supports(&h, 99.9));
}

static void test_empty_and_single(void **state)
{
    static struct histogram h;
    (void)state;
    assert_int_equal(histogram_percentile(&h, 50.0), 0);
    assert_true(histogram_mean(&h) == 0.0);
    histogram_record(&h, 1000001);
    assert_int_equal(histogram_percentile(&h, 0.0), 1000001);
    assert_int_equal(histogram_percentile(&h, 50.0), 1000001);
    assert_int_equal(histogram_percentile(&h, 100.0), 1000001);
}

/* 20000 has the bin of 19968..20095: a step of one in the value is one in what lies between. */
static void test_between_has_no_steps(void **state)
{
    static struct histogram h;
    double before = 0.0;
    (void)state;
    assert_true(histogram_between(&h, 50.0) == 0.0);
    for (uint64_t lower = 0; lower <= 100; lower++) {
        histogram_reset(&h);
        histogram_record(&h, 1);
        histogram_record(&h, 100000);
        for (uint64_t i = 0; i < 100; i++)
            histogram_record(&h, i < lower ? 19950 : 20000);
        double p50 = histogram_between(&h, 50.0);
        if (before != 0.0 && lower != 51)
            assert_true(p50 <= before && before - p50 < 70.0);
        before = p50;
    }
    histogram_reset(&h);
    histogram_record(&h, 20000); /* alone: it is known exactly */
    assert_true(histogram_between(&h, 50.0) == 20000.0);
}

/* Four of six in the bin of 19968..20095: they stand in the middles of its four quarters. */
static void test_between_is_the_middle_of_a_place(void **state)
{
    static const double places[] = {0.125, 0.375, 0.625, 0.875};
    static struct histogram h;
    (void)state;
    histogram_reset(&h);
    histogram_record(&h, 1);
    for (int i = 0; i < 4; i++)
        histogram_record(&h, 20000);
    histogram_record(&h, 100000);
    for (int i = 0; i < 4; i++)
        assert_true(histogram_between(&h, 100.0 * (i + 2) / 6) == 19968 + 127 * places[i]);
}

static void test_ranks_do_not_slip(void **state)
{
    static struct histogram h;
    (void)state;
    for (uint64_t ns = 0; ns < 200; ns++) /* five of each: 1000 values in bins of their own */
        for (int i = 0; i < 5; i++)
            histogram_record(&h, ns);
    assert_int_equal(histogram_percentile(&h, 50.0), 99);
    assert_int_equal(histogram_percentile(&h, 50.1), 100);
    assert_int_equal(histogram_percentile(&h, 99.5), 198);
    assert_int_equal(histogram_percentile(&h, 99.6), 199);

    /* 0.9 / 100 * 1000 is 9.000000000000002 in doubles, and still the ninth value. */
    histogram_reset(&h);
    for (uint64_t ns = 0; ns < 1000; ns++)
        histogram_record(&h, ns < 9 ? 1 : 2);
    assert_int_equal(histogram_percentile(&h, 0.9), 1);
    assert_int_equal(histogram_percentile(&h, 0.91), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted_octaves),
        cmocka_unit_test(test_sorted_exponential),
        cmocka_unit_test(test_sorted_log_normal),
        cmocka_unit_test(test_sorted_two_modes),
        cmocka_unit_test(test_bins_cover_everything_once),
        cmocka_unit_test(test_outside_is_counted_not_clipped),
        cmocka_unit_test(test_what_is_missing_is_greater_than_all),
        cmocka_unit_test(test_values_outside_are_greater_than_all),
        cmocka_unit_test(test_a_percentile_needs_ten_beyond),
        cmocka_unit_test(test_empty_and_single),
        cmocka_unit_test(test_between_has_no_steps),
        cmocka_unit_test(test_between_is_the_middle_of_a_place),
        cmocka_unit_test(test_ranks_do_not_slip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
