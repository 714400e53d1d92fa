/* Proves Student's quantiles by those of printed tables, and that they are what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "measure/result/student.h"

static void assert_quantile(double outside, unsigned freedom, double expected)
{
    double found = student_quantile(outside, freedom);
    if (fabs(found - expected) > 6e-4 * expected)
        fail_msg("%g outside, %u: %.6f instead of %.6f", outside, freedom, found, expected);
}

static void test_printed_tables(void **state)
{
    (void)state;
    assert_quantile(0.05, 1, 12.706);
    assert_quantile(0.05, 2, 4.303);
    assert_quantile(0.05, 5, 2.571);
    assert_quantile(0.05, 7, 2.365);
    assert_quantile(0.05, 60, 2.000);
    assert_quantile(0.01, 5, 4.032);
    assert_quantile(0.01, 30, 2.750);
    assert_quantile(0.001, 3, 12.924);
    assert_quantile(0.001, 120, 3.373);
    assert_quantile(0.5, 1, 1.0);
}

/* With 1 and 2 degrees of freedom the quantile is a closed formula. */
static void test_closed_formulas(void **state)
{
    (void)state;
    for (double outside = 1e-6; outside < 1.0; outside *= 3.0) {
        double inside = 1.0 - outside;
        double one = tan(inside * acos(-1.0) / 2.0);
        double two = inside * sqrt(2.0 / (1.0 - inside * inside));
        assert_true(fabs(student_quantile(outside, 1) / one - 1.0) < 1e-6);
        assert_true(fabs(student_quantile(outside, 2) / two - 1.0) < 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed_tables),
        cmocka_unit_test(test_closed_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
