/* Proves the budgets of a turn one by one. The clock moves with each look at it, so that work takes
 * time: what one turn handles is counted, and that all the rest is handled in later ones. */
#include "stage.h"

#include "loop/loop_work.h"
#include "loop/output.h"
#include "server/server_session.h"

#define PEERS 40 /* more than any turn handles here */

static const char *const plain[] = {NULL};
static const char *const quick[] = {"--ping-interval", "300", "--ping-timeout", "20000", NULL};

/* One turn, in which each look at the clock takes so many ns. */
static void take_turn(uint64_t tick)
{
    scripted_clock_tick_set(tick);
    assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    server_serve(&server);
    scripted_clock_tick_set(0);
}

/* ---- One peer ---------------------------------------------------------------------------- */

/* Frames that each take long are cut by the clock, long before their number would do it. */
static void test_slow_frames_are_cut(void **state)
{
    static uint8_t bytes[8000];
    struct buf frames = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    struct caller *c = open_websocket("/");
    for (int i = 0; i < 500; i++)
        add_frame(&frames, "a");
    send_at_once(c, buf_span(&frames));
    take_turn(LOOP_SLICE_NS);
    assert_in_range(server.stats.websocket_messages, 1, 128);
    settle();
    assert_int_equal(server.stats.websocket_messages, 500);
    stage_close();
}

