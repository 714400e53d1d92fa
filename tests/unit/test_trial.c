/* Proves the rates of a trial by scenario, the pooling of trials, and the names of phases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "measure/record/server_figures.h"
#include "measure/record/trial.h"

static struct trial a;
static struct trial b;

static void assert_near(double found, double expected)
{
    if (fabs(found - expected) > 1e-9 * fabs(expected))
        fail_msg("%.17g is not %.17g", found, expected);
}

/* 100 answered round trips of 1 ms of 20-byte messages. */
static void fill(struct trial *t, enum scenario scenario)
{
    trial_reset(t, scenario);
    t->clients = 2;
    t->depth = 1;
    t->started = 2;
    t->ready = 2;
    t->replied = 100;
    t->tally = (struct tally){.sent = 100, .answered = 100, .payload_out = 2000};
    for (int i = 0; i < 100; i++)
        histogram_record(&t->latency, 1000000);
}

static void test_reset_leaves_nothing(void **state)
{
    (void)state;
    fill(&a, SCENARIO_ROUNDTRIP);
    trial_reset(&a, SCENARIO_SEND);
    trial_reset(&b, SCENARIO_CONNECT);
    b.scenario = SCENARIO_SEND;
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(a.trials, 1);
}

static void test_rate_of_the_window(void **state)
{
    (void)state;
    fill(&a, SCENARIO_ROUNDTRIP);
    assert_true(trial_rate(&a) == 0.0);
    a.window_ns = 50000000;
    a.elapsed_ns = 1; /* of no account here */
    assert_near(trial_rate(&a), 2000.0);
    assert_near(trial_bytes_rate(&a), 40000.0);
    assert_true(trial_rate_outstanding(&a) == 0.0);
}

static void test_slow_answers_count_in_the_rate(void **state)
{
    (void)state;
    fill(&a, SCENARIO_ROUNDTRIP);
    a.window_ns = 1000000000;
    histogram_record(&a.latency, HISTOGRAM_MAX + 1);
    a.replied++;
    assert_near(trial_rate(&a), 101.0);
}

static void test_a_window_without_replies_has_a_rate(void **state)
{
    (void)state;
    fill(&a, SCENARIO_ROUNDTRIP);
    a.window_ns = 250000000;
    a.replied = 0; /* all of them came later */
    assert_near(trial_rate(&a), 2.0);
    histogram_reset(&a.latency);
    histogram_miss(&a.latency, 1000, 1);
    assert_true(trial_rate(&a) == 0.0); /* none came at all: the target failed */
}

static void test_rates_of_a_whole_run(void **state)
{
    (void)state;
    fill(&a, SCENARIO_THROUGHPUT);
    a.elapsed_ns = 200000000;
    a.outstanding_ns = 100000000;
    assert_near(trial_rate(&a), 500.0);
    assert_near(trial_rate_outstanding(&a), 1000.0);
}

static void test_rates_of_one_way_sends(void **state)
{
    (void)state;
    trial_reset(&a, SCENARIO_SEND);
    a.accepted = 40000;
    a.accepted_ns = 1000000000;
    a.proven = 10000;
    a.proven_ns = 2000000000;
    assert_near(trial_accepted_rate(&a), 40000.0);
    assert_near(trial_rate(&a), 5000.0);
}

static void test_clients_without_answers_are_no_mean(void **state)
{
    struct running one = {0};
    (void)state;
    trial_reset(&a, SCENARIO_THROUGHPUT);
    trial_add_client(&a, &one);
    assert_int_equal(a.client_means.n, 0);
    running_add(&one, 100.0);
    running_add(&one, 300.0);
    trial_add_client(&a, &one);
    assert_int_equal(a.client_means.n, 1);
    assert_true(a.client_means.mean == 200.0);
}

