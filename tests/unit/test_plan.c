/* Proves which trials are planned, how long they take, and what a time limit shortens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/status.h"
#include "client/plan/plan.h"

#define MS     UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

static struct client_options options;
static char line_copy[1024];

/* Words are separated by '|'. */
static void parse(const char *line)
{
    char error[OPTION_ERROR_BYTES];
    char *argv[32] = {line_copy};
    int argc = 1;
    strcpy(line_copy, line);
    for (char *word = strtok(line_copy, "|"); word != NULL; word = strtok(NULL, "|"))
        argv[argc++] = word;
    if (client_options_parse(&options, argc, argv, error) != STATUS_OK)
        fail_msg("%s: %s", line, error);
}

static const char siblings[] = "tcp://h:1|ws://h|http://h|http://h#upgrade";

static void parse_siblings(const char *line)
{
    char all[1024];
    strcat(strcat(strcpy(all, line), "|"), siblings);
    parse(all);
}

static void test_the_default_takes_half_a_minute(void **state)
{
    (void)state;
    parse_siblings("compare|--time-limit|60");
    uint64_t ns = plan_ns(&options, &options.targets);
    assert_in_range(ns, 24 * SECOND, 35 * SECOND);
    plan_fit(&options, &options.targets);
    assert_int_equal(options.blocks, 10);
    assert_int_equal(options.duration_ns, 600 * MS);
    assert_true(plan_ns(&options, &options.targets) == ns);
}

static void test_a_time_limit_takes_blocks_then_time(void **state)
{
    (void)state;
    parse_siblings("compare|--time-limit|20");
    plan_fit(&options, &options.targets);
    assert_in_range(options.blocks, 6, 9);
    assert_int_equal(options.duration_ns, 600 * MS);
    assert_in_range(plan_ns(&options, &options.targets), 1, 20 * SECOND);
    parse_siblings("compare|--time-limit|9");
    plan_fit(&options, &options.targets);
    assert_int_equal(options.blocks, 6);
    assert_int_equal(options.duration_ns, 300 * MS);
    assert_int_equal(options.warmup_ns, 50 * MS);
    assert_in_range(plan_ns(&options, &options.targets), 1, 9 * SECOND);
    parse_siblings("compare|--time-limit|1"); /* cannot be kept: blocks are what shows anything */
    plan_fit(&options, &options.targets);
    assert_int_equal(options.blocks, 6);
    assert_int_equal(options.duration_ns, 150 * MS);
}

static void test_the_reference_of_all_counts_twice(void **state)
{
    (void)state;
    parse("compare|a=ws://h");
    uint64_t one = plan_ns(&options, &options.targets);
    parse("compare|a=ws://h|b=ws://h");
    assert_true(plan_ns(&options, &options.targets) * 2 == one * 3);
    parse("roundtrip|a=ws://h");
    one = plan_ns(&options, &options.targets);
    assert_in_range(one, 5 * SECOND, 5 * SECOND + 50 * MS);
    parse("roundtrip|a=ws://h|b=ws://h|--blocks|3");
    assert_true(plan_ns(&options, &options.targets) == one * 9);
    parse("roundtrip|a=ws://h|b=ws://h|--blocks|3|--sweep|size=2,4");
    assert_true(plan_ns(&options, &options.targets) == one * 12);
    parse("compare|a=ws://h|b=ws://h|up=http://h/#upgrade|--against|up"); /* which only connects */
    uint64_t named = plan_ns(&options, &options.targets);
    parse("compare|a=ws://h|b=ws://h|up=http://h/#upgrade");
    assert_true(plan_ns(&options, &options.targets) > named);
}

static void test_who_is_the_reference_of_all(void **state)
{
    (void)state;
    parse("compare|a=ws://h|b=ws://h");
    assert_int_equal(plan_find_against(&options, &options.targets), 0);
    parse("compare|a=ws://h|b=ws://h|--against|b");
    assert_int_equal(plan_find_against(&options, &options.targets), 1);
    parse("compare|a=ws://h|b=ws://h|--against|c");
    assert_int_equal(plan_find_against(&options, &options.targets), TARGETS_MAX);
}

