/* Proves that every scenario has its row in each table, and its part of each report: none is
 * forgotten when one is added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/drivers/drivers.h"
#include "client/plan/plan.h"
#include "measure/result/figure.h"
#include "report/html/html.h"
#include "report/phrases.h"
#include "report/text/text.h"
#include "staged.h"

static void test_names(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        assert_true(strlen(scenario_key((enum scenario)s)) > 1);
        assert_true(strlen(scenario_title((enum scenario)s)) > 1);
        for (unsigned other = 0; other < s; other++)
            assert_string_not_equal(scenario_key((enum scenario)s),
                                    scenario_key((enum scenario)other));
    }
    assert_string_equal(scenario_key(SCENARIO_COUNT), "-");
    assert_string_equal(scenario_title(SCENARIO_COUNT), "-");
    assert_int_equal(scenario_flow(SCENARIO_COUNT), FLOW_FIRST_ECHO);
}

static void test_figures(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        assert_true(figure_yielded(figure_deciding((enum scenario)s), (enum scenario)s));
}

static void test_help(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        static char text[CLIENT_HELP_BYTES];
        struct buf out = buf_over(text, sizeof text - 1);
        client_options_help(plan_find_command((enum scenario)s), true, &out);
        text[out.len] = '\0';
        assert_non_null(strstr(text, scenario_key((enum scenario)s)));
        /* Options name the scenarios that use them: each has one that says how much it is. */
        assert_true(strstr(text, "--duration") != NULL || strstr(text, "--clients") != NULL);
    }
}

/* The command of a scenario has the scenario's key, and plans at least one client, and some time.
 */
static void test_plans(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        char error[OPTION_ERROR_BYTES];
        static struct client_options o;
        enum client_scenario command = plan_find_command((enum scenario)s);
        char *argv[] = {"wsio-client", (char *)(uintptr_t)scenario_key((enum scenario)s),
                        "tcp://127.0.0.1:1", NULL};
        assert_string_equal(client_options_scenario_name(command), argv[1]);
        assert_int_equal(client_options_parse(&o, 3, argv, error), 0);
        assert_true(plan_has(&o, (enum scenario)s));
        assert_true(plan_of(&o, (enum scenario)s, 0).clients >= 1);
        assert_true(plan_ns(&o, &o.targets) > 0);
        for (unsigned other = 0; other < SCENARIO_COUNT; other++)
            assert_int_equal(plan_has(&o, (enum scenario)other), other == s);
    }
}

static void test_drivers(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        const struct driver *driver = drivers_find((enum scenario)s);
        assert_non_null(driver);
        assert_true(driver->start != NULL && driver->ready != NULL && driver->reply != NULL &&
                    driver->gone != NULL);
        for (unsigned other = 0; other < s; other++)
            assert_ptr_not_equal(driver, drivers_find((enum scenario)other));
    }
}

/* ---- Reports ----------------------------------------------------------------------------- */

/* What the reports of a run of this scenario alone have. Nothing may stay NULL; "" is for what a
 * scenario does not have, for the reason beside it. */
struct parts {
    const char *heading; /* of its table in the text report */
    const char *column;  /* its first one in the page's table "In short" */
    const char *ratio;   /* its first row in the page's pictures of ratios */
    const char *rates;   /* title of its picture of rates */
    const char *curves;  /* title of its latencies by percentile */
};

static const struct parts parts[SCENARIO_COUNT] = {
    [SCENARIO_CONNECT] = {.heading = "\nPHASES ",
                          .column = ">until it may send<",
                          .ratio = ">connect.ready<",
                          .rates = "", /* one client at a time: its figures are times */
                          .curves = ""},
    [SCENARIO_ROUNDTRIP] = {.heading = "\nROUND TRIPS ",
                            .column = ">a round trip, p50<",
                            .ratio = ">roundtrip.p50<",
                            .rates = "Round trips per second",
                            .curves = "Round trips"},
    [SCENARIO_THROUGHPUT] = {.heading = "\nTHROUGHPUT ",
                             .column = ">throughput per second<",
                             .ratio = ">throughput.rate<",
                             .rates = "Throughput, messages per second, connects included",
                             .curves = "Throughput"},
    [SCENARIO_RATE] = {.heading = "\nOPEN LOOP ",
                       .column = ">from due, p50<",
                       .ratio = ">rate.p50<",
                       .rates = "", /* it was planned */
                       .curves = "At 1 000 messages per second"},
    [SCENARIO_SEND] = {.heading = "\nONE-WAY SENDS ",
                       .column = "", /* the page compares round trips; its table has all figures */
                       .ratio = "",
                       .rates = "",
                       .curves = ""},
};

