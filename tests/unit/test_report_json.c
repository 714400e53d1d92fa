/* Proves that the JSON report is JSON, with the same figures as the report for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "codec/json.h"
#include "report/json/json.h"
#include "staged.h"

static struct json parse_output(void)
{
    struct json root;
    staged_read_back(report_json_write);
    assert_int_equal(json_parse(span_text(staged_output), &root), STATUS_OK);
    return root;
}

/* Follows names, and numbers into arrays: "targets/1/scenarios". */
static struct json at(struct json value, const char *path)
{
    char name[64];
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        path += length + (path[length] == '/' ? 1 : 0);
        if (value.type == JSON_ARRAY) {
            struct json_walk walk = json_walk(&value);
            for (int i = atoi(name); i >= 0; i--)
                assert_true(json_next(&walk, NULL, &value));
        } else if (!json_find(&value, name, &value)) {
            fail_msg("no %s", name);
        }
    }
    return value;
}

static void assert_json(struct json root, const char *path, const char *expected)
{
    struct json value = at(root, path);
    if (!span_equal_text(value.text, expected))
        fail_msg("%s is %.*s, not %s", path, (int)value.text.len, (const char *)value.text.ptr,
                 expected);
}

static void test_json_has_the_same_figures(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_add_extras();
    struct json root = parse_output();
    assert_json(root, "schema", "\"wsio-report-3\"");
    assert_json(root, "seed", "\"18446744073709551615\"");
    assert_json(root, "partial", "false");
    assert_json(root, "failed", "false");
    assert_json(root, "baseline", "\"tcp\"");
    assert_json(root, "environment/receive_buffer_bytes", "131072");
    assert_json(root, "phases/3/key", "\"eio_open\"");
    assert_json(root, "targets/2/reference", "\"ws\"");
    assert_json(root, "targets/0/reference", "null");
    struct json ws = at(root, "targets/1/scenarios");
    assert_json(ws, "roundtrip/figures/rate_per_s/median", "94339.6226");
    assert_json(ws, "roundtrip/figures/rate_per_s/by_block",
                "[95238.0952, 94339.6226, 93457.9439]");
    assert_json(ws, "roundtrip/figures/p50_ns/median", "10600");
    assert_json(ws, "roundtrip/ratio_to_baseline/target", "\"tcp\"");
    assert_json(ws, "roundtrip/ratio_to_baseline/rate_per_s/blocks", "3");
    assert_json(ws, "roundtrip/latency/count", "12000");
    assert_json(ws, "roundtrip/latency/p999_ns", "10700");
    assert_json(ws, "roundtrip/tally/sent", "12000");
    assert_json(ws, "connect/phases/ready/count", "60");
    assert_json(ws, "connect/phases/ready/p999_ns", "null");
    assert_json(ws, "throughput/client_means/mean_ns", "21000");
    assert_json(ws, "send/one_way/proof", "\"echoed\"");
    assert_json(root, "server/service/decode/p99_ns", "480");
    assert_json(root, "server/system_calls", "null");
    assert_json(root, "sizes/0/bytes", "496");
}

/* The other half of this is test_outputs.py, which checks real reports against their schema. */
static void test_json_of_verdicts_gates_and_sweeps(void **state)
{
    (void)state;
    staged_build_compare(6);
    for (unsigned block = 0; block < 6; block++) {
        staged_roundtrip(4000, 10000 + 100 * block);
        summary_add(&staged.control[SCENARIO_ROUNDTRIP], block, &staged_trial);
    }
    staged.gates[0] =
        (struct gate_result){.text = "sio/ws.roundtrip.rate < 0.8",
                             .found = {.n = 6, .middle = 0.7, .low = 0.65, .high = 0.75},
                             .line = 0.8,
                             .unit = FIGURE_PER_S,
                             .ratio = true,
                             .outcome = GATE_FAILED};
    staged.gate_count = 1;
    staged.steps[0] = (struct result_step){.at_ns = 5, .block = 2, .target = 1, .control = true};
    staged.step_count = 1;
    staged.preflight.count = 1;
    staged.preflight.rows[0] = (struct preflight_row){"load", "1", "2", PREFLIGHT_NOTE, "wait"};
    struct json root = parse_output();
    assert_json(root, "verdicts/figure", "\"p50_ns\"");
    assert_json(root, "verdicts/pairs/2/target", "\"sio\"");
    assert_json(root, "verdicts/pairs/2/to", "\"ws\"");
    assert_json(root, "verdicts/pairs/2/result", "\"higher\"");
    assert_json(root, "verdicts/pairs/2/noise/value", "1");
    assert_json(root, "verdicts/pairs/2/noise/low_95", "1");
    assert_json(root, "verdicts/pairs/2/allows", "null");
    assert_json(root, "control/target", "\"tcp\"");
    assert_json(root, "control/scenarios/roundtrip/ratio_to_first/p50_ns/high_95", "1");
    assert_json(root, "gates/0/outcome", "\"failed\"");
    assert_json(root, "gates/0/unit", "\"ratio\"");
    assert_json(root, "gates/0/found/low_95", "0.65");
    assert_json(root, "steps/0/target", "\"ws\"");
    assert_json(root, "steps/0/value", "null");
    assert_json(root, "preflight/0/state", "\"note\"");
    assert_json(root, "sweep", "null");
    assert_json(root, "targets/1/scenarios/roundtrip/limit", "\"latency-bound\"");
    assert_json(root, "targets/1/scenarios/roundtrip/drifting", "false");
}

