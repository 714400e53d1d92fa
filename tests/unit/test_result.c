/* A result that is concluded holds what every step of the computation gives, and nothing of the
 * run before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "staged.h"

static void build(unsigned blocks)
{
    staged_build_compare(blocks);
    for (unsigned block = 0; block < blocks; block++) {
        staged_roundtrip(4000, 10050 + 100 * block);
        summary_add(&staged.control[SCENARIO_ROUNDTRIP], block, &staged_trial);
    }
    result_conclude(&staged);
}

/* The blocks of `of` divided by those of `to`, NULL for none; returns how many have it. */
static size_t collect(double *values, const struct summary *of, const struct summary *to,
                      unsigned figure)
{
    size_t n = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++) {
        double value = of->figures[figure][block];
        double divisor = to == NULL ? 1.0 : to->figures[figure][block];
        if (value > 0.0 && divisor > 0.0)
            values[n++] = value / divisor;
    }
    return n;
}

/* The ratios to the geometric mean of two trials, `noises` being the second over the first. */
static void halve(double *ratios, size_t n, const double *noises, size_t m)
{
    for (size_t i = 0; i < n && i < m; i++)
        ratios[i] /= sqrt(noises[i]);
}

static void assert_near(double found, double expected)
{
    assert_true(fabs(found - expected) <= 1e-12 * fabs(expected));
}

static void assert_spread(const struct spread *found, struct spread expected)
{
    assert_int_equal(found->n, expected.n);
    assert_near(found->min, expected.min);
    assert_near(found->low, expected.low);
    assert_near(found->median, expected.median);
    assert_near(found->high, expected.high);
    assert_near(found->max, expected.max);
    assert_int_equal(found->max_beyond, expected.max_beyond);
}

static void assert_interval(const struct interval *found, struct interval expected)
{
    assert_int_equal(found->n, expected.n);
    assert_near(found->middle, expected.middle);
    assert_near(found->low, expected.low);
    assert_near(found->high, expected.high);
    assert_int_equal(found->high_beyond, expected.high_beyond);
}

