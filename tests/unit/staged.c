#include "staged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

struct result staged;
struct trial staged_trial;
char staged_output[2 * 1024 * 1024];

/* ---- A run of tcp, ws, sio and sio-upgrade ----------------------------------------------------
 */

void staged_fill_environment(struct environment *e)
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

void staged_add_target(const char *name, const char *kind, int reference)
{
    struct result_target *t = result_add_target(&staged);
    assert_non_null(t);
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->url, sizeof t->url, "http://127.0.0.1:41872/%s", name);
    snprintf(t->kind, sizeof t->kind, "%s", kind);
    snprintf(t->address, sizeof t->address, "127.0.0.1:41872");
    snprintf(t->matched, sizeof t->matched, "by order");
    t->size = 2;
    t->reference = reference;
}

void staged_start_trial(enum scenario scenario, unsigned clients, unsigned depth)
{
    trial_reset(&staged_trial, scenario);
    staged_trial.clients = clients;
    staged_trial.depth = depth;
}

void staged_record_phases(uint64_t clients, uint64_t slowness, unsigned last_phase)
{
    staged_trial.started = clients;
    staged_trial.ready = clients;
    for (uint64_t client = 0; client < clients; client++) {
        for (unsigned phase = PHASE_TCP; phase <= last_phase; phase++)
            histogram_record(&staged_trial.phases[phase],
                             (10000 + client * 100) * slowness * phase);
        for (unsigned phase = PHASE_READY; phase < PHASE_COUNT; phase++)
            histogram_record(&staged_trial.phases[phase], (50000 + client * 100) * slowness);
    }
}

void staged_record_messages(uint64_t count, uint64_t ns)
{
    staged_trial.tally.sent += count;
    staged_trial.tally.answered += count;
    staged_trial.tally.payload_out += 2 * count;
    staged_trial.tally.frames_out += count;
    staged_trial.tally.frames_in += count;
    staged_trial.tally.frame_bytes_out += 8 * count;
    staged_trial.tally.frame_bytes_in += 4 * count;
    staged_trial.client_cpu_ns = 4000 * count;
    staged_trial.server_cpu_ns = 3000 * count;
    for (uint64_t i = 0; i < count; i++)
        histogram_record(&staged_trial.latency, ns);
}

void staged_add_connect(struct result_target *t, unsigned block, uint64_t slowness, unsigned last)
{
    staged_start_trial(SCENARIO_CONNECT, 1, 1);
    staged_record_phases(20, slowness, last);
    summary_add(&t->summaries[SCENARIO_CONNECT], block, &staged_trial);
}

void staged_roundtrip(uint64_t count, uint64_t ns)
{
    staged_start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    staged_record_phases(1, 1, PHASE_TCP);
    staged_record_messages(count, ns);
    staged_trial.window_ns = count * ns;
    staged_trial.replied = count;
}

void staged_add_roundtrip(struct result_target *t, unsigned block, uint64_t count, uint64_t ns)
{
    staged_roundtrip(count, ns);
    summary_add(&t->summaries[SCENARIO_ROUNDTRIP], block, &staged_trial);
}

void staged_add_throughput(struct result_target *t, unsigned block, uint64_t ns)
{
    struct running client = {.n = 5, .min = 1, .max = 3, .mean = (double)ns};
    staged_start_trial(SCENARIO_THROUGHPUT, 16, 1);
    staged_record_phases(50, 2, PHASE_TCP);
    staged_record_messages(250, ns);
    staged_trial.elapsed_ns = 250 * ns;
    staged_trial.outstanding_ns = 100 * ns;
    for (int i = 0; i < 50; i++)
        trial_add_client(&staged_trial, &client);
    summary_add(&t->summaries[SCENARIO_THROUGHPUT], block, &staged_trial);
}

void staged_add_send(struct result_target *t, unsigned block, enum proof proof)
{
    staged_start_trial(SCENARIO_SEND, 1, 0);
    staged_trial.started = staged_trial.ready = 1;
    staged_trial.accepted = 40016;
    staged_trial.accepted_ns = 100000000;
    staged_trial.proven = proof == PROOF_UNPROVEN ? 0 : 40016;
    staged_trial.proven_ns = 200000000;
    staged_trial.proof = proof;
    staged_trial.tally.sent = staged_trial.tally.answered = 40016;
    summary_add(&t->summaries[SCENARIO_SEND], block, &staged_trial);
}

