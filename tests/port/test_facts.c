/* Proves that Linux's facts are read right, from files of a machine that the test lays out, and
 * from this machine. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/facts.h"
#include "linux/files.h"

static long inherited; /* ns: the slack of this process's timers at its start */

static char root[] = "/tmp/wsio_facts.XXXXXX";

/* ---- Files of the machine ------------------------------------------------------------------- */

/* Writes a file under the root, its folders included; NULL removes it. */
static void put(const char *path, const char *text)
{
    char whole[512];

    snprintf(whole, sizeof whole, "%s%s", root, path);
    if (text == NULL) {
        assert_int_equal(unlink(whole), 0);
        return;
    }
    for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    (void)state;
    strcpy(strrchr(root, '.'), ".XXXXXX");
    return mkdtemp(root) == NULL;
}

static int teardown(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

/* ---- Quotas --------------------------------------------------------------------------------- */

static void no_group_has_no_quota(void **state)
{
    (void)state;
    assert_true(linux_quota_read(root) == 0.0);
    put("/proc/self/cgroup", "0::/\n");
    assert_true(linux_quota_read(root) == 0.0);
    put("/sys/fs/cgroup/cpu.max", "max 100000\n");
    assert_true(linux_quota_read(root) == 0.0);
}

static void version_two_has_one_file(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    assert_true(linux_quota_read(root) == 1.5);
}

static void version_two_may_lie_beside_version_one(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "1:cpuset:/\n0::/a\n");
    put("/sys/fs/cgroup/unified/a/cpu.max", "25000 100000\n");
    assert_true(linux_quota_read(root) == 0.25);
}

static void the_tightest_of_all_levels_counts(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put("/sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n");
    assert_true(linux_quota_read(root) == 4.0);
    put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/a/cpu.max", "30000 10000\n");
    assert_true(linux_quota_read(root) == 3.0);
    put("/sys/fs/cgroup/cpu.max", "20000 10000\n");
    assert_true(linux_quota_read(root) == 2.0);
    put("/sys/fs/cgroup/a/b/c/cpu.max", "10000 10000\n");
    assert_true(linux_quota_read(root) == 1.0);
    put("/sys/fs/cpu.max", "1 100\n"); /* that is above the mount */
    assert_true(linux_quota_read(root) == 1.0);
}

static void version_one_has_two_files(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "9:memory:/m\n4:cpuacct,cpu:/box\n2:cpuset:/s\n0::/\n");
    put("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
    assert_true(linux_quota_read(root) == 0.0);
    put("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000\n");
    assert_true(linux_quota_read(root) == 0.5);
}

/* The host's path, while the mount already is the container's. */
static void a_path_that_leads_nowhere_ends_at_the_mount(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "3:cpu,cpuacct:/docker/0123456789abcdef\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    assert_true(linux_quota_read(root) == 2.0);
}

static void other_controllers_are_not_cpu(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "3:cpuset:/box\n2:cpuacct:/box\nnonsense\n1:\n");
    put("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "200000\n");
    put("/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
    assert_true(linux_quota_read(root) == 0.0);
}

/* ---- The other facts ------------------------------------------------------------------------ */

static void an_empty_machine_is_unknown(void **state)
{
    struct port_facts facts;

    (void)state;
    memset(&facts, 0x5a, sizeof facts);
    linux_facts_read(root, &facts);
    assert_string_equal(facts.cpu, "unknown");
    assert_string_equal(facts.governor, "unknown");
    assert_false(facts.virtual_machine);
    assert_true(facts.quota_cores == 0.0);
    assert_int_equal(facts.steal_ns + facts.memory_bytes, 0);
    assert_int_equal(facts.ports_first + facts.ports_last + facts.ports_waiting, 0);
    assert_int_equal(facts.backlog_most, 0);
}

static void every_fact_has_its_file(void **state)
{
    struct port_facts facts;

    (void)state;
    put("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Laid Out 9\nflags\t\t: fpu hypervisor vme\n"
                         "bugs\t\t:\n\nprocessor\t: 1\nmodel name\t: Other\n");
    put("/proc/meminfo", "MemTotal:     2048 kB\n");
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    put("/proc/stat", "cpu  1 2 3 4 5 6 7 800 9 10\ncpu0 1 2 3 4 5 6 7 400 9 10\n");
    put("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
    put("/proc/sys/net/core/somaxconn", "4096\n");
    put("/proc/net/sockstat", "sockets: used 3\nTCP: inuse 1 orphan 2 tw 36 alloc 4 mem 5\n"
                              "UDP: inuse 0 mem 0\n");
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    linux_facts_read(root, &facts);
    assert_string_equal(facts.cpu, "Laid Out 9");
    assert_true(facts.virtual_machine);
    assert_int_equal(facts.memory_bytes, 2048 * 1024);
    assert_string_equal(facts.governor, "powersave");
    assert_int_equal(facts.steal_ns, 800 * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK)));
    assert_int_equal(facts.ports_first, 32768);
    assert_int_equal(facts.ports_last, 60999);
    assert_int_equal(facts.backlog_most, 4096);
    assert_int_equal(facts.ports_waiting, 36);
    assert_true(facts.quota_cores == 1.5);
}

