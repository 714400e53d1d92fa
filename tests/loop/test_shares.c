/* Proves what each owner may have of the memory: shares, the reserve, what is kept for modest
 * queues, and that who has too much is closed alone. */
#include "stage.h"

#include "conn/session_sid.h"
#include "loop/loop_memory.h"
#include "server/server_session.h"

#define LEASES 256

static const char *const plain[] = {NULL};
static const char *const large[] = {"--max-message", "16M", NULL};

static struct lease *taken[LEASES];
static size_t taken_count;

/* Takes memory until so many blocks are left. */
static void leave_blocks(size_t blocks)
{
    struct pool *p = &server.loop.pool;
    while (p->free > blocks) {
        assert_true(taken_count < LEASES);
        taken[taken_count++] = pool_lease_some(p, 8000000, blocks);
    }
    assert_int_equal(p->free, blocks);
}

static void give_all_back(void)
{
    while (taken_count > 0)
        pool_release(&server.loop.pool, taken[--taken_count]);
}

/* An event of that many bytes, to be echoed or sent on: ["x...x"], or with a head such as
 * ["broadcast","r",". Returns the response. */
static const char *post_event(struct caller *c, const char *sid, const char *head, size_t bytes)
{
    static uint8_t body[1000000];
    assert_true(bytes <= sizeof body);
    memset(body, 'x', bytes);
    memcpy(body, head, strlen(head));
    memcpy(body + bytes - 2, "\"]", 2);
    say(c, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", sid,
                bytes));
    say_bytes(c, span_of(body, bytes));
    return heard(c);
}

static bool is_open(const char *sid)
{
    return server_session_find(&server, sid) != NULL;
}

/* What is queued may use the memory that is kept for modest queues, and never the reserve. */
static void test_queues_leave_the_reserve(void **state)
{
    (void)state;
    stage_open(large);
    struct loop *l = &server.loop;
    leave_blocks(loop_reserve(l));
    assert_int_equal(loop_share(l), SHARE_LEAST);
    assert_null(loop_lease_queue(l, 0, SHARE_LEAST + 1, true));
    assert_null(loop_lease_queue(l, SHARE_LEAST, 1, true));
    struct lease *modest = loop_lease_queue(l, 0, 1000, true);
    assert_non_null(modest);
    pool_release(&l->pool, modest);
    leave_blocks(loop_memory_reserve(l));
    assert_null(loop_lease_queue(l, 0, 1000, true));
    assert_null(loop_lease_queue(l, 0, 1000, false));
    give_all_back();
    stage_close();
}

/* Nor does a message under way: that would take what modest queues need. */
static void test_messages_leave_room_for_modest_queues(void **state)
{
    (void)state;
    stage_open(large);
    struct loop *l = &server.loop;
    struct caller *c[2];
    leave_blocks(loop_reserve(l) + 1);
    for (int i = 0; i < 2; i++) { /* the first one gets the room that is kept for one */
        c[i] = caller_new();
        say_open(c[i]);
        say(c[i], text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                       "Content-Length: 900000\r\n\r\n42[\"x",
                       c[i]->sid));
        static uint8_t more[60000];
        memset(more, 'x', sizeof more);
        say_bytes(c[i], span_of(more, sizeof more));
        assert_true(l->pool.free >= loop_memory_reserve(l) + SHARE_ROOM / POOL_BLOCK_BYTES);
    }
    give_all_back();
    stage_close();
}

/* All sessions of one connection have one share together. */
static void test_sessions_of_a_connection_share(void **state)
{
    char sids[9][EIO_SID_MAX];
    (void)state;
    stage_open(plain);
    struct caller *greedy = caller_new();
    struct caller *poster = caller_new();
    for (int i = 0; i < 9; i++) {
        say_open(greedy);
        strcpy(sids[i], greedy->sid);
        say_post(poster, sids[i], "40");
        expect_heard(poster, "200 {ok}");
    }
    int open = 0;
    for (int i = 0; i < 9; i++) {
        const char *response = post_event(poster, sids[i], "42[\"", 990000);
        bool accepted = strcmp(response, "200 {ok}") == 0;
        assert_true(accepted || strncmp(response, "503 {more is queued", 19) == 0);
        assert_int_equal(is_open(sids[i]), accepted);
        open += accepted;
    }
    assert_in_range(open, 2, 8);
    assert_true(is_open(sids[0]));
    assert_int_equal(server.stats.faults[-STATUS_QUEUE_FULL], 9 - open);
    struct caller *modest = caller_new(); /* another connection has its own */
    say_open(modest);
    say_post(poster, modest->sid, "40");
    expect_heard(poster, "200 {ok}");
    assert_string_equal(post_event(poster, modest->sid, "42[\"", 990000), "200 {ok}");
    assert_true(is_open(modest->sid));
    stage_close();
}

