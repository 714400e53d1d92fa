/* Proves the CSV and the percentile file: each column of a row, quoting, and lines worked out by
 * hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "report/csv.h"
#include "report/hgrm.h"
#include "staged.h"

static FILE *file;

static int open_file(void **state)
{
    (void)state;
    file = tmpfile();
    return file == NULL ? -1 : 0;
}

static int close_file(void **state)
{
    (void)state;
    return fclose(file);
}

static void load(void)
{
    rewind(file);
    size_t length = fread(staged_output, 1, 65536, file);
    staged_output[length] = '\0';
}

/* ---- CSV --------------------------------------------------------------------------------- */

/* Field `name` of line `row` (the head is line 0), which has no quotes. */
static const char *field(unsigned row, const char *name)
{
    static char text[64];
    unsigned column = 0;
    const char *line = staged_output;
    for (; strncmp(line, name, strlen(name)) != 0 || strchr(",\r", line[strlen(name)]) == NULL;
         column++) {
        line = strchr(line, ',');
        assert_non_null(line);
        line++;
    }
    line = staged_output;
    while (row-- > 0)
        line = strstr(line, "\r\n") + 2;
    while (column-- > 0)
        line = strchr(line, ',') + 1;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, ",\r"), line);
    return text;
}

static void write_one(const char *target, uint64_t sweep_value)
{
    struct csv_trial about = {.order = 7, .block = 2, .target = target, .sweep_value = sweep_value};
    csv_write_head(file);
    csv_write_trial(file, &about, &staged_trial);
    load();
}

static void test_csv_of_a_trial(void **state)
{
    (void)state;
    staged_roundtrip(100, 10000);
    staged_trial.client_calls = 301;
    staged_trial.tally.heartbeats = 1;
    write_one("ws", 0);
    assert_string_equal(field(1, "order"), "7");
    assert_string_equal(field(1, "block"), "2");
    assert_string_equal(field(1, "target"), "ws");
    assert_string_equal(field(1, "scenario"), "roundtrip");
    assert_string_equal(field(1, "control"), "0");
    assert_string_equal(field(1, "sweep_value"), "");
    assert_string_equal(field(1, "phase"), "messages");
    assert_string_equal(field(1, "count"), "100");
    assert_string_equal(field(1, "p50_ns"), "10000");
    assert_string_equal(field(1, "mean_ns"), "10000.000");
    assert_string_equal(field(1, "broken"), "");
    assert_string_equal(field(1, "rate_per_s"), "100000.000");
    assert_string_equal(field(1, "answered"), "100");
    assert_string_equal(field(1, "planned"), ""); /* of another scenario */
    assert_string_equal(field(1, "window_ns"), "1000000");
    assert_string_equal(field(1, "client_calls"), "301");
    assert_string_equal(field(1, "server_switches"), "");
    assert_string_equal(field(2, "phase"), "tcp");
    assert_string_equal(field(2, "count"), "1");
    assert_string_equal(field(2, "max_ns"), "10000");
    assert_string_equal(field(2, "sent"), "");
    assert_string_equal(field(2, "server_switches"), "");
    assert_string_equal(field(5, "phase"), "close");
}

/* 0 is a count there, and nothing elsewhere. */
static void test_csv_of_an_open_loop(void **state)
{
    (void)state;
    staged_roundtrip(100, 10000);
    staged_trial.planned = staged_trial.planned_sent = 100;
    write_one("ws", 0);
    assert_string_equal(field(1, "planned"), "100");
    assert_string_equal(field(1, "planned_sent"), "100");
    assert_string_equal(field(1, "planned_waited"), "0");
    assert_string_equal(field(1, "worst_lag_ns"), "0");
    assert_string_equal(field(1, "accepted"), "");
    assert_string_equal(field(2, "planned"), "");
}

