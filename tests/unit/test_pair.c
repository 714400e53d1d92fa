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

static void assert_references(const enum pair_protocol *protocols, unsigned count, unsigned against,
                              const int *expected)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pair_find_reference(protocols, count, against, i), expected[i]);
}

static void test_references(void **state)
{
    static const enum pair_protocol usual[] = {PAIR_TCP, PAIR_WEBSOCKET, PAIR_WEBSOCKET,
                                               PAIR_SOCKET_IO, PAIR_SOCKET_IO};
    static const enum pair_protocol no_tcp[] = {PAIR_SOCKET_IO, PAIR_SOCKET_IO, PAIR_WEBSOCKET};
    static const enum pair_protocol no_websocket[] = {PAIR_TCP, PAIR_SOCKET_IO, PAIR_SOCKET_IO};
    static const enum pair_protocol builds[] = {PAIR_WEBSOCKET, PAIR_WEBSOCKET, PAIR_TCP};
    static const enum pair_protocol unknown[] = {PAIR_OTHER, PAIR_OTHER};
    (void)state;
    assert_references(usual, 5, 0, (const int[]){PAIR_NONE, PAIR_NONE, 1, 1, 1});
    assert_references(usual, 5, 2, (const int[]){PAIR_NONE, 2, PAIR_NONE, 1, 1});
    assert_references(no_tcp, 3, 0, (const int[]){2, 2, PAIR_NONE}); /* 2 is judged by 0's pair */
    assert_references(no_websocket, 3, 0, (const int[]){PAIR_NONE, PAIR_NONE, 1});
    assert_references(builds, 3, 0, (const int[]){PAIR_NONE, 0, PAIR_NONE});
    assert_references(builds, 3, 1, (const int[]){1, PAIR_NONE, PAIR_NONE});
    assert_references(unknown, 2, 0, (const int[]){PAIR_NONE, 0});
    assert_references(unknown, 1, 0, (const int[]){PAIR_NONE});
}

/* As result_choose_pairs() and result_conclude() do it. */
static unsigned list(const enum pair_protocol *protocols, unsigned count, unsigned against)
{
    int references[TARGETS_MAX];
    for (unsigned i = 0; i < count; i++)
        references[i] = pair_find_reference(protocols, count, against, i);
    return pair_list(pairs, protocols, pair_find_baseline(protocols, count), references, against,
                     count);
}

static void test_list_of_a_usual_run(void **state)
{
    static const enum pair_protocol usual[] = {PAIR_TCP, PAIR_WEBSOCKET, PAIR_SOCKET_IO,
                                               PAIR_SOCKET_IO};
    (void)state;
    assert_int_equal(list(usual, 4, 0), 6);
    assert_pair(0, 1, 0, PAIR_BASELINE);
    assert_pair(1, 2, 0, PAIR_BASELINE);
    assert_pair(2, 2, 1, PAIR_REFERENCE);
    assert_pair(3, 3, 0, PAIR_BASELINE);
    assert_pair(4, 3, 1, PAIR_REFERENCE);
    assert_pair(5, 3, 2, PAIR_FURTHER);
    assert_ptr_equal(pair_find(pairs, 6, 3, PAIR_REFERENCE), &pairs[4]);
    assert_ptr_equal(pair_find(pairs, 6, 1, PAIR_BASELINE), &pairs[0]);
    assert_null(pair_find(pairs, 6, 1, PAIR_REFERENCE));
    assert_null(pair_find(pairs, 6, 0, PAIR_BASELINE));
}

/* The pair that is wanted has a verdict, wherever the baseline stands. */
static void test_list_of_two_builds(void **state)
{
    static const enum pair_protocol builds[] = {PAIR_WEBSOCKET, PAIR_WEBSOCKET, PAIR_TCP};
    (void)state;
    assert_int_equal(list(builds, 3, 0), 3);
    assert_pair(0, 0, 2, PAIR_BASELINE);
    assert_pair(1, 1, 2, PAIR_BASELINE);
    assert_pair(2, 1, 0, PAIR_REFERENCE);
    assert_int_equal(list(builds, 3, 1), 3);
    assert_pair(1, 0, 1, PAIR_REFERENCE);
    assert_pair(2, 1, 2, PAIR_BASELINE);
}

static void test_list_of_two_socketio_beside_a_websocket(void **state)
{
    static const enum pair_protocol targets[] = {PAIR_SOCKET_IO, PAIR_SOCKET_IO, PAIR_WEBSOCKET};
    (void)state;
    assert_int_equal(list(targets, 3, 0), 3);
    assert_pair(0, 0, 2, PAIR_REFERENCE);
    assert_pair(1, 1, 2, PAIR_REFERENCE);
    assert_pair(2, 1, 0, PAIR_FURTHER);
}

/* Against a target of another protocol, which is neither baseline nor of its own. */
static void test_list_against_a_named_target(void **state)
{
    static const enum pair_protocol targets[] = {PAIR_TCP, PAIR_WEBSOCKET, PAIR_WEBSOCKET,
                                                 PAIR_SOCKET_IO};
    (void)state;
    assert_int_equal(list(targets, 4, 2), 6);
    assert_pair(0, 1, 0, PAIR_BASELINE);
    assert_pair(1, 1, 2, PAIR_REFERENCE);
    assert_pair(2, 2, 0, PAIR_BASELINE);
    assert_pair(3, 3, 0, PAIR_BASELINE);
    assert_pair(4, 3, 1, PAIR_REFERENCE);
    assert_pair(5, 3, 2, PAIR_FURTHER);
}

static void test_no_pair_twice_and_none_with_itself(void **state)
{
    static const enum pair_protocol other[] = {PAIR_OTHER, PAIR_TCP};
    static const int same[] = {0, 0};
    static const int beyond[] = {2, 7};
    (void)state;
    assert_int_equal(pair_list(pairs, other, 0, same, 0, 2), 1);
    assert_pair(0, 1, 0, PAIR_BASELINE);
    assert_int_equal(pair_list(pairs, other, PAIR_NONE, same, 0, 2), 1);
    assert_pair(0, 1, 0, PAIR_REFERENCE);
    assert_int_equal(pair_list(pairs, other, PAIR_NONE, beyond, 0, 2), 1);
    assert_pair(0, 1, 0, PAIR_FURTHER);
}

static void test_as_many_pairs_as_there_can_be(void **state)
{
    enum pair_protocol same[TARGETS_MAX];
    (void)state;
    for (int i = 0; i < TARGETS_MAX; i++)
        same[i] = PAIR_TCP;
    unsigned count = list(same, TARGETS_MAX, 3);
    assert_int_equal(count, PAIRS_MAX);
    assert_int_equal(pair_common(pairs, count, PAIR_BASELINE), 0);
    assert_int_equal(pair_common(pairs, count, PAIR_FURTHER), PAIR_VARIES);
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
    struct estimate noise = {.interval = {.n = 10, .middle = 1.001, .low = 0.99, .high = 1.01}};
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
    struct estimate noise = {.interval = {.n = 10, .middle = 1.001, .low = 0.99, .high = 1.01}};
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
        cmocka_unit_test(test_list_of_two_builds),
        cmocka_unit_test(test_list_of_two_socketio_beside_a_websocket),
        cmocka_unit_test(test_list_against_a_named_target),
        cmocka_unit_test(test_no_pair_twice_and_none_with_itself),
        cmocka_unit_test(test_as_many_pairs_as_there_can_be),
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_what_is_refused_shows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
