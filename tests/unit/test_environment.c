/* Proves that the environment block is filled from the real port, and that costs are measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/config.h"
#include "measure/machine/environment.h"
#include "port.h"

static void test_facts(void **state)
{
    struct environment e;
    (void)state;
    memset(&e, 0x5a, sizeof e);
    environment_read(&e, "epoll");
    assert_string_equal(e.poller, "epoll");
    assert_string_equal(e.version, WSIO_VERSION);
    assert_true(e.cpu[0] != '\0' && strlen(e.cpu) < sizeof e.cpu);
    assert_true(e.system[0] != '\0' && e.compiler[0] != '\0' && e.flags[0] != '\0');
    assert_true(e.cores_used >= 1 && e.cores_used <= e.cores);
    assert_int_equal(e.threads, 1);
    assert_true(e.memory_bytes > 1000000);
    assert_true(e.governor[0] != '\0' && e.quota_cores >= 0.0);
    assert_true(e.files_most > 0 && e.files_most == port_descriptors_raise());
    assert_true(e.steal_share == -1.0);
    assert_true(e.load_after == -1.0);
    assert_true(e.started_unix_ns > UINT64_C(1700000000) * 1000000000);
    assert_false(e.sockets_known);
}

static void test_costs_are_measured(void **state)
{
    struct environment e;
    (void)state;
    environment_read(&e, "select");
    assert_true(e.clock_cost_ns > 0.0 && e.clock_cost_ns < 100000.0);
    assert_true(e.record_cost_ns > 0.0 && e.record_cost_ns < 10000.0);
    assert_true(e.clock_resolution_ns >= 1);
}

static void test_network_facts_are_the_ports(void **state)
{
    struct environment e;
    struct port_facts facts;
    (void)state;
    port_facts_read(&facts);
    environment_read(&e, "epoll");
    assert_string_equal(e.governor, facts.governor);
    assert_true(e.quota_cores == facts.quota_cores);
    assert_int_equal(e.ports_first, facts.ports_first);
    assert_int_equal(e.ports_last, facts.ports_last);
    assert_true(e.ports_last > e.ports_first || e.ports_last == 0); /* 0: unknown */
    assert_true(e.ports_waiting < 65536);
    assert_int_equal(e.backlog_most, facts.backlog_most);
    assert_int_equal(e.virtual_machine, facts.virtual_machine);
}

/* As if a tenth of a second had been taken, or all that this machine ever lost, from two cores in a
 * tenth of a second. */
static void test_steal_is_a_share_of_all_cores(void **state)
{
    const uint64_t tenth = 100000000;
    struct environment e;
    (void)state;
    environment_read(&e, "epoll");
    uint64_t taken = e.steal_before_ns < tenth ? e.steal_before_ns : tenth;
    double share = (double)taken / (2.0 * (double)tenth);
    e.cores = 2;
    e.steal_before_ns -= taken;
    e.clock_before_ns = port_clock() - tenth;
    environment_finish(&e);
    assert_true(e.steal_share >= 0.7 * share && e.steal_share <= share + 0.1);
}

static void test_steal_that_runs_backwards_is_unknown(void **state)
{
    struct environment e;
    (void)state;
    environment_read(&e, "epoll");
    e.steal_before_ns = UINT64_MAX;
    environment_finish(&e);
    assert_true(e.steal_share == -1.0);
}

static void test_load_after(void **state)
{
    struct environment e;
    (void)state;
    environment_read(&e, "epoll");
    environment_finish(&e);
    assert_true(e.load_before < 0.0 || e.load_after >= 0.0);
}

static void test_socket_as_read_back(void **state)
{
    struct environment e = {0};
    struct port_address address;
    port_socket listener;
    port_socket client;
    (void)state;
    assert_int_equal(port_resolve("127.0.0.1", 0, &address, 1), 1);
    assert_int_equal(port_listen(&address, 1, &listener, &address), STATUS_OK);
    assert_int_equal(port_connect(&address, NULL, 0, &client), STATUS_OK);
    environment_note_socket(&e, client);
    assert_true(e.sockets_known);
    assert_true(e.nodelay);
    assert_true(e.receive_buffer > 0 && e.send_buffer > 0);

    int receive_buffer = e.receive_buffer; /* the first socket counts, whatever comes later */
    assert_int_equal(port_socket_set(client, PORT_RECEIVE_BUFFER, 4096), STATUS_OK);
    environment_note_socket(&e, client);
    assert_int_equal(e.receive_buffer, receive_buffer);
    port_close(client);
    port_close(listener);
    memset(&e, 0, sizeof e);
    environment_note_socket(&e, PORT_NO_SOCKET);
    assert_false(e.sockets_known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_costs_are_measured),
        cmocka_unit_test(test_network_facts_are_the_ports),
        cmocka_unit_test(test_steal_is_a_share_of_all_cores),
        cmocka_unit_test(test_steal_that_runs_backwards_is_unknown),
        cmocka_unit_test(test_load_after),
        cmocka_unit_test(test_socket_as_read_back),
    };
    return port_start() == STATUS_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
