/* Proves to which third of the window a latency belongs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/drivers/steady.h"

#define FROM 5000
#define LAST 3001 /* ns of the window: no whole number of thirds */

static struct loop loop;
static struct course course;
static struct trial trial;
static struct user user;

static int setup(void **state)
{
    (void)state;
    trial_reset(&trial, SCENARIO_ROUNDTRIP);
    user = (struct user){0};
    course = (struct course){
        .crowd = {.loop = &loop, .trial = &trial},
        .steady = {.stage = STEADY_RUNNING, .window_from = FROM, .window_until = FROM + LAST},
    };
    return 0;
}

static void reply_at(uint64_t ns, uint64_t latency_ns)
{
    loop.io.now = FROM + ns;
    steady_count(&course, &user, latency_ns);
}

static void expect_counts(uint64_t all, uint64_t first, uint64_t last)
{
    assert_int_equal(trial.latency.values.n, all);
    assert_int_equal(user.latencies.n, all);
    assert_int_equal(trial.first_third.values.n, first);
    assert_int_equal(trial.last_third.values.n, last);
}

static void test_thirds_are_thirds(void **state)
{
    (void)state;
    reply_at(0, 10);
    reply_at(999, 11);
    expect_counts(2, 2, 0);
    reply_at(1000, 12);
    reply_at(1999, 13);
    expect_counts(4, 2, 0);
    reply_at(2000, 14);
    reply_at(LAST, 15);
    reply_at(2 * LAST, 16); /* rate: of a message that fell due within it */
    expect_counts(7, 2, 3);
    assert_true(trial.first_third.values.min == 10 && trial.first_third.values.max == 11);
    assert_true(trial.last_third.values.min == 14 && trial.last_third.values.max == 16);
    assert_true(user.latencies.min == 10 && user.latencies.max == 16);
}

static void test_what_no_histogram_holds_is_in_no_third(void **state)
{
    (void)state;
    reply_at(0, HISTOGRAM_MAX + 1);
    reply_at(LAST, HISTOGRAM_MAX + 1);
    expect_counts(0, 0, 0);
    assert_int_equal(trial.latency.outside, 2);
    assert_int_equal(trial.first_third.outside + trial.last_third.outside, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_thirds_are_thirds, setup),
        cmocka_unit_test_setup(test_what_no_histogram_holds_is_in_no_third, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
