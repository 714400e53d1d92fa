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
    add_block(&a, 4, 300);
    add_block(&a, 0, 100);
    add_block(&a, 2, 200);
    assert_int_equal(a.blocks, 3);
    assert_int_equal(a.pooled.trials, 3);
    assert_int_equal(a.pooled.latency.values.n, 600);
    assert_int_equal(find_spread(&a, FIGURE_RATE).n, 3);
    assert_near(find_spread(&a, FIGURE_RATE).median, 200.0);
    assert_near(find_spread(&a, FIGURE_BYTES).median, 400.0);
    assert_near(find_spread(&a, FIGURE_P50).median, 5000000.0);
    assert_near(find_spread(&a, FIGURE_P90).min, 3333333.0);
    assert_near(find_spread(&a, FIGURE_P99).max, 10000000.0);
    assert_near(find_spread(&a, FIGURE_MEAN).median, 5000000.0);
    assert_near(find_spread(&a, FIGURE_READY).median, 200000.0);
    assert_near(find_spread(&a, FIGURE_FIRST_ECHO).median, 2000.0);
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

/* The message of a schedule that was never sent would be the latest, by either clock. */
static void test_what_was_not_sent_refuses_latencies(void **state)
{
    static const enum figure latencies[] = {FIGURE_P50,  FIGURE_P90,       FIGURE_P99,
                                            FIGURE_MEAN, FIGURE_PLAIN_P50, FIGURE_PLAIN_P99};
    unsigned refused = 0;
    (void)state;
    summary_reset(&a);
    trial_reset(&trial, SCENARIO_RATE);
    trial.planned = trial.planned_sent = 100;
    summary_add(&a, 0, &trial);
    for (int f = 0; f < FIGURE_COUNT; f++)
        assert_false(is_refused(&a, (enum figure)f));
    trial.planned_sent = 99;
    summary_add(&a, 1, &trial);
    for (int f = 0; f < FIGURE_COUNT; f++)
        refused += is_refused(&a, (enum figure)f);
    for (size_t i = 0; i < sizeof latencies / sizeof latencies[0]; i++)
        assert_true(is_refused(&a, latencies[i]));
    assert_int_equal(refused, sizeof latencies / sizeof latencies[0]); /* and nothing else */
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
        cmocka_unit_test(test_what_was_not_sent_refuses_latencies),
        cmocka_unit_test(test_bytes_refuse_only_bytes),
        cmocka_unit_test(test_lost_count_refuses_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