/* A member of a room that never polls ends when its queue is full; the sender and the others stay.
 */
static void test_overfull_member_ends(void **state)
{
    (void)state;
    stage_open(plain);
    struct caller *deaf = caller_new();
    struct caller *sender = caller_new();
    struct caller *good = open_websocket(WEB_PATH);
    say_open(deaf);
    say_post(deaf, deaf->sid,
             "40\x1e"
             "42[\"join\",\"r\"]");
    say_open(sender);
    say_post(sender, sender->sid, "40");
    heard(sender);
    say_text(good, "40");
    say_text(good, "42[\"join\",\"r\"]");
    for (int i = 0; i < 3; i++) {
        assert_true(is_open(deaf->sid));
        assert_string_equal(post_event(sender, sender->sid, "42[\"broadcast\",\"r\",\"", 900000),
                            "200 {ok}");
    }
    assert_false(is_open(deaf->sid));
    assert_true(is_open(sender->sid));
    assert_int_equal(server.stats.faults[-STATUS_QUEUE_FULL], 1);
    assert_true(good->letters > 3 * 890000);
    stage_close();
}

/* Members of a room that belong to one connection and never poll: what is queued for all of them
 * stays within one share. */
static void test_members_of_a_connection_share(void **state)
{
    (void)state;
    stage_open(plain);
    assert_in_range(loop_share(&server.loop), 5 * 900000, 15 * 900000); /* 16 are too much */
    struct caller *greedy = caller_new();
    struct caller *poster = caller_new();
    for (int i = 0; i < 8; i++) {
        say_open(greedy);
        say_post(poster, greedy->sid,
                 "40\x1e"
                 "42[\"join\",\"r\"]");
        expect_heard(poster, "200 {ok}");
    }
    struct caller *sender = caller_new();
    say_open(sender);
    say_post(sender, sender->sid, "40");
    heard(sender);
    for (int i = 0; i < 2; i++)
        post_event(sender, sender->sid, "42[\"broadcast\",\"r\",\"", 900000);
    assert_in_range(server.stats.faults[-STATUS_QUEUE_FULL], 1, 8);
    assert_true(is_open(sender->sid));
    stage_close();
}

/* A peer that had its share while there was much memory has SHARE_WAIT_MS when it becomes short. */
static void test_deaf_peer_ends_when_memory_is_short(void **state)
{
    static uint8_t bytes[60000], payload[50000];
    static const uint8_t key[4] = {1, 2, 3, 4};
    (void)state;
    stage_open(large);
    struct loop *l = &server.loop;
    struct caller *deaf = open_websocket("/broadcast");
    struct caller *reader = open_websocket("/broadcast");
    struct caller *sender = open_websocket("/broadcast");
    deaf->deaf = true;
    for (int i = 0; i < 8; i++) {
        struct buf frame = buf_over(bytes, sizeof bytes);
        assert_int_equal(
            ws_frame_put(&frame, true, WS_BINARY, span_of(payload, sizeof payload), key),
            STATUS_OK);
        say_bytes(sender, buf_span(&frame));
        advance(500 * MS); /* the sender waits so long for one that has much to read */
    }
    advance(2 * SHARE_WAIT_MS * MS);
    assert_int_equal(l->used, 3); /* it may be slow while there is memory */
    leave_blocks(loop_reserve(l));
    advance((uint64_t)SHARE_WAIT_MS * MS + 1);
    assert_int_equal(l->used, 2);
    assert_int_equal(l->counters.stalls, 1);
    give_all_back();
    say_text(sender, "hi");
    assert_int_equal(reader->letters, 8 * sizeof payload + 2);
    stage_close();
}

/* The same for a session that is not polled, while its connection stays open. */
static void test_deaf_session_ends_when_memory_is_short(void **state)
{
    (void)state;
    stage_open(large);
    struct loop *l = &server.loop;
    struct caller *deaf = caller_new();
    struct caller *poster = caller_new();
    say_open(deaf);
    say_post(poster, deaf->sid, "40");
    heard(poster);
    assert_string_equal(post_event(poster, deaf->sid, "42[\"", 200000), "200 {ok}");
    advance(2 * SHARE_WAIT_MS * MS);
    assert_true(is_open(deaf->sid));
    uint64_t before = l->counters.over_share;
    leave_blocks(loop_reserve(l));
    advance((uint64_t)SHARE_WAIT_MS * MS);
    assert_false(is_open(deaf->sid));
    assert_int_equal(l->counters.over_share, before + 1);
    assert_false(deaf->ended); /* it would have been the reason for QUEUE_LEFT_MS */
    give_all_back();
    stage_close();
}

