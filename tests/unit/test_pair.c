/* Which target is compared with which: every pair once, and none with itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "measure/result/pair.h"

static struct pair pairs[PAIRS_MAX];
static struct summary of;
static struct summary to;

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void assert_pair(unsigned index, unsigned target, unsigned other, enum pair_base base)
{
    assert_int_equal(pairs[index].target, target);
    assert_int_equal(pairs[index].other, other);
    assert_int_equal(pairs[index].base, base);
}

static void test_baseline_is_the_first_raw_tcp(void **state)
{
    static const enum pair_protocol with[] = {PAIR_WEBSOCKET, PAIR_TCP, PAIR_TCP};
    static const enum pair_protocol without[] = {PAIR_WEBSOCKET, PAIR_SOCKET_IO};
    (void)state;
    assert_int_equal(pair_find_baseline(with, COUNT(with)), 1);
    assert_int_equal(pair_find_baseline(without, COUNT(without)), PAIR_NONE);
    assert_int_equal(pair_find_baseline(NULL, 0), PAIR_NONE);
}

static void test_references(void **state)
{
    static const enum pair_protocol usual[] = {PAIR_TCP, PAIR_WEBSOCKET, PAIR_WEBSOCKET,
                                               PAIR_SOCKET_IO, PAIR_SOCKET_IO};
    static const enum pair_protocol no_tcp[] = {PAIR_SOCKET_IO, PAIR_SOCKET_IO, PAIR_WEBSOCKET};
    static const enum pair_protocol no_websocket[] = {PAIR_TCP, PAIR_SOCKET_IO};
    static const enum pair_protocol alone[] = {PAIR_SOCKET_IO};
    static const enum pair_protocol unknown[] = {PAIR_OTHER, PAIR_OTHER};
    (void)state;
    for (unsigned i = 0; i < COUNT(usual); i++)
        assert_int_equal(pair_find_reference(usual, COUNT(usual), i), i < 3 ? PAIR_NONE : 1);
    assert_int_equal(pair_find_reference(no_tcp, COUNT(no_tcp), 0), 2);
    assert_int_equal(pair_find_reference(no_tcp, COUNT(no_tcp), 1), 2);
    assert_int_equal(pair_find_reference(no_tcp, COUNT(no_tcp), 2), 0); /* instead of a baseline */
    assert_int_equal(pair_find_reference(no_websocket, 2, 1), PAIR_NONE);
    assert_int_equal(pair_find_reference(alone, 1, 0), PAIR_NONE);
    assert_int_equal(pair_find_reference(unknown, 2, 0), PAIR_NONE);
    assert_int_equal(pair_find_reference(unknown, 2, 1), 0);
}

static void test_list_of_a_usual_run(void **state)
{
    static const int references[] = {PAIR_NONE, PAIR_NONE, 1, 1};
    (void)state;
    assert_int_equal(pair_list(pairs, 0, references, 4), 5);
    assert_pair(0, 1, 0, PAIR_BASELINE);
    assert_pair(1, 2, 0, PAIR_BASELINE);
    assert_pair(2, 2, 1, PAIR_REFERENCE);
    assert_pair(3, 3, 0, PAIR_BASELINE);
    assert_pair(4, 3, 1, PAIR_REFERENCE);
    assert_ptr_equal(pair_find(pairs, 5, 3, PAIR_REFERENCE), &pairs[4]);
    assert_ptr_equal(pair_find(pairs, 5, 1, PAIR_BASELINE), &pairs[0]);
    assert_null(pair_find(pairs, 5, 1, PAIR_REFERENCE));
    assert_null(pair_find(pairs, 5, 0, PAIR_BASELINE));
}

static void test_no_pair_twice_and_none_with_itself(void **state)
{
    static const int same[] = {0, 0};
    static const int beyond[] = {2, 7};
    (void)state;
    assert_int_equal(pair_list(pairs, 0, same, 2), 1);
    assert_pair(0, 1, 0, PAIR_BASELINE);
    assert_int_equal(pair_list(pairs, PAIR_NONE, same, 2), 1);
    assert_pair(0, 1, 0, PAIR_REFERENCE);
    assert_int_equal(pair_list(pairs, PAIR_NONE, beyond, 2), 0);
}

static void test_as_many_pairs_as_there_can_be(void **state)
{
    int references[TARGETS_MAX];
    (void)state;
    for (int i = 0; i < TARGETS_MAX; i++)
        references[i] = i == 1 ? 2 : 1;
    unsigned count = pair_list(pairs, 0, references, TARGETS_MAX);
    assert_int_equal(count, PAIRS_MAX - 1);
    assert_int_equal(pair_common(pairs, count, PAIR_BASELINE), 0);
    assert_int_equal(pair_common(pairs, count, PAIR_REFERENCE), PAIR_VARIES);
    assert_int_equal(pair_common(pairs, 0, PAIR_REFERENCE), PAIR_NONE);
}

static void fill(struct summary *s, double value, double step)
{
    memset(s, 0, sizeof *s);
    for (unsigned block = 0; block < 10; block++)
        s->figures[FIGURE_P50][block] = value + step * (block % 3);
    summary_conclude(s);
}

static struct comparison compare(const struct estimate *noise, enum figure figure)
{
    return pair_compare((struct summary_trials){&of, NULL}, (struct summary_trials){&to, NULL},
                        noise, figure, 3);
}

static void test_comparison(void **state)
{
    struct estimate noise = {.interval = {10, 1.001, 0.99, 1.01}};
    (void)state;
    fill(&of, 1300, 2);
    fill(&to, 1000, 1);
    struct comparison c = compare(&noise, FIGURE_P50);
    double ratios[10];
    for (unsigned block = 0; block < 10; block++)
        ratios[block] = of.figures[FIGURE_P50][block] / to.figures[FIGURE_P50][block];
    struct interval expected = interval_of_ratios(ratios, 10, 3);
    assert_int_equal(c.result, CONTRAST_MORE);
    assert_int_equal(c.ratio.spread.n, 10);
    assert_memory_equal(&c.ratio.interval, &expected, sizeof expected);
    assert_memory_equal(&c.noise, &noise.interval, sizeof c.noise);
    assert_int_equal(compare(&noise, FIGURE_P99).result, CONTRAST_NONE);
}

static void test_what_is_refused_shows_nothing(void **state)
{
    struct estimate noise = {.interval = {10, 1.001, 0.99, 1.01}};
    (void)state;
    fill(&of, 1300, 2);
    fill(&to, 1000, 1);
    to.broken[IDENTITY_LITTLE] = 1;
    summary_conclude(&to);
    struct comparison c = compare(&noise, FIGURE_P50);
    assert_int_equal(c.result, CONTRAST_NONE);
    assert_int_equal(c.ratio.refusal, REFUSAL_LITTLE);
    fill(&to, 1000, 1);
    noise.refusal = REFUSAL_BALANCE; /* what the noise would have been says nothing of the pair */
    assert_int_equal(compare(&noise, FIGURE_P50).result, CONTRAST_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_baseline_is_the_first_raw_tcp),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_list_of_a_usual_run),
        cmocka_unit_test(test_no_pair_twice_and_none_with_itself),
        cmocka_unit_test(test_as_many_pairs_as_there_can_be),
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_what_is_refused_shows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
