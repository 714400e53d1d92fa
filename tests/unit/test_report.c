/* Proves the report for people, built by hand: every line fits 80 columns, and it shows what was
 * measured and nothing else. With WSIO_SHOW set the text is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "report/json/json.h"
#include "report/text/text.h"
#include "staged.h"

static bool has_failed(void)
{
    result_conclude(&staged);
    return staged.failed;
}

static void test_text_of_compare(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_add_extras();
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("2024-12-31 23:59:59 UTC");
    staged_assert_has("2 used of 4; 1 thread used to measure");
    staged_assert_has("15.6 GiB");
    staged_assert_has("TCP_NODELAY on, receive buffer 128 KiB, send buffer 2.50 MiB");
    staged_assert_has("0.12 before, 0.98 after");
    staged_assert_has("seed 18446744073709551615, took 12.3 s");
    staged_assert_has("cannot show that replies changed places");
    staged_assert_has("140 000 messages answered on 731 connections");
    staged_assert_lacks("WRONG");
    staged_assert_lacks("DRIFT");
    staged_assert_lacks("GATES");
    staged_assert_lacks("PRE-FLIGHT");
    staged_assert_lacks("INTERRUPTED");
}

static void test_phases_table(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_read_back(report_text_write);
    staged_assert_has("connect: 60 clients of each target");
    staged_assert_line(
        "tcp           10.9 us     n/a  21.9 us     n/a  32.8 us     n/a  43.8 us     n/a");
    staged_assert_line(
        "probe               -       -        -       -        -       -   218 us     n/a");
    staged_assert_line(" vs tcp             -             2.00             3.00             4.00");
    staged_assert_line(" vs ws              -                -             1.50             2.00");
    staged_assert_line("  eio open      end of upgrade (polling: of tcp)     0{...} parsed");
    staged_assert_lacks("resolve");
}

static void test_phases_of_many_clients_have_a_tail(void **state)
{
    (void)state;
    staged_build_compare(10); /* 200 clients: ten of them lie beyond the p95 */
    for (unsigned i = 0; i < 4; i++) {
        struct trial *t = &staged.targets[i].summaries[SCENARIO_CONNECT].pooled;
        histogram_reset(&t->phases[PHASE_EIO_OPEN]);
        for (int client = 0; client < 200; client++)
            histogram_record(&t->phases[PHASE_EIO_OPEN], 0);
    }
    staged_read_back(report_text_write);
    staged_assert_line(
        "tcp           10.9 us 11.8 us  21.9 us 23.7 us  32.8 us 35.6 us  43.8 us 47.4 us");
    staged_assert_has("eio open      0.00 ns 0.00 ns");
}

static void test_a_look_up_shows_when_there_was_one(void **state)
{
    (void)state;
    staged_build_compare(3);
    struct trial *t = &staged.targets[1].summaries[SCENARIO_CONNECT].pooled;
    histogram_record(&t->phases[PHASE_RESOLVE], 9999); /* a number: nothing was looked up */
    staged_read_back(report_text_write);
    staged_assert_lacks("resolve");
    histogram_reset(&t->phases[PHASE_RESOLVE]);
    histogram_record(&t->phases[PHASE_RESOLVE], 2000000);
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("resolve             -       -  2.00 ms     n/a");
    staged_assert_line("  resolve       before the look-up, once per target  addresses known");
}

static void test_roundtrip_table(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_read_back(report_text_write);
    staged_assert_has("1 client, 1 message outstanding on each");
    staged_assert_line("  messages/s                    99 010        94 340        86 207");
    staged_assert_line("    ratio to tcp                     -          0.95          0.87");
    staged_assert_line("    ratio to ws                      -             -          0.91");
    staged_assert_line("  minimum                      10.0 us       10.5 us       11.5 us");
    staged_assert_line("  latency p99.9                10.2 us       10.7 us       11.7 us");
    staged_assert_line("  samples                       12 000        12 000        12 000");
    staged_assert_line("  wrong                              0             0             0");
    staged_assert_line("  bytes out + in each            8 + 4         8 + 4         8 + 4");
    staged_assert_line("  client CPU / message         4.00 us       4.00 us       4.00 us");
    staged_assert_has("medians over 3 blocks");
    staged_assert_lacks("beyond the histogram");
}

