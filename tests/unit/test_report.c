/* A report built by hand: every line fits 80 columns, what was measured is there and nothing else,
 * and what machines read is JSON with the same figures. */
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
#include "report/text.h"

static struct report report;
static struct trial trial;
static char output[512 * 1024];

/* ---- A run of tcp, ws, sio and sio-upgrade ----------------------------------------------------
 */

static void fill_environment(struct environment *e)
{
    *e = (struct environment){.cpu = "Intel(R) Core(TM) i7-10750H CPU @ 2.60GHz",
                              .system = "Linux 6.1.0 x86_64 (Debian GNU/Linux 12)",
                              .poller = "epoll",
                              .compiler = "gcc (Debian 12.2.0-14+deb12u1) 12.2.0",
                              .flags = "-O2 -g",
                              .commit = "0123abc",
                              .version = "0.1.0",
                              .cores = 4,
                              .cores_used = 2,
                              .threads = 1,
                              .memory_bytes = UINT64_C(16750372454),
                              .load_before = 0.12,
                              .load_after = 0.98,
                              .started_unix_ns = UINT64_C(1735689599) * 1000000000,
                              .clock_resolution_ns = 1,
                              .clock_cost_ns = 23.4,
                              .record_cost_ns = 8.1,
                              .sockets_known = true,
                              .nodelay = true,
                              .receive_buffer = 131072,
                              .send_buffer = 2626560,
                              .loopback = true};
}

static void add_target(const char *name, const char *kind, int pair)
{
    struct report_target *t = report_add_target(&report);
    assert_non_null(t);
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->url, sizeof t->url, "http://127.0.0.1:41872/%s", name);
    snprintf(t->kind, sizeof t->kind, "%s", kind);
    snprintf(t->address, sizeof t->address, "127.0.0.1:41872");
    snprintf(t->matched, sizeof t->matched, "by order");
    t->size = 2;
    t->pair = pair;
}

static void start_trial(enum scenario scenario, unsigned clients, unsigned depth)
{
    trial_reset(&trial, scenario);
    trial.clients = clients;
    trial.depth = depth;
}

static void record_phases(uint64_t clients, uint64_t slowness, unsigned last_phase)
{
    trial.started = clients;
    trial.ready = clients;
    for (uint64_t client = 0; client < clients; client++) {
        for (unsigned phase = PHASE_TCP; phase <= last_phase; phase++)
            histogram_record(&trial.phases[phase], (10000 + client * 100) * slowness * phase);
        for (unsigned phase = PHASE_READY; phase < PHASE_COUNT; phase++)
            histogram_record(&trial.phases[phase], (50000 + client * 100) * slowness);
    }
}

static void record_messages(uint64_t count, uint64_t ns)
{
    trial.tally.sent += count;
    trial.tally.answered += count;
    trial.tally.payload_out += 2 * count;
    trial.tally.frames_out += count;
    trial.tally.frames_in += count;
    trial.tally.frame_bytes_out += 8 * count;
    trial.tally.frame_bytes_in += 4 * count;
    trial.client_cpu_ns = 4000 * count;
    trial.server_cpu_ns = 3000 * count;
    for (uint64_t i = 0; i < count; i++)
        histogram_record(&trial.latency, ns);
}

static void add_connect(struct report_target *t, unsigned block, uint64_t slowness, unsigned last)
{
    start_trial(SCENARIO_CONNECT, 1, 1);
    record_phases(20, slowness, last);
    summary_add(&t->summaries[SCENARIO_CONNECT], block, &trial);
}

/* A closed loop of one place: the rate follows from the time. */
static void add_roundtrip(struct report_target *t, unsigned block, uint64_t count, uint64_t ns)
{
    start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    record_phases(1, 1, PHASE_TCP);
    record_messages(count, ns);
    trial.window_ns = count * ns;
    summary_add(&t->summaries[SCENARIO_ROUNDTRIP], block, &trial);
}

static void add_throughput(struct report_target *t, unsigned block, uint64_t ns)
{
    struct running client = {.n = 5, .min = 1, .max = 3, .mean = (double)ns};
    start_trial(SCENARIO_THROUGHPUT, 16, 1);
    record_phases(50, 2, PHASE_TCP);
    record_messages(250, ns);
    trial.elapsed_ns = 250 * ns;
    trial.outstanding_ns = 100 * ns;
    for (int i = 0; i < 50; i++)
        trial_add_client(&trial, &client);
    summary_add(&t->summaries[SCENARIO_THROUGHPUT], block, &trial);
}

