/* Proves that the client's open loop counts each message from the instant at which it was due. The
 * network is in memory, the peers answer on command, and each message's due, send and answer are
 * known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../port/scripted.h"
#include "base/status.h"
#include "client/drivers/run.h"

#define US       UINT64_C(1000)
#define MS       (1000 * US)
#define TURN_NS  (100 * US) /* by which the clock moves in each turn */
#define MESSAGES 10         /* one falls due in each millisecond */
#define PEERS    2
#define SIZE     2

static struct run run;
static struct trial trial;
static struct environment environment;
static struct client_options options;
static struct destination destination;
static port_socket listener;

static struct peer {
    port_socket socket;
    uint8_t message[SIZE];
    uint64_t answer_at; /* 0: nothing to answer */
} peers[PEERS];
static size_t peer_count;
static size_t came;                  /* messages, first echoes included */
static uint64_t answer_us[MESSAGES]; /* how long each answer takes */
static uint64_t frozen_from;         /* ns since the start, when the client gets no turn */
static uint64_t frozen;              /* for so long, ns; 0: always in time */

/* ---- The peers ------------------------------------------------------------------------------ */

static void peer_accept(void)
{
    port_socket socket;
    while (port_accept(listener, &socket, NULL) == 1) {
        assert_true(peer_count < PEERS);
        peers[peer_count++] = (struct peer){.socket = socket};
    }
}

/* A message was sent at `now`: nothing but the answer takes time. */
static void peer_receive(struct peer *p, uint64_t now)
{
    int got = port_receive(p->socket, p->message, SIZE);
    if (got == STATUS_CLOSED) {
        port_close(p->socket);
        p->socket = PORT_NO_SOCKET;
    } else if (got > 0) {
        assert_int_equal(got, SIZE);
        assert_true(p->answer_at == 0);
        uint64_t takes = came < peer_count ? TURN_NS : answer_us[came - peer_count] * US;
        p->answer_at = now + takes;
        came++;
    }
}

static void peer_answer(struct peer *p)
{
    if (p->answer_at == 0 || p->answer_at > port_clock())
        return;
    p->answer_at = 0;
    assert_int_equal(port_send(p->socket, &(struct span){p->message, SIZE}, 1), SIZE);
}

/* Between two turns of the client. */
static void turn(struct run *r, uint64_t now)
{
    peer_accept();
    for (size_t i = 0; i < peer_count; i++)
        if (peers[i].socket != PORT_NO_SOCKET)
            peer_receive(&peers[i], now);
    bool freezes = frozen > 0 && r->course.steady.stage >= STEADY_RUNNING &&
                   now - r->course.steady.from == frozen_from;
    scripted_clock_advance(freezes ? frozen : TURN_NS);
    for (size_t i = 0; i < peer_count; i++)
        peer_answer(&peers[i]);
}

/* ---- The client ----------------------------------------------------------------------------- */

/* Never lies down, so that time passes in turn() alone. */
static void start(uint32_t clients, uint16_t port)
{
    static uint8_t memory[64];
    char url[64];
    char error[OPTION_ERROR_BYTES];
    char *argv[] = {"wsio-client", "rate", "--rate", "1000", "--busy-poll", url, NULL};
    struct run_size size = {clients, 1, 1, true, 1 << 18};
    snprintf(url, sizeof url, "tcp://127.0.0.1:%u", port);
    assert_int_equal(client_options_parse(&options, 6, argv, error), STATUS_OK);
    assert_true(destination_memory(&options) <= sizeof memory);
    memset(&destination, 0, sizeof destination);
    assert_int_equal(destination_make(&destination, &options.targets.item[0], &options, memory),
                     STATUS_OK);
    assert_int_equal(destination_resolve(&destination), 1);
    memset(&run, 0, sizeof run);
    assert_int_equal(run_open(&run, &options, port_poller_find(NULL), &size), STATUS_OK);
    run.environment = &environment;
    run.progress = turn;
}