static void fill_run(unsigned blocks)
{
    snprintf(staged.command, sizeof staged.command, "wsio-client compare --blocks 3");
    snprintf(staged.scenario, sizeof staged.scenario, "compare");
    snprintf(staged.options, sizeof staged.options, "3 blocks, payload \"hi\"");
    staged.seed = UINT64_MAX;
    staged.blocks = blocks;
    staged.took_ns = UINT64_C(12345678901);
}

void staged_build_compare(unsigned blocks)
{
    static const uint64_t trip_ns[] = {10000, 10500, 11500};
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    fill_run(blocks);
    staged_add_target("tcp", "raw TCP", -1);
    staged_add_target("ws", "WebSocket", -1);
    staged_add_target("sio", "Socket.IO", 1);
    staged_add_target("sio-upgrade", "Socket.IO, upgrade", 1);
    staged.baseline = 0;
    for (unsigned block = 0; block < blocks; block++) {
        for (unsigned i = 0; i < 4; i++)
            staged_add_connect(&staged.targets[i], block, i + 1,
                               i == 3 ? PHASE_SWITCH : PHASE_TCP + i + i / 2);
        for (unsigned i = 0; i < 3; i++) {
            staged_add_roundtrip(&staged.targets[i], block, 4000, trip_ns[i] + 100 * block);
            staged_add_throughput(&staged.targets[i], block, 2 * trip_ns[i]);
            staged_add_send(&staged.targets[i], block, i == 2 ? PROOF_UNPROVEN : PROOF_ECHOED);
        }
    }
}

void staged_add_rate(struct result_target *t, unsigned block, uint64_t count, uint64_t ns)
{
    staged_start_trial(SCENARIO_RATE, 1, 1);
    staged_record_phases(1, 1, PHASE_TCP);
    staged_record_messages(count, ns);
    staged_trial.planned = count + 2;
    staged_trial.planned_sent = count + 2;
    staged_trial.planned_waited = 7;
    staged_trial.replied = count;
    staged_trial.tally.sent += 2;
    staged_trial.tally.unanswered += 2;
    staged_trial.window_ns = 1000000000;
    staged_trial.paced_ns = staged_trial.window_ns;
    staged_trial.worst_lag_ns = 5 * ns;
    for (uint64_t i = 0; i < count; i++)
        histogram_record(&staged_trial.plain, ns / 4);
    histogram_miss(&staged_trial.latency, 5000000000, 2);
    histogram_miss(&staged_trial.plain, 5000000000, 2);
    summary_add(&t->summaries[SCENARIO_RATE], block, &staged_trial);
}

void staged_add_extras(void)
{
    result_add_note(&staged, "Matched by order: %s cannot show that replies changed places.", "hi");
    result_add_size(&staged, "WebSocket connection", 496);
    staged.server = (struct server_figures){.known = true,
                                            .connections = 731,
                                            .messages = 140000,
                                            .cpu_ns = 3200000000,
                                            .peak_bytes = 3145728};
    staged.server.service[SERVICE_DECODE] =
        (struct service_time){.count = 140000, .p50_ns = 120, .p99_ns = 480, .mean_ns = 140};
}

/* ---- Reading it back --------------------------------------------------------------------------
 */

void staged_read_back(int (*write)(FILE *, const struct result *))
{
    FILE *file = tmpfile();
    assert_non_null(file);
    result_conclude(&staged);
    assert_int_equal(write(file, &staged), STATUS_OK);
    rewind(file);
    size_t length = fread(staged_output, 1, sizeof staged_output - 1, file);
    assert_true(length < sizeof staged_output - 1);
    staged_output[length] = '\0';
    fclose(file);
    if (getenv("WSIO_SHOW") != NULL)
        fputs(staged_output, stderr);
}

void staged_assert_fits(void)
{
    const char *line = staged_output;
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

void staged_assert_has(const char *text)
{
    if (strstr(staged_output, text) == NULL)
        fail_msg("missing: %s\nin:\n%s", text, staged_output);
}

void staged_assert_lacks(const char *text)
{
    if (strstr(staged_output, text) != NULL)
        fail_msg("not wanted: %s\nin:\n%s", text, staged_output);
}

void staged_assert_line(const char *expected)
{
    char line[128];
    snprintf(line, sizeof line, "\n%s\n", expected);
    staged_assert_has(line);
}