static void add_send(struct report_target *t, unsigned block, enum proof proof)
{
    start_trial(SCENARIO_SEND, 1, 0);
    trial.started = trial.ready = 1;
    trial.accepted = 40016;
    trial.accepted_ns = 100000000;
    trial.proven = proof == PROOF_UNPROVEN ? 0 : 40016;
    trial.proven_ns = 200000000;
    trial.proof = proof;
    trial.tally.sent = trial.tally.answered = 40016;
    summary_add(&t->summaries[SCENARIO_SEND], block, &trial);
}

static void fill_run(void)
{
    snprintf(report.command, sizeof report.command, "wsio-client compare --blocks 3");
    snprintf(report.scenario, sizeof report.scenario, "compare");
    snprintf(report.options, sizeof report.options, "3 blocks, payload \"hi\"");
    report.seed = UINT64_MAX;
    report.blocks = 3;
    report.took_ns = UINT64_C(12345678901);
}

static void build_compare(void)
{
    static const uint64_t trip_ns[] = {10000, 10500, 11500};
    report_reset(&report);
    fill_environment(&report.environment);
    fill_run();
    add_target("tcp", "raw TCP", -1);
    add_target("ws", "WebSocket", -1);
    add_target("sio", "Socket.IO", 1);
    add_target("sio-upgrade", "Socket.IO, upgrade", 1);
    report.floor = 0;
    for (unsigned block = 0; block < 3; block++) {
        for (unsigned i = 0; i < 4; i++)
            add_connect(&report.targets[i], block, i + 1,
                        i == 3 ? PHASE_SWITCH : PHASE_TCP + i + i / 2);
        for (unsigned i = 0; i < 3; i++) {
            add_roundtrip(&report.targets[i], block, 4000, trip_ns[i] + 100 * block);
            add_throughput(&report.targets[i], block, 2 * trip_ns[i]);
            add_send(&report.targets[i], block, i == 2 ? PROOF_UNPROVEN : PROOF_ECHOED);
        }
    }
}

static void add_extras(void)
{
    report_add_note(&report, "Matched by order: %s cannot show that replies changed places.", "hi");
    report_add_size(&report, "WebSocket connection", 496);
    report.server = (struct server_figures){.known = true,
                                            .connections = 731,
                                            .messages = 140000,
                                            .cpu_ns = 3200000000,
                                            .peak_bytes = 3145728};
    report.server.service[SERVICE_DECODE] =
        (struct service_time){.count = 140000, .p50_ns = 120, .p99_ns = 480, .mean_ns = 140};
}

/* ---- Reading it back --------------------------------------------------------------------------
 */

static void read_back(int (*write)(FILE *, const struct report *))
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(write(file, &report), STATUS_OK);
    rewind(file);
    size_t length = fread(output, 1, sizeof output - 1, file);
    assert_true(length < sizeof output - 1);
    output[length] = '\0';
    fclose(file);
    if (getenv("WSIO_SHOW") != NULL)
        fputs(output, stderr);
}

static void assert_fits(void)
{
    const char *line = output;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        if (length > 80)
            fail_msg("%zu columns: %.*s", length, (int)length, line);
        for (size_t i = 0; i < length; i++)
            if (line[i] < ' ' || line[i] > '~')
                fail_msg("byte %d in: %.*s", line[i], (int)length, line);
        if (length > 0 && line[length - 1] == ' ')
            fail_msg("space at the end of: %.*s", (int)length, line);
        assert_int_equal(line[length], '\n');
        line += length + 1;
    }
}

static void assert_has(const char *text)
{
    if (strstr(output, text) == NULL)
        fail_msg("missing: %s\nin:\n%s", text, output);
}

static void assert_lacks(const char *text)
{
    if (strstr(output, text) != NULL)
        fail_msg("not wanted: %s\nin:\n%s", text, output);
}

static void assert_line(const char *expected)
{
    char line[128];
    snprintf(line, sizeof line, "\n%s\n", expected);
    assert_has(line);
}

/* ---- Text -------------------------------------------------------------------------------------
 */

static void test_text_of_compare(void **state)
{
    (void)state;
    build_compare();
    add_extras();
    read_back(report_text_write);
    assert_fits();
    assert_has("2024-12-31 23:59:59 UTC");
    assert_has("2 used of 4; 1 thread used to measure");
    assert_has("15.6 GiB");
    assert_has("TCP_NODELAY on, receive buffer 128 KiB, send buffer 2.50 MiB");
    assert_has("0.12 before, 0.98 after");
    assert_has("seed 18446744073709551615, took 12.3 s");
    assert_has("cannot show that replies changed places");
    assert_has("140 000 messages answered on 731 connections");
    assert_lacks("FAILURES");
    assert_lacks("REFUSED");
    assert_lacks("INTERRUPTED");
}

