/* Proves figures over blocks: medians, quartiles, ratios of the same block, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "measure/result/summary.h"

static struct trial trial;
static struct summary a;
static struct summary b;

static void assert_near(double found, double expected)
{
    if (fabs(found - expected) > 1e-9 * fabs(expected))
        fail_msg("%.17g is not %.17g", found, expected);
}

/* A block with that many round trips per second, each taking as long as one place allows. */
static void add_block(struct summary *s, unsigned block, uint64_t rate)
{
    trial_reset(&trial, SCENARIO_ROUNDTRIP);
    trial.clients = 1;
    trial.depth = 1;
    trial.window_ns = 1000000000;
    trial.client_cpu_ns = rate * 700;
    trial.server_cpu_ns = rate * 300;
    trial.replied = rate;
    trial.tally = (struct tally){.sent = rate, .answered = rate, .payload_out = 2 * rate};
    for (uint64_t i = 0; i < rate; i++)
        histogram_record(&trial.latency, 1000000000 / rate);
    histogram_record(&trial.phases[PHASE_READY], 1000 * rate);
    histogram_record(&trial.phases[PHASE_FIRST_ECHO], 10 * rate);
    summary_add(s, block, &trial);
}

static struct spread find_spread(struct summary *s, enum figure figure)
{
    summary_conclude(s);
    return s->estimates[figure].spread;
}

static struct spread find_ratio(struct summary *of, struct summary *to, enum figure figure)
{
    summary_conclude(of);
    summary_conclude(to);
    return summary_compare((struct summary_trials){of, NULL}, (struct summary_trials){to, NULL},
                           figure, 1)
        .spread;
}

static bool is_refused(struct summary *s, enum figure figure)
{
    summary_conclude(s);
    return s->estimates[figure].refusal != REFUSAL_NONE;
}

/* Some identity is broken: that alone is a failure. */
static bool has_broken_identity(struct summary *s)
{
    bool broken = false;
    for (unsigned i = 0; i < IDENTITY_COUNT; i++)
        broken = broken || s->broken[i] > 0;
    summary_conclude(s);
    assert_int_equal(s->failed, broken); /* there is no other failure in these tests */
    return broken;
}

static void test_spread(void **state)
{
    /* NumPy: percentile([7, 15, 36, 39, 40, 41], [25, 50, 75]) is 20.25, 37.5, 39.75. */
    static const double values[] = {40, 7, 41, 36, 15, 39};
    struct spread s = spread_of(values, 6);
    (void)state;
    assert_int_equal(s.n, 6);
    assert_true(s.min == 7 && s.max == 41);
    assert_near(s.low, 20.25);
    assert_near(s.median, 37.5);
    assert_near(s.high, 39.75);
    assert_true(values[0] == 40);
    s = spread_of(values, 1);
    assert_true(s.min == 40 && s.low == 40 && s.median == 40 && s.high == 40 && s.max == 40);
    s = spread_of(values, 0);
    assert_true(s.n == 0 && s.median == 0);
}

static void test_figures_of_blocks(void **state)
{
    (void)state;
    summary_reset(&a);
    add_block(&a, 4, 3000);
    add_block(&a, 0, 1000);
    add_block(&a, 2, 2000);
    assert_int_equal(a.blocks, 3);
    assert_int_equal(a.pooled.trials, 3);
    assert_int_equal(a.pooled.latency.values.n, 6000);
    assert_int_equal(find_spread(&a, FIGURE_RATE).n, 3);
    assert_near(find_spread(&a, FIGURE_RATE).median, 2000.0);
    assert_near(find_spread(&a, FIGURE_BYTES).median, 4000.0);
    assert_near(find_spread(&a, FIGURE_P50).median, 500000.0);
    assert_near(find_spread(&a, FIGURE_P90).min, 333333.0);
    assert_near(find_spread(&a, FIGURE_P99).max, 1000000.0);
    assert_near(find_spread(&a, FIGURE_MEAN).median, 500000.0);
    assert_near(find_spread(&a, FIGURE_READY).median, 2000000.0);
    assert_near(find_spread(&a, FIGURE_FIRST_ECHO).median, 20000.0);
    assert_near(find_spread(&a, FIGURE_CLIENT_CPU).median, 700.0);
    assert_near(find_spread(&a, FIGURE_SERVER_CPU).median, 300.0);
    assert_int_equal(find_spread(&a, FIGURE_ACCEPTED).n, 0);
    assert_false(has_broken_identity(&a));
}

