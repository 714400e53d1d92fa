/* Proves the rules by which a difference is shown, and by which something was the limit: see "How
 * figures come to be believed" in NOTES.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "measure/result/contrast.h"
#include "measure/result/limit.h"
#include "measure/result/pair.h"

static struct summary of;
static struct summary to;
static struct summary control;

static enum contrast_result judge(size_t n, double median, double low, double high)
{
    struct interval ratio = {.n = n, .middle = median, .low = low, .high = high};
    return contrast_judge(&ratio);
}

static void test_rule(void **state)
{
    (void)state;
    assert_int_equal(judge(0, 0, 0, 0), CONTRAST_NONE);
    assert_int_equal(judge(INTERVAL_MIN - 1, 9, 8, 10), CONTRAST_FEW);
    assert_int_equal(judge(INTERVAL_MIN, 9, 8, 10), CONTRAST_MORE);
    assert_int_equal(judge(10, 0.5, 0.4, 0.6), CONTRAST_LESS);
    assert_int_equal(judge(10, 1.05, 1.01, 1.1), CONTRAST_MORE);
    assert_int_equal(judge(10, 1.05, 1.0, 1.1), CONTRAST_SAME); /* 1 is not excluded */
    assert_int_equal(judge(10, 0.95, 0.9, 1.0), CONTRAST_SAME); /* nor here */
    assert_int_equal(judge(10, 0.96, 0.9, 0.99), CONTRAST_LESS);
}

static const char *allows(double difference)
{
    static char text[CONTRAST_ALLOWS];
    contrast_format_allows(text, difference);
    return text;
}

static void test_what_no_difference_allows(void **state)
{
    struct interval up = {.n = 10, .middle = 1.01, .low = 0.99, .high = 1.03};
    struct interval down = {.n = 10, .middle = 0.99, .low = 0.96, .high = 1.02};
    (void)state;
    assert_true(fabs(contrast_allows(&up) - 0.03) < 1e-12);
    assert_true(fabs(contrast_allows(&down) - 0.04) < 1e-12);
    assert_string_equal(allows(0.0), "<= 0.0 %");
    assert_string_equal(allows(0.02001), "<= 2.1 %");
    assert_string_equal(allows(0.0999), "<= 10 %");
    assert_string_equal(allows(0.114), "<= 12 %");
    assert_string_equal(allows(1e300), "> 999 %");
}

/* What is beyond may be any more. */
static void test_bounds(void **state)
{
    struct interval ratio = {.n = 10, .middle = 0.7, .low = 0.6, .high = 0.8};
    (void)state;
    assert_int_equal(contrast_judge(&ratio), CONTRAST_LESS);
    ratio.middle_beyond = ratio.high_beyond = true;
    assert_int_equal(contrast_judge(&ratio), CONTRAST_SAME);
    assert_string_equal(allows(contrast_allows(&ratio)), "> 999 %");
    ratio.low = 1.1;
    assert_int_equal(contrast_judge(&ratio), CONTRAST_MORE);
}

static void fill(struct summary *s, double base, double step)
{
    memset(s, 0, sizeof *s);
    for (unsigned block = 0; block < 10; block++)
        s->figures[FIGURE_P50][block] = base + step * (block % 3);
    summary_conclude(s);
}

/* `of` to `to`, which `control` may have measured a second time. */
static struct comparison compare(bool twice, enum figure figure)
{
    static const struct estimate none;
    struct summary_trials once = {&control, NULL};
    struct summary_trials others = {&to, twice ? &control : NULL};
    struct estimate noise = summary_compare(once, (struct summary_trials){&to, NULL}, figure, 1);
    return pair_compare((struct summary_trials){&of, NULL}, others, twice ? &noise : &none, figure,
                        1);
}

static void test_of_summaries(void **state)
{
    (void)state;
    fill(&of, 1300, 2);
    fill(&to, 1000, 1);
    fill(&control, 1001, 3);
    struct comparison c = compare(true, FIGURE_P50);
    assert_int_equal(c.result, CONTRAST_MORE);
    assert_int_equal(c.ratio.interval.n, 10);
    assert_int_equal(c.noise.n, 10);
    assert_true(c.noise.middle > 1.0 && c.noise.middle < 1.01);
    c = compare(false, FIGURE_P50);
    assert_int_equal(c.noise.n, 0);
    assert_int_equal(c.result, CONTRAST_MORE);
    fill(&control, 1690, 0); /* both trials of the first target count */
    c = compare(true, FIGURE_P50);
    assert_true(fabs(c.ratio.interval.middle - 1.0) < 0.002);
    fill(&control, 1000, 1500); /* so noisy that nothing shows */
    c = compare(true, FIGURE_P50);
    assert_int_equal(c.result, CONTRAST_SAME);
    assert_int_equal(compare(false, FIGURE_P99).result, CONTRAST_NONE);
}

static void test_refused_figures_show_nothing(void **state)
{
    struct summary *each[] = {&of, &to, &control};
    (void)state;
    fill(&of, 1300, 2);
    fill(&to, 1000, 1);
    fill(&control, 1001, 3);
    for (size_t i = 0; i < 3; i++) {
        each[i]->broken[IDENTITY_LITTLE] = 1;
        summary_conclude(each[i]);
        struct comparison c = compare(true, FIGURE_P50);
        assert_int_equal(c.result, CONTRAST_NONE);
        assert_int_equal(c.ratio.refusal, REFUSAL_LITTLE);
        each[i]->broken[IDENTITY_LITTLE] = 0;
        summary_conclude(each[i]);
    }
}