static void test_phases_table(void **state)
{
    (void)state;
    build_compare();
    read_back(report_text_write);
    assert_has("connect: 60 clients of each target");
    assert_line("tcp           10.9 us 11.9 us  21.9 us 23.8 us  32.8 us 35.7 us  43.8 us 47.6 us");
    assert_line("probe               -       -        -       -        -       -   218 us  238 us");
    assert_line(" vs tcp             -             2.00             3.02             4.00");
    assert_line(" vs ws              -                -             1.51             2.00");
    assert_line("  eio open      end of upgrade (polling: of tcp)  0{...} parsed");
    assert_lacks("resolve");
}

static void test_roundtrip_table(void **state)
{
    (void)state;
    build_compare();
    read_back(report_text_write);
    assert_has("1 client, 1 message outstanding on each");
    assert_line("  messages/s                    99 010        94 340        86 207");
    assert_line("    ratio to tcp                     -          0.95          0.87");
    assert_line("    ratio to ws                      -             -          0.91");
    assert_line("  minimum                      10.0 us       10.5 us       11.5 us");
    assert_line("  latency p99.9                10.2 us       10.7 us       11.7 us");
    assert_line("  samples                       12 000        12 000        12 000");
    assert_line("  wrong                              0             0             0");
    assert_line("  bytes out + in each            8 + 4         8 + 4         8 + 4");
    assert_line("  client CPU / message         4.00 us       4.00 us       4.00 us");
    assert_has("medians over 3 blocks");
    assert_lacks("beyond the histogram");
}

static void test_throughput_table(void **state)
{
    (void)state;
    build_compare();
    read_back(report_text_write);
    assert_has("50 clients, 16 at a time, 5 round trips each");
    assert_line("  messages/s, whole run         50 000        47 619        43 478");
    assert_line("  messages/s, in flight        125 000       119 048       108 696");
    assert_line("  ms per message, min            0.020         0.021         0.023");
    assert_line("  clients, own mean ms             150           150           150");
}

static void test_sends_stand_beside_the_truth(void **state)
{
    (void)state;
    build_compare();
    read_back(report_text_write);
    assert_line("  accepted by kernel /s        400 160       400 160       400 160");
    assert_line("  proven to arrive /s          200 080       200 080      unproven");
    assert_line("  round trips/s (above)         99 010        94 340        86 207");
    assert_line("  accepted / round trip           4.04          4.24          4.64");
    assert_has("40 016/s");
}

static void test_only_what_was_measured(void **state)
{
    (void)state;
    report_reset(&report);
    fill_environment(&report.environment);
    add_target("ws", "WebSocket", -1);
    add_roundtrip(&report.targets[0], 0, 100, 10000);
    read_back(report_text_write);
    assert_fits();
    assert_has("ROUND TRIPS");
    assert_line("  latency p99.9                    n/a");
    assert_has("roundtrip: 1 client of each target");
    assert_lacks("THROUGHPUT");
    assert_lacks("ONE-WAY");
    assert_lacks("IN SHORT");
    assert_lacks("SERVER");
    assert_lacks("MEMORY");
    assert_lacks("ratio to");
    assert_lacks("quartile");
    assert_lacks("medians over");
}

static void test_eight_targets_with_long_names(void **state)
{
    (void)state;
    report_reset(&report);
    fill_environment(&report.environment);
    for (int i = 0; i < TARGETS_MAX; i++) {
        add_target("a-name-as-long-as-names-may-be!", "Socket.IO, upgrade", i - 1);
        add_connect(&report.targets[i], 0, 1000000, PHASE_SWITCH);
        add_roundtrip(&report.targets[i], 0, 50, UINT64_C(60000000000));
        add_throughput(&report.targets[i], 0, 1);
        add_send(&report.targets[i], 0, PROOF_FINAL_ACK);
    }
    report.floor = 0;
    memset(report.targets[0].url, 'u', sizeof report.targets[0].url - 1);
    memset(report.command, 'c', sizeof report.command - 1);
    assert_null(report_add_target(&report));
    read_back(report_text_write);
    assert_fits();
    assert_has(
        "             a-name-as-long-~ a-name-as-long-~ a-name-as-long-~ a-name-as-long-~\n");
    assert_line(" vs a-name~         -             1.00             1.00             1.00");
}

