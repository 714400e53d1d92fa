/* Proves what only a real system has: children, signals, and facts. The program is its own child:
 *
 *   test_process child ROLE [ARGUMENT...] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "port.h"

#include "../system/system.h"
#include "each_poller.h"

#define MS   UINT64_C(1000000)
#define SOON (5000 * MS)

static char self[1024];
static const struct port_poller *poller; /* that waits, in the tests of signals */
static int given; /* handles that were open at the start, and that every child inherits */

/* ---- The child's side ----------------------------------------------------------------------- */

static void say(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

/* User time, mostly. */
static void burn(uint64_t ns)
{
    struct port_usage usage;

    do {
        for (volatile int i = 0; i < 1000000; i = i + 1)
            continue;
        port_usage_read(0, &usage);
    } while (usage.cpu_ns < ns);
}

/* Waits for the request to end, then writes more than a pipe holds. */
static int child_serve(void)
{
    port_stop_catch(NULL);
    say("ready at 127.0.0.1:1234\nsecond line\n");
    while (port_stop_count() == 0)
        port_wait(SOON);
    for (int i = 0; i < 4000; i++)
        say("a report that is longer than the pipe has room for\n");
    return 7;
}

/* Prints what it has inherited; port_start has not been called. */
static int child_inherit(void)
{
    printf("%d handles, %d signals, group %d, terminal %d\n", given, system_odd_signals(),
           system_leads_group(), port_is_terminal(1));
    return 0;
}

/* Starts a grandchild that lives long, prints its pid, and is killed. */
static int child_abandon(void)
{
    const char *const argv[] = {self, "child", "stubborn", NULL};
    struct port_child grandchild;
    char line[32];

    if (port_child_start(&grandchild, self, argv) != STATUS_OK)
        return 1;
    port_child_line(&grandchild, line, sizeof line, SOON);
    printf("%ld\n", (long)grandchild.pid);
    fflush(stdout);
    system_die();
    return 0;
}

/* Its arguments, a line each. */
static int child_repeat(char *const argv[])
{
    for (; *argv != NULL; argv++) {
        say(*argv);
        say("\n");
    }
    return 0;
}

static int child_main(const char *role)
{
    if (strcmp(role, "serve") == 0)
        return child_serve();
    if (strcmp(role, "abandon") == 0)
        return child_abandon();
    if (strcmp(role, "silent") == 0) {
        port_wait(SOON);
        return 0;
    }
    if (strcmp(role, "partial") == 0) {
        say("no end of line");
        return 3;
    }
    if (strcmp(role, "deaf") == 0)
        system_go_deaf();
    if (strcmp(role, "busy") == 0)
        burn(60 * MS);
    say("up\n");
    port_wait(2 * SOON);
    return 0;
}

/* ---- Children ------------------------------------------------------------------------------- */

static struct port_child start(const char *role)
{
    const char *const argv[] = {self, "child", role, NULL};
    struct port_child child;

    assert_int_equal(port_child_start(&child, self, argv), STATUS_OK);
    assert_true(child.pid > 0);
    return child;
}

static void expect_line(struct port_child *child, const char *text)
{
    char line[256];

    assert_int_equal(port_child_line(child, line, sizeof line, SOON), strlen(text));
    assert_string_equal(line, text);
}

/* By itself, so that stopping it does not decide how. */
static void expect_end(struct port_child *child)
{
    char line[32];

    assert_int_equal(port_child_line(child, line, sizeof line, SOON), STATUS_CLOSED);
}

static void expect_no_children(void)
{
    assert_true(system_has_no_children());
}

static void a_child_speaks_and_stops(void **unused)
{
    struct port_child child = start("serve");

    (void)unused;
    expect_line(&child, "ready at 127.0.0.1:1234");
    expect_line(&child, "second line"); /* was left unread */
    assert_int_equal(port_child_stop(&child, SOON), 7);
    assert_int_equal(child.pid, 0);
    expect_no_children();
    assert_int_equal(port_child_stop(&child, SOON), 0); /* no process is left */
}

static void a_deaf_child_is_killed(void **unused)
{
    struct port_child child = start("deaf");
    uint64_t begin = port_clock();

    (void)unused;
    expect_line(&child, "up");
    assert_int_equal(port_child_stop(&child, 20 * MS), system_killed);
    assert_in_range(port_clock() - begin, 20 * MS, SOON);
    expect_no_children();
}

static void a_stopped_child_tells_how_it_ended(void **unused)
{
    struct port_child child = start("up");

    (void)unused;
    expect_line(&child, "up");
    assert_int_equal(port_child_stop(&child, SOON / 10), system_asked);
}

static void a_missing_program_is_not_found(void **unused)
{
    const char *const argv[] = {"nothing", NULL};
    uint64_t open = port_descriptors_open();
    struct port_child child;

    (void)unused;
    assert_int_equal(port_child_start(&child, system_missing, argv), STATUS_NOT_FOUND);
    assert_int_equal(child.pid, 0);
    assert_int_equal(port_child_start(&child, system_forbidden, argv), system_forbidden_status);
    assert_int_equal(port_descriptors_open(), open);
    expect_no_children();
}

static void a_silent_child_times_out(void **unused)
{
    struct port_child child = start("silent");
    uint64_t begin = port_clock();
    char line[16] = "before";

    (void)unused;
    assert_int_equal(port_child_line(&child, line, sizeof line, 15 * MS), STATUS_TIMEOUT);
    assert_in_range(port_clock() - begin, 15 * MS, SOON);
    assert_string_equal(line, "");
    port_child_stop(&child, SOON);
}

static void a_child_that_ends_is_closed(void **unused)
{
    struct port_child child = start("partial");
    char line[32];

    (void)unused;
    assert_int_equal(port_child_line(&child, line, sizeof line, SOON), STATUS_CLOSED);
    assert_int_equal(port_child_stop(&child, SOON), 3);
    assert_int_equal(port_child_line(&child, line, sizeof line, SOON), STATUS_CLOSED);
}

static void a_long_line_is_cut(void **unused)
{
    struct port_child child = start("serve");
    char line[6];

    (void)unused;
    assert_int_equal(port_child_line(&child, line, sizeof line, SOON), 5);
    assert_string_equal(line, "ready");
    expect_line(&child, "second line");
    port_child_stop(&child, SOON);
}

static void arguments_arrive_as_they_were(void **unused)
{
    static const char *const odd[] = {
        "",       " ",     "a b",       "\\", "\\\\",   "a\\b c\\",   "\"", "\\\"", "\\\\\" \\\\",
        "a\"b c", "\" \"", "tab\there", "?*", "%PATH%", "&|<>^'$(x)",
    };
    enum { COUNT = sizeof odd / sizeof odd[0] };
    const char *argv[COUNT + 4] = {self, "child", "repeat"};
    struct port_child child;

    (void)unused;
    memcpy(argv + 3, odd, sizeof odd);
    assert_int_equal(port_child_start(&child, self, argv), STATUS_OK);
    for (int i = 0; i < COUNT; i++)
        expect_line(&child, odd[i]);
    expect_end(&child);
    assert_int_equal(port_child_stop(&child, SOON), 0);
}

static void children_inherit_nothing(void **unused)
{
    struct port_child one = start("silent"); /* whose pipe the other one must not have */
    struct port_child two = start("inherit");
    char expected[64];

    (void)unused;
    snprintf(expected, sizeof expected, "%d handles, 0 signals, group 1, terminal 0", given);
    expect_line(&two, expected);
    expect_end(&two);
    assert_int_equal(port_child_stop(&two, SOON), 0);
    port_child_stop(&one, SOON);
}

static void children_end_with_their_parent(void **unused)
{
    struct port_child child = start("abandon");
    char line[32];

    (void)unused;
    assert_true(port_child_line(&child, line, sizeof line, SOON) > 0);
    int64_t grandchild = strtol(line, NULL, 10);
    assert_true(grandchild > 1);
    expect_end(&child);
    assert_int_equal(port_child_stop(&child, SOON), system_killed);
    /* Gone, or waiting for init to reap it, which has no memory any more. */
    struct port_usage usage = {.resident_bytes = 1};
    for (int i = 0; i < 200 && usage.resident_bytes > 0; i++) {
        port_wait(10 * MS);
        port_usage_read(grandchild, &usage);
    }
    assert_int_equal(usage.resident_bytes, 0);
}

/* ---- Signals -------------------------------------------------------------------------------- */

static void expect_early_end(void *state)
{
    struct port_event row;
    uint64_t begin = port_clock();

    assert_int_equal(poller->wait(state, &row, 1, SOON), 0);
    assert_in_range(port_clock() - begin, 0, SOON / 5);
}

static void a_stop_ends_the_next_wait(void **unused)
{
    int before = port_stop_count();
    void *state;

    (void)unused;
    port_stop_catch(NULL);
    assert_int_equal(poller->open(4, &state), STATUS_OK);
    system_interrupt();
    expect_early_end(state);
    assert_int_equal(port_stop_count(), before + 1);
    system_terminate();
    expect_early_end(state);
    assert_int_equal(port_stop_count(), before + 2);
    /* Both are used up: the next wait takes its time. */
    uint64_t begin = port_clock();
    struct port_event row;
    assert_int_equal(poller->wait(state, &row, 1, 5 * MS), 0);
    assert_in_range(port_clock() - begin, 5 * MS, SOON);
    poller->close(state);
}

static void a_stop_ends_a_running_wait(void **unused)
{
    void *state;

    (void)unused;
    port_stop_catch(NULL);
    assert_int_equal(poller->open(4, &state), STATUS_OK);
    system_terminate_later(20 * MS);
    expect_early_end(state);
    system_terminate_done();
    poller->close(state);
}

static void a_stop_is_not_lost_when_only_looking(void **unused)
{
    int before = port_stop_count();
    struct port_address any;
    struct port_address bound;
    struct port_event row;
    port_socket listener;
    port_socket near;
    void *state;

    (void)unused;
    port_stop_catch(NULL);
    assert_int_equal(poller->open(4, &state), STATUS_OK);
    assert_int_equal(port_resolve("127.0.0.1", 0, &any, 1), 1);
    assert_int_equal(port_listen(&any, 1, &listener, &bound), STATUS_OK);
    assert_int_equal(port_connect(&bound, NULL, 0, &near), STATUS_OK);
    assert_int_equal(poller->set(state, near, 0, PORT_WRITE, 1), STATUS_OK);
    system_interrupt();
    for (int i = 0; i < 3; i++) /* a socket is ready all the time */
        assert_in_range(poller->wait(state, &row, 1, 0), 0, 1);
    assert_int_equal(port_stop_count(), before + 1);
    assert_int_equal(poller->wait(state, &row, 1, SOON), 1);
    assert_int_equal(poller->set(state, near, PORT_WRITE, 0, 1), STATUS_OK);
    port_close(near);
    port_close(listener);
    poller->close(state);
}

static void a_stop_ends_a_sleep(void **unused)
{
    uint64_t begin = port_clock();

    (void)unused;
    port_stop_catch(NULL);
    system_interrupt();
    port_wait(SOON);
    assert_in_range(port_clock() - begin, 0, SOON / 5);
}

/* ---- Usage, memory, facts ------------------------------------------------------------------- */

static void usage_of_self_grows(void **unused)
{
    struct port_usage before;
    struct port_usage after;

    (void)unused;
    assert_int_equal(port_usage_read(0, &before), STATUS_OK);
    burn(before.cpu_ns + 30 * MS);
    size_t bytes = 16 * 1024 * 1024;
    char *region = port_region(bytes);
    assert_non_null(region);
    memset(region, 1, bytes);
    port_wait(1 * MS);
    assert_int_equal(port_usage_read(0, &after), STATUS_OK);
    assert_true(after.cpu_ns >= before.cpu_ns + 30 * MS);
    assert_int_equal(after.cpu_ns, after.user_ns + after.system_ns);
    assert_true(after.resident_bytes >= before.resident_bytes + bytes / 2);
    assert_true(after.peak_bytes >= after.resident_bytes);
    assert_int_equal(after.switches_voluntary > before.switches_voluntary, system_has_switches);
    port_region_release(region, bytes);
}

static void usage_of_a_child_is_read(void **unused)
{
    struct port_child child = start("busy");
    struct port_usage usage;
    int64_t pid = child.pid;

    (void)unused;
    expect_line(&child, "up");
    assert_int_equal(port_usage_read(pid, &usage), STATUS_OK);
    if (system_times_others()) {
        assert_in_range(usage.cpu_ns, 60 * MS, 1000 * MS);
        assert_in_range(usage.user_ns, 30 * MS, 1000 * MS); /* in ticks of the clock */
        assert_in_range(usage.user_ns + usage.system_ns, 30 * MS, usage.cpu_ns + 20 * MS);
    } else {
        assert_int_equal(usage.cpu_ns + usage.user_ns + usage.system_ns, 0);
    }
    assert_true(usage.peak_bytes >= usage.resident_bytes);
    assert_true(usage.resident_bytes > 65536);
    assert_int_equal(usage.switches_voluntary + usage.switches_forced > 0, system_has_switches);
    port_child_stop(&child, SOON);
    assert_int_equal(port_usage_read(pid, &usage), STATUS_NOT_FOUND);
    assert_int_equal(usage.cpu_ns, 0);
}

static void regions_are_zeroed_and_aligned(void **unused)
{
    size_t bytes = 3 * 1024 * 1024 + 5;
    const uint8_t *region = port_region(bytes);
    size_t nonzero = 0;

    (void)unused;
    assert_non_null(region);
    assert_int_equal((uintptr_t)region % 4096, 0);
    for (size_t i = 0; i < bytes; i++)
        nonzero += region[i] != 0;
    assert_int_equal(nonzero, 0);
    port_region_release((void *)(uintptr_t)region, bytes);
    assert_null(port_region(SIZE_MAX / 2));
}

static void entropy_differs_and_fills_all(void **unused)
{
    uint8_t one[600] = {0};
    uint8_t two[600] = {0};
    uint8_t none[16] = {0};

    (void)unused;
    assert_int_equal(port_entropy(one, sizeof one), STATUS_OK);
    assert_int_equal(port_entropy(two, sizeof two), STATUS_OK);
    assert_memory_not_equal(one, two, sizeof one);
    for (size_t i = 0; i + sizeof none <= sizeof one; i += sizeof none)
        assert_memory_not_equal(one + i, none, sizeof none);
    assert_memory_not_equal(one + sizeof one - sizeof none, none, sizeof none);
}

static void self_is_an_absolute_program(void **unused)
{
    char path[1024];
    char small[4];

    (void)unused;
    assert_int_equal(port_self_path(path, sizeof path), STATUS_OK);
    assert_true(system_can_start(path));
    assert_int_equal(port_self_path(small, sizeof small), STATUS_NO_ROOM);
    assert_string_equal(small, "");
    assert_int_equal(port_self_pid(), system_pid());
}

static void facts_are_filled(void **unused)
{
    struct port_facts facts;

    (void)unused;
    port_facts_read(&facts);
    assert_true(system_knows_cpu(facts.cpu));
    assert_non_null(strchr(facts.system, ' '));
    assert_null(strchr(facts.system, '"'));
    assert_in_range(facts.cores, 1, 65536);
    assert_in_range(facts.cores_allowed, 1, facts.cores);
    assert_true(facts.memory_bytes > 16u * 1024 * 1024);
    assert_int_equal(facts.load >= 0, system_has_load);
    assert_in_range(port_clock_resolution(), 1, 20 * MS);
    assert_true(port_wall_clock() / 1000000000u > 1700000000u);
}

static void files_keep_their_bytes(void **unused)
{
    char name[sizeof self + 256];
    char got[16] = "";

    (void)unused;
    /* a-umlaut, euro sign, and more than some calls of Windows take */
    snprintf(name, sizeof name, "%s \xc3\xa4 \xe2\x82\xac %0220d", self, 0);
    FILE *file = port_file_open(name, "w");
    assert_non_null(file);
    assert_true(system_keeps(file));
    assert_true(fputs("a\nb", file) >= 0);
    assert_int_equal(fclose(file), 0);
    file = port_file_open(name, "a");
    assert_non_null(file);
    assert_true(fputs("\r\n\x1a", file) >= 0);
    assert_int_equal(fclose(file), 0);
    file = port_file_open(name, "r");
    assert_non_null(file);
    assert_int_equal(fread(got, 1, sizeof got, file), 6);
    assert_memory_equal(got, "a\nb\r\n\x1a", 6);
    assert_int_equal(fclose(file), 0);
    assert_true(system_delete(name));
    assert_null(port_file_open(name, "r"));
    assert_null(port_file_open("/nowhere/at/all", "w"));
}

static void expect_content(const char *name, const char *text)
{
    char got[16] = "";
    FILE *file = port_file_open(name, "r");
    assert_non_null(file);
    size_t length = fread(got, 1, sizeof got - 1, file);
    assert_int_equal(length, strlen(text));
    assert_string_equal(got, text);
    assert_int_equal(fclose(file), 0);
}

static void create(const char *name, const char *text)
{
    FILE *file = port_file_create(name);
    assert_non_null(file);
    assert_true(system_keeps(file));
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void files_take_the_place_of_others(void **unused)
{
    char from[sizeof self + 256];
    char to[sizeof self + 256];

    (void)unused;
    snprintf(from, sizeof from, "%s \xc3\xa4 from %0220d", self, 0);
    snprintf(to, sizeof to, "%s \xc3\xa4 to %0220d", self, 0);
    assert_int_equal(port_file_kind(from), PORT_FILE_NONE);
    create(from, "one\n");
    assert_null(port_file_create(from));
    assert_int_equal(port_file_kind(from), PORT_FILE_REGULAR);
    assert_int_equal(port_file_replace(from, to), STATUS_OK);
    assert_int_equal(port_file_kind(from), PORT_FILE_NONE);
    create(from, "two\n");
    assert_int_equal(port_file_replace(from, to), STATUS_OK);
    expect_content(to, "two\n");
    assert_true(port_file_replace(from, to) < 0); /* it is not there */
    expect_content(to, "two\n");
    FILE *open = port_file_create(from);
    assert_non_null(open);
    port_file_delete(from); /* as when the process ends */
    fclose(open);
    assert_int_equal(port_file_kind(from), PORT_FILE_NONE);
    port_file_delete(to);
    port_file_delete(to);
    assert_int_equal(port_file_kind(to), PORT_FILE_NONE);
    assert_int_equal(port_file_kind("."), PORT_FILE_OTHER);
}

static void descriptors_are_counted(void **unused)
{
    uint64_t before = port_descriptors_open();

    (void)unused;
    assert_true(port_descriptors_raise() >= 64);
    if (before == 0) {
        puts("this system does not count them");
        skip();
    }
    intptr_t one = system_open();
    assert_int_equal(port_descriptors_open(), before + 1);
    system_close(one);
    assert_int_equal(port_descriptors_open(), before);
}

static unsigned count_cores(const struct port_cores *cores)
{
    unsigned count = 0;

    for (unsigned core = 0; core < PORT_CORES_MAX; core++)
        count += port_cores_has(cores, core);
    return count;
}

static unsigned find_last_core(const struct port_cores *cores)
{
    unsigned core = PORT_CORES_MAX - 1;

    while (core > 0 && !port_cores_has(cores, core))
        core--;
    return core;
}

static void a_child_is_moved_to_a_core_and_found_there(void **unused)
{
    struct port_child child = start("busy");
    struct port_cores before;
    struct port_cores one = {{0}};
    struct port_cores now;
    struct port_thread threads[4];

    (void)unused;
    assert_int_equal(port_cores_read(0, &before), STATUS_OK);
    port_cores_add(&one, find_last_core(&before));
    assert_int_equal(port_cores_set(child.pid, &one), STATUS_OK);
    expect_line(&child, "up"); /* it has worked since */
    assert_int_equal(port_cores_read(child.pid, &now), STATUS_OK);
    assert_memory_equal(&now, &one, sizeof one);
    int count = port_threads_read(child.pid, threads, 4);
    if (count != STATUS_UNSUPPORTED) {
        assert_int_equal(count, 1);
        assert_int_equal(threads[0].core, find_last_core(&before));
        assert_int_equal(threads[0].id, child.pid);
        assert_true(threads[0].cpu_ns >= 50 * MS);
    }
    assert_int_equal(port_cores_set(child.pid, &before), STATUS_OK);
    assert_int_equal(port_cores_read(child.pid, &now), STATUS_OK);
    assert_memory_equal(&now, &before, sizeof before);
    port_child_stop(&child, SOON);
}

static void cores_of_no_process_are_not_found(void **unused)
{
    struct port_child child = start("up");
    int64_t pid = child.pid;
    struct port_cores cores;
    struct port_thread thread;

    (void)unused;
    port_child_stop(&child, SOON);
    assert_int_equal(port_cores_read(pid, &cores), STATUS_NOT_FOUND);
    assert_true(port_threads_read(pid, &thread, 1) < 0);
    port_cores_read(0, &cores);
    assert_int_equal(port_cores_set(pid, &cores), STATUS_NOT_FOUND);
}

static void pinning_leaves_one_core(void **unused)
{
    struct port_facts facts;
    struct port_cores cores;

    (void)unused;
    assert_int_equal(port_cores_read(0, &cores), STATUS_OK);
    assert_true(port_cores_has(&cores, (unsigned)port_core()));
    assert_int_equal(port_pin(100000), STATUS_INVALID);
    assert_int_equal(port_pin(0), STATUS_OK); /* the last test: it stays so */
    assert_int_equal(port_core(), 0);
    assert_int_equal(port_cores_read(0, &cores), STATUS_OK);
    assert_true(port_cores_has(&cores, 0) && count_cores(&cores) == 1);
    port_facts_read(&facts);
    assert_int_equal(facts.cores_allowed, 1);
}

static const struct CMUnitTest stops[] = {
    cmocka_unit_test(a_stop_ends_the_next_wait),
    cmocka_unit_test(a_stop_ends_a_running_wait),
    cmocka_unit_test(a_stop_is_not_lost_when_only_looking),
};

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_child_speaks_and_stops),
    cmocka_unit_test(a_deaf_child_is_killed),
    cmocka_unit_test(a_stopped_child_tells_how_it_ended),
    cmocka_unit_test(a_missing_program_is_not_found),
    cmocka_unit_test(a_silent_child_times_out),
    cmocka_unit_test(a_child_that_ends_is_closed),
    cmocka_unit_test(a_long_line_is_cut),
    cmocka_unit_test(arguments_arrive_as_they_were),
    cmocka_unit_test(a_stop_ends_a_sleep),
    cmocka_unit_test(children_inherit_nothing), /* after port_stop_catch */
    cmocka_unit_test(children_end_with_their_parent),
    cmocka_unit_test(usage_of_self_grows),
    cmocka_unit_test(usage_of_a_child_is_read),
    cmocka_unit_test(regions_are_zeroed_and_aligned),
    cmocka_unit_test(entropy_differs_and_fills_all),
    cmocka_unit_test(self_is_an_absolute_program),
    cmocka_unit_test(facts_are_filled),
    cmocka_unit_test(files_keep_their_bytes),
    cmocka_unit_test(files_take_the_place_of_others),
    cmocka_unit_test(descriptors_are_counted),
    cmocka_unit_test(a_child_is_moved_to_a_core_and_found_there),
    cmocka_unit_test(cores_of_no_process_are_not_found),
    cmocka_unit_test(pinning_leaves_one_core),
};

static int run_stops(const struct port_poller *p)
{
    poller = p;
    return cmocka_run_group_tests_name(p->name, stops, NULL, NULL);
}

int main(int argc, char **argv)
{
    given = system_handles();
    if (argc == 3 && strcmp(argv[2], "inherit") == 0)
        return child_inherit();
    if (port_start() != STATUS_OK || port_self_path(self, sizeof self) != STATUS_OK)
        return 1;
    if (argc > 3 && strcmp(argv[2], "repeat") == 0)
        return child_repeat(argv + 3);
    if (argc == 3 && strcmp(argv[1], "child") == 0)
        return child_main(argv[2]);
    return each_poller(run_stops) + cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