/* ---- Those that wait for memory ---------------------------------------------------------- */

#define WAITERS 40

/* How often the clock is read in one turn, and so about how many slots are looked at. */
static uint64_t count_looks(void)
{
    uint64_t before = port_clock();
    scripted_clock_tick_set(1);
    assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    scripted_clock_tick_set(0);
    return port_clock() - before;
}

/* Waiters are looked at when memory came back, and a few in each turn; else they cost nothing. */
static void test_waiters_cost_little(void **state)
{
    static uint8_t bytes[200];
    static const uint8_t key[4] = {0};
    (void)state;
    stage_open(plain);
    struct loop *l = &server.loop;
    for (int i = 0; i < WAITERS + 1; i++) { /* one message gets the room that is kept for it */
        struct caller *c = open_websocket(WEB_PATH);
        say_text(c, "40");
        if (i == 0)
            leave_blocks(loop_reserve(l));
        size_t head = ws_head_write(bytes, true, WS_TEXT, 200000, key);
        memset(bytes + head, 'x', sizeof bytes - head);
        memcpy(bytes + head, "42[\"", 4);
        send_at_once(c, span_of(bytes, sizeof bytes));
        for (int turn = 0; turn < 4; turn++)
            assert_int_equal(loop_turn(l, 0), STATUS_OK);
    }
    assert_int_equal(l->waiters.count, WAITERS);
    for (int i = 0; i < 8; i++) /* what came back on the way is too little for any */
        count_looks();
    assert_in_range(count_looks(), 1, 12);
    uint64_t now = port_clock(); /* and they let the loop sleep */
    assert_int_equal(loop_turn(l, now + MS), STATUS_OK);
    assert_int_equal(port_clock(), now + MS);
    l->pool.releases++; /* as if a little had come back */
    assert_in_range(count_looks(), 16, 30);
    now = port_clock(); /* the round goes on at once */
    assert_int_equal(loop_turn(l, now + MS), STATUS_OK);
    assert_int_equal(port_clock(), now);
    give_all_back();
    settle();
    assert_int_equal(l->waiters.count, 0);
    stage_close();
}

/* ---- Places ------------------------------------------------------------------------------ */

/* A connection that comes and goes with sessions has so many in a second. */
static void test_sessions_in_a_second(void **state)
{
    (void)state;
    stage_open(plain);
    struct caller *c = caller_new();
    for (int i = 0; i < SESSIONS_PER_SECOND; i++) {
        say_open(c);
        say_post(c, c->sid, "1");
        expect_heard(c, "200 {ok}");
    }
    say(c, "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(c, "503 {}");
    assert_int_equal(server.stats.sessions_refused, 1);
    advance(1000 * MS);
    say_open(c);
    stage_close();
}

/* All places are taken: /stats and /healthz are answered, and silence there ends soon. */
static void test_crowd_is_short(void **state)
{
    (void)state;
    stage_open((const char *const[]){"--max-clients", "2", NULL});
    open_websocket("/");
    open_websocket("/");
    struct caller *asks = caller_new();
    struct caller *silent = caller_new();
    say(asks, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(asks, "200 {ok\n}");
    say(asks, "GET /stats HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_memory_equal(heard(asks), "200 {", 5);
    say(asks, "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(asks, "503 {all places are taken\n}$");
    advance(CROWD_MS * MS - 1);
    assert_false(silent->ended);
    advance(1);
    assert_true(silent->ended);
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queues_leave_the_reserve),
        cmocka_unit_test(test_messages_leave_room_for_modest_queues),
        cmocka_unit_test(test_sessions_of_a_connection_share),
        cmocka_unit_test(test_overfull_member_ends),
        cmocka_unit_test(test_members_of_a_connection_share),
        cmocka_unit_test(test_deaf_peer_ends_when_memory_is_short),
        cmocka_unit_test(test_deaf_session_ends_when_memory_is_short),
        cmocka_unit_test(test_waiters_cost_little),
        cmocka_unit_test(test_sessions_in_a_second),
        cmocka_unit_test(test_crowd_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
