/* Proves doctor's text, from a report made by hand: every state has its word, its advice and its
 * place in the verdict, and every line fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "report/text/doctor.h"

static struct result report;
static char text[1 << 14];

static int setup(void **state)
{
    (void)state;
    result_reset(&report);
    report.environment.started_unix_ns = UINT64_C(1700000000) * 1000000000;
    snprintf(report.environment.cpu, sizeof report.environment.cpu, "A CPU");
    snprintf(report.environment.governor, sizeof report.environment.governor, "unknown");
    snprintf(report.options, sizeof report.options, "2 targets, 10 blocks");
    return 0;
}

static void add(const char *name, const char *needed, const char *found, enum preflight_state state,
                const char *advice)
{
    struct preflight_row *row = &report.preflight.rows[report.preflight.count++];
    row->state = state;
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->needed, sizeof row->needed, "%s", needed);
    snprintf(row->found, sizeof row->found, "%s", found);
    snprintf(row->advice, sizeof row->advice, "%s", advice);
}

static void show(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(doctor_write(file, &report), STATUS_OK);
    rewind(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > 80)
            fail_msg("%zu columns: %.100s", strcspn(line, "\n"), line);
}

static void expect(const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_everything_fine(void **state)
{
    (void)state;
    add("open files", "48", "20 000", PREFLIGHT_FINE, "");
    add("governor", "performance", "unknown", PREFLIGHT_UNKNOWN, "");
    show();
    expect("WSIO doctor                                              2023-11-14 22:13:20 UTC\n");
    expect("  Planned     2 targets, 10 blocks\n");
    expect("  CPU         A CPU\n");
    expect("                    needed                  found                   state\n"
           "  open files        48                      20 000                  fine\n"
           "  governor          performance             unknown                 unknown\n");
    expect("\n  Nothing is short: such a run fits. 0 notes on what may disturb its figures.\n");
    assert_null(strstr(text, "seed"));
    assert_null(strstr(text, "SHORT"));
}

static void test_notes_say_what_to_change(void **state)
{
    (void)state;
    add("governor", "performance", "powersave", PREFLIGHT_NOTE, "`cpupower frequency-set`");
    show();
    expect("  governor          performance             powersave               note\n"
           "              `cpupower frequency-set`\n");
    expect("such a run fits. 1 note on");
}

static void test_what_is_short_decides(void **state)
{
    (void)state;
    add("open files", "20 016", "1 024", PREFLIGHT_SHORT, "`ulimit -n 20480`");
    add("governor", "performance", "powersave", PREFLIGHT_NOTE, "advice");
    add("ports", "20 000", "1 008", PREFLIGHT_SHORT, "others");
    show();
    expect("1 024                   SHORT\n              `ulimit -n 20480`\n");
    expect("\n  2 SHORT: such a run cannot fit.\n");
    assert_null(strstr(text, "such a run fits"));
}

static void test_targets_have_addresses(void **state)
{
    struct result_target *t;
    (void)state;
    t = result_add_target(&report);
    snprintf(t->name, sizeof t->name, "ws");
    snprintf(t->url, sizeof t->url, "ws://localhost:80/");
    snprintf(t->address, sizeof t->address, "127.0.0.1:80");
    t = result_add_target(&report);
    snprintf(t->name, sizeof t->name, "far");
    snprintf(t->url, sizeof t->url, "ws://far/");
    show();
    expect("  ws          ws://localhost:80/ at 127.0.0.1:80\n"
           "  far         ws://far/ at no address\n");
}

/* Whatever stands in them, columns do not touch. */
static void test_long_texts_are_cut(void **state)
{
    char name[PREFLIGHT_NAME], number[PREFLIGHT_NUMBER], advice[PREFLIGHT_ADVICE];
    (void)state;
    memset(name, 'n', sizeof name);
    memset(number, '9', sizeof number);
    memset(advice, 'a', sizeof advice);
    name[sizeof name - 1] = number[sizeof number - 1] = advice[sizeof advice - 1] = '\0';
    add(name, number, number, PREFLIGHT_UNKNOWN, advice);
    show();
    expect("nnnnn~nnnnnnnnnnn ");
    expect("9999999~999999999999999 ");
    expect("9999999~999999999999999 unknown\n");
}

static void test_a_full_disk_is_told(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (full == NULL)
        skip();
    assert_int_equal(doctor_write(full, &report), STATUS_SYSTEM);
    fclose(full);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_everything_fine),       TEST(test_notes_say_what_to_change),
        TEST(test_what_is_short_decides), TEST(test_targets_have_addresses),
        TEST(test_long_texts_are_cut),    TEST(test_a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