/* Scripts read columns by name and by place: neither changes. */
static void test_csv_head(void **state)
{
    (void)state;
    csv_write_head(file);
    load();
    assert_string_equal(
        staged_output,
        "order,block,target,scenario,control,sweep_value,phase,count,outside,min_ns,p50_ns,p90_ns,"
        "p99_ns,max_ns,mean_ns,deviation_ns,broken,rate_per_s,clients_ready,clients_failed,"
        "clients_lost,sent,answered,wrong,unanswered,unexpected,ignored,wire_out_bytes,wire_in_"
        "bytes,"
        "planned,planned_sent,planned_waited,worst_lag_ns,accepted,window_ns,elapsed_ns,"
        "client_cpu_ns,server_cpu_ns,client_calls,server_calls,client_switches,server_switches,"
        "silent_ns,longest_silence_ns,missing,missing_after_ns,"
        "placement,placement_samples,same_core_share"
        "\r\n");
}

static unsigned commas(const char *line)
{
    unsigned count = 0;
    for (; *line != '\r'; line++)
        count += *line == ',';
    return count;
}

static void test_csv_rows_are_as_long_as_the_head(void **state)
{
    (void)state;
    staged_roundtrip(100, 10000);
    for (int i = 0; i < 20; i++)
        histogram_record(&staged_trial.plain, 5000);
    write_one("ws", 64);
    unsigned head = commas(staged_output);
    unsigned rows = 0;
    for (const char *line = staged_output; *line != '\0'; line = strstr(line, "\r\n") + 2, rows++)
        assert_int_equal(commas(line), head);
    assert_int_equal(rows, 1 + 2 + 4); /* head, messages and plain, tcp ready first_echo close */
    assert_string_equal(field(1, "sweep_value"), "64");
    assert_string_equal(field(2, "phase"), "plain");
    assert_string_equal(field(2, "p50_ns"), "5000");
}

static void test_csv_of_no_placement(void **state)
{
    (void)state;
    staged_roundtrip(100, 10000);
    write_one("ws", 0);
    assert_string_equal(field(1, "placement"), "unknown");
    assert_string_equal(field(1, "placement_samples"), "0");
    assert_string_equal(field(1, "same_core_share"), "");
}

static void test_csv_of_a_placement(void **state)
{
    (void)state;
    staged_roundtrip(100, 10000);
    staged_trial.placement = (struct placement_samples){8, 2};
    write_one("ws", 0);
    assert_string_equal(field(1, "placement"), "moving");
    assert_string_equal(field(1, "placement_samples"), "8");
    assert_string_equal(field(1, "same_core_share"), "0.250");
    assert_string_equal(field(2, "placement"), "");
}

static void test_csv_quotes(void **state)
{
    (void)state;
    staged_roundtrip(1, 10000);
    write_one("a,\"b\"\n", 0);
    staged_assert_has("\r\n7,2,\"a,\"\"b\"\"\n\",roundtrip,");
}

static void test_csv_of_a_contradiction(void **state)
{
    (void)state;
    staged_roundtrip(4000, 10000);
    staged_trial.window_ns /= 2;
    staged_trial.tally.sent++;
    histogram_record(&staged_trial.plain, 5000);
    write_one("ws", 0);
    assert_string_equal(field(1, "broken"), "balance little");
    assert_string_equal(field(1, "count"), "4000");
    assert_string_equal(field(1, "p50_ns"), "");
    assert_string_equal(field(1, "rate_per_s"), "");
    assert_string_equal(field(1, "sent"), "4001");
    assert_string_equal(field(2, "phase"), "plain");
    assert_string_equal(field(2, "p50_ns"), "");
}

static void test_csv_of_messages_that_do_not_add_up(void **state)
{
    (void)state;
    staged_roundtrip(4000, 10000);
    staged_trial.tally.sent++;
    write_one("ws", 0);
    assert_string_equal(field(1, "broken"), "balance");
    assert_string_equal(field(1, "p50_ns"), "");
    assert_string_equal(field(1, "rate_per_s"), "");
    assert_string_equal(field(2, "phase"), "tcp");
    assert_string_equal(field(2, "p50_ns"), "10000"); /* phases do not depend on messages */
}