static void test_throughput_table(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_read_back(report_text_write);
    staged_assert_has("50 clients, 16 at a time, 5 round trips each");
    staged_assert_line("  messages/s, whole run         50 000        47 619        43 478");
    staged_assert_line("  messages/s, in flight        125 000       119 048       108 696");
    staged_assert_line("  ms per message, min            0.020         0.021         0.023");
    staged_assert_line("  clients, own mean ms             150           150           150");
}

static void test_sends_stand_beside_the_truth(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_read_back(report_text_write);
    staged_assert_line("  accepted by kernel /s        400 160       400 160       400 160");
    staged_assert_line("  proven to arrive /s          200 080       200 080      unproven");
    staged_assert_line("  round trips/s (above)         99 010        94 340        86 207");
    staged_assert_line("  accepted / round trip           4.04          4.24          4.64");
    staged_assert_has("40 016/s");
}

static void test_only_what_was_measured(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    staged_add_target("ws", "WebSocket", -1);
    staged_add_roundtrip(&staged.targets[0], 0, 100, 10000);
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("ROUND TRIPS");
    staged_assert_line("  latency p99.9                    n/a");
    staged_assert_has("roundtrip: 1 client of each target");
    staged_assert_lacks("THROUGHPUT");
    staged_assert_lacks("ONE-WAY");
    staged_assert_lacks("IN SHORT");
    staged_assert_lacks("SERVER");
    staged_assert_lacks("MEMORY");
    staged_assert_lacks("ratio to");
    staged_assert_lacks("quartile");
    staged_assert_lacks("medians over");
}

static void test_eight_targets_with_long_names(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    for (int i = 0; i < TARGETS_MAX; i++) {
        staged_add_target("a-name-as-long-as-names-may-be!", "Socket.IO, upgrade", i - 1);
        staged_add_connect(&staged.targets[i], 0, 1000000, PHASE_SWITCH);
        staged_add_roundtrip(&staged.targets[i], 0, 50, UINT64_C(60000000000));
        staged_add_throughput(&staged.targets[i], 0, 1);
        staged_add_send(&staged.targets[i], 0, PROOF_FINAL_ACK);
    }
    staged.baseline = 0;
    memset(staged.targets[0].url, 'u', sizeof staged.targets[0].url - 1);
    memset(staged.command, 'c', sizeof staged.command - 1);
    assert_null(result_add_target(&staged));
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has(
        "             a-nam~es-may-be! a-nam~es-may-be! a-nam~es-may-be! a-nam~es-may-be!\n");
    staged_assert_line(" vs a-~-be!         -             1.00             1.00             1.00");
}

/* Names that differ only at their ends; in the verdicts they stand whole. */
static void test_names_with_a_common_start(void **state)
{
    (void)state;
    staged_build_compare(6);
    snprintf(staged.targets[0].name, RESULT_NAME, "production-east-1");
    snprintf(staged.targets[1].name, RESULT_NAME, "production-west-1");
    snprintf(staged.targets[2].name, RESULT_NAME, "production-west-2");
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_line("                         prod~n-east-1 prod~n-west-1 prod~n-west-2");
    staged_assert_has("\n  production-west-2 vs production-west-1\n                          1.0");
    staged_assert_has("\n  production-west-1 vs production-east-1\n");
}

static void test_paragraphs_wrap_at_the_margin(void **state)
{
    char text[RESULT_TEXT];
    (void)state;
    for (size_t length = 70; length < RESULT_TEXT; length++) {
        result_reset(&staged);
        staged_fill_environment(&staged.environment);
        for (size_t i = 0; i < length; i++)
            text[i] = i % 3 == length % 3 ? ' ' : 'x';
        text[length - 1] = 'y';
        text[length] = '\0';
        result_add_note(&staged, "%s", text);
        staged_read_back(report_text_write);
        staged_assert_fits();
        staged_assert_has("y\n");
    }
    text[78] = '\0';
    text[0] = text[77] = 'z';
    result_add_note(&staged, "%s", text);
    staged_read_back(report_text_write);
    staged_assert_has(text); /* whole: it just fits */
}

