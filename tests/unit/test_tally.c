/* Proves that counters and failures lose nothing when they are added up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/status.h"
#include "measure/record/failure.h"
#include "measure/record/tally.h"

static void test_merge_adds_every_counter(void **state)
{
    struct tally a;
    struct tally b;
    uint64_t fields[sizeof a / sizeof(uint64_t)];
    size_t count = sizeof fields / sizeof fields[0];
    (void)state;
    for (size_t i = 0; i < count; i++)
        fields[i] = i + 1;
    memcpy(&a, fields, sizeof a);
    for (size_t i = 0; i < count; i++)
        fields[i] = 1000 * (i + 1);
    memcpy(&b, fields, sizeof b);
    tally_merge(&a, &b);
    memcpy(fields, &a, sizeof a);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fields[i], 1001 * (i + 1));
}

static void test_balance(void **state)
{
    struct tally t = {0};
    (void)state;
    assert_true(tally_balanced(&t));
    t = (struct tally){.sent = 10, .answered = 7, .wrong = 1, .unanswered = 2, .unexpected = 5};
    assert_true(tally_balanced(&t));
    t.unanswered = 1;
    assert_false(tally_balanced(&t));
    t.unanswered = 3;
    assert_false(tally_balanced(&t));
}

static void test_failures_are_grouped(void **state)
{
    struct failures f = {0};
    (void)state;
    failures_add(&f, STATUS_REFUSED, PHASE_TCP, NULL);
    failures_add(&f, STATUS_HTTP_STATUS, PHASE_UPGRADE, "HTTP 404");
    failures_add(&f, STATUS_HTTP_STATUS, PHASE_UPGRADE, "HTTP 503");
    failures_add(&f, STATUS_REFUSED, PHASE_CLOSE, "");
    assert_int_equal(f.used, 3);
    assert_int_equal(f.list[1].count, 2);
    assert_string_equal(f.list[0].text, "");
    assert_string_equal(f.list[1].text, "HTTP 404");
    assert_int_equal(failures_count(&f), 4);
}

static void test_kinds_beyond_the_table_are_counted(void **state)
{
    struct failures f = {0};
    struct failures sum = {0};
    (void)state;
    for (int i = 0; i < FAILURES_KEPT + 3; i++)
        failures_add(&f, -i - 1, PHASE_TCP, "x");
    failures_add(&f, -1, PHASE_TCP, "y");
    assert_int_equal(f.used, FAILURES_KEPT);
    assert_int_equal(f.more, 3);
    failures_merge(&sum, &f);
    failures_merge(&sum, &f);
    assert_int_equal(sum.list[0].count, 4);
    assert_string_equal(sum.list[0].text, "x");
    assert_int_equal(failures_count(&sum), 2 * (FAILURES_KEPT + 4));
}

static void test_long_text_is_cut(void **state)
{
    struct failures f = {0};
    char text[3 * FAILURE_TEXT];
    (void)state;
    memset(text, 'z', sizeof text);
    text[sizeof text - 1] = '\0';
    failures_add(&f, STATUS_CLOSED, PHASE_COUNT, text);
    assert_int_equal(strlen(f.list[0].text), FAILURE_TEXT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge_adds_every_counter),
        cmocka_unit_test(test_balance),
        cmocka_unit_test(test_failures_are_grouped),
        cmocka_unit_test(test_kinds_beyond_the_table_are_counted),
        cmocka_unit_test(test_long_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