static void test_what_runs(void **state)
{
    (void)state;
    parse_siblings("compare");
    const struct target *sio = &options.targets.item[2];
    const struct target *upgrade = &options.targets.item[3];
    assert_true(plan_has_of(&options, sio, SCENARIO_ROUNDTRIP));
    assert_false(plan_has_of(&options, sio, SCENARIO_RATE));
    assert_true(plan_has_of(&options, upgrade, SCENARIO_CONNECT));
    assert_false(plan_has_of(&options, upgrade, SCENARIO_ROUNDTRIP));
    parse_siblings("compare|--rate|5");
    assert_true(plan_has_of(&options, sio, SCENARIO_RATE));
    assert_int_equal(plan_of(&options, SCENARIO_RATE, 0).rate, 5);
    assert_int_equal(plan_of(&options, SCENARIO_ROUNDTRIP, 0).rate, 0);
    assert_false(plan_has_of(&options, upgrade, SCENARIO_RATE));
    parse_siblings("rate");
    assert_true(plan_has(&options, SCENARIO_RATE));
    assert_false(plan_has(&options, SCENARIO_ROUNDTRIP));
    assert_true(plan_has_of(&options, upgrade, SCENARIO_RATE));
    assert_false(plan_has_control(&options));
    parse_siblings("rate|--blocks|2");
    assert_true(plan_has_control(&options));
    parse_siblings("rate|--blocks|2|--sweep|size=2,4");
    assert_false(plan_has_control(&options));
}

static void test_a_sweep_is_planned_for_its_largest(void **state)
{
    (void)state;
    parse("rate|--sweep|clients=1,4,100|--depth|3|--duration|1s|ws://h");
    assert_int_equal(plan_points(&options), 3);
    assert_int_equal(plan_of(&options, SCENARIO_RATE, 0).clients, 1);
    assert_int_equal(plan_of(&options, SCENARIO_RATE, 1).concurrency, 4);
    assert_int_equal(plan_of(&options, SCENARIO_RATE, 2).clients, 100);
    assert_int_equal(plan_of(&options, SCENARIO_RATE, 2).depth, 3);
    struct plan_needs most = plan_find_needs(&options, &options.targets);
    assert_int_equal(most.users, 100);
    assert_int_equal(most.connections_each, 1);
    assert_int_equal(most.depth, 3);
    assert_true(most.schedule);
    assert_in_range(plan_ns(&options, &options.targets), 3 * SECOND, 4 * SECOND);
    struct preflight_plan needs = plan_preflight(&options, &options.targets, SIZE_MAX, true);
    assert_int_equal(needs.connections, 105);
    assert_int_equal(needs.sockets, 100);
    assert_true(needs.files > 100);
    parse("roundtrip|--sweep|size=1,2|ws://h");
    assert_int_equal(plan_points(&options), 2);
    most = plan_find_needs(&options, &options.targets);
    assert_int_equal(most.users * most.connections_each, 1);
    assert_false(most.schedule);
}

static void assert_plan(enum scenario scenario, const struct plan *expected)
{
    struct plan plan = plan_of(&options, scenario, 0);
    assert_int_equal(plan.clients, expected->clients);
    assert_int_equal(plan.concurrency, expected->concurrency);
    assert_int_equal(plan.roundtrips, expected->roundtrips);
    assert_int_equal(plan.depth, expected->depth);
    assert_int_equal(plan.rate, expected->rate);
    assert_int_equal(plan.duration_ns, expected->duration_ns);
    assert_int_equal(plan.warmup_ns, expected->warmup_ns);
}

static void test_a_trial_of_each_scenario(void **state)
{
    (void)state;
    parse("connect|--clients|7|ws://h");
    assert_plan(SCENARIO_CONNECT, &(struct plan){7, 1, 1, 1, 0, 0, 0});
    parse("roundtrip|--clients|3|--depth|4|--duration|2s|--warmup|1s|ws://h");
    assert_plan(SCENARIO_ROUNDTRIP, &(struct plan){3, 3, 1, 4, 0, 2 * SECOND, SECOND});
    parse("rate|--clients|3|--depth|4|--rate|9|--duration|2s|--warmup|1s|ws://h");
    assert_plan(SCENARIO_RATE, &(struct plan){3, 3, 1, 4, 9, 2 * SECOND, SECOND});
    parse("throughput|--clients|8|--concurrency|2|--roundtrips|5|ws://h");
    assert_plan(SCENARIO_THROUGHPUT, &(struct plan){8, 2, 5, 1, 0, 0, 0});
    parse("send|--depth|6|--duration|2s|ws://h");
    assert_plan(SCENARIO_SEND, &(struct plan){1, 1, 1, 7, 0, 2 * SECOND, 0});

    parse("compare|--clients|8|--concurrency|2|--roundtrips|5|--duration|2s|--warmup|1s|--rate|9");
    assert_plan(SCENARIO_CONNECT, &(struct plan){20, 1, 1, 1, 0, 200 * MS, 0});
    assert_plan(SCENARIO_ROUNDTRIP, &(struct plan){1, 1, 1, 1, 0, 2 * SECOND, SECOND});
    assert_plan(SCENARIO_RATE, &(struct plan){1, 1, 1, 1, 9, 2 * SECOND, SECOND});
    assert_plan(SCENARIO_THROUGHPUT, &(struct plan){8, 2, 5, 1, 0, 0, 0});
    assert_plan(SCENARIO_SEND, &(struct plan){1, 1, 1, 10001, 0, 100 * MS, 0});
}