static void test_refused_in_words(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged_start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    staged_record_messages(40016, 100000);
    staged_trial.replied = 40016;
    staged_trial.window_ns = 1000000000;
    summary_add(&staged.targets[1].summaries[SCENARIO_ROUNDTRIP], 3, &staged_trial);
    assert_true(has_failed());
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_line("  messages/s                    99 010       refused        86 207");
    staged_assert_line("    ratio to ws                      -             -       refused");
    staged_assert_has(
        "ws          roundtrip: refused, in 1 of 4 trials (little): 40016.0/s x mean");
}

static void test_failures_by_target_phase_and_cause(void **state)
{
    (void)state;
    staged_build_compare(3);
    assert_false(has_failed());
    failures_add(&staged.targets[0].failures, STATUS_NO_NAME, PHASE_RESOLVE, NULL);
    assert_true(has_failed());
    struct failures *f = &staged.targets[1].summaries[SCENARIO_CONNECT].pooled.failures;
    failures_add(f, STATUS_HTTP_STATUS, PHASE_UPGRADE, "HTTP 404 \x1b[2J\xc3\xa9 no such page");
    failures_add(f, STATUS_HTTP_STATUS, PHASE_UPGRADE, "");
    failures_add(f, STATUS_RESET, PHASE_COUNT, "");
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_line("  tcp         resolve: name not found");
    staged_assert_has("upgrade: unexpected HTTP status: HTTP 404 ?[2J?? no such page (2");
    staged_assert_line("              times)");
    staged_assert_line("  ws          messages: connection reset");
}

static void test_partial(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged.partial = true;
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("WSIO compare  (INTERRUPTED)");
}

static void test_nothing_measured_at_all(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    staged_add_target("ws", "WebSocket", -1);
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_lacks("PHASES");
    staged.target_count = 0;
    staged_read_back(report_text_write);
    staged_assert_fits();
}

static void test_full_disk_is_reported(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (full == NULL)
        skip();
    staged_build_compare(3);
    assert_int_equal(report_text_write(full, &staged), STATUS_SYSTEM);
    fclose(full);
}

/* ---- Intervals, verdicts, gates ---------------------------------------------------------- */

static void add_control(unsigned blocks, uint64_t first_ns)
{
    for (unsigned block = 0; block < blocks; block++) {
        staged_roundtrip(4000, first_ns + 100 * block);
        summary_add(&staged.control[SCENARIO_ROUNDTRIP], block, &staged_trial);
    }
}

/* The number in the first column of the first row of that label. */
static double first_number(const char *label)
{
    char digits[16];
    size_t used = 0;
    const char *at = strstr(staged_output, label);
    assert_non_null(at);
    at += strlen(label);
    at += strspn(at, " ");
    for (; strncmp(at, "  ", 2) != 0 && used < sizeof digits - 1; at++)
        if (*at != ' ')
            digits[used++] = *at;
    digits[used] = '\0';
    return atof(digits);
}

static void test_intervals_from_six_blocks_on(void **state)
{
    (void)state;
    staged_build_compare(6);
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_lacks("quartile");
    assert_true(first_number("95 % from") >= 95238);
    assert_true(first_number("95 % from") < first_number("messages/s  "));
    assert_true(first_number("messages/s  ") < first_number("95 % to"));
    assert_true(first_number("95 % to") <= 100000);
    staged_assert_has("medians over 6 blocks, with 95 %");
    staged_assert_line("    ratio to ws                      -             -          0.91");
    staged_assert_line("      95 %                           -             -    0.91..0.92");
    staged_assert_line(
        " vs tcp             -          2.00 2.00..2.00  3.00 3.00..3.00  4.00 4.00..4.00");
    staged_build_compare(5);
    staged_read_back(report_text_write);
    staged_assert_has("    lower quartile  ");
    staged_assert_lacks("95 %");
}

