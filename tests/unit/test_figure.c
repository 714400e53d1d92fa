/* Proves that the word of every figure is read back, and that every figure belongs to a
 * scenario. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "measure/result/figure.h"

static void test_every_word_is_read_back(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        for (unsigned f = 0; f < FIGURE_COUNT; f++) {
            char text[64];
            enum scenario scenario = SCENARIO_COUNT;
            enum figure figure = FIGURE_COUNT;
            snprintf(text, sizeof text, "%s.%s", scenario_key((enum scenario)s),
                     figure_word((enum figure)f));
            assert_true(figure_parse(text, &scenario, &figure));
            assert_int_equal(scenario, s);
            assert_int_equal(figure, f);
        }
    }
}

static void test_other_words_are_not(void **state)
{
    static const char *const wrong[] = {"",
                                        ".",
                                        "roundtrip",
                                        "roundtrip.",
                                        ".p50",
                                        "p50",
                                        "round.p50",
                                        "roundtrips.p50",
                                        "roundtrip.p5",
                                        "roundtrip.p500",
                                        "rate.p",
                                        "connect..ready",
                                        "roundtrip.p50 ",
                                        "Roundtrip.p50",
                                        "roundtrip.p50.p50"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        enum scenario scenario;
        enum figure figure;
        if (figure_parse(wrong[i], &scenario, &figure))
            fail_msg("accepted: %s", wrong[i]);
    }
}

static void test_keys_have_their_units(void **state)
{
    static const char *const ends[] = {"_ns", "_per_s", "_bytes_per_s", ""};
    (void)state;
    for (unsigned f = 0; f < FIGURE_COUNT; f++) {
        const char *key = figure_key((enum figure)f);
        const char *end = ends[figure_unit_of((enum figure)f)];
        if (figure_unit_of((enum figure)f) == FIGURE_NS && strstr(key, "_ns_per_message") != NULL)
            continue;
        if (strlen(key) < strlen(end) || strcmp(key + strlen(key) - strlen(end), end) != 0)
            fail_msg("%s does not end in %s", key, end);
    }
    assert_true(figure_more_is_better(FIGURE_RATE) && figure_more_is_better(FIGURE_BYTES));
    assert_false(figure_more_is_better(FIGURE_P50) || figure_more_is_better(FIGURE_DRIFT));
    assert_string_equal(figure_key(FIGURE_COUNT), "-");
    assert_string_equal(figure_word(FIGURE_COUNT), "-");
}

static void test_every_figure_has_a_scenario(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FIGURE_COUNT; f++) {
        unsigned scenarios = 0;
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            scenarios += figure_yielded((enum figure)f, (enum scenario)s);
        assert_true(scenarios > 0);
    }
    assert_false(figure_yielded(FIGURE_P50, SCENARIO_CONNECT));
    assert_true(figure_yielded(FIGURE_READY, SCENARIO_CONNECT));
    assert_false(figure_yielded(FIGURE_PLAIN_P99, SCENARIO_ROUNDTRIP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_word_is_read_back),
        cmocka_unit_test(test_other_words_are_not),
        cmocka_unit_test(test_keys_have_their_units),
        cmocka_unit_test(test_every_figure_has_a_scenario),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