static void test_ratio_pairs_the_same_block(void **state)
{
    (void)state;
    summary_reset(&a);
    summary_reset(&b);
    add_block(&a, 0, 100);
    add_block(&a, 1, 200);
    add_block(&a, 2, 300);
    add_block(&b, 2, 100); /* 3 */
    add_block(&b, 0, 200); /* 0.5 */
    add_block(&b, 5, 100); /* no partner */
    struct spread s = find_ratio(&a, &b, FIGURE_RATE);
    assert_int_equal(s.n, 2);
    assert_near(s.min, 0.5);
    assert_near(s.max, 3.0);
    assert_int_equal(find_ratio(&a, &b, FIGURE_ACCEPTED).n, 0);
}

static void test_one_way_costs_count_what_was_accepted(void **state)
{
    (void)state;
    summary_reset(&a);
    trial_reset(&trial, SCENARIO_SEND);
    trial.accepted = 1000;
    trial.accepted_ns = 1000000;
    trial.client_cpu_ns = 500000;
    summary_add(&a, 0, &trial);
    assert_near(find_spread(&a, FIGURE_ACCEPTED).median, 1000000.0);
    assert_near(find_spread(&a, FIGURE_CLIENT_CPU).median, 500.0);
    assert_int_equal(find_spread(&a, FIGURE_SERVER_CPU).n, 0);
}

static void test_little_refuses_rates_not_phases(void **state)
{
    (void)state;
    summary_reset(&a);
    add_block(&a, 0, 100);
    trial.window_ns /= 2;
    summary_add(&a, 1, &trial);
    summary_add(&a, 2, &trial);
    assert_int_equal(a.broken[IDENTITY_LITTLE], 2);
    assert_non_null(strstr(a.why[IDENTITY_LITTLE], "200.0/s"));
    assert_true(has_broken_identity(&a));
    assert_true(is_refused(&a, FIGURE_RATE));
    assert_true(is_refused(&a, FIGURE_P99));
    assert_true(is_refused(&a, FIGURE_BYTES));
    assert_false(is_refused(&a, FIGURE_READY));
}

/* A percentile with fewer than ten messages beyond it shows chance; the mean needs none. */
static void test_few_messages_make_no_percentile(void **state)
{
    (void)state;
    summary_reset(&a);
    add_block(&a, 0, 999);
    assert_int_equal((summary_conclude(&a), a.estimates[FIGURE_P99].refusal), REFUSAL_FEW);
    assert_int_equal(a.estimates[FIGURE_P90].refusal, REFUSAL_NONE);
    assert_int_equal(a.estimates[FIGURE_MEAN].refusal, REFUSAL_NONE);
    add_block(&a, 1, 1000); /* half of them are not enough */
    assert_int_equal((summary_conclude(&a), a.estimates[FIGURE_P99].refusal), REFUSAL_FEW);
    add_block(&a, 2, 1000);
    assert_false(is_refused(&a, FIGURE_P99));
    assert_int_equal(find_spread(&a, FIGURE_P99).n, 3); /* or the slowest would be left out */
    summary_reset(&a);
    add_block(&a, 0, 1000);
    trial.stopped = true;
    trial.latency = (struct histogram){0};
    histogram_record(&trial.latency, 1);
    summary_add(&a, 1, &trial); /* cut short by the end of the run: left out */
    assert_int_equal(find_spread(&a, FIGURE_P99).n, 1);
    assert_false(is_refused(&a, FIGURE_P99));
}

/* A block in which 20 of 1000 messages of 100 us were not answered for a second. */
static void add_missing(struct summary *s, unsigned block, enum scenario scenario)
{
    trial_reset(&trial, scenario);
    for (int i = 0; i < 980; i++)
        histogram_record(&trial.latency, 100000);
    histogram_miss(&trial.latency, 1000000000, 20);
    trial.plain = trial.latency;
    summary_add(s, block, &trial);
}