static uint64_t find_most(const char *line, enum scenario scenario)
{
    parse(line);
    struct plan plan = plan_of(&options, scenario, 0);
    return plan_most_ns(&plan, options.timeout_ns, options.payload.size);
}

/* Each wait has its timeout: connecting to eight addresses and opening, replies, the close. */
static void test_every_trial_ends(void **state)
{
    (void)state;
    uint64_t one = 12 * 5 * SECOND;
    uint64_t bytes = 2 * 2 * MS; /* there and back */
    uint64_t queued = 10 * MS;
    assert_int_equal(find_most("connect|ws://h|--clients|1", SCENARIO_CONNECT),
                     one + queued + 3 * bytes);
    assert_int_equal(find_most("connect|ws://h|--clients|11", SCENARIO_CONNECT),
                     one + 10 * 3 * 5 * SECOND + queued + 13 * bytes);
    assert_int_equal(find_most("roundtrip|ws://h|--duration|3", SCENARIO_ROUNDTRIP),
                     one + 3 * SECOND + queued + 3 * bytes);
    assert_int_equal(find_most("roundtrip|ws://h|--duration|3|--timeout|1", SCENARIO_ROUNDTRIP),
                     15 * SECOND + queued + 3 * bytes);
    assert_in_range(find_most("throughput|ws://h|--clients|20000|--concurrency|1|--roundtrips|"
                              "1000000|--timeout|86400|--size|64M",
                              SCENARIO_THROUGHPUT),
                    UINT64_MAX / 8, UINT64_MAX / 2); /* longer than any run, and no overflow */
}

static void test_a_time_limit_takes_blocks_of_other_scenarios(void **state)
{
    (void)state;
    parse("roundtrip|ws://h|--blocks|10|--duration|1|--time-limit|6500ms");
    plan_fit(&options, &options.targets);
    assert_int_equal(options.blocks, 3);
    parse("roundtrip|ws://h|--blocks|10|--duration|5|--time-limit|1");
    plan_fit(&options, &options.targets);
    assert_int_equal(options.blocks, 1);
    assert_int_equal(options.duration_ns, 5 * SECOND); /* as was asked for */
}

static void test_what_it_needs(void **state)
{
    (void)state;
    parse_siblings("compare");
    struct preflight_plan needs = plan_preflight(&options, &options.targets, SIZE_MAX, true);
    assert_int_equal(needs.sockets, 48); /* 16 at a time, three for each that upgrades */
    /* connect 20, roundtrip 1, throughput 50, send 1; ten blocks, and the first target twice */
    assert_int_equal(needs.connections, 1440);
    assert_int_equal(needs.threads, 2);
    assert_true(needs.poller_most == SIZE_MAX);
    assert_true(needs.duration_ns == plan_ns(&options, &options.targets));
    needs = plan_preflight(&options, &options.targets, SIZE_MAX, false);
    assert_int_equal(needs.threads, 1);
    assert_false(needs.loopback);
    needs = plan_preflight(&options, &options.targets, 1024, true);
    assert_int_equal(needs.poller_most, 1008); /* descriptors of other things are below 1024, too */
    struct plan_needs most = plan_find_needs(&options, &options.targets);
    assert_int_equal(most.users, 16);
    assert_int_equal(most.connections_each, 3);
    assert_int_equal(most.depth, 10001); /* of send, with its last message */
    assert_false(most.schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_default_takes_half_a_minute),
        cmocka_unit_test(test_a_time_limit_takes_blocks_then_time),
        cmocka_unit_test(test_the_reference_of_all_counts_twice),
        cmocka_unit_test(test_who_is_the_reference_of_all),
        cmocka_unit_test(test_what_runs),
        cmocka_unit_test(test_a_sweep_is_planned_for_its_largest),
        cmocka_unit_test(test_a_trial_of_each_scenario),
        cmocka_unit_test(test_every_trial_ends),
        cmocka_unit_test(test_a_time_limit_takes_blocks_of_other_scenarios),
        cmocka_unit_test(test_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
