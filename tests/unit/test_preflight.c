/* Proves every row of the pre-flight in every state that it can have, on machines that do not
 * exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "measure/machine/preflight.h"

#define MINUTE UINT64_C(60000000000)

static struct environment machine;
static struct preflight_plan plan;
static struct preflight result;

/* A quiet machine that has just what the plan needs. */
static int setup(void **state)
{
    (void)state;
    machine = (struct environment){.governor = "performance",
                                   .poller = "select",
                                   .cores = 4,
                                   .cores_used = 2,
                                   .files_most = 1116,
                                   .ports_first = 40000,
                                   .ports_last = 41999,
                                   .ports_waiting = 500,
                                   .backlog_most = 1100,
                                   .load_before = 0.5,
                                   .steal_share = 0.01,
                                   .clock_resolution_ns = 1000,
                                   .clock_cost_ns = 250.0};
    plan = (struct preflight_plan){.files = 1116,
                                   .sockets = 1100,
                                   .poller_most = 1100,
                                   .connections = 1500,
                                   .duration_ns = MINUTE,
                                   .threads = 2,
                                   .loopback = true};
    return 0;
}

static const struct preflight_row *row(const char *name)
{
    memset(&result, 0x5a, sizeof result);
    preflight_check(&result, &plan, &machine);
    for (unsigned i = 0; i < result.count; i++)
        if (strcmp(result.rows[i].name, name) == 0)
            return &result.rows[i];
    fail_msg("no row %s", name);
    return NULL;
}

static void expect(const char *name, const char *needed, const char *found,
                   enum preflight_state state, const char *advice)
{
    const struct preflight_row *r = row(name);
    assert_string_equal(r->needed, needed);
    assert_string_equal(r->found, found);
    assert_int_equal(r->state, state);
    assert_int_equal(r->advice[0] == '\0', advice[0] == '\0');
    if (strstr(r->advice, advice) == NULL)
        fail_msg("%s: \"%s\" is not in \"%s\"", name, advice, r->advice);
}

static void test_what_suffices_is_fine(void **state)
{
    (void)state;
    expect("open files", "1 116", "1 116", PREFLIGHT_FINE, "");
    expect("sockets watched", "1 100", "1 100", PREFLIGHT_FINE, "");
    expect("ports", "1 500", "1 500", PREFLIGHT_FINE, "");
    expect("backlog", "1 100", "1 100", PREFLIGHT_FINE, "");
    expect("clock step", "at most 1000 ns", "1000 ns", PREFLIGHT_FINE, "");
    expect("clock reading", "at most 250 ns", "250 ns", PREFLIGHT_FINE, "");
    expect("cores", "2", "2", PREFLIGHT_FINE, "");
    expect("container quota", "none, or 2 cores", "none", PREFLIGHT_FINE, "");
    expect("governor", "performance", "performance", PREFLIGHT_FINE, "");
    expect("load before", "at most 0.50", "0.50", PREFLIGHT_FINE, "");
    expect("steal", "at most 1 %", "1.0 %", PREFLIGHT_FINE, "");
    expect("virtual machine", "no", "no", PREFLIGHT_FINE, "");
    assert_null(preflight_short(&result));
    assert_int_equal(result.count, 13);
}

static void test_nothing_known(void **state)
{
    static const char *const may_be_unknown[] = {"open files", "ports",         "backlog",
                                                 "clock step", "clock reading", "cores",
                                                 "governor",   "load before",   "steal"};
    (void)state;
    machine = (struct environment){.governor = "unknown", .load_before = -1.0, .steal_share = -1.0};
    for (size_t i = 0; i < sizeof may_be_unknown / sizeof may_be_unknown[0]; i++) {
        const struct preflight_row *r = row(may_be_unknown[i]);
        assert_int_equal(r->state, PREFLIGHT_UNKNOWN);
        assert_string_equal(r->found, "unknown");
        assert_string_equal(r->advice, "");
        assert_true(r->needed[0] != '\0');
    }
    assert_null(preflight_short(&result));
}

static void test_files(void **state)
{
    (void)state;
    plan.files = 1117;
    expect("open files", "1 117", "1 116", PREFLIGHT_SHORT, "`ulimit -n 2048` as root");
    assert_string_equal(preflight_short(&result)->name, "open files");
    plan.files = 65536;
    expect("open files", "65 536", "1 116", PREFLIGHT_SHORT, "ulimit -n 65536`");
    machine.files_most = 1;
    plan.files = 2;
    expect("open files", "2", "1", PREFLIGHT_SHORT, "ulimit -n 1024`");
    plan.files = 999;
    machine.files_most = 100000;
    expect("open files", "999", "100 000", PREFLIGHT_FINE, "");
    plan.files = 2;
    machine.files_most = UINT64_MAX;
    expect("open files", "2", "18 446 744 073 709 551 615", PREFLIGHT_FINE, "");
}

