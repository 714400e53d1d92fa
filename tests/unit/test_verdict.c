/* What a ratio says: in which direction each figure is better, and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "measure/result/verdict.h"

static const struct estimate known = {
    .interval = {.n = 10, .middle = 1.0, .low = 0.99, .high = 1.0204}};

static const char *words(enum contrast_result result, enum figure figure)
{
    static char text[VERDICT_TEXT];
    struct verdict v = verdict_find(&known, result, figure);
    verdict_format(text, &v);
    return text;
}

static void test_directions(void **state)
{
    (void)state;
    assert_string_equal(words(CONTRAST_MORE, FIGURE_P50), "higher: slower");
    assert_string_equal(words(CONTRAST_LESS, FIGURE_P50), "lower: faster");
    assert_string_equal(words(CONTRAST_MORE, FIGURE_FIRST_ECHO), "higher: slower");
    assert_string_equal(words(CONTRAST_MORE, FIGURE_RATE), "higher: faster");
    assert_string_equal(words(CONTRAST_LESS, FIGURE_ACCEPTED), "lower: slower");
    assert_string_equal(words(CONTRAST_MORE, FIGURE_BYTES), "higher: better");
    assert_string_equal(words(CONTRAST_LESS, FIGURE_BYTES), "lower: worse");
    assert_string_equal(words(CONTRAST_MORE, FIGURE_CLIENT_CPU), "higher: worse");
    assert_string_equal(words(CONTRAST_LESS, FIGURE_SERVER_BUSY), "lower: better");
    assert_string_equal(words(CONTRAST_MORE, FIGURE_DRIFT), "higher: worse");
}

/* Rates are better when they are higher, all others when they are lower; durations and rates of
 * messages are about speed. */
static void test_every_figure_has_a_direction(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FIGURE_COUNT; f++) {
        enum figure figure = (enum figure)f;
        enum figure_unit unit = figure_unit_of(figure);
        enum verdict_effect more = verdict_find(&known, CONTRAST_MORE, figure).effect;
        enum verdict_effect less = verdict_find(&known, CONTRAST_LESS, figure).effect;
        bool good = more == VERDICT_FASTER || more == VERDICT_BETTER;
        bool speed = more == VERDICT_FASTER || more == VERDICT_SLOWER;
        bool cost = figure == FIGURE_CLIENT_CPU || figure == FIGURE_SERVER_CPU;
        assert_int_equal(good, unit == FIGURE_PER_S || unit == FIGURE_BYTES_PER_S);
        assert_int_equal(good, figure_more_is_better(figure));
        assert_int_equal(speed, (unit == FIGURE_NS && !cost) || unit == FIGURE_PER_S);
        assert_int_equal(speed, less == VERDICT_FASTER || less == VERDICT_SLOWER);
        assert_int_not_equal(more, less);
    }
}

static void test_what_shows_no_difference(void **state)
{
    (void)state;
    assert_string_equal(words(CONTRAST_SAME, FIGURE_P50), "no difference shown (<= 2.1 %)");
    assert_string_equal(words(CONTRAST_FEW, FIGURE_P50), "not enough trials");
    assert_string_equal(words(CONTRAST_NONE, FIGURE_P50), "-");
    assert_false(verdict_find(&known, CONTRAST_NONE, FIGURE_P50).stated);
    assert_true(verdict_find(&known, CONTRAST_FEW, FIGURE_P50).stated);
}

static void test_refused(void **state)
{
    struct estimate broken = {.refusal = REFUSAL_LITTLE};
    char text[VERDICT_TEXT];
    (void)state;
    struct verdict v = verdict_find(&broken, CONTRAST_NONE, FIGURE_P50);
    verdict_format(text, &v);
    assert_true(v.stated && v.refused);
    assert_string_equal(text, "refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directions),
        cmocka_unit_test(test_every_figure_has_a_direction),
        cmocka_unit_test(test_what_shows_no_difference),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