static void test_verdicts(void **state)
{
    (void)state;
    staged_build_compare(6);
    add_control(6, 10000);
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_lacks("sio-upgrade vs"); /* it has no round trips */
    staged_assert_has("roundtrip p50, 6 blocks");
    staged_assert_has("  ws vs tcp               1.049 (1.0");
    staged_assert_has(")    higher: slower");
    staged_assert_line(
        "  tcp vs itself           1.000 (1.000..1.000)    the noise of this machine");
    /* So far from itself that its mean tells it from nothing. */
    staged_build_compare(6);
    add_control(3, 9000);
    for (unsigned block = 3; block < 6; block++) {
        staged_roundtrip(4000, 13000);
        summary_add(&staged.control[SCENARIO_ROUNDTRIP], block, &staged_trial);
    }
    staged_read_back(report_text_write);
    staged_assert_has(")    no difference shown (<= ");
    staged_assert_has("  sio vs ws               1.0");
    staged_assert_has(
        ")    higher: slower"); /* that pair has nothing to do with the first target */
}

static void test_verdict_on_a_rate(void **state)
{
    (void)state;
    staged_build_compare(6);
    staged.verdict_figure = FIGURE_RATE;
    staged_read_back(report_text_write);
    staged_assert_has(")    lower: slower");
    staged.verdict_figure = FIGURE_CLIENT_CPU;
    staged_read_back(report_text_write);
    staged_assert_has("1.000 (1.000..1.000)    no difference shown");
    staged_assert_lacks("itself");
}

