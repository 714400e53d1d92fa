/* Proves which expressions --fail-if accepts, how it refuses others, and what it decides from an
 * interval. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/status.h"
#include "measure/result/gate.h"
#include "measure/result/result.h"
#include "report/phrases.h"

#define BIT(name) (UINT32_C(1) << SCENARIO_##name)

static const struct gate_scope scope = {
    .count = 4,
    .names = {"tcp", "ws", "sio-upgrade", "my.own"},
    .scenarios = {BIT(CONNECT) | BIT(ROUNDTRIP) | BIT(SEND), BIT(CONNECT) | BIT(ROUNDTRIP),
                  BIT(CONNECT), BIT(RATE) | BIT(THROUGHPUT)},
    .blocks = 10,
};

static struct gate parsed(const char *text)
{
    char error[OPTION_ERROR_BYTES] = "";
    struct gate g;
    if (gate_parse(&g, text, &scope, error) != STATUS_OK)
        fail_msg("%s", error);
    return g;
}

static void refused_by(const struct gate_scope *by, const char *text, const char *expected)
{
    char error[OPTION_ERROR_BYTES] = "";
    struct gate g;
    if (gate_parse(&g, text, by, error) != STATUS_INVALID)
        fail_msg("accepted: %s", text);
    if (strstr(error, expected) == NULL || strstr(error, "--fail-if") != error)
        fail_msg("%s", error);
}

static void refused(const char *text, const char *expected)
{
    refused_by(&scope, text, expected);
}

static void test_parts(void **state)
{
    struct gate g = parsed("ws.roundtrip.p99 > 2ms");
    (void)state;
    assert_string_equal(g.text, "ws.roundtrip.p99 > 2ms");
    assert_int_equal(g.of, 1);
    assert_int_equal(g.to, -1);
    assert_int_equal(g.scenario, SCENARIO_ROUNDTRIP);
    assert_int_equal(g.figure, FIGURE_P99);
    assert_true(g.above && !g.inclusive && !g.ratio);
    assert_true(g.line == 2e6);
    g = parsed("  ws/tcp.roundtrip.rate<=0.8\t");
    assert_int_equal(g.of, 1);
    assert_int_equal(g.to, 0);
    assert_int_equal(g.figure, FIGURE_RATE);
    assert_true(!g.above && g.inclusive && g.ratio);
    assert_true(g.line == 0.8);
    g = parsed("my.own.throughput.rate-outstanding >= 1.5 K/s");
    assert_int_equal(g.of, 3);
    assert_int_equal(g.scenario, SCENARIO_THROUGHPUT);
    assert_true(g.above && g.inclusive);
    assert_true(g.line == 1500);
}

static void assert_line(const char *text, double line)
{
    struct gate g = parsed(text);
    if (g.line != line)
        fail_msg("%s: %.17g", text, g.line);
}

static void test_units(void **state)
{
    (void)state;
    assert_line("ws.connect.ready > 900ns", 900);
    assert_line("ws.connect.ready > 1.5us", 1500);
    assert_line("ws.connect.ready > 2 ms", 2e6);
    assert_line("ws.connect.ready > .5s", 5e8);
    assert_line("ws.roundtrip.rate < 40000", 40000);
    assert_line("ws.roundtrip.rate < 40000/s", 40000);
    assert_line("ws.roundtrip.rate < 40K", 40000);
    assert_line("ws.roundtrip.rate < 1.5M/s", 1.5e6);
    assert_line("ws.roundtrip.bytes < 12MB/s", 12e6);
    assert_line("ws.roundtrip.bytes < 12kB/s", 12e3);
    assert_line("ws.roundtrip.bytes < 1G", 1e9);
    assert_line("ws.roundtrip.client-calls > 2.5", 2.5);
    assert_line("ws.roundtrip.client-busy > 0.9", 0.9);
    assert_line("ws/tcp.roundtrip.p99 > 1.1", 1.1);
}

static void test_form_is_refused(void **state)
{
    (void)state;
    refused("", "expected NAME.SCENARIO.FIGURE");
    refused("ws.roundtrip.p99", "expected NAME.SCENARIO.FIGURE");
    refused("ws.p99 > 2ms", "expected NAME.SCENARIO.FIGURE");
    refused("> 2ms", "expected NAME.SCENARIO.FIGURE");
    refused("ws/ws.roundtrip.p99 > 2", "two different targets");
    refused("ws/tcp/ws.roundtrip.p99 > 2", "ws/tcp is no target");
    refused("ws.roundtrip.p99 > 2", "expected a time");
    refused("ws.roundtrip.p99 > 2KB/s", "expected a time");
    refused("ws.roundtrip.p99 >> 2ms", "expected a time");
    refused("ws.roundtrip.p99 > -2ms", "expected a time");
    refused("ws.roundtrip.p99 > 0ms", "expected a time");
    refused("ws.roundtrip.p99 > 1.2.3ms", "expected a time");
    refused("ws.roundtrip.p99 > 1e3ms", "expected a time");
    refused("ws.roundtrip.p99 > ms", "expected a time");
    refused("ws.roundtrip.p99 > 2ms 3", "expected a time");
    refused("ws.roundtrip.rate < 2ms", "expected a rate");
    refused("ws.roundtrip.bytes < 2ms", "expected bytes per second");
    refused("ws.roundtrip.drift > 2ms", "without a unit");
    refused("ws/tcp.roundtrip.p99 > 2ms", "without a unit");
}

static void test_unknown_words_are_named(void **state)
{
    (void)state;
    refused("node.roundtrip.p99 > 2ms", "node is no target; there is tcp, ws, sio-upgrade, my.own");
    refused("sio-upgrad.connect.ready > 2ms", "did you mean sio-upgrade?");
    refused("ws/xyz.roundtrip.p99 > 2", "xyz is no target");
    refused("ws.roundtrp.p99 > 2ms", "roundtrp is no scenario of ws; did you mean roundtrip?");
    refused("ws.send.rate > 2", "send is no scenario of ws; there is connect, roundtrip");
    refused("tcp/ws.send.rate > 2", "send is no scenario");
    refused("sio-upgrade.roundtrip.p99 > 2ms", "there is connect");
    refused("ws.roundtrip.first-eco > 2ms", "did you mean first-echo?");
    refused("ws.connect.p99 > 2ms", "p99 is no figure of connect; there is ready, first-echo");
    refused("ws.roundtrip.accepted > 2", "accepted is no figure of roundtrip");
    refused("ws.roundtrip.plain-p99 > 2ms", "is no figure of roundtrip");
}

static void test_scope(void **state)
{
    struct gate_scope few = scope;
    struct gate_scope ratios = scope;
    struct gate g;
    char error[OPTION_ERROR_BYTES];
    (void)state;
    few.blocks = 5;
    refused_by(&few, "ws.roundtrip.p99 > 2ms", "--fail-if: needs --blocks 6 or more");
    ratios.ratios = true;
    refused_by(&ratios, "ws.roundtrip.p99 > 2ms", "without a unit");
    refused_by(&ratios, "ws/tcp.roundtrip.p99 > 2", "one target");
    assert_int_equal(gate_parse(&g, "ws.roundtrip.p99 > 1.1", &ratios, error), STATUS_OK);
    assert_true(g.ratio && g.to == -1 && g.line == 1.1);
}

static void test_list(void **state)
{
    struct option_texts texts = {2, {"ws.connect.ready > 2ms", "tcp.roundtrip.rate < 1"}};
    struct gate_list list;
    char error[OPTION_ERROR_BYTES];
    (void)state;
    assert_int_equal(gate_list_parse(&list, &texts, &scope, error), STATUS_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.item[1].of, 0);
    texts.item[1] = "nonsense";
    assert_int_equal(gate_list_parse(&list, &texts, &scope, error), STATUS_INVALID);
}

static enum gate_outcome judged(const char *text, size_t n, double low, double high)
{
    struct gate g = parsed(text);
    struct interval found = {n, (low + high) / 2, low, high};
    return gate_judge(&g, &found).outcome;
}

static void test_outcomes(void **state)
{
    (void)state;
    assert_int_equal(judged("ws.connect.ready > 10ns", 6, 11, 12), GATE_FAILED);
    assert_int_equal(judged("ws.connect.ready > 10ns", 6, 9, 12), GATE_UNSURE);
    assert_int_equal(judged("ws.connect.ready > 10ns", 6, 8, 9), GATE_PASSED);
    assert_int_equal(judged("ws.connect.ready > 10ns", 6, 10, 12), GATE_UNSURE);
    assert_int_equal(judged("ws.connect.ready >= 10ns", 6, 10, 12), GATE_FAILED);
    assert_int_equal(judged("ws.connect.ready > 10ns", 6, 8, 10), GATE_PASSED);
    assert_int_equal(judged("ws.connect.ready >= 10ns", 6, 8, 10), GATE_UNSURE);
    assert_int_equal(judged("ws.connect.ready < 10ns", 6, 8, 9), GATE_FAILED);
    assert_int_equal(judged("ws.connect.ready < 10ns", 6, 8, 10), GATE_UNSURE);
    assert_int_equal(judged("ws.connect.ready <= 10ns", 6, 8, 10), GATE_FAILED);
    assert_int_equal(judged("ws.connect.ready < 10ns", 6, 11, 12), GATE_PASSED);
    assert_int_equal(judged("ws.connect.ready > 10ns", 5, 11, 12), GATE_UNSURE);
    assert_int_equal(judged("ws.connect.ready > 10ns", 0, 0, 0), GATE_UNSURE);
}

static void test_keys(void **state)
{
    struct gate_result g = {.unit = FIGURE_NS};
    (void)state;
    assert_string_equal(gate_outcome_key(GATE_PASSED), "passed");
    assert_string_equal(gate_outcome_key(GATE_FAILED), "failed");
    assert_string_equal(gate_outcome_key(GATE_UNSURE), "unsure");
    assert_string_equal(gate_unit_key(&g), "ns");
    g.unit = FIGURE_PER_S;
    assert_string_equal(gate_unit_key(&g), "per_s");
    g.unit = FIGURE_BYTES_PER_S;
    assert_string_equal(gate_unit_key(&g), "bytes_per_s");
    g.unit = FIGURE_PLAIN;
    assert_string_equal(gate_unit_key(&g), "plain");
    g.ratio = true;
    assert_string_equal(gate_unit_key(&g), "ratio");
}

static struct result report;

static void fill(unsigned target, enum figure figure, double base)
{
    struct summary *s = &report.targets[target].summaries[SCENARIO_ROUNDTRIP];
    for (unsigned block = 0; block < 10; block++)
        s->figures[figure][block] = base + block;
}

static const char *sentence(unsigned i)
{
    static char text[PHRASES_GATE];
    phrases_gate(text, &report.gates[i]);
    return text;
}

/* The ratio of two targets whose blocks rise together is steadier than either. */
static void test_report(void **state)
{
    struct option_texts texts = {5,
                                 {"ws.roundtrip.rate < 1K", "tcp/ws.roundtrip.rate < 1.9",
                                  "ws.roundtrip.p99 > 5us", "tcp/ws.roundtrip.rate > 1.9",
                                  "tcp.roundtrip.rate < 2004.5"}};
    struct gate_list list;
    char error[OPTION_ERROR_BYTES];
    (void)state;
    result_reset(&report);
    result_add_target(&report);
    result_add_target(&report);
    fill(0, FIGURE_RATE, 2000);
    fill(1, FIGURE_RATE, 1001);
    assert_int_equal(gate_list_parse(&list, &texts, &scope, error), STATUS_OK);
    result_conclude(&report);
    result_judge_gates(&report, &list);
    assert_int_equal(report.gate_count, 5);
    assert_int_equal(report.gates[0].outcome, GATE_PASSED);
    assert_int_equal(report.gates[1].outcome, GATE_PASSED);
    assert_int_equal(report.gates[2].outcome, GATE_UNSURE);
    assert_int_equal(report.gates[3].outcome, GATE_FAILED);
    assert_int_equal(report.gates[4].outcome, GATE_UNSURE);
    assert_true(report.gates[1].ratio && report.gates[1].unit == FIGURE_PLAIN);
    assert_true(report.gates[0].unit == FIGURE_PER_S && report.gates[0].line == 1000);
    assert_string_equal(sentence(2), "ws.roundtrip.p99 > 5us: unsure, not measured");
    assert_non_null(strstr(sentence(0), ": does not hold, 1 006 (1 00"));
    assert_string_equal(sentence(3), "tcp/ws.roundtrip.rate > 1.9: holds, 1.994 (1.991 to 1.996)");
}

