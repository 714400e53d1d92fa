/* Proves what becomes of messages that nobody answers, or answers late: the network is in memory,
 * the clock is wound by hand, and the peers are mute or stand still on command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../port/scripted.h"
#include "base/status.h"
#include "client/drivers/run.h"

#define US       UINT64_C(1000)
#define MS       (1000 * US)
#define TURN_NS  (100 * US) /* by which the clock moves in each turn */
#define PEERS    2
#define SIZE     2
#define DURATION (12 * MS)
#define WARMUP   (2 * MS)
#define TIMEOUT  (50 * MS)

static struct run run;
static struct trial trial;
static struct environment environment;
static struct client_options options;
static struct destination destination;
static port_socket listener;

static struct peer {
    port_socket socket;
    uint8_t message[SIZE];
    uint64_t answer_at; /* ns; 0: nothing to answer */
    unsigned came;      /* messages */
} peers[PEERS];
static size_t peer_count;

/* What they do, by the time since the scenario's own part began. */
static uint64_t frozen_from;  /* ns; nobody answers from then on */
static uint64_t frozen_until; /* ns; until then, and then what came meanwhile is answered */
static uint64_t warmup;       /* ns */
static size_t mute;           /* the first so many answer their first message only */
static uint64_t hung_up;      /* ns; all close then; 0: never */

/* ---- The peers ------------------------------------------------------------------------------ */

static uint64_t find_elapsed(const struct run *r, uint64_t now)
{
    const struct steady *s = &r->course.steady;
    return s->stage >= STEADY_RUNNING ? now - s->from : 0;
}

static void close_peer(struct peer *p)
{
    port_close(p->socket);
    p->socket = PORT_NO_SOCKET;
}

static void peer_receive(struct peer *p, uint64_t now)
{
    int got = port_receive(p->socket, p->message, SIZE);
    if (got == STATUS_CLOSED) {
        close_peer(p);
    } else if (got > 0) {
        assert_int_equal(got, SIZE);
        bool silent = p->came++ > 0 && (size_t)(p - peers) < mute;
        p->answer_at = silent ? 0 : now + TURN_NS;
    }
}

static void peer_answer(const struct run *r, struct peer *p)
{
    uint64_t now = port_clock();
    uint64_t elapsed = find_elapsed(r, now);
    bool frozen = elapsed > frozen_from && elapsed < frozen_until;
    if (p->answer_at == 0 || p->answer_at > now || frozen)
        return;
    p->answer_at = 0;
    assert_int_equal(port_send(p->socket, &(struct span){p->message, SIZE}, 1), SIZE);
}

/* Between two turns of the client. */
static void turn(struct run *r, uint64_t now)
{
    port_socket socket;
    while (port_accept(listener, &socket, NULL) == 1)
        peers[peer_count++] = (struct peer){.socket = socket};
    for (size_t i = 0; i < peer_count; i++)
        if (peers[i].socket != PORT_NO_SOCKET && hung_up > 0 && find_elapsed(r, now) >= hung_up)
            close_peer(&peers[i]);
        else if (peers[i].socket != PORT_NO_SOCKET)
            peer_receive(&peers[i], now);
    scripted_clock_advance(TURN_NS);
    for (size_t i = 0; i < peer_count; i++)
        if (peers[i].socket != PORT_NO_SOCKET)
            peer_answer(r, &peers[i]);
}

/* ---- The client ----------------------------------------------------------------------------- */

