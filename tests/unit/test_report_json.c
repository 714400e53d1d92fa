/* What machines read is JSON, with the same figures. */
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
#include "report/json.h"
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
            struct json_walk walk = json_walk(value);
            for (int i = atoi(name); i >= 0; i--)
                assert_true(json_next(&walk, NULL, &value));
        } else if (!json_find(value, name, &value)) {
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
    assert_json(root, "schema", "\"wsio-report-1\"");
    assert_json(root, "seed", "\"18446744073709551615\"");
    assert_json(root, "partial", "false");
    assert_json(root, "failed", "false");
    assert_json(root, "floor", "\"tcp\"");
    assert_json(root, "environment/receive_buffer_bytes", "131072");
    assert_json(root, "phases/3/key", "\"eio_open\"");
    assert_json(root, "targets/2/pair", "\"ws\"");
    assert_json(root, "targets/0/pair", "null");
    struct json ws = at(root, "targets/1/scenarios");
    assert_json(ws, "roundtrip/figures/rate_per_s/median", "94339.6226");
    assert_json(ws, "roundtrip/figures/rate_per_s/by_block",
                "[95238.0952, 94339.6226, 93457.9439]");
    assert_json(ws, "roundtrip/figures/p50_ns/median", "10600");
    assert_json(ws, "roundtrip/ratio_to_floor/target", "\"tcp\"");
    assert_json(ws, "roundtrip/ratio_to_floor/rate_per_s/blocks", "3");
    assert_json(ws, "roundtrip/latency/count", "12000");
    assert_json(ws, "roundtrip/latency/p999_ns", "10700");
    assert_json(ws, "roundtrip/tally/sent", "12000");
    assert_json(ws, "connect/phases/ready/count", "60");
    assert_json(ws, "connect/phases/ready/p999_ns", "null");
    assert_json(ws, "throughput/client_means/mean_ns", "21000");
    assert_json(ws, "send/one_way/proof", "\"echoed\"");
    assert_json(root, "server/service/decode/p99_ns", "480");
    assert_json(root, "sizes/0/bytes", "496");
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
                "              \"refused\": true\n"
                "            }");
    assert_json(sio, "failures/0/phase", "\"messages\"");
    assert_json(sio, "failures/0/status", "\"closed\"");
    assert_json(sio, "failures/0/detail", "\"tab\\u0009here \\\"q\\\" ?\"");
}

static void test_json_of_nothing(void **state)
{
    (void)state;
    report_reset(&staged);
    staged.environment.load_before = -1.0;
    struct json root = parse_output();
    assert_json(root, "targets", "[]");
    assert_json(root, "floor", "null");
    assert_json(root, "server", "null");
    assert_json(root, "environment/load_before", "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_has_the_same_figures),
        cmocka_unit_test(test_json_of_refused_and_failed),
        cmocka_unit_test(test_json_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