static void test_every_figure_of_every_summary(void **state)
{
    double values[BLOCKS_MAX];
    (void)state;
    build(7);
    for (unsigned i = 0; i < staged.target_count; i++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            for (unsigned f = 0; f < FIGURE_COUNT; f++) {
                const struct summary *summary = &staged.targets[i].summaries[s];
                const struct estimate *e = &summary->estimates[f];
                size_t n = collect(values, summary, NULL, f);
                assert_spread(&e->spread, spread_of(values, n));
                assert_interval(&e->interval, interval_of(values, n));
                assert_int_equal(e->refusal, summary->scarce[f] ? REFUSAL_FEW : REFUSAL_NONE);
                if (e->spread.n > 0)
                    assert_true(figure_yielded((enum figure)f, (enum scenario)s));
            }
    assert_int_equal(staged.control[SCENARIO_ROUNDTRIP].estimates[FIGURE_P50].spread.n, 7);
    assert_true(staged.targets[0].summaries[SCENARIO_ROUNDTRIP].p999.ns > 10000.0);
    assert_true(staged.targets[0].summaries[SCENARIO_THROUGHPUT].p999.scarce);
}

static void test_every_figure_of_every_pair(void **state)
{
    double ratios[BLOCKS_MAX];
    double noises[BLOCKS_MAX];
    /* Where only three targets were measured, three pairs are judged together. */
    static const unsigned claims[SCENARIO_COUNT] = {[SCENARIO_CONNECT] = 6,
                                                    [SCENARIO_ROUNDTRIP] = 3,
                                                    [SCENARIO_THROUGHPUT] = 3,
                                                    [SCENARIO_SEND] = 3};
    (void)state;
    build(7);
    assert_int_equal(staged.pair_count, 6);
    for (unsigned i = 0; i < staged.pair_count; i++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            for (unsigned f = 0; f < FIGURE_COUNT; f++) {
                const struct pair *p = &staged.pairs[i];
                const struct comparison *c = &p->figures[s][f];
                const struct summary *of = &staged.targets[p->target].summaries[s];
                const struct summary *to = &staged.targets[p->other].summaries[s];
                size_t n = collect(ratios, of, to, f);
                size_t m = collect(noises, &staged.control[s], &staged.targets[0].summaries[s], f);
                if (p->other == 0) /* measured twice: the mean of its trials counts */
                    halve(ratios, n, noises, m);
                struct interval ratio = interval_of_ratios(ratios, n, claims[s]);
                struct interval noise = interval_of_ratios(noises, m, 1);
                assert_spread(&c->ratio.spread, spread_of(ratios, n));
                assert_interval(&c->ratio.interval, ratio);
                assert_interval(&c->noise, noise);
                bool few = of->scarce[f] + to->scarce[f] > 0;
                assert_int_equal(c->result, few ? CONTRAST_NONE : contrast_judge(&ratio));
            }
    assert_int_equal(staged.common[PAIR_BASELINE], 0);
    assert_int_equal(staged.common[PAIR_REFERENCE], 1);
    assert_int_equal(staged.noise[SCENARIO_ROUNDTRIP][FIGURE_P50].interval.n, 7);
    assert_int_equal(staged.noise[SCENARIO_SEND][FIGURE_RATE].interval.n, 0);
}

static void test_verdicts_are_by_the_figure_that_decides(void **state)
{
    (void)state;
    build(7);
    assert_true(staged.judged);
    assert_int_equal(staged.judged_blocks.least, 7);
    assert_int_equal(staged.judged_blocks.most, 7);
    assert_int_equal(staged.pairs[0].verdict.effect, VERDICT_SLOWER);
    staged.verdict_figure = FIGURE_RATE;
    result_conclude(&staged);
    assert_int_equal(staged.pairs[0].verdict.result, CONTRAST_LESS);
    assert_int_equal(staged.pairs[0].verdict.effect, VERDICT_SLOWER);
    assert_false(result_find_pair(&staged, &staged.targets[3], PAIR_REFERENCE)->verdict.stated);
    staged.blocks = 1;
    result_conclude(&staged);
    assert_false(staged.judged);
}

static void test_refusals_have_their_reason(void **state)
{
    struct summary *s = &staged.targets[1].summaries[SCENARIO_ROUNDTRIP];
    (void)state;
    build(6);
    s->broken[IDENTITY_BYTES] = 1;
    result_conclude(&staged);
    assert_int_equal(s->estimates[FIGURE_BYTES].refusal, REFUSAL_BYTES);
    assert_int_equal(s->estimates[FIGURE_RATE].refusal, REFUSAL_NONE);
    s->broken[IDENTITY_LITTLE] = 1;
    result_conclude(&staged);
    assert_int_equal(s->estimates[FIGURE_RATE].refusal, REFUSAL_LITTLE);
    assert_int_equal(s->estimates[FIGURE_READY].refusal, REFUSAL_NONE);
    assert_true(staged.pairs[0].verdict.refused);
    s->broken[IDENTITY_BALANCE] = 1;
    result_conclude(&staged);
    assert_int_equal(s->estimates[FIGURE_READY].refusal, REFUSAL_BALANCE);
    memset(s->broken, 0, sizeof s->broken);
    s->scarce[FIGURE_P99] = 3;
    result_conclude(&staged);
    assert_int_equal(s->estimates[FIGURE_P99].refusal, REFUSAL_FEW);
    assert_int_equal(s->estimates[FIGURE_RATE].refusal, REFUSAL_NONE);
}

static void test_phases_are_those_of_one_scenario(void **state)
{
    (void)state;
    build(3);
    const struct result_target *t = &staged.targets[1];
    const struct histogram *h = &t->summaries[SCENARIO_CONNECT].pooled.phases[PHASE_READY];
    assert_int_equal(t->phase_source, SCENARIO_CONNECT);
    assert_int_equal(t->phases[PHASE_READY].count, 60);
    assert_int_equal(t->phases[PHASE_READY].p50_ns, histogram_percentile(h, 50.0));
    assert_int_equal(t->phases[PHASE_READY].p95_ns, histogram_percentile(h, 95.0));
    assert_false(t->phases[PHASE_READY].has_p95); /* of 60 clients, 3 lie beyond it */
    assert_true(t->phases[PHASE_READY].shown);
    assert_false(t->phases[PHASE_PROBE].shown);
    histogram_record(&staged.targets[1].summaries[SCENARIO_CONNECT].pooled.phases[PHASE_SWITCH],
                     9999);
    histogram_record(&staged.targets[1].summaries[SCENARIO_CONNECT].pooled.phases[PHASE_RESOLVE],
                     9999);
    result_conclude(&staged);
    assert_true(t->phases[PHASE_SWITCH].shown);
    assert_false(t->phases[PHASE_RESOLVE].shown); /* an address: nothing was looked up */
    summary_reset(&staged.targets[1].summaries[SCENARIO_CONNECT]);
    result_conclude(&staged);
    assert_int_equal(t->phase_source, SCENARIO_THROUGHPUT);
    result_reset(&staged);
    staged_add_target("tcp", "raw TCP", -1);
    result_conclude(&staged);
    assert_int_equal(staged.targets[0].phase_source, SCENARIO_COUNT);
}

static void test_failures_of_all_trials(void **state)
{
    (void)state;
    build(3);
    assert_false(staged.failed);
    failures_add(&staged.targets[0].failures, STATUS_NO_NAME, PHASE_RESOLVE, "a");
    failures_add(&staged.control[SCENARIO_SEND].pooled.failures, STATUS_CLOSED, PHASE_TCP, "b");
    result_conclude(&staged);
    assert_int_equal(failures_count(&staged.targets[0].all_failures), 2);
    assert_int_equal(failures_count(&staged.targets[1].all_failures), 0);
    assert_true(staged.failed && staged.targets[0].failed && !staged.targets[1].failed);
    staged.targets[0].failures.used = 0;
    result_conclude(&staged);
    assert_true(staged.failed); /* the control's */
    assert_false(staged.targets[0].failed);
}

static void test_subject(void **state)
{
    (void)state;
    build(3);
    assert_int_equal(staged.subject, SCENARIO_ROUNDTRIP);
    assert_int_equal(staged.subject_figure, FIGURE_P50);
    staged.verdict_scenario = SCENARIO_RATE; /* not run */
    staged.verdict_figure = FIGURE_P99;
    for (unsigned i = 0; i < staged.target_count; i++)
        summary_reset(&staged.targets[i].summaries[SCENARIO_ROUNDTRIP]);
    result_conclude(&staged);
    assert_int_equal(staged.subject, SCENARIO_THROUGHPUT);
    assert_int_equal(staged.subject_figure, FIGURE_RATE);
    result_reset(&staged);
    result_conclude(&staged);
    assert_int_equal(staged.subject, SCENARIO_COUNT);
    assert_int_equal(staged.pair_count, 0);
    assert_false(staged.judged || staged.failed);
}

static void test_blocks_of_an_interrupted_run(void **state)
{
    (void)state;
    build(3);
    staged_add_roundtrip(&staged.targets[0], 3, 4000, 10000);
    result_conclude(&staged);
    assert_int_equal(staged.blocks_of[SCENARIO_ROUNDTRIP].least, 3);
    assert_int_equal(staged.blocks_of[SCENARIO_ROUNDTRIP].most, 4);
    assert_int_equal(staged.blocks_of[SCENARIO_RATE].most, 0);
    assert_int_equal(staged.judged_blocks.most, 3); /* which both have */
    for (unsigned i = 0; i < 3; i++)
        summary_reset(&staged.targets[i].summaries[SCENARIO_ROUNDTRIP]);
    result_conclude(&staged); /* again: nothing is left of the first time */
    assert_int_equal(staged.blocks_of[SCENARIO_ROUNDTRIP].most, 0);
    assert_int_equal(staged.judged_blocks.most, 0);
}

static void test_refused_steps_are_no_numbers(void **state)
{
    (void)state;
    build(3);
    staged.step_count = 3;
    staged.steps[0] = (struct result_step){.value = 7.0, .target = 1};
    staged.steps[1] = (struct result_step){.value = 7.0, .target = 0, .control = true};
    staged.steps[2] = (struct result_step){.value = 7.0, .target = 0};
    staged.control[SCENARIO_ROUNDTRIP].broken[IDENTITY_LITTLE] = 1;
    result_conclude(&staged);
    assert_true(staged.steps[0].value == 7.0);
    assert_true(staged.steps[1].value == 0.0);
    assert_true(staged.steps[2].value == 7.0);
}

static void test_accepted_per_round_trip(void **state)
{
    struct summary *trips = &staged.targets[0].summaries[SCENARIO_ROUNDTRIP];
    (void)state;
    build(6);
    double expected = staged.targets[0].summaries[SCENARIO_SEND].figures[FIGURE_ACCEPTED][0] /
                      trips->estimates[FIGURE_RATE].spread.median;
    assert_true(staged.targets[0].accepted_per_roundtrip == expected);
    trips->broken[IDENTITY_LITTLE] = 1;
    result_conclude(&staged);
    assert_true(staged.targets[0].accepted_per_roundtrip == 0.0);
}

static void test_overloads_are_noted(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_add_target("slow", "WebSocket", -1);
    staged_add_target("cut", "WebSocket", -1);
    staged_add_target("good", "WebSocket", -1);
    staged.rate = 1000;
    staged_add_rate(&staged.targets[0], 0, 900, 40000);
    staged_add_rate(&staged.targets[1], 0, 998, 40000);
    staged_add_rate(&staged.targets[2], 0, 951, 40000);
    staged.targets[1].summaries[SCENARIO_RATE].pooled.planned_sent = 990;
    result_conclude(&staged);
    result_note_overloads(&staged);
    assert_int_equal(staged.note_count, 2);
    assert_string_equal(staged.notes[0],
                        "slow: 900/s achieved of 1000/s: it did not keep up. Lower --rate.");
    assert_non_null(strstr(staged.notes[1], "cut: 10 of 1000 messages that were due"));
}

static void test_protocols_choose_the_pairs(void **state)
{
    (void)state;
    build(3);
    staged.targets[0].protocol = PAIR_WEBSOCKET;
    staged.targets[1].protocol = PAIR_TCP;
    staged.targets[2].protocol = PAIR_SOCKET_IO;
    staged.targets[3].protocol = PAIR_SOCKET_IO;
    result_choose_pairs(&staged);
    assert_int_equal(staged.baseline, 1);
    assert_int_equal(staged.targets[0].reference, PAIR_NONE);
    assert_int_equal(staged.targets[2].reference, 0);
    result_conclude(&staged);
    assert_int_equal(staged.pair_count, 6);
    assert_ptr_equal(result_find_pair(&staged, &staged.targets[0], PAIR_BASELINE),
                     &staged.pairs[0]);
}

/* ---- Placement ------------------------------------------------------------------------------- */

/* All trials of that scenario saw this, so many blocks of it. */
static void see(struct summary *s, enum placement placement, unsigned trials)
{
    s->placement.trials[placement] += trials;
}

static void see_everywhere(enum placement placement)
{
    build(6);
    for (unsigned i = 0; i < staged.target_count; i++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
            struct summary *summary = &staged.targets[i].summaries[s];
            summary->placement = (struct placement_count){{0}};
            see(summary, placement, summary->blocks);
        }
    staged.control[SCENARIO_ROUNDTRIP].placement = (struct placement_count){{0}};
    see(&staged.control[SCENARIO_ROUNDTRIP], placement, 6);
    snprintf(staged.placement.asked, sizeof staged.placement.asked, "free");
    result_conclude(&staged);
}

static void test_one_placement_needs_no_warning(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLACEMENT_COUNT; i++) {
        see_everywhere((enum placement)i);
        assert_false(staged.placement.differs);
        assert_int_equal(staged.placement.warning_count, 0);
        assert_int_equal(placement_count_common(&staged.placement.all), i);
    }
}

static void test_trials_of_one_target_that_differ_are_named(void **state)
{
    const struct result_placement *p = &staged.placement;
    (void)state;
    see_everywhere(PLACEMENT_SAME);
    see(&staged.targets[1].summaries[SCENARIO_CONNECT], PLACEMENT_MOVING, 1);
    see(&staged.targets[1].summaries[SCENARIO_ROUNDTRIP], PLACEMENT_APART, 3);
    result_conclude(&staged);
    assert_true(p->differs);
    assert_int_equal(p->warning_count, 2);
    assert_string_equal(p->warnings[0],
                        "ws: its trials saw different placements, which its figures mix: connect 6 "
                        "same core, 1 moving; roundtrip 6 same core, 3 apart.");
    assert_non_null(strstr(p->warnings[1], "--placement same or apart"));
    snprintf(staged.placement.asked, sizeof staged.placement.asked, "apart");
    result_conclude(&staged); /* no advice to do what was done */
    assert_int_equal(p->warning_count, 1);
}

/* The control stands beside the reference's own trials. */
static void test_the_control_may_differ(void **state)
{
    (void)state;
    see_everywhere(PLACEMENT_APART);
    see(&staged.control[SCENARIO_ROUNDTRIP], PLACEMENT_SAME, 1);
    result_conclude(&staged);
    assert_true(staged.placement.differs);
    assert_string_equal(
        staged.placement.warnings[0],
        "tcp: its trials saw different placements, which its figures mix: roundtrip "
        "1 same core, 12 apart.");
    staged.against = 1;
    result_conclude(&staged);
    assert_string_equal(staged.placement.warnings[0],
                        "ws: its trials saw different placements, which its figures mix: roundtrip "
                        "1 same core, 12 apart.");
}

static void test_targets_that_differ_are_named(void **state)
{
    struct placement_count *seen;
    (void)state;
    see_everywhere(PLACEMENT_SAME);
    seen = &staged.targets[2].summaries[SCENARIO_ROUNDTRIP].placement;
    *seen = (struct placement_count){{[PLACEMENT_APART] = 6}};
    result_conclude(&staged);
    assert_true(staged.placement.differs);
    assert_string_equal(staged.placement.warnings[0],
                        "roundtrip: ratios compare placements, not only servers: tcp same core, ws "
                        "same core, sio apart.");
    *seen = (struct placement_count){{[PLACEMENT_UNKNOWN] = 6}}; /* which may be the same */
    result_conclude(&staged);
    assert_false(staged.placement.differs);
}

static void test_polling_on_a_shared_core_is_named(void **state)
{
    (void)state;
    see_everywhere(PLACEMENT_SAME);
    staged.targets[0].summaries[SCENARIO_ROUNDTRIP].pooled.busy_polled = true;
    result_conclude(&staged);
    assert_int_equal(staged.placement.warning_count, 1);
    assert_non_null(strstr(staged.placement.warnings[0], "--busy-poll on a core that both"));
    assert_false(staged.placement.differs);
    see_everywhere(PLACEMENT_APART);
    staged.targets[0].summaries[SCENARIO_ROUNDTRIP].pooled.busy_polled = true;
    result_conclude(&staged);
    assert_int_equal(staged.placement.warning_count, 0);
}

/* Eight targets with the longest names, and every scenario of each: no sentence is cut. */
static void test_no_warning_is_cut(void **state)
{
    char name[RESULT_NAME];
    (void)state;
    result_reset(&staged);
    snprintf(staged.placement.asked, sizeof staged.placement.asked, "free");
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (unsigned i = 0; i < TARGETS_MAX; i++) {
        struct result_target *t = result_add_target(&staged);
        memcpy(t->name, name, sizeof name);
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            for (unsigned p = 0; p < PLACEMENT_COUNT; p++)
                see(&t->summaries[s], (enum placement)p, BLOCKS_MAX);
    }
    result_conclude(&staged);
    assert_int_equal(staged.placement.warning_count, TARGETS_MAX + 1);
    for (unsigned i = 0; i < staged.placement.warning_count; i++)
        assert_int_equal(staged.placement.warnings[i][strlen(staged.placement.warnings[i]) - 1],
                         '.');
}

static void test_no_warning_of_many_targets_is_cut(void **state)
{
    char name[RESULT_NAME];
    (void)state;
    result_reset(&staged);
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (unsigned i = 0; i < TARGETS_MAX; i++) {
        struct result_target *t = result_add_target(&staged);
        memcpy(t->name, name, sizeof name);
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            see(&t->summaries[s], i == 0 ? PLACEMENT_APART : PLACEMENT_SAME, 1);
    }
    result_conclude(&staged);
    assert_int_equal(staged.placement.warning_count, SCENARIO_COUNT);
    for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
        const char *text = staged.placement.warnings[i];
        assert_string_equal(text + strlen(text) - 6, " core.");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_figure_of_every_summary),
        cmocka_unit_test(test_every_figure_of_every_pair),
        cmocka_unit_test(test_verdicts_are_by_the_figure_that_decides),
        cmocka_unit_test(test_refusals_have_their_reason),
        cmocka_unit_test(test_phases_are_those_of_one_scenario),
        cmocka_unit_test(test_failures_of_all_trials),
        cmocka_unit_test(test_subject),
        cmocka_unit_test(test_blocks_of_an_interrupted_run),
        cmocka_unit_test(test_refused_steps_are_no_numbers),
        cmocka_unit_test(test_accepted_per_round_trip),
        cmocka_unit_test(test_overloads_are_noted),
        cmocka_unit_test(test_protocols_choose_the_pairs),
        cmocka_unit_test(test_one_placement_needs_no_warning),
        cmocka_unit_test(test_trials_of_one_target_that_differ_are_named),
        cmocka_unit_test(test_the_control_may_differ),
        cmocka_unit_test(test_targets_that_differ_are_named),
        cmocka_unit_test(test_polling_on_a_shared_core_is_named),
        cmocka_unit_test(test_no_warning_is_cut),
        cmocka_unit_test(test_no_warning_of_many_targets_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