/* Requests that came together are few, and each takes long. */
static void test_pipelined_requests_are_cut(void **state)
{
    static uint8_t bytes[4000];
    struct buf requests = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    struct caller *c = caller_new();
    for (int i = 0; i < 40; i++)
        buf_put_text(&requests, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    send_at_once(c, buf_span(&requests));
    uint64_t before = server.loop.counters.bytes_out;
    take_turn(LOOP_SLICE_NS / 2);
    uint64_t first = server.loop.counters.bytes_out - before;
    settle();
    assert_in_range(first, 1, (server.loop.counters.bytes_out - before) / 4);
    stage_close();
}

/* ---- Many peers -------------------------------------------------------------------------- */

/* Peers that are ready together are handled as long as the turn lasts; the others keep their order.
 */
static void test_rows_beyond_a_turn_wait(void **state)
{
    static uint8_t bytes[64];
    struct caller *peers[PEERS];
    (void)state;
    stage_open(plain);
    for (int i = 0; i < PEERS; i++)
        peers[i] = open_websocket("/");
    for (int i = 0; i < PEERS; i++) {
        struct buf frame = buf_over(bytes, sizeof bytes);
        add_frame(&frame, "hi");
        send_at_once(peers[i], buf_span(&frame));
    }
    take_turn(LOOP_TURN_NS / 8);
    assert_in_range(server.stats.websocket_messages, 2, 10);
    assert_true(loop_work_is_left(&server.loop));
    settle();
    for (int i = 0; i < PEERS; i++)
        expect_heard(peers[i], "T{hi}");
    stage_close();
}

/* A crowd at the door is let in by and by, but some in each turn, however long that has lasted. */
static void test_accepts_are_spread(void **state)
{
    (void)state;
    stage_open(plain);
    for (int i = 0; i < PEERS; i++)
        caller_new_unseen();
    take_turn(LOOP_TURN_NS);
    assert_in_range(server.loop.counters.accepted, 8, 10);
    settle();
    assert_int_equal(server.loop.counters.accepted, PEERS);
    stage_close();
}

/* A peer that cost much comes behind those that cost little, but has one slice in each turn. */
static void test_expensive_peers_come_last(void **state)
{
    static uint8_t bytes[8000];
    struct buf frames = buf_over(bytes, sizeof bytes);
    struct caller *cheap[8];
    (void)state;
    stage_open(plain);
    struct caller *flood = open_websocket("/");
    for (int i = 0; i < 8; i++)
        cheap[i] = open_websocket("/");
    for (int i = 0; i < 1000; i++)
        add_frame(&frames, "a");
    send_at_once(flood, buf_span(&frames));
    take_turn(LOOP_SLICE_NS);
    for (int i = 0; i < 8; i++) {
        frames.len = 0;
        add_frame(&frames, "hi");
        send_at_once(cheap[i], buf_span(&frames));
    }
    uint64_t before = server.loop.counters.cuts;
    take_turn(LOOP_TURN_NS);
    assert_int_equal(server.loop.counters.cuts, before + 1); /* its slice */
    assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    assert_int_equal(server.loop.work[LOOP_CHEAP].count, 0);
    settle();
    for (int i = 0; i < 8; i++)
        expect_heard(cheap[i], "T{hi}");
    assert_int_equal(flood->letters, 1000);
    stage_close();
}

/* The first turn behind the flood serves a cheap peer, though the flood waits for longer. */
static void test_cheap_peers_come_first(void **state)
{
    static uint8_t bytes[8000];
    struct buf frames = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    struct caller *flood = open_websocket("/");
    struct caller *cheap = open_websocket("/");
    for (int i = 0; i < 1000; i++)
        add_frame(&frames, "a");
    send_at_once(flood, buf_span(&frames));
    take_turn(LOOP_SLICE_NS);
    assert_int_equal(server.loop.work[LOOP_HEAVY].count, 1);
    uint64_t before = server.stats.websocket_messages;
    frames.len = 0;
    add_frame(&frames, "hi");
    send_at_once(cheap, buf_span(&frames));
    scripted_clock_tick_set(LOOP_TURN_NS);
    stage_turn();
    scripted_clock_tick_set(0);
    assert_true(server.stats.websocket_messages > before);
    for (int i = 0; i < 2; i++) /* the callers read */
        stage_turn();
    expect_heard(cheap, "T{hi}");
    settle();
    stage_close();
}

static uint32_t count_expensive(void)
{
    struct loop *l = &server.loop;
    uint32_t found = 0;
    for (uint32_t i = 0; i < l->setup.slots; i++)
        found += loop_slot_at(l, i) != NULL && l->slots[i].heavy_until > l->io.now;
    return found;
}

/* A peer that says little is not to blame for a turn that took long, one that says more is. */
static void test_little_is_never_expensive(void **state)
{
    static uint8_t bytes[2 * LOOP_SMALL_BYTES];
    static char text_of_half[LOOP_SMALL_BYTES / 2 + 1];
    struct buf frames = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    struct caller *c = open_websocket("/");
    memset(text_of_half, 'a', sizeof text_of_half - 1);
    add_frame(&frames, "hi");
    send_at_once(c, buf_span(&frames));
    take_turn(2 * LOOP_HEAVY_NS);
    assert_int_equal(count_expensive(), 0);
    frames.len = 0;
    add_frame(&frames, text_of_half); /* its echo is the other half */
    send_at_once(c, buf_span(&frames));
    take_turn(2 * LOOP_HEAVY_NS);
    assert_int_equal(count_expensive(), 1);
    stage_close();
}

/* What a slow peer at last takes is charged to it, and not to the one that was handled before. */
static void test_late_output_is_charged(void **state)
{
    static uint8_t bytes[40000];
    static char payload[30001];
    struct buf frame = buf_over(bytes, sizeof bytes);
    struct loop *l = &server.loop;
    (void)state;
    stage_open(plain);
    struct caller *good = open_websocket("/");
    struct caller *slow = open_websocket("/");
    slow->deaf = true;
    memset(payload, 'a', sizeof payload - 1);
    add_frame(&frame, payload);
    while (!output_blocked(&l->slots[1]))
        say_bytes(slow, buf_span(&frame));
    frame.len = 0;
    add_frame(&frame, "hi");
    send_at_once(good, buf_span(&frame));
    slow->deaf = false;
    scripted_clock_tick_set(2 * LOOP_HEAVY_NS);
    stage_turn();
    scripted_clock_tick_set(0);
    assert_true(l->slots[1].heavy_until > l->io.now);
    assert_int_equal(count_expensive(), 1);
    slow->deaf = true; /* its echoes are more than the stage's log holds */
    hang_up(slow);
    stage_close();
}

/* So does one that holds so much of a message that to go on with it costs much. */
static void test_long_messages_are_expensive(void **state)
{
    static uint8_t bytes[LOOP_HEAVY_BYTES + 100];
    static const uint8_t key[4] = {1, 2, 3, 4};
    struct loop *l = &server.loop;
    (void)state;
    stage_open(plain);
    struct caller *large = open_websocket(WEB_PATH);
    say_text(large, "40");
    size_t head = ws_head_write(bytes, true, WS_TEXT, 900000, key);
    for (size_t i = 0; i < sizeof bytes - head; i++) /* 42["xxx */
        bytes[head + i] = (uint8_t)((i < 4 ? "42[\""[i] : 'x') ^ key[i % 4]);
    say_bytes(large, span_of(bytes, LOOP_HEAVY_BYTES / 2));
    l->io.now = port_clock();
    for (uint32_t i = 0; i < l->setup.slots; i++)
        assert_false(loop_work_must_wait(l, &l->slots[i]));
    say_bytes(large, span_of(bytes + LOOP_HEAVY_BYTES / 2, sizeof bytes - LOOP_HEAVY_BYTES / 2));
    uint32_t expensive = 0;
    for (uint32_t i = 0; i < l->setup.slots; i++)
        expensive += loop_slot_at(l, i) != NULL && loop_work_must_wait(l, &l->slots[i]);
    assert_int_equal(expensive, 1);
    stage_close();
}

/* ---- Deadlines --------------------------------------------------------------------------- */

static uint64_t count_pings(struct caller *const *peers)
{
    uint64_t pings = 0;
    for (int i = 0; i < PEERS; i++)
        pings += strstr(peers[i]->log, "T{2}") != NULL;
    return pings;
}

/* Pings that fall due at one instant are sent by and by, some in each turn. */
static void test_pings_are_spread(void **state)
{
    struct caller *peers[PEERS];
    (void)state;
    stage_open(quick);
    for (int i = 0; i < PEERS; i++) {
        peers[i] = open_websocket(WEB_PATH);
        say_text(peers[i], "40");
        heard(peers[i]);
    }
    scripted_clock_advance(300 * MS);
    take_turn(0); /* what had come before is read */
    uint64_t sends = server.loop.counters.sends;
    take_turn(LOOP_TURN_NS);
    assert_in_range(server.loop.counters.sends - sends, 8, 10);
    settle();
    assert_int_equal(count_pings(peers), PEERS);
    stage_close();
}

static uint32_t count_queues(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < options.max_clients; i++)
        count += server.sessions[i].queue != NULL;
    return count;
}