static void test_what_is_missing_is_later_than_all(void **state)
{
    (void)state;
    for (unsigned scenario = SCENARIO_ROUNDTRIP; scenario <= SCENARIO_RATE; scenario++) {
        summary_reset(&a);
        for (unsigned block = 0; block < 7; block++)
            add_missing(&a, block, (enum scenario)scenario);
        struct spread s = find_spread(&a, FIGURE_P99);
        assert_true(s.min_beyond && s.median_beyond && s.max_beyond);
        assert_near(s.median, 1e9);
        const struct interval *i = &a.estimates[FIGURE_P99].interval;
        assert_true(i->low_beyond && i->middle_beyond && i->high_beyond);
        assert_true(i->low == 1e9 && interval_most(i) == INFINITY);
        assert_true(find_spread(&a, FIGURE_PLAIN_P99).median_beyond);
        assert_false(find_spread(&a, FIGURE_P90).max_beyond);
        assert_near(find_spread(&a, FIGURE_P90).median, 100000);
        assert_true(find_spread(&a, FIGURE_MEAN).median_beyond);
        assert_near(find_spread(&a, FIGURE_MEAN).median, 0.98 * 1e5 + 0.02 * 1e9);
        assert_true(a.max.beyond && a.mean.beyond && a.p999.scarce);
    }
}

/* One block of seven does not move the median, but no interval ends below it. */
static void test_one_block_with_missing_messages(void **state)
{
    (void)state;
    summary_reset(&a);
    add_missing(&a, 0, SCENARIO_ROUNDTRIP);
    for (unsigned block = 1; block < 7; block++)
        add_block(&a, block, 10000);
    struct spread s = find_spread(&a, FIGURE_P99);
    const struct interval *i = &a.estimates[FIGURE_P99].interval;
    assert_true(!s.min_beyond && !s.median_beyond && s.max_beyond);
    assert_true(!i->low_beyond && !i->middle_beyond && i->high >= 100000);
}

static void test_ratios_to_what_is_missing(void **state)
{
    (void)state;
    summary_reset(&a);
    summary_reset(&b);
    for (unsigned block = 0; block < 7; block++) {
        add_missing(&a, block, SCENARIO_ROUNDTRIP);
        add_block(&b, block, 10000);
    }
    summary_conclude(&a);
    summary_conclude(&b);
    struct summary_trials of = {&a, NULL};
    struct summary_trials to = {&b, NULL};
    struct estimate e = summary_compare(of, to, FIGURE_P99, 1);
    assert_int_equal(e.refusal, REFUSAL_NONE);
    assert_true(e.interval.low_beyond && e.interval.low > 9000);
    assert_int_equal(summary_compare(to, of, FIGURE_P99, 1).refusal, REFUSAL_MISSING);
    assert_int_equal(summary_compare(to, of, FIGURE_P90, 1).refusal, REFUSAL_NONE);
}

static void test_silent_trials_are_counted(void **state)
{
    (void)state;
    summary_reset(&a);
    add_block(&a, 0, 1000);
    trial.silent_ns = trial.window_ns / 20;
    summary_add(&a, 1, &trial);
    assert_int_equal(a.silent_blocks, 0);
    trial.silent_ns++;
    summary_add(&a, 2, &trial);
    assert_int_equal(a.silent_blocks, 1);
}

static void test_bytes_refuse_only_bytes(void **state)
{
    (void)state;
    summary_reset(&a);
    add_block(&a, 0, 100);
    trial.frame_size_out = 8;
    trial.tally.frames_out = 100;
    trial.tally.frame_bytes_out = 801;
    summary_add(&a, 1, &trial);
    assert_true(is_refused(&a, FIGURE_BYTES));
    assert_false(is_refused(&a, FIGURE_RATE));
    assert_true(has_broken_identity(&a));
}

static void test_lost_count_refuses_all(void **state)
{
    (void)state;
    summary_reset(&a);
    add_block(&a, 0, 100);
    trial.tally.sent++;
    summary_add(&a, 1, &trial);
    for (int f = 0; f < FIGURE_COUNT; f++)
        assert_true(is_refused(&a, (enum figure)f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_figures_of_blocks),
        cmocka_unit_test(test_ratio_pairs_the_same_block),
        cmocka_unit_test(test_one_way_costs_count_what_was_accepted),
        cmocka_unit_test(test_little_refuses_rates_not_phases),
        cmocka_unit_test(test_few_messages_make_no_percentile),
        cmocka_unit_test(test_what_is_missing_is_later_than_all),
        cmocka_unit_test(test_one_block_with_missing_messages),
        cmocka_unit_test(test_ratios_to_what_is_missing),
        cmocka_unit_test(test_silent_trials_are_counted),
        cmocka_unit_test(test_bytes_refuse_only_bytes),
        cmocka_unit_test(test_lost_count_refuses_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