static enum limit judge_limit(double client, double server, enum placement placement)
{
    struct placement_count seen = {{0}};
    seen.trials[placement] = 10;
    return limit_judge(client, server, &seen);
}

/* Two ends that share a core cannot use 90 % of one each. */
static void test_limits_by_placement(void **state)
{
    struct placement_count mixed = {{[PLACEMENT_SAME] = 9, [PLACEMENT_APART] = 1}};
    (void)state;
    assert_int_equal(judge_limit(0.49, 0.47, PLACEMENT_APART), LIMIT_LATENCY);
    assert_int_equal(judge_limit(0.49, 0.47, PLACEMENT_SAME), LIMIT_CORE);
    assert_int_equal(judge_limit(0.45, 0.44, PLACEMENT_SAME), LIMIT_LATENCY);
    assert_int_equal(judge_limit(0.49, 0.47, PLACEMENT_MOVING), LIMIT_UNKNOWN);
    assert_int_equal(judge_limit(0.95, 0.80, PLACEMENT_MOVING), LIMIT_UNKNOWN);
    assert_int_equal(judge_limit(0.95, 0.0, PLACEMENT_SAME), LIMIT_CLIENT);
    assert_int_equal(judge_limit(0.80, 0.95, PLACEMENT_APART), LIMIT_SERVER);
    assert_int_equal(limit_judge(0.95, 0.80, &mixed), LIMIT_UNKNOWN);
    assert_string_equal(limit_text(LIMIT_CORE), "core-limited");
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(judge_limit(0.95, 0.80, PLACEMENT_UNKNOWN), LIMIT_CLIENT);
    assert_int_equal(judge_limit(0.99, 0.92, PLACEMENT_UNKNOWN),
                     LIMIT_CLIENT); /* lower by more than the margin */
    assert_int_equal(judge_limit(0.80, 0.95, PLACEMENT_UNKNOWN), LIMIT_SERVER);
    assert_int_equal(judge_limit(0.92, 0.99, PLACEMENT_UNKNOWN),
                     LIMIT_SERVER); /* the margin is the same */
    assert_int_equal(judge_limit(0.93, 0.95, PLACEMENT_UNKNOWN), LIMIT_BOTH);
    assert_int_equal(judge_limit(0.95, 0.93, PLACEMENT_UNKNOWN), LIMIT_BOTH);
    assert_int_equal(judge_limit(0.89, 0.91, PLACEMENT_UNKNOWN), LIMIT_BOTH);
    assert_int_equal(judge_limit(0.89, 0.89, PLACEMENT_UNKNOWN), LIMIT_LATENCY);
    assert_int_equal(judge_limit(0.0, 0.95, PLACEMENT_UNKNOWN), LIMIT_UNKNOWN);
    assert_int_equal(judge_limit(0.95, 0.0, PLACEMENT_UNKNOWN), LIMIT_CLIENT);
    assert_int_equal(judge_limit(0.50, 0.0, PLACEMENT_UNKNOWN), LIMIT_UNKNOWN);
}

static enum limit find_limit(struct summary *s)
{
    summary_conclude(s);
    return s->limit;
}

/* The median decides, as it is shown, not the sum over blocks. */
static void test_limit_of_blocks(void **state)
{
    static struct summary s;
    static struct trial t;
    (void)state;
    summary_reset(&s);
    assert_int_equal(find_limit(&s), LIMIT_UNKNOWN);
    for (unsigned block = 0; block < 5; block++) {
        trial_reset(&t, SCENARIO_ROUNDTRIP);
        t.window_ns = block == 2 ? 100000 : 1000;
        t.client_cpu_ns = t.window_ns * (block == 2 ? 5 : 95) / 100;
        t.server_cpu_ns = t.window_ns / 2;
        summary_add(&s, block, &t);
    }
    assert_int_equal(find_limit(&s), LIMIT_CLIENT);
    s.pooled.busy_polled = true;
    assert_int_equal(find_limit(&s), LIMIT_UNKNOWN);
    summary_reset(&s);
    trial_reset(&t, SCENARIO_CONNECT); /* no share of anything */
    t.client_cpu_ns = 950;
    summary_add(&s, 0, &t);
    assert_int_equal(find_limit(&s), LIMIT_UNKNOWN);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(contrast_text(CONTRAST_SAME), "no difference shown");
    assert_string_equal(contrast_text(CONTRAST_FEW), "not enough trials");
    assert_string_equal(contrast_text(CONTRAST_LESS), "lower");
    assert_string_equal(contrast_text(CONTRAST_MORE), "higher");
    assert_string_equal(contrast_text(CONTRAST_NONE), "-");
    assert_string_equal(contrast_key(CONTRAST_NONE), "none");
    assert_string_equal(contrast_key(CONTRAST_FEW), "not_enough_trials");
    assert_string_equal(contrast_key(CONTRAST_SAME), "no_difference");
    assert_string_equal(contrast_key(CONTRAST_LESS), "lower");
    assert_string_equal(contrast_key(CONTRAST_MORE), "higher");
    assert_string_equal(limit_text(LIMIT_UNKNOWN), "unknown");
    assert_string_equal(limit_text(LIMIT_SERVER), "server-limited");
    assert_string_equal(limit_text(LIMIT_BOTH), "both saturated");
    assert_string_equal(limit_text(LIMIT_COUNT), "-");
    assert_string_equal(limit_text(LIMIT_CLIENT), "client-limited");
    assert_string_equal(limit_text(LIMIT_LATENCY), "latency-bound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_what_no_difference_allows),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_of_summaries),
        cmocka_unit_test(test_refused_figures_show_nothing),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_limit_of_blocks),
        cmocka_unit_test(test_limits_by_placement),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
