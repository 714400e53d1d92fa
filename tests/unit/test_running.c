/* Proves that the running mean and deviation equal the formulas over all values kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "measure/record/running.h"

#define COUNT 10000

static double values[COUNT];

/* Numbers of latencies' size, with a tail; the generator only has to be the same every time. */
static int make_values(void **state)
{
    uint64_t x = 88172645463325252u;
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        values[i] = 20000.0 + (double)(x % 5000) + (i % 97 == 0 ? 4e6 : 0.0);
    }
    return 0;
}

static double two_pass_deviation(const double *v, size_t n)
{
    double sum = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - sum / (double)n) * (v[i] - sum / (double)n);
    return sqrt(squares / (double)(n - 1));
}

static void assert_near(double a, double b, double relative)
{
    if (fabs(a - b) > relative * fabs(b))
        fail_msg("%.17g is not %.17g", a, b);
}

static void add_all(struct running *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        running_add(r, values[i]);
}

static void test_worked_example(void **state)
{
    /* Knuth's and Wikipedia's: 4, 7, 13, 16 on an offset that ruins the naive sum of squares. */
    struct running r = {0};
    (void)state;
    running_add(&r, 1e9 + 4);
    running_add(&r, 1e9 + 7);
    running_add(&r, 1e9 + 13);
    running_add(&r, 1e9 + 16);
    assert_int_equal(r.n, 4);
    assert_true(r.min == 1e9 + 4);
    assert_true(r.max == 1e9 + 16);
    assert_near(r.mean, 1e9 + 10, 1e-15);
    assert_near(running_deviation(&r), sqrt(30.0), 1e-12);
}

static void test_against_two_passes(void **state)
{
    struct running r = {0};
    (void)state;
    add_all(&r, 0, COUNT);
    assert_near(running_deviation(&r), two_pass_deviation(values, COUNT), 1e-11);
}

static void test_merge_is_as_if_added(void **state)
{
    static const size_t cuts[] = {0, 1, 2, 97, 5000, COUNT - 1, COUNT};
    struct running whole = {0};
    (void)state;
    add_all(&whole, 0, COUNT);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct running a = {0};
        struct running b = {0};
        add_all(&a, 0, cuts[i]);
        add_all(&b, cuts[i], COUNT);
        running_merge(&a, &b);
        assert_int_equal(a.n, whole.n);
        assert_true(a.min == whole.min);
        assert_true(a.max == whole.max);
        assert_near(a.mean, whole.mean, 1e-13);
        assert_near(running_deviation(&a), running_deviation(&whole), 1e-11);
    }
}

static void test_few_values(void **state)
{
    struct running r = {0};
    (void)state;
    assert_true(running_deviation(&r) == 0.0);
    running_add(&r, -3.0);
    assert_true(r.min == -3.0);
    assert_true(r.max == -3.0);
    assert_true(r.mean == -3.0);
    assert_true(running_deviation(&r) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_against_two_passes),
        cmocka_unit_test(test_merge_is_as_if_added),
        cmocka_unit_test(test_few_values),
    };
    return cmocka_run_group_tests(tests, make_values, NULL);
}