static void measure(uint32_t clients, uint64_t warmup_ns)
{
    const struct plan plan = {clients, clients, 1, 1, 1000, MESSAGES * MS, warmup_ns};
    struct port_address any, bound;
    scripted_reset();
    peer_count = came = 0;
    assert_int_equal(port_resolve("127.0.0.1", 0, &any, 1), 1);
    assert_int_equal(port_listen(&any, PEERS, &listener, &bound), STATUS_OK);
    start(clients, port_address_port(&bound));
    run_trial(&run, &destination, SCENARIO_RATE, &plan, &trial);
    run_close(&run);
    port_close(listener);
    assert_int_equal(scripted_sockets_open(), 0);
    assert_int_equal(failures_count(&trial.failures), 0);
    assert_int_equal(came, MESSAGES + clients);
}

static void answers_set(const uint64_t us[MESSAGES])
{
    memcpy(answer_us, us, sizeof answer_us);
    frozen = 0;
}

static void expect_sums(uint64_t latency_us, uint64_t plain_us)
{
    const struct histogram *l = &trial.latency, *p = &trial.plain;
    assert_int_equal(llround(l->values.mean * (double)l->values.n), latency_us * US);
    assert_int_equal(llround(p->values.mean * (double)p->values.n), plain_us * US);
}

static void expect_planned(uint64_t planned, uint64_t waited, uint64_t worst_us)
{
    assert_int_equal(trial.planned, planned);
    assert_int_equal(trial.planned_sent, planned);
    assert_int_equal(trial.replied, planned);
    assert_int_equal(trial.latency.values.n, planned);
    assert_int_equal(trial.plain.values.n, planned);
    assert_int_equal(trial.planned_waited, waited);
    assert_int_equal(trial.worst_lag_ns, worst_us * US);
}

/* ---- Tests ---------------------------------------------------------------------------------- */

/* Message 3, due at 3 ms, is answered at 5.5 ms: 4 and 5 wait, and are sent at 5.5 and 5.6 ms. The
 * answer to 7 comes at the instant at which 8 falls due, which so waits for nothing. */
static const uint64_t one_slow[MESSAGES] = {100, 100, 100, 2500, 100, 100, 100, 1000, 100, 100};

static void test_what_fell_due_meanwhile_had_to_wait(void **state)
{
    (void)state;
    answers_set(one_slow);
    measure(1, 0);
    expect_planned(10, 2, 1500);
    expect_sums(8 * 100 + 2500 + 1000 + 1500 + 600, 8 * 100 + 2500 + 1000);
}

static void test_what_fell_due_before_the_window_is_not_counted(void **state)
{
    (void)state;
    answers_set(one_slow);
    measure(1, 5 * MS);
    expect_planned(5, 1, 600);
    expect_sums(4 * 100 + 1000 + 600, 4 * 100 + 1000);
}

/* While one of two is busy the other one takes what falls due. */
static void test_nobody_waits_while_somebody_is_free(void **state)
{
    static const uint64_t us[MESSAGES] = {100, 100, 100, 4500, 100, 100, 100, 100, 100, 100};
    (void)state;
    answers_set(us);
    measure(2, 0);
    expect_planned(10, 0, 0);
    expect_sums(9 * 100 + 4500, 9 * 100 + 4500);
}

/* 3 and 4 are under way until 5.2 ms: 5 waits for the first that is free again. */
static void test_all_are_busy(void **state)
{
    static const uint64_t us[MESSAGES] = {100, 100, 100, 2500, 1200, 100, 100, 100, 100, 100};
    (void)state;
    answers_set(us);
    measure(2, 0);
    expect_planned(10, 1, 200);
    expect_sums(8 * 100 + 2500 + 1200 + 200, 8 * 100 + 2500 + 1200);
}

/* The client is away from 3.9 to 4.6 ms. Then it finds the answer to 3, and 4 that is late: but one
 * of two was free, so 4 was late because of the client alone. */
static void test_a_late_client_is_no_wait(void **state)
{
    static const uint64_t us[MESSAGES] = {100, 100, 100, 1500, 100, 100, 100, 100, 100, 100};
    (void)state;
    answers_set(us);
    frozen_from = 3900 * US;
    frozen = 700 * US;
    measure(2, 0);
    expect_planned(10, 0, 600);
    expect_sums(9 * 100 + 1600 + 600, 9 * 100 + 1600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fell_due_meanwhile_had_to_wait),
        cmocka_unit_test(test_what_fell_due_before_the_window_is_not_counted),
        cmocka_unit_test(test_nobody_waits_while_somebody_is_free),
        cmocka_unit_test(test_all_are_busy),
        cmocka_unit_test(test_a_late_client_is_no_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