/* The same by polling, where a ping is queued. */
static void test_pings_of_pollers_are_spread(void **state)
{
    (void)state;
    stage_open(quick);
    struct caller *c = caller_new();
    for (int i = 0; i < PEERS; i++)
        say_open(c);
    struct caller *busy = open_websocket("/");
    scripted_clock_advance(300 * MS);
    assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    assert_int_equal(count_queues(), 0);
    take_turn(LOOP_TURN_NS);
    uint32_t first = count_queues();
    assert_in_range(first, 8, 16);
    static uint8_t bytes[16]; /* and in a turn that is over before its deadlines come */
    struct buf frame = buf_over(bytes, sizeof bytes);
    add_frame(&frame, "hi");
    send_at_once(busy, buf_span(&frame));
    take_turn(LOOP_TURN_NS);
    assert_in_range(count_queues() - first, 8, 16);
    settle();
    assert_int_equal(count_queues(), PEERS);
    stage_close();
}

/* After a pause nobody is dropped whose pong had come, though reading all of them takes several
 * turns. */
static void test_judging_waits_for_what_came(void **state)
{
    static uint8_t bytes[16];
    struct caller *peers[16];
    (void)state;
    stage_open((const char *const[]){"--ping-interval", "300", "--ping-timeout", "200", NULL});
    for (int i = 0; i < 16; i++) {
        peers[i] = open_websocket(WEB_PATH);
        say_text(peers[i], "40");
    }
    advance(300 * MS);
    for (int i = 0; i < 16; i++) {
        struct buf pong = buf_over(bytes, sizeof bytes);
        add_frame(&pong, "3");
        send_at_once(peers[i], buf_span(&pong));
    }
    scripted_clock_advance(2000 * MS);
    for (int i = 0; i < 2; i++) {
        take_turn(LOOP_TURN_NS / 8);
        assert_true(loop_work_is_left(&server.loop));
    }
    settle();
    assert_int_equal(server.stats.heartbeats, 16);
    assert_int_equal(server.stats.faults[-STATUS_PING_TIMEOUT], 0);
    stage_close();
}