/* Never lies down, so that time passes in turn() alone. */
static void start(const char *scenario, uint32_t clients, uint16_t port)
{
    static uint8_t memory[64];
    char url[64];
    char error[OPTION_ERROR_BYTES];
    char *argv[] = {"wsio-client", (char *)(uintptr_t)scenario,
                    "--timeout",   "50ms",
                    "--busy-poll", url,
                    "--rate",      "1000",
                    NULL};
    int argc = strcmp(scenario, "rate") == 0 ? 8 : 6;
    struct run_size size = {clients, 1, 1, true, 1 << 18};
    snprintf(url, sizeof url, "tcp://127.0.0.1:%u", port);
    assert_int_equal(client_options_parse(&options, argc, argv, error), STATUS_OK);
    assert_int_equal(options.timeout_ns, TIMEOUT);
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

/* `stop_at` (ns): a signal ends the run so long after its own part began; 0: it ends by itself. */
static void measure(enum scenario scenario, uint32_t clients, uint64_t stop_at)
{
    const struct plan plan = {clients, clients, 1, 1, 1000, DURATION, warmup};
    struct port_address any;
    struct port_address bound;
    scripted_reset();
    peer_count = 0;
    assert_int_equal(port_resolve("127.0.0.1", 0, &any, 1), 1);
    assert_int_equal(port_listen(&any, PEERS, &listener, &bound), STATUS_OK);
    start(scenario_key(scenario), clients, port_address_port(&bound));
    run_begin(&run, &destination, scenario, &plan, &trial);
    while (!run.course.over && (stop_at == 0 || find_elapsed(&run, port_clock()) < stop_at))
        run_step(&run);
    run.stopped = stop_at > 0;
    run_end(&run);
    run_close(&run);
    for (size_t i = 0; i < peer_count; i++)
        if (peers[i].socket != PORT_NO_SOCKET)
            close_peer(&peers[i]);
    port_close(listener);
    assert_int_equal(scripted_sockets_open(), 0);
}

static int reset(void **state)
{
    (void)state;
    frozen_from = frozen_until = hung_up = 0;
    warmup = WARMUP;
    scripted_age_ns = PORT_FOREVER;
    mute = 0;
    return 0;
}

static void expect_window(uint64_t counted, uint64_t replied)
{
    assert_int_equal(trial.latency.values.n, counted);
    assert_int_equal(trial.replied, replied);
    assert_int_equal(trial.window_ns, DURATION - warmup);
}

static uint64_t find_max(void)
{
    return (uint64_t)trial.latency.values.max;
}

/* ---- Closed loop ---------------------------------------------------------------------------- */

/* A round trip takes a turn, so 100 lie in the window of 10 ms; the last one may be answered at its
 * end. */
static void test_steady(void **state)
{
    (void)state;
    measure(SCENARIO_ROUNDTRIP, 1, 0);
    assert_int_equal(trial.latency.missing + trial.silent_ns + trial.longest_silence_ns, 0);
    assert_in_range(trial.latency.values.n, 49, 101);
    assert_in_range(trial.replied, trial.latency.values.n - 1, trial.latency.values.n + 1);
    assert_in_range(find_max(), TURN_NS, 2 * TURN_NS);
}

/* From 6 to 26 ms: 6 of the 10 ms of the window are left. The message under way is among the
 * latencies, and its reply is not in the rate: it came after the window. The first reply in the
 * window is the other way round: its message was the warm-up's. */
static void test_a_freeze_over_the_end(void **state)
{
    (void)state;
    frozen_from = 6 * MS;
    frozen_until = 26 * MS;
    measure(SCENARIO_ROUNDTRIP, 1, 0);
    expect_window(trial.replied, trial.replied);
    assert_in_range(trial.replied, 19, 41);
    assert_in_range(find_max(), 19 * MS, 21 * MS);
    assert_in_range(trial.silent_ns, 5700 * US, 6300 * US);
    assert_in_range(trial.longest_silence_ns, 19 * MS, 21 * MS);
    assert_in_range(trial.overhang_ns, 13 * MS, 15 * MS);
    assert_int_equal(trial.latency.missing, 0);
}

/* The same without a warm-up: the rate is of the replies that came, and of no other. */
static void test_a_late_reply_is_not_in_the_rate(void **state)
{
    (void)state;
    warmup = 0;
    frozen_from = 6 * MS;
    frozen_until = 26 * MS;
    measure(SCENARIO_ROUNDTRIP, 1, 0);
    expect_window(trial.replied + 1, trial.replied);
}

/* From 1 to 5 ms, of which 3 lie in the window: a stall does not hide in the warm-up. */
static void test_a_freeze_over_the_beginning(void **state)
{
    (void)state;
    frozen_from = 1 * MS;
    frozen_until = 5 * MS;
    measure(SCENARIO_ROUNDTRIP, 1, 0);
    assert_in_range(find_max(), 3900 * US, 4300 * US);
    assert_in_range(trial.silent_ns, 2800 * US, 3200 * US);
    assert_in_range(trial.longest_silence_ns, 3900 * US, 4300 * US);
    assert_in_range(trial.overhang_ns, 900 * US, 1200 * US);
}

/* From 1.7 to 2.3 ms: less than a twentieth of the window, so it is the warm-up's. */
static void test_the_warmup_stays_out(void **state)
{
    (void)state;
    frozen_from = 1700 * US;
    frozen_until = 2300 * US;
    measure(SCENARIO_ROUNDTRIP, 1, 0);
    assert_in_range(find_max(), TURN_NS, 2 * TURN_NS);
    assert_in_range(trial.overhang_ns, 0, 2 * TURN_NS);
}

/* The message of the mute one was sent in the warm-up, and covers the whole window. */
static void test_one_of_two_is_mute(void **state)
{
    (void)state;
    mute = 1;
    measure(SCENARIO_ROUNDTRIP, 2, 0);
    assert_int_equal(trial.latency.missing, 1);
    assert_in_range(trial.latency.missing_after, TIMEOUT, TIMEOUT + 2 * TURN_NS);
    assert_true(trial.latency.values.n > 40);
    assert_int_equal(trial.silent_ns, 0); /* the other one answered */
    assert_int_equal(trial.tally.unanswered, 1);
}

static void test_all_are_mute(void **state)
{
    (void)state;
    mute = 2;
    measure(SCENARIO_ROUNDTRIP, 2, 0);
    expect_window(0, 0);
    assert_int_equal(trial.latency.missing, 2);
    assert_int_equal(trial.silent_ns, DURATION - WARMUP);
    assert_in_range(trial.longest_silence_ns, TIMEOUT - TURN_NS, TIMEOUT + 2 * TURN_NS);
}

/* What is lost with its connection has not waited long, but never comes. */
static void test_a_hung_up_connection_answers_nothing(void **state)
{
    (void)state;
    frozen_from = 6 * MS;
    frozen_until = 60 * MS;
    hung_up = 7 * MS;
    measure(SCENARIO_ROUNDTRIP, 1, 0);
    assert_int_equal(trial.latency.missing, 1);
    assert_int_equal(trial.latency.missing_after, TIMEOUT);
}

/* ---- The run is stopped --------------------------------------------------------------------- */

static void test_what_was_under_way_at_the_end_is_not_late(void **state)
{
    (void)state;
    measure(SCENARIO_ROUNDTRIP, 1, 8 * MS);
    assert_true(trial.latency.values.n > 10);
    assert_int_equal(trial.latency.missing, 0);
    assert_true(trial.stopped);
}

static void test_what_had_waited_longest_at_the_end_is_late(void **state)
{
    (void)state;
    frozen_from = 6 * MS;
    frozen_until = 60 * MS;
    measure(SCENARIO_ROUNDTRIP, 1, 8 * MS);
    assert_int_equal(trial.latency.missing, 1);
    assert_in_range(trial.latency.missing_after, 1700 * US, 2100 * US);
}

/* ---- Open loop ------------------------------------------------------------------------------ */

/* One message falls due in each millisecond. Each peer takes one of the first two and is mute;
 * nothing more can be sent. */
static void test_what_was_never_sent_is_later_than_all(void **state)
{
    (void)state;
    mute = 2;
    measure(SCENARIO_RATE, 2, 0);
    assert_int_equal(trial.planned, 10);
    assert_int_equal(trial.planned_sent, 0); /* those two fell due in the warm-up */
    assert_int_equal(trial.latency.values.n, 0);
    assert_int_equal(trial.latency.missing, 10);
    assert_int_equal(trial.plain.missing, 10);
    assert_int_equal(trial.latency.missing_after, TIMEOUT);
    assert_int_equal(trial.silent_ns, DURATION - WARMUP);
}

/* The mute one keeps one message, which fell due in the warm-up; the other takes all the rest. */
static void test_planned_is_answered_and_missing(void **state)
{
    (void)state;
    mute = 1;
    measure(SCENARIO_RATE, 2, 0);
    assert_int_equal(trial.planned, 10);
    assert_int_equal(trial.latency.values.n + trial.latency.missing, 10);
    assert_int_equal(trial.latency.missing, 0);
    assert_int_equal(trial.lag.values.n + trial.planned_waited, 10);
}

static void test_due_messages_that_go_unanswered(void **state)
{
    (void)state;
    frozen_from = 6500 * US;
    frozen_until = 500 * MS;
    measure(SCENARIO_RATE, 2, 0);
    assert_int_equal(trial.planned, 10);
    assert_int_equal(trial.planned_sent, 7); /* those of 2 to 6 ms, and one by each peer */
    assert_int_equal(trial.latency.values.n, 5);
    assert_int_equal(trial.latency.missing, 5);
    assert_int_equal(trial.plain.missing, 5);
    assert_in_range(trial.latency.missing_after, TIMEOUT, TIMEOUT + 2 * TURN_NS);
}

/* ---- What the client adds ------------------------------------------------------------------- */

static void test_arrivals_are_sampled_in_the_window(void **state)
{
    (void)state;
    measure(SCENARIO_RATE, 2, 0);
    assert_int_equal(trial.arrival.values.n, 0); /* this system does not know */
    scripted_age_ns = 7000;
    measure(SCENARIO_ROUNDTRIP, 1, 0);
    assert_in_range(trial.arrival.values.n, 1, trial.tally.receives / COURSE_STAMP_PART);
    assert_true(trial.arrival.values.min == 7000 && trial.arrival.values.max == 7000);
    assert_false(run.loop.stamping);
}

#define TEST(f) cmocka_unit_test_setup(f, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_steady),
        TEST(test_a_freeze_over_the_end),
        TEST(test_a_late_reply_is_not_in_the_rate),
        TEST(test_a_freeze_over_the_beginning),
        TEST(test_the_warmup_stays_out),
        TEST(test_one_of_two_is_mute),
        TEST(test_all_are_mute),
        TEST(test_a_hung_up_connection_answers_nothing),
        TEST(test_what_was_under_way_at_the_end_is_not_late),
        TEST(test_what_had_waited_longest_at_the_end_is_late),
        TEST(test_what_was_never_sent_is_later_than_all),
        TEST(test_planned_is_answered_and_missing),
        TEST(test_due_messages_that_go_unanswered),
        TEST(test_arrivals_are_sampled_in_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