static void test_sockets(void **state)
{
    (void)state;
    plan.sockets = 1101;
    expect("sockets watched", "1 101", "1 100", PREFLIGHT_SHORT, "--poller than select");
    assert_string_equal(preflight_short(&result)->name, "sockets watched");
    plan.poller_most = SIZE_MAX;
    expect("sockets watched", "1 101", "no limit", PREFLIGHT_FINE, "");
}

static void test_ports_may_be_lacking(void **state)
{
    (void)state;
    plan.connections = 1501;
    expect("ports", "1 501", "1 500", PREFLIGHT_NOTE, "wait a minute");
    assert_null(preflight_short(&result));
    machine.ports_waiting = 499;
    expect("ports", "1 501", "1 501", PREFLIGHT_FINE, "");
    machine.ports_waiting = 5000; /* of several targets' connections: more than the range */
    expect("ports", "1 501", "0", PREFLIGHT_NOTE, "ip_local_port_range=\"1024 65535\"");
}

static void test_ports_are_lacking(void **state)
{
    (void)state;
    plan.sockets = 2000; /* the whole range: those that wait may be free for another target */
    expect("ports", "2 000", "1 500", PREFLIGHT_NOTE, "wait a minute");
    plan.sockets = 2001;
    expect("ports", "2 001", "1 500", PREFLIGHT_SHORT, "fewer --clients");
    machine.ports_first = machine.ports_last;
    machine.ports_waiting = 0;
    expect("ports", "2 001", "1", PREFLIGHT_SHORT, "fewer --clients");
    machine.ports_first = 42000; /* no such range */
    expect("ports", "2 001", "0", PREFLIGHT_SHORT, "ip_local_port_range");
}

/* Ports come back after a minute, and elsewhere it is the other end that keeps them. */
static void test_ports_of_a_time_wait(void **state)
{
    (void)state;
    plan.duration_ns = 2 * MINUTE;
    plan.connections = 3000;
    expect("ports", "1 500", "1 500", PREFLIGHT_FINE, "");
    plan.connections = 3002;
    expect("ports", "1 501", "1 500", PREFLIGHT_NOTE, "wait");
    plan.duration_ns = 0; /* not known */
    expect("ports", "3 002", "1 500", PREFLIGHT_NOTE, "wait");
    plan.loopback = false;
    expect("ports", "1 100", "1 500", PREFLIGHT_FINE, "");
}

static void test_backlog(void **state)
{
    (void)state;
    plan.sockets = 1101;
    expect("backlog", "1 101", "1 100", PREFLIGHT_NOTE, "net.core.somaxconn=1101`");
    plan.loopback = false; /* the listener is not on this machine */
    expect("backlog", "1 101", "unknown", PREFLIGHT_UNKNOWN, "");
}

static void test_clock(void **state)
{
    (void)state;
    machine.clock_resolution_ns = 1001;
    expect("clock step", "at most 1000 ns", "1001 ns", PREFLIGHT_NOTE, "high-resolution");
    machine.clock_cost_ns = 251.0;
    expect("clock reading", "at most 250 ns", "251 ns", PREFLIGHT_NOTE, "`tsc`");
}

static void test_cores(void **state)
{
    (void)state;
    plan.threads = 3;
    expect("cores", "3", "2", PREFLIGHT_NOTE, "allow 3 cores");
    machine.cores_used = 3;
    expect("cores", "3", "3", PREFLIGHT_FINE, "");
    plan.threads = 1; /* --placement same */
    machine.cores_used = 1;
    expect("cores", "1", "1", PREFLIGHT_FINE, "");
}

/* That two cores are allowed says nothing of two ends that nothing binds. */
static void test_cores_that_were_shared(void **state)
{
    (void)state;
    plan.placement_open = true;
    expect("cores", "2", "unknown", PREFLIGHT_UNKNOWN, "");
    plan.placed = 40;
    expect("cores", "2", "2", PREFLIGHT_FINE, "");
    plan.shared = 12;
    expect("cores", "2", "1 in 12 of 40 trials", PREFLIGHT_NOTE, "--placement apart");
    plan.threads = 1;
    expect("cores", "1", "2", PREFLIGHT_FINE, "");
    plan = (struct preflight_plan){.threads = 2, .placement_open = true};
    machine.cores_used = 1; /* which they must share */
    expect("cores", "2", "1", PREFLIGHT_NOTE, "allow 2 cores");
}

static void test_quota(void **state)
{
    (void)state;
    machine.quota_cores = 2.0;
    expect("container quota", "none, or 2 cores", "2.00 cores", PREFLIGHT_FINE, "");
    plan.threads = 1;
    expect("container quota", "none, or 1 core", "2.00 cores", PREFLIGHT_FINE, "");
    plan.threads = 2;
    machine.quota_cores = 1.99;
    expect("container quota", "none, or 2 cores", "1.99 cores", PREFLIGHT_NOTE, "`--cpus 2`");
}

static void test_governor(void **state)
{
    (void)state;
    snprintf(machine.governor, sizeof machine.governor, "powersave");
    expect("governor", "performance", "powersave", PREFLIGHT_NOTE, "cpupower");
}