static void test_refused_figures_are_unsure(void **state)
{
    struct option_texts texts = {2, {"ws.roundtrip.rate < 1", "tcp/ws.roundtrip.rate < 9"}};
    struct gate_list list;
    char error[OPTION_ERROR_BYTES];
    (void)state;
    result_reset(&report);
    result_add_target(&report);
    result_add_target(&report);
    fill(0, FIGURE_RATE, 2000);
    fill(1, FIGURE_RATE, 1001);
    assert_int_equal(gate_list_parse(&list, &texts, &scope, error), STATUS_OK);
    report.targets[1].summaries[SCENARIO_ROUNDTRIP].broken[IDENTITY_LITTLE] = 1;
    result_conclude(&report);
    result_judge_gates(&report, &list);
    assert_int_equal(report.gates[0].outcome, GATE_UNSURE);
    assert_int_equal(report.gates[1].outcome, GATE_UNSURE);
    assert_int_equal(report.gates[1].found.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),           cmocka_unit_test(test_units),
        cmocka_unit_test(test_form_is_refused), cmocka_unit_test(test_unknown_words_are_named),
        cmocka_unit_test(test_scope),           cmocka_unit_test(test_list),
        cmocka_unit_test(test_outcomes),        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_report),          cmocka_unit_test(test_refused_figures_are_unsure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