/* ---- Percentiles --------------------------------------------------------------------------- */

static struct histogram histogram;

static void test_hgrm_of_ten(void **state)
{
    (void)state;
    histogram_reset(&histogram);
    for (uint64_t ns = 10; ns <= 100; ns += 10)
        histogram_record(&histogram, ns);
    assert_int_equal(hgrm_write(file, "ten", &histogram), STATUS_OK);
    load();
    assert_string_equal(staged_output,
                        "# ten, values in us\n"
                        "       Value     Percentile TotalCount 1/(1-Percentile)\n"
                        "\n"
                        "       0.010 0.000000000000          1           1.00\n"
                        "       0.010 0.100000000000          1           1.11\n"
                        "       0.020 0.200000000000          2           1.25\n"
                        "       0.030 0.300000000000          3           1.43\n"
                        "       0.040 0.400000000000          4           1.67\n"
                        "       0.050 0.500000000000          5           2.00\n"
                        "       0.060 0.550000000000          6           2.22\n"
                        "       0.060 0.600000000000          6           2.50\n"
                        "       0.070 0.650000000000          7           2.86\n"
                        "       0.070 0.700000000000          7           3.33\n"
                        "       0.080 0.750000000000          8           4.00\n"
                        "       0.080 0.775000000000          8           4.44\n"
                        "       0.080 0.800000000000          8           5.00\n"
                        "       0.090 0.825000000000          9           5.71\n"
                        "       0.090 0.850000000000          9           6.67\n"
                        "       0.090 0.875000000000          9           8.00\n"
                        "       0.090 0.887500000000          9           8.89\n"
                        "       0.090 0.900000000000          9          10.00\n"
                        "       0.100 0.912500000000         10          11.43\n"
                        "       0.100 1.000000000000         10\n"
                        "#[Mean    =        0.055, StdDeviation   =        0.030]\n"
                        "#[Max     =        0.100, Total count    =           10]\n"
                        "#[Buckets =           29, SubBuckets     =          256]\n");
}

static void test_hgrm_of_nothing(void **state)
{
    (void)state;
    histogram_reset(&histogram);
    assert_int_equal(hgrm_write(file, "none", &histogram), STATUS_OK);
    load();
    staged_assert_has("1/(1-Percentile)\n\n#[Mean    =        0.000,");
    staged_assert_has("Total count    =            0]");
}

static void test_hgrm_never_passes_the_maximum(void **state)
{
    (void)state;
    histogram_reset(&histogram);
    histogram_record(&histogram, 1000001); /* its bin ends at 1 003 519 */
    histogram_record(&histogram, 500);
    assert_int_equal(hgrm_write(file, "two", &histogram), STATUS_OK);
    load();
    staged_assert_has("    1000.001 1.000000000000          2\n");
    staged_assert_lacks("1003.519");
    staged_assert_has("       0.501 0.500000000000          1 "); /* the end of its bin */
}

static void test_full_disk(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (full == NULL)
        skip();
    histogram_reset(&histogram);
    assert_int_equal(hgrm_write(full, "full", &histogram), STATUS_SYSTEM);
    fclose(full);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, open_file, close_file)
    const struct CMUnitTest tests[] = {
        EACH(test_csv_head),
        EACH(test_csv_of_a_trial),
        EACH(test_csv_of_an_open_loop),
        EACH(test_csv_rows_are_as_long_as_the_head),
        EACH(test_csv_of_no_placement),
        EACH(test_csv_of_a_placement),
        EACH(test_csv_quotes),
        EACH(test_csv_of_a_contradiction),
        EACH(test_csv_of_messages_that_do_not_add_up),
        EACH(test_hgrm_of_ten),
        EACH(test_hgrm_of_nothing),
        EACH(test_hgrm_never_passes_the_maximum),
        EACH(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