static void test_merge_pools_everything(void **state)
{
    struct running one = {.n = 1, .min = 5, .max = 5, .mean = 5};
    (void)state;
    fill(&b, SCENARIO_ROUNDTRIP);
    b.window_ns = 1000;
    b.cut_ns = 2000;
    b.elapsed_ns = 3000;
    b.vacant_ns = 50;
    b.overhang_ns = 60;
    b.silent_ns = 70;
    b.longest_silence_ns = 80;
    b.outstanding_ns = 4000;
    b.accepted = 1;
    b.accepted_ns = 2;
    b.proven = 3;
    b.proven_ns = 4;
    b.client_cpu_ns = 5;
    b.server_cpu_ns = 6;
    b.failed = 7;
    b.lost = 8;
    b.frame_size_out = 8;
    b.frame_size_in = 4;
    b.proof = PROOF_FINAL_ACK;
    trial_add_client(&b, &one);
    histogram_record(&b.phases[PHASE_CLOSE], 10);
    failures_add(&b.failures, STATUS_RESET, PHASE_CLOSE, "");
    memset(&a, 0, sizeof a);
    trial_merge(&a, &b);
    assert_memory_equal(&a, &b, sizeof a);
    b.proof = PROOF_ECHOED;
    trial_merge(&a, &b);
    assert_int_equal(a.trials, 2);
    assert_int_equal(a.clients, 2);
    assert_int_equal(a.depth, 1);
    assert_int_equal(a.frame_size_out, 8);
    assert_int_equal(a.frame_size_in, 4);
    assert_int_equal(a.started, 4);
    assert_int_equal(a.ready, 4);
    assert_int_equal(a.failed, 14);
    assert_int_equal(a.lost, 16);
    assert_int_equal(a.window_ns, 2000);
    assert_int_equal(a.cut_ns, 4000);
    assert_int_equal(a.elapsed_ns, 6000);
    assert_int_equal(a.vacant_ns, 100);
    assert_int_equal(a.overhang_ns, 120);
    assert_int_equal(a.silent_ns, 140);
    assert_int_equal(a.longest_silence_ns, 80);
    assert_int_equal(a.outstanding_ns, 8000);
    assert_int_equal(a.accepted, 2);
    assert_int_equal(a.accepted_ns, 4);
    assert_int_equal(a.proven, 6);
    assert_int_equal(a.proven_ns, 8);
    assert_int_equal(a.client_cpu_ns, 10);
    assert_int_equal(a.server_cpu_ns, 12);
    assert_int_equal(a.proof, PROOF_FINAL_ACK);
    assert_int_equal(a.tally.sent, 200);
    assert_int_equal(a.latency.values.n, 200);
    assert_int_equal(a.client_means.n, 2);
    assert_int_equal(a.phases[PHASE_CLOSE].values.n, 2);
    assert_int_equal(failures_count(&a.failures), 2);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(scenario_key(SCENARIO_THROUGHPUT), "throughput");
    assert_string_equal(scenario_key(SCENARIO_COUNT), "-");
    assert_string_equal(phase_key(PHASE_EIO_OPEN), "eio_open");
    assert_string_equal(phase_title(PHASE_EIO_OPEN), "eio open");
    assert_string_equal(phase_starts(PHASE_READY), "before connect()");
    assert_string_equal(phase_ends(PHASE_READY), "may send");
    assert_string_equal(phase_title(PHASE_COUNT), "-");
    assert_string_equal(trial_proof_key(PROOF_NONE), "none");
    assert_string_equal(trial_proof_key(PROOF_ECHOED), "echoed");
    assert_string_equal(trial_proof_key(PROOF_FINAL_ACK), "final_ack");
    assert_string_equal(trial_proof_key(PROOF_UNPROVEN), "unproven");
    assert_string_equal(server_figures_key(SERVICE_RECEIVE), "receive");
    assert_string_equal(server_figures_key(SERVICE_SEND), "send");
    assert_string_equal(server_figures_key(SERVICE_COUNT), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_leaves_nothing),
        cmocka_unit_test(test_rate_of_the_window),
        cmocka_unit_test(test_slow_answers_count_in_the_rate),
        cmocka_unit_test(test_a_window_without_replies_has_a_rate),
        cmocka_unit_test(test_rates_of_a_whole_run),
        cmocka_unit_test(test_rates_of_one_way_sends),
        cmocka_unit_test(test_clients_without_answers_are_no_mean),
        cmocka_unit_test(test_merge_pools_everything),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
