/* Proves that figures which fit each other pass, and that figures which contradict each other are
 * refused in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "measure/record/identity.h"

static struct trial trial;
static char text[IDENTITY_TEXT];

/* Two places, always taken, 1 ms each, for one second: 2000 round trips. */
static void fill(void)
{
    trial_reset(&trial, SCENARIO_ROUNDTRIP);
    trial.clients = 2;
    trial.depth = 1;
    trial.window_ns = 1000000000;
    trial.replied = 2000;
    trial.frame_size_out = 8;
    trial.frame_size_in = 4;
    trial.tally = (struct tally){.sent = 2010,
                                 .answered = 2010,
                                 .frames_out = 2010,
                                 .frames_in = 2010,
                                 .frame_bytes_out = 2010 * 8,
                                 .frame_bytes_in = 2010 * 4};
    for (int i = 0; i < 2000; i++)
        histogram_record(&trial.latency, 1000000);
}

static enum identity_outcome check(enum identity identity)
{
    return identity_check(identity, &trial, text);
}

static void test_all_hold(void **state)
{
    (void)state;
    fill();
    assert_int_equal(check(IDENTITY_BALANCE), IDENTITY_HOLDS);
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_HOLDS);
    assert_int_equal(check(IDENTITY_BYTES), IDENTITY_HOLDS);
}

static void test_unbalanced(void **state)
{
    (void)state;
    fill();
    trial.tally.answered--;
    assert_int_equal(check(IDENTITY_BALANCE), IDENTITY_BROKEN);
    assert_string_equal(text, "2010 sent is not 2009 answered + 0 wrong + 0 unanswered");
}

static void test_little_on_both_sides(void **state)
{
    (void)state;
    fill();
    trial.window_ns = 1040000000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_HOLDS);
    trial.window_ns = 1060000000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_BROKEN);
    trial.window_ns = 960000000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_HOLDS);
    trial.window_ns = 940000000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_BROKEN);
    assert_string_equal(text, "2127.7/s x mean latency 1000.000 us = 2.128 messages outstanding, "
                              "and 2 were kept");
}

static void test_little_knows_the_clients_own_time(void **state)
{
    (void)state;
    fill();
    trial.window_ns = 1200000000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_BROKEN);
    trial.vacant_ns = 2000 * 200000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_HOLDS);
    trial.vacant_ns = 2000 * 100000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_BROKEN);
    assert_string_equal(text, "1666.7/s x mean latency 1000.000 us = 1.667 messages outstanding, "
                              "and 1.833 were kept");
}

static void test_little_knows_what_began_before_the_window(void **state)
{
    (void)state;
    fill();
    histogram_record(&trial.latency, 220000000);
    trial.replied++;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_BROKEN);
    trial.overhang_ns = 219000000;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_HOLDS);
}

static void test_the_origins_figure_is_refused(void **state)
{
    /* 40 016 "round trips" a second on one connection, against a round trip of 100 us. */
    (void)state;
    trial_reset(&trial, SCENARIO_ROUNDTRIP);
    trial.clients = 1;
    trial.depth = 1;
    trial.window_ns = 1000000000;
    trial.replied = 40016;
    for (int i = 0; i < 40016; i++)
        histogram_record(&trial.latency, 100000);
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_BROKEN);
}

static void test_little_is_skipped_where_it_says_nothing(void **state)
{
    uint64_t *const spoil[] = {&trial.failed, &trial.lost, &trial.tally.wrong,
                               &trial.tally.unanswered, &trial.latency.outside};
    (void)state;
    for (size_t i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
        fill();
        *spoil[i] = 1;
        assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_SKIPPED);
        assert_string_equal(text, "");
    }
    fill();
    trial.depth = 0;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_SKIPPED);
    fill();
    trial.depth = 26; /* 52 places: 38 round trips each */
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_SKIPPED);
    fill();
    trial.window_ns = 0;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_SKIPPED);
    fill();
    trial.scenario = SCENARIO_THROUGHPUT;
    assert_int_equal(check(IDENTITY_LITTLE), IDENTITY_SKIPPED);
}

static void test_bytes(void **state)
{
    (void)state;
    fill();
    trial.tally.frame_bytes_out++;
    assert_int_equal(check(IDENTITY_BYTES), IDENTITY_BROKEN);
    assert_string_equal(text, "2010 frames of 8 bytes out: 16081 bytes counted");
    fill();
    trial.tally.frame_bytes_in--;
    assert_int_equal(check(IDENTITY_BYTES), IDENTITY_BROKEN);
    assert_string_equal(text, "2010 frames of 4 bytes in: 8039 bytes counted");
    trial.frame_size_in = 0; /* a foreign server frames as it likes */
    assert_int_equal(check(IDENTITY_BYTES), IDENTITY_HOLDS);
    trial.frame_size_out = 0;
    assert_int_equal(check(IDENTITY_BYTES), IDENTITY_SKIPPED);
    fill();
    trial.frame_size_out = 0;
    assert_int_equal(check(IDENTITY_BYTES), IDENTITY_HOLDS);
    assert_string_equal(text, "2010 frames of 4 bytes in: 8040 bytes counted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_hold),
        cmocka_unit_test(test_unbalanced),
        cmocka_unit_test(test_little_on_both_sides),
        cmocka_unit_test(test_little_knows_the_clients_own_time),
        cmocka_unit_test(test_little_knows_what_began_before_the_window),
        cmocka_unit_test(test_the_origins_figure_is_refused),
        cmocka_unit_test(test_little_is_skipped_where_it_says_nothing),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
