/* Proves what the samples of one trial are called, and when trials are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/record/placement.h"

static enum placement classify(unsigned same, unsigned apart)
{
    struct placement_samples s = {0};
    for (unsigned i = 0; i < same; i++)
        placement_add(&s, true);
    for (unsigned i = 0; i < apart; i++)
        placement_add(&s, false);
    assert_int_equal(s.taken, same + apart);
    assert_int_equal(s.same, same);
    return placement_find(&s);
}

static void test_nine_of_ten_samples_decide(void **state)
{
    (void)state;
    assert_int_equal(classify(0, 0), PLACEMENT_UNKNOWN);
    assert_int_equal(classify(1, 0), PLACEMENT_SAME);
    assert_int_equal(classify(0, 1), PLACEMENT_APART);
    assert_int_equal(classify(1, 1), PLACEMENT_MOVING);
    assert_int_equal(classify(9, 1), PLACEMENT_SAME);
    assert_int_equal(classify(1, 9), PLACEMENT_APART);
    assert_int_equal(classify(89, 11), PLACEMENT_MOVING);
    assert_int_equal(classify(11, 89), PLACEMENT_MOVING);
    assert_int_equal(classify(900, 100), PLACEMENT_SAME);
    assert_int_equal(classify(100, 900), PLACEMENT_APART);
}

static void test_samples_add_up(void **state)
{
    struct placement_samples all = {10, 10};
    struct placement_samples more = {30, 0};
    struct placement_samples none = {0};
    (void)state;
    placement_merge(&all, &more);
    assert_int_equal(all.taken, 40);
    assert_int_equal(all.same, 10);
    assert_true(placement_same_share(&all) == 0.25);
    assert_true(placement_same_share(&none) == 0.0);
}

static struct placement_count count(unsigned unknown, unsigned same, unsigned apart,
                                    unsigned moving)
{
    return (struct placement_count){{[PLACEMENT_UNKNOWN] = unknown,
                                     [PLACEMENT_SAME] = same,
                                     [PLACEMENT_APART] = apart,
                                     [PLACEMENT_MOVING] = moving}};
}

static void expect(struct placement_count c, bool differs, enum placement common, const char *text)
{
    char found[PLACEMENT_TEXT];
    placement_count_format(found, &c);
    assert_string_equal(found, text);
    assert_int_equal(placement_count_differs(&c), differs);
    assert_int_equal(placement_count_common(&c), common);
}

static void test_trials_that_saw_more_than_one_differ(void **state)
{
    (void)state;
    expect(count(0, 0, 0, 0), false, PLACEMENT_UNKNOWN, "none");
    expect(count(3, 0, 0, 0), false, PLACEMENT_UNKNOWN, "3 not known");
    expect(count(0, 10, 0, 0), false, PLACEMENT_SAME, "10 same core");
    expect(count(2, 0, 8, 0), false, PLACEMENT_APART, "8 apart, 2 not known");
    expect(count(0, 0, 0, 4), false, PLACEMENT_MOVING, "4 moving");
    expect(count(0, 7, 3, 0), true, PLACEMENT_UNKNOWN, "7 same core, 3 apart");
    expect(count(1, 1, 0, 8), true, PLACEMENT_UNKNOWN, "1 same core, 8 moving, 1 not known");
}

static void test_counts(void **state)
{
    struct placement_count c = {{0}};
    struct placement_count other = count(1, 2, 3, 4);
    (void)state;
    placement_count_add(&c, PLACEMENT_APART);
    placement_count_add(&c, PLACEMENT_APART);
    placement_count_merge(&c, &other);
    expect(c, true, PLACEMENT_UNKNOWN, "2 same core, 5 apart, 4 moving, 1 not known");
    c = count(4000000000, 4000000000, 4000000000, 4000000000);
    expect(c, true, PLACEMENT_UNKNOWN,
           "4000000000 same core, 4000000000 apart, 4000000000 moving, 4000000000 not known");
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(placement_key(PLACEMENT_UNKNOWN), "unknown");
    assert_string_equal(placement_key(PLACEMENT_SAME), "same");
    assert_string_equal(placement_key(PLACEMENT_APART), "apart");
    assert_string_equal(placement_key(PLACEMENT_MOVING), "moving");
    assert_string_equal(placement_key(PLACEMENT_COUNT), "-");
    assert_string_equal(placement_words(PLACEMENT_SAME), "same core");
    assert_string_equal(placement_words(PLACEMENT_COUNT), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nine_of_ten_samples_decide),
        cmocka_unit_test(test_samples_add_up),
        cmocka_unit_test(test_trials_that_saw_more_than_one_differ),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