static unsigned occurrences(const char *text)
{
    unsigned count = 0;
    for (const char *at = staged_output; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

static void test_one_verdict_where_the_reference_is_the_baseline(void **state)
{
    (void)state;
    staged_build_compare(6);
    staged.targets[1].reference = 0;
    staged_read_back(report_text_write);
    assert_int_equal(occurrences("ws vs tcp"), 1);
    staged_read_back(report_json_write);
    assert_int_equal(occurrences("\"result\": "), 3); /* ws, sio vs tcp, sio vs ws */
}

static void test_too_few_blocks_give_no_verdict(void **state)
{
    (void)state;
    staged_build_compare(5);
    staged_read_back(report_text_write);
    staged_assert_has(")    not enough trials");
    staged_assert_has("Fewer than 6 blocks show nothing");
    staged_build_compare(1);
    staged_read_back(report_text_write);
    staged_assert_lacks("VERDICTS");
}

/* Ten were planned, and a signal came in the third or the seventh. */
static void test_blocks_of_a_partial_run(void **state)
{
    (void)state;
    staged_build_compare(2);
    staged.blocks = 10;
    staged.partial = true;
    for (unsigned i = 0; i < 2; i++)
        staged_add_roundtrip(&staged.targets[i], 2, 4000, 10000);
    staged_read_back(report_text_write);
    staged_assert_has("roundtrip p50, 2 to 3 blocks\n");
    staged_assert_has("medians over 2 to 3 blocks. The");
    staged_assert_lacks("10 blocks.");
    staged_build_compare(5);
    staged.blocks = 10;
    for (unsigned i = 0; i < 2; i++)
        staged_add_roundtrip(&staged.targets[i], 5, 4000, 10000);
    staged_read_back(report_text_write);
    staged_assert_has("roundtrip p50, 5 to 6 blocks\n");
    staged_assert_has("medians over 5 to 6 blocks, with 95 %");
}

static void test_the_interruption_is_no_failure(void **state)
{
    (void)state;
    staged_build_compare(3);
    struct trial *t = &staged.targets[1].summaries[SCENARIO_ROUNDTRIP].pooled;
    failures_add(&t->failures, STATUS_STOPPED, PHASE_COUNT, "");
    failures_add(&t->failures, STATUS_STOPPED, PHASE_TCP, "");
    t->failed = 1;
    t->lost = 1;
    assert_false(has_failed());
    failures_add(&t->failures, STATUS_CLOSED, PHASE_COUNT, "");
    assert_true(has_failed());
    staged_read_back(report_text_write);
    staged_assert_has("messages: ");
    staged_assert_lacks(status_text(STATUS_STOPPED));
    assert_true(staged.targets[1].failed);
    assert_false(staged.targets[0].failed);
    t->failures.used = 2;
    t->lost = 2;
    assert_true(has_failed());
}

static void test_a_refused_verdict(void **state)
{
    (void)state;
    staged_build_compare(6);
    staged.targets[1].summaries[SCENARIO_ROUNDTRIP].broken[IDENTITY_LITTLE] = 1;
    staged_read_back(report_text_write);
    staged_assert_line("  ws vs tcp               refused: see above");
    staged_assert_line("  sio vs ws               refused: see above");
    staged_assert_has("  sio vs tcp              1.1");
}

static void test_gates(void **state)
{
    (void)state;
    staged_build_compare(6);
    staged.gate_count = 3;
    staged.gates[0] =
        (struct gate_result){.text = "sio.roundtrip.p99 > 2ms",
                             .found = {.n = 6, .middle = 36500, .low = 35100, .high = 37000},
                             .line = 2e6,
                             .unit = FIGURE_NS,
                             .outcome = GATE_PASSED};
    staged.gates[1] =
        (struct gate_result){.text = "sio/ws.roundtrip.rate < 0.8",
                             .found = {.n = 6, .middle = 0.7, .low = 0.65, .high = 0.75},
                             .line = 0.8,
                             .unit = FIGURE_PER_S,
                             .ratio = true,
                             .outcome = GATE_FAILED};
    staged.gates[2] =
        (struct gate_result){.text = "ws.roundtrip.rate < 50000",
                             .found = {.n = 3, .middle = 50001, .low = 49000, .high = 51000},
                             .line = 50000,
                             .unit = FIGURE_PER_S,
                             .outcome = GATE_UNSURE};
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has(
        "\n  passed      sio.roundtrip.p99 > 2ms: does not hold, 36.5 us (35.1 us to");
    staged_assert_has("\n  FAILED      sio/ws.roundtrip.rate < 0.8: holds, ");
    staged_assert_has("\n  UNSURE      ws.roundtrip.rate < 50000: ");
}

/* ---- Which end was the limit, and which target was not steady ---------------------------- */

static void add_busy(unsigned target, uint64_t client_ns, uint64_t server_ns)
{
    staged_start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    staged_record_messages(100, 10000000);
    staged_trial.window_ns = 1000000000;
    staged_trial.replied = 100;
    staged_trial.client_cpu_ns = client_ns;
    staged_trial.server_cpu_ns = server_ns;
    staged_trial.client_calls = 300;
    staged_trial.server_switches = 25;
    summary_add(&staged.targets[target].summaries[SCENARIO_ROUNDTRIP], 0, &staged_trial);
}

static void test_limits_and_costs(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    for (int i = 0; i < 4; i++)
        staged_add_target(i == 0 ? "a" : i == 1 ? "b" : i == 2 ? "c" : "d", "WebSocket", -1);
    add_busy(0, 950000000, 300000000);
    add_busy(1, 300000000, 950000000);
    add_busy(2, 950000000, 950000000);
    add_busy(3, 300000000, 300000000);
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_line(
        "  limited by                THE CLIENT    the server          BOTH       latency");
    staged_assert_has("CLIENT-LIMITED: a. This");
    staged_assert_line(
        "    system calls                  3.00          3.00          3.00          3.00");
    staged_assert_line(
        "    context switches              0.25          0.25          0.25          0.25");
    staged_assert_line(
        "    busy, of a core               95 %          30 %          95 %          30 %");
}

static void add_drift(unsigned block, uint64_t first_ns, uint64_t last_ns)
{
    staged_start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    staged_record_messages(100, 10000000);
    staged_trial.window_ns = 1000000000;
    staged_trial.replied = 100;
    histogram_record(&staged_trial.first_third, first_ns);
    histogram_record(&staged_trial.last_third, last_ns);
    summary_add(&staged.targets[0].summaries[SCENARIO_ROUNDTRIP], block, &staged_trial);
}

static bool drifts(void)
{
    result_conclude(&staged);
    return staged.targets[0].summaries[SCENARIO_ROUNDTRIP].drifting;
}

static void test_drift(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    staged_add_target("ws", "WebSocket", -1);
    assert_false(drifts());
    add_drift(0, 200, 208); /* 4 % */
    assert_false(drifts());
    add_drift(1, 200, 230);
    add_drift(2, 200, 230);
    assert_true(drifts()); /* few blocks: the median alone */
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("DRIFT: ws was not steady: the p50 of the window's last third is 1.15 times");
    add_drift(3, 200, 100);
    add_drift(4, 200, 100);
    add_drift(5, 200, 230);
    add_drift(6, 200, 230);
    assert_false(drifts()); /* the interval holds 1 */
    result_reset(&staged);
    staged_add_target("ws", "WebSocket", -1);
    for (unsigned block = 0; block < 6; block++)
        add_drift(block, 200, 170 + block);
    assert_true(drifts());
    staged.targets[0].summaries[SCENARIO_ROUNDTRIP].broken[IDENTITY_LITTLE] = 1;
    assert_false(drifts());
}

/* ---- Open loop, sweeps ------------------------------------------------------------------- */

static void test_open_loop(void **state)
{
    (void)state;
    result_reset(&staged);
    staged.rate = 1000;
    staged_fill_environment(&staged.environment);
    staged_add_target("tcp", "raw TCP", -1);
    staged_add_target("ws", "WebSocket", -1);
    staged.baseline = 0;
    for (unsigned block = 0; block < 6; block++) {
        staged_add_rate(&staged.targets[0], block, 998, 40000);
        staged_add_rate(&staged.targets[1], block, 998, 48000);
    }
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("1 000/s planned, 1 client, depth 1");
    staged_assert_line("  messages/s, achieved             998           998");
    staged_assert_line("  messages planned               6 000         6 000");
    staged_assert_line("    sent                         6 000         6 000");
    staged_assert_line("    worst                       200 us        240 us");
    staged_assert_line("  from due: p50                40.0 us       48.0 us");
    staged_assert_line("    ratio to tcp                     -          1.20");
    staged_assert_line("      95 %                           -    1.20..1.20");
    staged_assert_line("  from the send: p50           10.0 us       12.0 us");
    staged_assert_line("  unanswered                        12            12");
    staged_assert_has("which hides pauses");
}

/* What was never sent is the latest of all. */
static void test_open_loop_overloaded(void **state)
{
    (void)state;
    result_reset(&staged);
    staged.rate = 1000;
    staged_add_target("ws", "WebSocket", -1);
    for (unsigned block = 0; block < 6; block++)
        staged_add_rate(&staged.targets[0], block, 998, 40000);
    result_conclude(&staged);
    assert_int_equal(staged.targets[0].summaries[SCENARIO_RATE].estimates[FIGURE_P99].refusal,
                     REFUSAL_NONE);
    histogram_miss(&staged_trial.latency, 5000000000, 20);
    histogram_miss(&staged_trial.plain, 5000000000, 20);
    memset(&staged.targets[0].summaries[SCENARIO_RATE], 0, sizeof(struct summary));
    for (unsigned block = 0; block < 6; block++)
        summary_add(&staged.targets[0].summaries[SCENARIO_RATE], block, &staged_trial);
    staged_read_back(report_text_write);
    staged_assert_line("  messages/s, achieved             998");
    staged_assert_line("  from due: p50                40.0 us");
    staged_assert_line("    p99                       > 5.00 s");
    staged_assert_line("    maximum                   > 5.00 s");
    staged_assert_line("    p99                       > 5.00 s");
}

static void test_sweep(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    for (int i = 0; i < 5; i++)
        staged_add_target(i == 4 ? "last" : i == 0 ? "first" : "t", "WebSocket", -1);
    staged.sweep = (struct result_sweep){
        .key = "size", .scenario = SCENARIO_ROUNDTRIP, .count = 2, .values = {2, 65536}};
    for (int i = 0; i < 5; i++)
        for (unsigned p = 0; p < 2; p++) {
            staged_roundtrip(100, UINT64_C(10000) << (i == 4 ? p + 1 : p));
            summary_add(&staged.sweep.points[i][p], 0, &staged_trial);
        }
    staged.sweep.points[4][1].broken[IDENTITY_LITTLE] = 1;
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("SWEEP of size");
    staged_assert_line(
        "  latency p50                    first             t             t             t");
    staged_assert_line(
        "             2                 10.0 us       10.0 us       10.0 us       10.0 us");
    staged_assert_line(
        "        65 536                 20.0 us       20.0 us       20.0 us       20.0 us");
    staged_assert_line("  messages/s                      last");
    staged_assert_line("             2                  50 000");
    staged_assert_line("        65 536                 refused");
    assert_true(has_failed());
}

/* ---- Around the figures ------------------------------------------------------------------ */

static void test_surroundings(void **state)
{
    (void)state;
    staged_build_compare(3);
    struct environment *e = &staged.environment;
    snprintf(e->governor, sizeof e->governor, "powersave");
    e->quota_cores = 1.5;
    e->steal_share = 0.034;
    e->ports_first = 32768;
    e->ports_last = 60999;
    e->ports_waiting = 12;
    staged.preflight.count = 3;
    staged.preflight.rows[0] =
        (struct preflight_row){"open files", "20", "1 024", PREFLIGHT_FINE, "never seen"};
    staged.preflight.rows[1] = (struct preflight_row){"governor", "performance", "powersave",
                                                      PREFLIGHT_NOTE, "set it to performance"};
    staged.preflight.rows[2] =
        (struct preflight_row){"network", "-", "loopback", PREFLIGHT_NOTE, "nor this"};
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_lacks("nor this");
    staged_assert_line("  Governor    powersave");
    staged_assert_line("  Quota       1.50 cores, by the container");
    staged_assert_line("  Steal       3.4 % of all cores' time, taken by the hypervisor");
    staged_assert_line("  Ports       32768 to 60999 for connects, 12 were in TIME_WAIT");
    staged_assert_has("PRE-FLIGHT");
    staged_assert_line("  governor    found powersave, needed performance: set it to performance");
    staged_assert_lacks("never seen");
}

/* Whether the report says it of the first target. */
static void expect_said(uint64_t odds, bool unchecked, const char *words)
{
    staged_build_compare(3);
    staged.targets[0].odds = odds;
    staged.targets[0].unchecked = unchecked;
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has(words);
}

static void test_what_a_comparison_cannot_see_is_said(void **state)
{
    (void)state;
    expect_said(8093, false, "a false reply passes with a chance of 1");
    expect_said(1, false, "all messages are equal");
    expect_said(UINT64_MAX, false, "each message names its user and number");
    expect_said(8093, true, "NOT");
    staged_assert_lacks("a false reply");
}

static void test_unexpected_messages_are_named(void **state)
{
    (void)state;
    staged_build_compare(3);
    staged.targets[1].summaries[SCENARIO_ROUNDTRIP].pooled.tally.ignored = 5;
    result_conclude(&staged);
    assert_false(staged.failed);
    staged.targets[1].summaries[SCENARIO_ROUNDTRIP].pooled.tally.unexpected = 3;
    result_conclude(&staged);
    assert_true(staged.failed && staged.targets[1].failed && !staged.targets[0].failed);
    staged_read_back(report_text_write);
    staged_assert_fits();
    staged_assert_has("  ws          roundtrip: 3 messages answered nothing: ");
    staged_assert_line("  unexpected                         -             3             -");
    staged_assert_line("  ignored                            -             5             -");
}

static void test_wrong_replies_are_named(void **state)
{
    (void)state;
    staged_build_compare(3);
    struct tally *t = &staged.targets[1].summaries[SCENARIO_ROUNDTRIP].pooled.tally;
    t->wrong = 2;
    t->answered -= 2;
    staged_read_back(report_text_write);
    staged_assert_line("  ws          roundtrip: 2 of 12000 replies were wrong");
    staged_assert_lacks("  tcp         roundtrip: ");
    staged.control[SCENARIO_ROUNDTRIP].pooled.scenario = SCENARIO_ROUNDTRIP;
    staged.control[SCENARIO_ROUNDTRIP].pooled.tally.wrong = 1;
    staged_read_back(report_text_write);
    staged_assert_line("  tcp         roundtrip: 1 of 1 replies were wrong");
    staged_assert_lacks("  ws          roundtrip: 1 of 1 replies were wrong");
    staged.targets[2].summaries[SCENARIO_ROUNDTRIP].broken[IDENTITY_BYTES] = 1;
    staged_read_back(report_text_write);
    staged_assert_line("  bytes out + in each            8 + 4         8 + 4       refused");
}

/* Groups of rows are separated by one empty line, and none comes before the first. */
static void test_gaps_between_groups(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    staged_add_target("ws", "WebSocket", -1);
    staged_start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    summary_add(&staged.targets[0].summaries[SCENARIO_ROUNDTRIP], 0, &staged_trial);
    staged_read_back(report_text_write);
    staged_assert_has("            ws\n  answered                           0\n");
}

/* All trials of all targets saw this; of the second target, one round trip saw `odd`. */
static void see(enum placement all, enum placement odd)
{
    struct placement_count *one = &staged.targets[1].summaries[SCENARIO_ROUNDTRIP].placement;
    for (unsigned i = 0; i < staged.target_count; i++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
            struct summary *summary = &staged.targets[i].summaries[s];
            summary->placement = (struct placement_count){{0}};
            summary->placement.trials[all] = summary->blocks;
        }
    if (odd != all) {
        one->trials[all]--;
        one->trials[odd]++;
    }
    snprintf(staged.placement.asked, sizeof staged.placement.asked, "free");
    result_conclude(&staged);
}

static void test_placement_stands_beside_the_figures(void **state)
{
    (void)state;
    staged_build_compare(3);
    see(PLACEMENT_SAME, PLACEMENT_SAME);
    staged_read_back(report_text_write);
    staged_assert_has("medians; ratios by block; both ends on one core\n");
    staged_assert_has("\n  placement                  same core     same core     same core\n");
    staged_assert_has("Placement   asked: free (client on any core, server on any core); trials:");
    staged_assert_lacks("PLACEMENT");
    see(PLACEMENT_APART, PLACEMENT_APART);
    staged.placement.client_core = 1;
    staged_read_back(report_text_write);
    staged_assert_has("medians; ratios by block; each end on its own core\n");
    staged_assert_has("client on core 1, server on any core");
    see(PLACEMENT_UNKNOWN, PLACEMENT_UNKNOWN);
    staged_read_back(report_text_write);
    staged_assert_has("medians; ratios by block; placement not known\n");
    staged_assert_lacks("\n  placement ");
}

static void test_placements_that_differ_are_warned_of(void **state)
{
    (void)state;
    staged_build_compare(3);
    see(PLACEMENT_SAME, PLACEMENT_MOVING);
    staged_read_back(report_text_write);
    staged_assert_has("medians; ratios by block; placements differ\n");
    staged_assert_has(
        "\nPLACEMENT                                                    where both ends ran\n");
    staged_assert_has(
        "  ws: its trials saw different placements, which its figures mix: roundtrip 2\n"
        "  same core, 1 moving.\n");
    staged_assert_has("\n  placement                  same core       DIFFERS     same core\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_of_compare),
        cmocka_unit_test(test_gaps_between_groups),
        cmocka_unit_test(test_phases_table),
        cmocka_unit_test(test_phases_of_many_clients_have_a_tail),
        cmocka_unit_test(test_a_look_up_shows_when_there_was_one),
        cmocka_unit_test(test_roundtrip_table),
        cmocka_unit_test(test_throughput_table),
        cmocka_unit_test(test_sends_stand_beside_the_truth),
        cmocka_unit_test(test_only_what_was_measured),
        cmocka_unit_test(test_eight_targets_with_long_names),
        cmocka_unit_test(test_names_with_a_common_start),
        cmocka_unit_test(test_paragraphs_wrap_at_the_margin),
        cmocka_unit_test(test_intervals_from_six_blocks_on),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_verdict_on_a_rate),
        cmocka_unit_test(test_one_verdict_where_the_reference_is_the_baseline),
        cmocka_unit_test(test_too_few_blocks_give_no_verdict),
        cmocka_unit_test(test_blocks_of_a_partial_run),
        cmocka_unit_test(test_the_interruption_is_no_failure),
        cmocka_unit_test(test_a_refused_verdict),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_limits_and_costs),
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_open_loop),
        cmocka_unit_test(test_open_loop_overloaded),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_what_a_comparison_cannot_see_is_said),
        cmocka_unit_test(test_unexpected_messages_are_named),
        cmocka_unit_test(test_wrong_replies_are_named),
        cmocka_unit_test(test_refused_in_words),
        cmocka_unit_test(test_failures_by_target_phase_and_cause),
        cmocka_unit_test(test_partial),
        cmocka_unit_test(test_nothing_measured_at_all),
        cmocka_unit_test(test_full_disk_is_reported),
        cmocka_unit_test(test_placement_stands_beside_the_figures),
        cmocka_unit_test(test_placements_that_differ_are_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