static void a_word_is_a_whole_word_of_its_line(void **state)
{
    (void)state;
    assert_true(linux_line_has("a hypervisor", "hypervisor"));
    assert_true(linux_line_has("hypervisor\nx", "hypervisor"));
    assert_true(linux_line_has(" a  b", "b"));
    assert_false(linux_line_has("a\nhypervisor", "hypervisor"));
    assert_false(linux_line_has("a hypervisors", "hypervisor"));
    assert_false(linux_line_has("a xhypervisor", "hypervisor"));
    assert_false(linux_line_has("", "hypervisor"));
}

/* Kernels with IPv6 count both families in the same number. */
static void this_machine_counts_its_time_waits(const char *host)
{
    struct port_address a;
    struct port_facts before, after;
    port_socket listener, near, far;
    char byte;

    if (port_resolve(host, 0, &a, 1) != 1 || port_listen(&a, 8, &listener, &a) != STATUS_OK)
        skip();                                /* no IPv6 here */
    for (int tries = 0; tries < 50; tries++) { /* others' may end meanwhile */
        port_facts_read(&before);
        for (int i = 0; i < 10; i++) {
            assert_int_equal(port_connect(&a, NULL, 0, &near), STATUS_OK);
            for (int k = 0; k < 1000 && port_accept(listener, &far, NULL) != 1; k++)
                port_wait(100000);
            port_shutdown(near);
            for (int k = 0; k < 1000 && port_receive(far, &byte, 1) == 0; k++)
                port_wait(100000);
            port_close(far);
            for (int k = 0; k < 1000 && port_receive(near, &byte, 1) == 0; k++)
                port_wait(100000);
            port_close(near);
        }
        port_facts_read(&after);
        if (after.ports_waiting >= before.ports_waiting + 10) {
            port_close(listener);
            return;
        }
    }
    fail_msg("%s: 10 connections ended, %u in TIME_WAIT before, %u after", host,
             before.ports_waiting, after.ports_waiting);
}

static void time_waits_of_v4_are_counted(void **state)
{
    (void)state;
    this_machine_counts_its_time_waits("127.0.0.1");
}

static void time_waits_of_v6_are_counted(void **state)
{
    (void)state;
    this_machine_counts_its_time_waits("::1");
}

/* Bytes that lie in the kernel for 20 ms. It begins to stamp a little after it was asked to. */
static void the_kernel_knows_when_bytes_came(void **state)
{
    struct port_address a;
    port_socket listener, near, far;
    char byte = 'x';
    uint64_t waited = 0;

    (void)state;
    assert_int_equal(port_resolve("127.0.0.1", 0, &a, 1), 1);
    assert_int_equal(port_listen(&a, 8, &listener, &a), STATUS_OK);
    assert_int_equal(port_connect(&a, NULL, 0, &near), STATUS_OK);
    port_stamp(near);
    for (int k = 0; k < 1000 && port_accept(listener, &far, NULL) != 1; k++)
        port_wait(100000);
    assert_int_equal(port_receive_stamped(near, &byte, 1, &waited), 0);
    assert_true(waited == PORT_FOREVER);
    for (int tries = 0; waited == PORT_FOREVER && tries < 50; tries++) {
        assert_int_equal(port_send(far, &(struct span){(const uint8_t *)"y", 1}, 1), 1);
        port_wait(20000000);
        assert_int_equal(port_receive_stamped(near, &byte, 1, &waited), 1);
        assert_int_equal(byte, 'y');
    }
    assert_in_range(waited, 19000000, UINT64_C(5000000000));
    port_close(far);
    int got;
    for (int k = 0; (got = port_receive_stamped(near, &byte, 1, &waited)) == 0 && k < 1000; k++)
        port_wait(100000);
    assert_int_equal(got, STATUS_CLOSED);
    port_close(near);
    port_close(listener);
}

static void timers_are_as_exact_as_can_be_and_children_as_usual(void **state)
{
    const char *const argv[] = {"/bin/cat", "/proc/self/timerslack_ns", NULL};
    struct port_child child;
    char line[32];

    (void)state;
    assert_int_equal(prctl(PR_GET_TIMERSLACK), 1);
    assert_int_equal(port_child_start(&child, argv[0], argv), STATUS_OK);
    assert_true(port_child_line(&child, line, sizeof line, UINT64_C(5000000000)) > 0);
    port_child_stop(&child, UINT64_C(5000000000));
    assert_int_equal(atol(line), inherited);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(no_group_has_no_quota),
        TEST(version_two_has_one_file),
        TEST(version_two_may_lie_beside_version_one),
        TEST(the_tightest_of_all_levels_counts),
        TEST(version_one_has_two_files),
        TEST(a_path_that_leads_nowhere_ends_at_the_mount),
        TEST(other_controllers_are_not_cpu),
        TEST(an_empty_machine_is_unknown),
        TEST(every_fact_has_its_file),
        cmocka_unit_test(a_word_is_a_whole_word_of_its_line),
        cmocka_unit_test(time_waits_of_v4_are_counted),
        cmocka_unit_test(time_waits_of_v6_are_counted),
        cmocka_unit_test(the_kernel_knows_when_bytes_came),
        cmocka_unit_test(timers_are_as_exact_as_can_be_and_children_as_usual),
    };

    inherited = prctl(PR_GET_TIMERSLACK);
    if (port_start() != STATUS_OK)
        return 1;
    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