static void test_load(void **state)
{
    (void)state;
    machine.load_before = 0.51;
    expect("load before", "at most 0.50", "0.51", PREFLIGHT_NOTE, "wait a minute");
    machine.load_before = 0.0;
    expect("load before", "at most 0.50", "0.00", PREFLIGHT_FINE, "");
    machine.cores_used = 8; /* six to spare */
    machine.load_before = 6.0;
    expect("load before", "at most 6.00", "6.00", PREFLIGHT_FINE, "");
    machine.load_before = 6.01;
    expect("load before", "at most 6.00", "6.01", PREFLIGHT_NOTE, "other programs");
    machine.cores_used = 1; /* fewer cores than threads */
    expect("load before", "at most 0.50", "6.01", PREFLIGHT_NOTE, "other programs");
}

static void test_steal(void **state)
{
    (void)state;
    machine.steal_share = 0.011;
    expect("steal", "at most 1 %", "1.1 %", PREFLIGHT_NOTE, "--blocks");
    machine.steal_share = 0.0;
    expect("steal", "at most 1 %", "0.0 %", PREFLIGHT_FINE, "");
}

static void test_virtual_machine(void **state)
{
    (void)state;
    machine.virtual_machine = true;
    expect("virtual machine", "no", "yes", PREFLIGHT_NOTE, "hypervisor");
}

static void test_network_is_always_noted(void **state)
{
    (void)state;
    expect("network", "-", "loopback", PREFLIGHT_NOTE, "ratios");
    plan.loopback = false;
    expect("network", "-", "not loopback only", PREFLIGHT_NOTE, "same way");
}

/* The longest numbers leave every sentence whole. */
static void test_no_text_is_cut(void **state)
{
    (void)state;
    machine = (struct environment){.governor = "performance-of-a-long-name-31ch",
                                   .poller = "fifteen letters",
                                   .cores_used = 1,
                                   .files_most = 1,
                                   .ports_last = 1,
                                   .backlog_most = 1,
                                   .load_before = 99999.0,
                                   .steal_share = 1.0,
                                   .clock_resolution_ns = UINT64_MAX,
                                   .clock_cost_ns = 1e12,
                                   .quota_cores = 0.01,
                                   .virtual_machine = true};
    plan = (struct preflight_plan){.files = UINT64_C(1) << 62,
                                   .sockets = UINT64_C(1) << 62,
                                   .poller_most = 1,
                                   .threads = 65536,
                                   .loopback = true};
    row("network");
    for (unsigned i = 0; i < result.count; i++) {
        const struct preflight_row *r = &result.rows[i];
        assert_true(r->state == PREFLIGHT_NOTE || r->state == PREFLIGHT_SHORT);
        assert_true(strlen(r->name) < PREFLIGHT_NAME - 1);
        assert_true(strlen(r->needed) < PREFLIGHT_NUMBER - 1);
        assert_true(strlen(r->found) < PREFLIGHT_NUMBER - 1);
        if (strlen(r->advice) >= PREFLIGHT_ADVICE - 1)
            fail_msg("%s: \"%s\"", r->name, r->advice);
    }
}

static void test_the_first_short_row_is_found(void **state)
{
    struct preflight none = {0};
    (void)state;
    assert_null(preflight_short(&none));
    plan.sockets = 5000;
    plan.files = 5016;
    row("network");
    assert_string_equal(preflight_short(&result)->name, "open files");
    machine.files_most = 5016;
    row("network");
    assert_string_equal(preflight_short(&result)->name, "sockets watched");
    plan.poller_most = 5000;
    row("network");
    assert_string_equal(preflight_short(&result)->name, "ports");
}

static void test_states_are_counted(void **state)
{
    unsigned all = 0;
    (void)state;
    machine.cores_used = 1;
    machine.governor[0] = '\0';
    plan.files = 2000;
    row("network");
    for (unsigned s = PREFLIGHT_FINE; s <= PREFLIGHT_SHORT; s++)
        all += preflight_count(&result, (enum preflight_state)s);
    assert_int_equal(all, result.count);
    assert_int_equal(preflight_count(&result, PREFLIGHT_SHORT), 1);
    assert_string_equal(preflight_key(PREFLIGHT_FINE), "fine");
    assert_string_equal(preflight_key(PREFLIGHT_UNKNOWN), "unknown");
    assert_string_equal(preflight_key(PREFLIGHT_NOTE), "note");
    assert_string_equal(preflight_key(PREFLIGHT_SHORT), "short");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_suffices_is_fine),
        TEST(test_nothing_known),
        TEST(test_files),
        TEST(test_sockets),
        TEST(test_ports_may_be_lacking),
        TEST(test_ports_are_lacking),
        TEST(test_ports_of_a_time_wait),
        TEST(test_backlog),
        TEST(test_clock),
        TEST(test_cores),
        TEST(test_cores_that_were_shared),
        TEST(test_quota),
        TEST(test_governor),
        TEST(test_load),
        TEST(test_steal),
        TEST(test_virtual_machine),
        TEST(test_network_is_always_noted),
        TEST(test_no_text_is_cut),
        TEST(test_the_first_short_row_is_found),
        TEST(test_states_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