/* Work that is never done puts judging off for a few turns only. */
static void test_judging_comes_in_the_end(void **state)
{
    static uint8_t bytes[60000];
    struct buf frames = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(quick);
    struct caller *waits = open_websocket(WEB_PATH);
    struct caller *flood = open_websocket("/");
    say_text(waits, "40");
    heard(waits);
    for (int i = 0; i < 8000; i++)
        add_frame(&frames, "a");
    send_at_once(flood, buf_span(&frames));
    scripted_clock_advance(300 * MS);
    for (int i = 0; i < 10; i++) {
        take_turn(LOOP_SLICE_NS);
        assert_true(loop_work_is_left(&server.loop));
    }
    stage_turn();
    expect_heard(waits, "T{2}");
    settle();
    stage_close();
}

/* ---- Jobs -------------------------------------------------------------------------------- */

/* Bodies of very many packets have a slice each, as long as the turn lasts. */
static void test_jobs_are_spread(void **state)
{
    static char body[10000];
    struct caller *posters[4];
    (void)state;
    stage_open(plain);
    for (size_t i = 0; i < sizeof body; i += 2)
        memcpy(body + i, "3\x1e", 2);
    for (int i = 0; i < 4; i++) {
        posters[i] = caller_new();
        say_open(posters[i]);
    }
    for (int i = 0; i < 4; i++) {
        send_at_once(posters[i], span_text(text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                                                "Content-Length: %zu\r\n\r\n",
                                                posters[i]->sid, sizeof body - 1)));
        send_at_once(posters[i], span_of((const uint8_t *)body, sizeof body - 1));
    }
    for (int i = 0; i < 20 && server.job_count < 4; i++) {
        assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    }
    assert_int_equal(server.job_count, 4);
    uint64_t before = server.stats.heartbeats;
    take_turn(LOOP_TURN_NS);
    assert_in_range(server.stats.heartbeats - before, 1, 64);
    settle();
    assert_int_equal(server.stats.heartbeats, 4 * sizeof body / 2);
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_frames_are_cut),
        cmocka_unit_test(test_pipelined_requests_are_cut),
        cmocka_unit_test(test_rows_beyond_a_turn_wait),
        cmocka_unit_test(test_accepts_are_spread),
        cmocka_unit_test(test_expensive_peers_come_last),
        cmocka_unit_test(test_cheap_peers_come_first),
        cmocka_unit_test(test_little_is_never_expensive),
        cmocka_unit_test(test_late_output_is_charged),
        cmocka_unit_test(test_long_messages_are_expensive),
        cmocka_unit_test(test_pings_are_spread),
        cmocka_unit_test(test_pings_of_pollers_are_spread),
        cmocka_unit_test(test_judging_waits_for_what_came),
        cmocka_unit_test(test_judging_comes_in_the_end),
        cmocka_unit_test(test_jobs_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