static void test_paragraphs_wrap_at_the_margin(void **state)
{
    char text[REPORT_TEXT];
    (void)state;
    for (size_t length = 70; length < REPORT_TEXT; length++) {
        report_reset(&report);
        fill_environment(&report.environment);
        for (size_t i = 0; i < length; i++)
            text[i] = i % 3 == length % 3 ? ' ' : 'x';
        text[length - 1] = 'y';
        text[length] = '\0';
        report_add_note(&report, "%s", text);
        read_back(report_text_write);
        assert_fits();
        assert_has("y\n");
    }
    text[78] = '\0';
    text[0] = text[77] = 'z';
    report_add_note(&report, "%s", text);
    read_back(report_text_write);
    assert_has(text); /* whole: it just fits */
}

static void test_refused_in_words(void **state)
{
    (void)state;
    build_compare();
    start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    record_messages(40016, 100000);
    trial.window_ns = 1000000000;
    summary_add(&report.targets[1].summaries[SCENARIO_ROUNDTRIP], 3, &trial);
    assert_true(report_failed(&report));
    read_back(report_text_write);
    assert_fits();
    assert_line("  messages/s                    99 010       refused        86 207");
    assert_line("    ratio to ws                      -             -       refused");
    assert_has("ws          roundtrip, in 1 of 4 trials (little): 40016.0/s x mean latency");
}

static void test_failures_by_target_phase_and_cause(void **state)
{
    (void)state;
    build_compare();
    assert_false(report_failed(&report));
    failures_add(&report.targets[0].failures, STATUS_NO_NAME, PHASE_RESOLVE, NULL);
    assert_true(report_failed(&report));
    struct failures *f = &report.targets[1].summaries[SCENARIO_CONNECT].pooled.failures;
    failures_add(f, STATUS_HTTP_STATUS, PHASE_UPGRADE, "HTTP 404 \x1b[2J\xc3\xa9 no such page");
    failures_add(f, STATUS_HTTP_STATUS, PHASE_UPGRADE, "");
    failures_add(f, STATUS_RESET, PHASE_COUNT, "");
    read_back(report_text_write);
    assert_fits();
    assert_line("  tcp         resolve: name not found");
    assert_has("upgrade: unexpected HTTP status: HTTP 404 ?[2J?? no such page (2");
    assert_line("              times)");
    assert_line("  ws          messages: connection reset");
}

static void test_partial(void **state)
{
    (void)state;
    build_compare();
    report.partial = true;
    read_back(report_text_write);
    assert_fits();
    assert_has("WSIO compare  (INTERRUPTED)");
}

static void test_nothing_measured_at_all(void **state)
{
    (void)state;
    report_reset(&report);
    fill_environment(&report.environment);
    add_target("ws", "WebSocket", -1);
    read_back(report_text_write);
    assert_fits();
    assert_lacks("PHASES");
    report.target_count = 0;
    read_back(report_text_write);
    assert_fits();
}

static void test_full_disk_is_reported(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (full == NULL)
        skip();
    build_compare();
    assert_int_equal(report_text_write(full, &report), STATUS_SYSTEM);
    clearerr(full);
    assert_int_equal(report_json_write(full, &report), STATUS_SYSTEM);
    fclose(full);
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

static struct json parse_output(void)
{
    struct json root;
    read_back(report_json_write);
    assert_int_equal(json_parse(span_text(output), &root), STATUS_OK);
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
    build_compare();
    add_extras();
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
    build_compare();
    trial.tally.sent++;
    summary_add(&report.targets[2].summaries[SCENARIO_SEND], 3, &trial);
    failures_add(&report.targets[2].failures, STATUS_CLOSED, PHASE_COUNT, "tab\there \"q\" \xff");
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
    report_reset(&report);
    report.environment.load_before = -1.0;
    struct json root = parse_output();
    assert_json(root, "targets", "[]");
    assert_json(root, "floor", "null");
    assert_json(root, "server", "null");
    assert_json(root, "environment/load_before", "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_of_compare),
        cmocka_unit_test(test_phases_table),
        cmocka_unit_test(test_roundtrip_table),
        cmocka_unit_test(test_throughput_table),
        cmocka_unit_test(test_sends_stand_beside_the_truth),
        cmocka_unit_test(test_only_what_was_measured),
        cmocka_unit_test(test_eight_targets_with_long_names),
        cmocka_unit_test(test_paragraphs_wrap_at_the_margin),
        cmocka_unit_test(test_refused_in_words),
        cmocka_unit_test(test_failures_by_target_phase_and_cause),
        cmocka_unit_test(test_partial),
        cmocka_unit_test(test_nothing_measured_at_all),
        cmocka_unit_test(test_full_disk_is_reported),
        cmocka_unit_test(test_json_has_the_same_figures),
        cmocka_unit_test(test_json_of_refused_and_failed),
        cmocka_unit_test(test_json_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