/* Whatever its flow is, the trial has what such a flow needs. Minimum, median and mean differ. */
static void add_trial(enum scenario scenario, struct result_target *t, unsigned block, uint64_t ns)
{
    const uint64_t count = 4000;
    const uint64_t sum = count / 4 * ns / 2 + count / 2 * ns + count / 4 * 3 * ns;
    staged_start_trial(scenario, 1, 1);
    staged_record_phases(1, ns / 10000, PHASE_TCP);
    staged_record_messages(count / 4, ns / 2);
    staged_record_messages(count / 2, ns);
    staged_record_messages(count / 4, 3 * ns);
    staged_trial.window_ns = staged_trial.elapsed_ns = staged_trial.paced_ns = sum;
    staged_trial.outstanding_ns = staged_trial.accepted_ns = staged_trial.proven_ns = sum;
    staged_trial.planned = staged_trial.planned_sent = staged_trial.replied = count;
    staged_trial.accepted = staged_trial.proven = count;
    staged_trial.proof = PROOF_ECHOED;
    summary_add(&t->summaries[scenario], block, &staged_trial);
}

static void build_alone(enum scenario scenario)
{
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    snprintf(staged.scenario, sizeof staged.scenario, "%s", scenario_key(scenario));
    staged.blocks = 6;
    staged.rate = 1000;
    staged.verdict_scenario = scenario;
    staged.verdict_figure = figure_deciding(scenario);
    staged_add_target("ws", "WebSocket", -1);
    staged_add_target("sio", "Socket.IO", 0);
    for (unsigned block = 0; block < staged.blocks; block++)
        for (unsigned i = 0; i < 2; i++)
            add_trial(scenario, &staged.targets[i], block, (i + 1) * 20000 + 100 * block);
    result_conclude(&staged);
}

static void expect_part(const char *row, const char *part, enum scenario scenario)
{
    if (part == NULL)
        fail_msg("%s: say in `parts` what it has as its %s", scenario_key(scenario), row);
    if (strstr(staged_output, part) == NULL)
        fail_msg("%s: its %s is missing: %s", scenario_key(scenario), row, part);
}

/* The scenario's table has the figure that decides. */
static void expect_figure(const char *heading, enum scenario scenario)
{
    enum figure figure = figure_deciding(scenario);
    char number[FORMAT_TEXT];
    phrases_value(number, staged.targets[0].summaries[scenario].estimates[figure].spread.median,
                  figure_unit_of(figure));
    if (strstr(strstr(staged_output, heading), number) == NULL)
        fail_msg("%s: no %s under its heading", scenario_key(scenario), number);
}

static void expect_section(const char *part, const char *title)
{
    if (part[0] == '\0')
        staged_assert_lacks(title);
    else
        staged_assert_has(title);
}

static void test_reports(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
        enum scenario s = (enum scenario)i;
        build_alone(s);
        staged_read_back(report_text_write);
        expect_part("heading", parts[i].heading, s);
        expect_figure(parts[i].heading, s);
        staged_assert_fits();
        staged_read_back(html_write);
        expect_part("title", scenario_title(s), s);
        expect_part("column", parts[i].column, s);
        expect_part("ratio", parts[i].ratio, s);
        expect_part("rates", parts[i].rates, s);
        expect_part("curves", parts[i].curves, s);
        expect_section(parts[i].column, "<h2>In short</h2>");
        expect_section(parts[i].ratio, "<h2>Ratios</h2>");
        expect_section(parts[i].rates, "<h2>Rates</h2>");
        expect_section(parts[i].curves, "<h2>Latency by percentile</h2>");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_figures),
        cmocka_unit_test(test_help),    cmocka_unit_test(test_plans),
        cmocka_unit_test(test_drivers), cmocka_unit_test(test_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