static void test_json_of_few_blocks(void **state)
{
    (void)state;
    staged_build_compare(5);
    struct json root = parse_output();
    assert_json(root, "verdicts/pairs/0/result", "\"not_enough_trials\"");
    assert_json(root, "verdicts/pairs/0/ratio/low_95", "null");
    assert_json(root, "verdicts/pairs/0/noise", "null");
    assert_json(root, "targets/1/scenarios/roundtrip/figures/p50_ns/high_95", "null");
    assert_json(root, "control", "null");
}

static void test_json_of_an_open_loop_and_a_sweep(void **state)
{
    (void)state;
    result_reset(&staged);
    staged.rate = 1000;
    staged_add_target("ws", "WebSocket", -1);
    staged.targets[0].size = 1;
    staged_add_rate(&staged.targets[0], 0, 998, 40000);
    staged.sweep = (struct result_sweep){
        .key = "clients", .scenario = SCENARIO_RATE, .count = 1, .values = {16}};
    summary_add(&staged.sweep.points[0][0], 0, &staged_trial);
    struct json root = parse_output();
    assert_json(root, "rate_per_s", "1000");
    assert_json(root, "targets/0/payload_bytes", "1");
    struct json loop = at(root, "targets/0/scenarios/rate/open_loop");
    assert_json(loop, "planned", "1000");
    assert_json(loop, "sent", "1000");
    assert_json(loop, "waited", "7");
    assert_json(loop, "answered", "998");
    assert_json(loop, "worst_lag_ns", "200000");
    assert_json(loop, "from_send/min_ns", "10000");
    assert_json(loop, "from_send/max_ns", "null");
    assert_json(loop, "from_send/missing", "2");
    assert_json(loop, "from_send/reasons/max_ns", "\"unanswered\"");
    assert_json(root, "sweep/targets/0/points/0/value", "16");
    assert_json(root, "sweep/targets/0/points/0/open_loop/planned", "1000");
}

static void test_json_of_refused_and_failed(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_trial.tally.sent++;
    summary_add(&staged.targets[2].summaries[SCENARIO_SEND], 3, &staged_trial);
    failures_add(&staged.targets[2].failures, STATUS_CLOSED, PHASE_COUNT, "tab\there \"q\" \xff");
    struct json root = parse_output();
    assert_json(root, "failed", "true");
    struct json sio = at(root, "targets/2");
    assert_json(sio, "scenarios/send/broken_identities/0/identity", "\"balance\"");
    assert_json(sio, "scenarios/send/figures/accepted_per_s",
                "{\n"
                "              \"refused\": true,\n"
                "              \"reason\": \"balance\"\n"
                "            }");
    assert_json(sio, "scenarios/send/ratio_to_baseline",
                "{\n"
                "            \"target\": \"tcp\"\n"
                "          }");
    assert_json(sio, "failures/0/phase", "\"messages\"");
    assert_json(sio, "failures/0/status", "\"closed\"");
    assert_json(sio, "failures/0/detail", "\"tab\\u0009here \\\"q\\\" ?\"");
}

static void test_json_of_nothing(void **state)
{
    (void)state;
    result_reset(&staged);
    staged.environment.load_before = -1.0;
    struct json root = parse_output();
    assert_json(root, "targets", "[]");
    assert_json(root, "baseline", "null");
    assert_json(root, "server", "null");
    assert_json(root, "environment/load_before", "null");
}

static void test_full_disk_is_reported(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (full == NULL)
        skip();
    staged_build_compare(3);
    assert_int_equal(report_json_write(full, &staged), STATUS_SYSTEM);
    fclose(full);
}

static void test_json_of_placements(void **state)
{
    struct placement_samples seen[] = {{10, 10}, {10, 0}, {0, 0}};
    (void)state;
    staged_build_compare(0);
    for (unsigned block = 0; block < 3; block++) {
        staged_roundtrip(100, 10000);
        staged_trial.placement = seen[block];
        summary_add(&staged.targets[1].summaries[SCENARIO_ROUNDTRIP], block, &staged_trial);
    }
    snprintf(staged.placement.asked, sizeof staged.placement.asked, "free");
    staged.placement.client_core = 1;
    result_conclude(&staged);
    struct json root = parse_output();
    assert_json(root, "placement/asked", "\"free\"");
    assert_json(root, "placement/client_core", "1");
    assert_json(root, "placement/server_core", "null");
    assert_json(root, "placement/trials/same", "1");
    assert_json(root, "placement/trials/unknown", "1");
    assert_json(root, "placement/differs", "true");
    assert_json(
        root, "placement/warnings/0",
        "\"ws: its trials saw different placements, which its figures mix: roundtrip 1 same "
        "core, 1 apart, 1 not known.\"");
    struct json trials = at(root, "targets/1/scenarios/roundtrip/placements");
    assert_json(trials, "0/placement", "\"same\"");
    assert_json(trials, "0/samples", "10");
    assert_json(trials, "0/same_core_share", "1");
    assert_json(trials, "1/placement", "\"apart\"");
    assert_json(trials, "1/same_core_share", "0");
    assert_json(trials, "2/placement", "\"unknown\"");
    assert_json(trials, "2/same_core_share", "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_has_the_same_figures),
        cmocka_unit_test(test_json_of_verdicts_gates_and_sweeps),
        cmocka_unit_test(test_json_of_few_blocks),
        cmocka_unit_test(test_json_of_an_open_loop_and_a_sweep),
        cmocka_unit_test(test_json_of_refused_and_failed),
        cmocka_unit_test(test_json_of_nothing),
        cmocka_unit_test(test_full_disk_is_reported),
        cmocka_unit_test(test_json_of_placements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
