/* Proves that one peer cannot take the server away from the others: what it asks for is done in
 * slices between which everybody has their turn, and what it does not take costs itself. */
#include "stage.h"

#include "conn/session_sid.h"
#include "loop/loop_work.h"
#include "server/server_session.h"

#define MEMBERS 40 /* more than a slice of a message for many */

static const char *const plain[] = {NULL};
static const char *const quick[] = {"--ping-interval", "300", "--ping-timeout", "200", NULL};
static struct caller *members[MEMBERS];

/* ---- Turns ------------------------------------------------------------------------------- */

/* Thousands of frames in one receive are worked off in several turns, another peer is answered in
 * between, and nothing is lost or comes out of order. */
static void test_flood_of_frames_is_cut(void **state)
{
    static uint8_t bytes[1 << 15];
    struct buf frames = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    struct caller *flood = open_websocket("/");
    struct caller *good = open_websocket("/");
    for (int i = 0; i < 4000; i++)
        add_frame(&frames, i % 2 == 0 ? "a" : "b");
    send_at_once(flood, buf_span(&frames));
    stage_turn();
    assert_in_range(server.stats.websocket_messages, 1, 2100);
    assert_in_range(server.loop.counters.cuts, 1, 2);
    struct buf one = buf_over(bytes, sizeof bytes);
    add_frame(&one, "hi");
    send_at_once(good, buf_span(&one));
    stage_turn();
    stage_turn();
    expect_heard(good, "T{hi}");
    assert_in_range(server.stats.websocket_messages, 1, 3999);
    settle();
    assert_int_equal(server.stats.websocket_messages, 4001);
    assert_int_equal(flood->letters, 4000);
    assert_memory_equal(heard(flood), "T{a}T{b}T{a}T{b}", 16);
    assert_true(server.loop.counters.cuts > 1);
    stage_close();
}

/* A body of thousands of packets likewise. */
static void test_body_of_packets_is_cut(void **state)
{
    static char body[10001];
    (void)state;
    stage_open(plain);
    struct caller *flood = caller_new();
    struct caller *good = open_websocket("/");
    say_open(flood);
    for (size_t i = 0; i + 2 <= sizeof body; i += 2)
        memcpy(body + i, "3\x1e", 2);
    body[sizeof body - 2] = '\0';
    struct span post = span_text(text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                                      "Content-Length: %zu\r\n\r\n",
                                      flood->sid, strlen(body)));
    send_at_once(flood, post);
    send_at_once(flood, span_text(body));
    while (server.jobs == NULL)
        stage_turn();
    assert_in_range(server.stats.heartbeats, 1, 4000);
    say_text(good, "hi");
    expect_heard(good, "T{hi}");
    expect_heard(flood, "200 {ok}");
    assert_int_equal(server.stats.heartbeats, 5000);
    hang_up(flood); /* and one whose peer is gone meanwhile */
    caller_renew(flood);
    settle();
    say_open(flood);
    post = span_text(text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                          "Content-Length: %zu\r\n\r\n",
                          flood->sid, strlen(body)));
    send_at_once(flood, post);
    send_at_once(flood, span_text(body));
    while (server.jobs == NULL)
        stage_turn();
    hang_up(flood);
    assert_null(server.jobs);
    stage_close();
}

/* One long look at the poller is taken for a pause, two are what looks take: then slots are owed to
 * the first one. What is served behind the end of a turn is short, and of two expensive slots one
 * waits when half of it is over. */
static void test_budget_of_a_turn(void **state)
{
    struct loop_work_share share[LOOP_WORKS] = {{0, false}, {2, false}};
    (void)state;
    stage_open(plain);
    struct loop *l = &server.loop;
    loop_work_owe(l, 5 * LOOP_TURN_NS, 7);
    assert_int_equal(l->owed, 0);
    loop_work_owe(l, 4 * LOOP_TURN_NS, 7);
    assert_int_equal(l->owed, 7);
    loop_work_owe(l, 0, 7);
    assert_int_equal(l->owed, 0);
    open_websocket("/");
    open_websocket("/");
    for (int i = 0; i < 2; i++) {
        l->slots[i].heavy_until = UINT64_MAX;
        loop_work_add(l, &l->slots[i]);
    }
    assert_int_equal(l->work[LOOP_HEAVY].count, 2);
    l->turn_start = l->io.now;
    assert_int_equal(loop_work_slice(l), LOOP_SLICE_NS);
    l->io.now = l->turn_start + LOOP_TURN_NS / 2;
    assert_non_null(loop_work_next(l, share));
    assert_null(loop_work_next(l, share));
    l->io.now = l->turn_start + LOOP_TURN_NS;
    assert_int_equal(loop_work_slice(l), LOOP_LAST_NS);
    l->turn_start = 0;
    stage_close();
}

/* Pollers that are answered at the same instant, each with a hundred requests behind its poll: what
 * is put aside goes on within the budget of a turn. Each look at the clock costs 10 us here. */
static void test_turns_stay_short(void **state)
{
    static uint8_t bytes[8192];
    struct buf requests = buf_over(bytes, sizeof bytes);
    struct caller *pollers[16];
    (void)state;
    stage_open(plain);
    struct caller *good = open_websocket("/");
    for (int i = 0; i < 100; i++)
        buf_put_text(&requests, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 16; i++) {
        pollers[i] = caller_new();
        say_open(pollers[i]);
        say_get(pollers[i], pollers[i]->sid);
        send_at_once(pollers[i], buf_span(&requests));
    }
    settle();
    server.loop.counters.longest_turn = 0;
    scripted_clock_tick_set(10000);
    for (int i = 0; i < 16; i++)
        server_session_answer_poll(&server, &server.sessions[session_sid_number(pollers[i]->sid)],
                                   200, "6");
    for (int i = 0; i < 20; i++)
        stage_turn();
    assert_in_range(server.loop.counters.longest_turn, 1, 2 * LOOP_TURN_NS);
    scripted_clock_tick_set(0);
    settle();
    for (int i = 0; i < 16; i++)
        assert_true(pollers[i]->letters >= 300); /* all of "ok\n" */
    say_text(good, "hi");
    expect_heard(good, "T{hi}");
    stage_close();
}

/* ---- Messages for many ------------------------------------------------------------------- */

static void gather_members(const char *path)
{
    for (int i = 0; i < MEMBERS; i++)
        members[i] = open_websocket(path);
}

/* Three messages at once: each member gets each once and in order; one that leaves in the middle
 * gets nothing, and the sender's own echo on another connection is not kept waiting. */
static void test_message_for_many_is_sent_in_slices(void **state)
{
    static uint8_t bytes[256];
    struct buf frames = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    struct caller *sender = open_websocket("/broadcast");
    gather_members("/broadcast");
    add_frame(&frames, "a");
    add_frame(&frames, "b");
    add_frame(&frames, "c");
    send_at_once(sender, buf_span(&frames));
    assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    assert_int_equal(server.stats.websocket_messages, 1);
    assert_non_null(server.jobs);
    caller_drop(members[MEMBERS - 1]);
    settle();
    for (int i = 0; i < MEMBERS - 1; i++)
        expect_heard(members[i], "T{a}T{b}T{c}");
    assert_int_equal(server.stats.websocket_messages, 3);
    say_text(sender, "d"); /* it is read again */
    expect_heard(members[0], "T{d}");
    stage_close();
}

/* The same in a room, from a session that polls; and the room ends before all have got it. */
static void test_room_is_served_in_slices(void **state)
{
    (void)state;
    stage_open(plain);
    struct caller *sender = caller_new();
    say_open(sender);
    for (int i = 0; i < MEMBERS; i++) {
        members[i] = open_websocket(WEB_PATH);
        say_text(members[i], "40");
        say_text(members[i], "42[\"join\",\"r\"]");
        heard(members[i]);
    }
    say_post(sender, sender->sid, "40");
    expect_heard(sender, "200 {ok}");
    say_get(sender, sender->sid);
    heard(sender);
    say_post(sender, sender->sid,
             "42[\"broadcast\",\"r\",\"a\"]\x1e"
             "42[\"broadcast\",\"r\",\"b\"]\x1e"
             "42[\"broadcast\",\"r\",\"c\"]\x1e"
             "421[\"echo\"]");
    expect_heard(sender, "200 {ok}");
    for (int i = 0; i < MEMBERS; i++)
        expect_heard(members[i], "T{42[\"a\"]}T{42[\"b\"]}T{42[\"c\"]}");
    say_get(sender, sender->sid);
    expect_heard(sender, "200 {431[]}");
    stage_close();
}

/* ---- Shares ------------------------------------------------------------------------------ */

static const char *const large[] = {"--max-message", "16M", NULL};
static uint8_t million[1000100];

static struct span make_large(void)
{
    static uint8_t payload[1000000];
    static const uint8_t key[4] = {1, 2, 3, 4};
    struct buf frame = buf_over(million, sizeof million);
    assert_int_equal(ws_frame_put(&frame, true, WS_BINARY, span_of(payload, sizeof payload), key),
                     STATUS_OK);
    return buf_span(&frame);
}

/* Members that take nothing cost themselves: memory stays free for a session that polls, for what a
 * sender sends, and at the end all comes back, to the system, too. */
static void test_deaf_members_cost_themselves(void **state)
{
    (void)state;
    stage_open(large);
    const struct loop *l = &server.loop;
    struct caller *sender = open_websocket("/broadcast");
    struct caller *getter = caller_new();
    struct caller *good = open_websocket("/");
    gather_members("/broadcast");
    for (int i = 0; i < MEMBERS; i++)
        members[i]->deaf = true;
    say_open(getter);
    say_post(getter, getter->sid, "40");
    expect_heard(getter, "200 {ok}");
    for (int i = 0; i < 12; i++) {
        say_bytes(sender, make_large());
        advance(500 * MS); /* so long it waits for those that have much to read */
        assert_true(l->pool.free >= loop_reserve(l));
        say_post(getter, getter->sid, "42[\"a\"]");
        expect_heard(getter, "200 {ok}");
        say_text(good, "hi");
        expect_heard(good, "T{hi}");
    }
    assert_true(l->counters.over_share > 0);
    assert_false(sender->ended);
    say_get(getter, getter->sid);
    assert_memory_equal(heard(getter), "200 {40!|42[\"a\"]|", 17);
    assert_true(l->pool.most > 256);
    for (int i = 0; i < MEMBERS; i++)
        hang_up(members[i]);
    advance(2 * TRIM_AFTER_MS * MS);
    for (int i = 0; i < 100; i++)
        stage_turn();
    assert_true(l->pool.lately < 256);
    stage_close();
}

/* One that takes too little gets what was queued for it, whole, and then the reason. */
static void test_slow_member_gets_the_reason(void **state)
{
    (void)state;
    stage_open(large);
    struct caller *sender = open_websocket("/broadcast");
    struct caller *slow = open_websocket("/broadcast");
    slow->deaf = true;
    while (server.loop.counters.overflows == 0) {
        say_bytes(sender, make_large());
        advance(500 * MS);
    }
    slow->deaf = false;
    settle();
    assert_int_equal(slow->letters % 1000000, 0);
    assert_in_range(slow->letters, 2000000, 20000000);
    size_t end = strlen("}<close 1013>");
    assert_true(slow->text.len > end);
    assert_memory_equal(slow->text.ptr + slow->text.len - end, "}<close 1013>", end);
    say_text(sender, "hi");
    assert_false(sender->ended);
    advance(3 * CLOSE_TIMEOUT_MS * MS);
    assert_true(slow->ended);
    assert_int_equal(server.stats.faults[-STATUS_QUEUE_FULL], 1);
    stage_close();
}

/* A session that no client polls is closed when memory becomes short, and not before. */
static void test_deaf_session_costs_itself(void **state)
{
    (void)state;
    stage_open(large);
    struct loop *l = &server.loop;
    struct caller *deaf = caller_new();
    struct caller *poster = caller_new();
    say_open(deaf);
    say_post(deaf, deaf->sid, "40");
    struct span frame = make_large();
    memset(million, 'x', 200000);
    memcpy(million, "42[\"", 4);
    memcpy(million + 200000 - 2, "\"]", 2);
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                     "Content-Length: 200000\r\n\r\n",
                     deaf->sid));
    say_bytes(poster, span_of(frame.ptr, 200000));
    expect_heard(poster, "200 {ok}");
    advance(8000 * MS);
    assert_true(server.sessions[session_sid_number(deaf->sid)].used);
    struct lease *taken[64];
    size_t count = 0;
    while (l->pool.free > loop_reserve(l) + 64 && count < 64)
        taken[count++] = pool_lease_some(&l->pool, 8000000, loop_reserve(l));
    advance(2 * SHARE_WAIT_MS * MS);
    while (count > 0)
        pool_release(&l->pool, taken[--count]);
    expect_unknown(deaf->sid);
    stage_close();
}

/* The header of a packet with two attachments, and the first one of them. */
static void post_part(struct caller *c, const char *sid)
{
    static const char header[] = "452-[\"a\",{\"_placeholder\":true,\"num\":0},"
                                 "{\"_placeholder\":true,\"num\":1}]\x1e"
                                 "b";
    size_t bytes = strlen(header) + 900000;
    memset(million, 'A', bytes);
    memcpy(million, header, strlen(header));
    say(c, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", sid,
                bytes));
    say_bytes(c, span_of(million, bytes));
}

/* An attachment that is announced costs what came of it, and what came has the owner's share: the
 * session that exceeds it gets 503, and the others of the owner go on. */
static void test_attachments_have_a_share(void **state)
{
    char sids[12][EIO_SID_MAX];
    (void)state;
    stage_open(large);
    struct caller *owner = caller_new();
    struct caller *other = caller_new();
    size_t free = server.loop.pool.free;
    unsigned taken = 0;
    for (int i = 0; i < 12; i++) {
        say_open(owner);
        snprintf(sids[i], sizeof sids[i], "%s", owner->sid);
        say_post(owner, sids[i], "40");
        expect_heard(owner, "200 {ok}");
        say_post(owner, sids[i], "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
        expect_heard(owner, "200 {ok}");
    }
    assert_true(free - server.loop.pool.free <= 2 * (size_t)12);
    for (int i = 0; i < 12; i++) {
        say_open(owner);
        say_post(owner, owner->sid, "40");
        expect_heard(owner, "200 {ok}");
        if (i == 11) { /* by then there is no room: a poll that waits is answered likewise */
            say_get(other, owner->sid);
            expect_heard(other, "200 {40!}");
            say_get(other, owner->sid);
        }
        post_part(owner, owner->sid);
        const char *answer = heard(owner);
        bool fits = strcmp(answer, "200 {ok}") == 0;
        assert_true(fits || strcmp(answer, "503 {out of memory}") == 0);
        taken += fits;
    }
    assert_in_range(taken, 4, 8);
    expect_heard(other, "503 {out of memory}");
    assert_true(server.loop.counters.over_share > 0);
    say_open(other);
    say_post(other, other->sid, "40");
    expect_heard(other, "200 {ok}");
    post_part(other, other->sid);
    expect_heard(other, "200 {ok}");
    say_post(owner, sids[0], "bAQ==");
    expect_heard(owner, "200 {ok}");
    say_get(owner, sids[0]);
    assert_memory_equal(heard(owner), "200 {40!|451-[\"a\",", 18);
    stage_close();
    assert_int_equal(server.loop.pool.free, free);
}

/* Nor is a large queue kept for one whose connection is gone. */
static void test_left_session_is_not_kept(void **state)
{
    (void)state;
    stage_open(large);
    struct caller *left = caller_new();
    struct caller *poster = caller_new();
    say_open(left);
    say_post(left, left->sid, "40");
    make_large();
    memset(million, 'x', 200000);
    memcpy(million, "42[\"", 4);
    memcpy(million + 200000 - 2, "\"]", 2);
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                     "Content-Length: 200000\r\n\r\n",
                     left->sid));
    say_bytes(poster, span_of(million, 200000));
    hang_up(left);
    advance(SHARE_WAIT_MS * MS);
    assert_true(server.sessions[session_sid_number(left->sid)].used);
    advance(QUEUE_LEFT_MS * MS);
    expect_unknown(left->sid);
    stage_close();
}

/* One connection cannot take all sessions, and what it has is given back. */
static void test_sessions_of_one_connection(void **state)
{
    (void)state;
    stage_open((const char *const[]){"--max-clients", "200", NULL});
    struct caller *greedy = caller_new();
    struct caller *good = caller_new();
    for (int i = 0; i < SESSIONS_EACH; i++)
        say_open(greedy);
    say(greedy, "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(greedy, "503 {}");
    assert_int_equal(server.stats.sessions_refused, 1);
    say_open(good);
    say_post(greedy, greedy->sid, "1");
    expect_heard(greedy, "200 {ok}");
    say_open(greedy);
    caller_renew(greedy); /* the sessions live on, until no client joined */
    settle();
    say_open(greedy);
    stage_close();
}

/* ---- Connections ------------------------------------------------------------------------- */

/* A connection too many of one address is closed at once; one that ends makes room. */
static void test_connections_of_one_address(void **state)
{
    (void)state;
    stage_open((const char *const[]){"--max-per-address", "3", NULL});
    struct caller *c[4];
    for (int i = 0; i < 3; i++)
        c[i] = open_websocket("/");
    c[3] = caller_new();
    expect_heard(c[3], "$");
    assert_int_equal(server.stats.address_refused, 1);
    hang_up(c[0]);
    caller_renew(c[3]);
    settle();
    say(c[3], "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(c[3], "200 {ok\n}");
    stage_close();
}

/* A peer that never sends anything is closed after a while; one that has sent, or listens, stays.
 */
static void test_silent_connections_end(void **state)
{
    (void)state;
    stage_open(plain);
    struct caller *silent = open_websocket("/");
    struct caller *spoke = open_websocket("/");
    struct caller *listens = open_websocket("/broadcast");
    say_text(spoke, "hi");
    expect_heard(spoke, "T{hi}");
    advance(SILENT_TIMEOUT_MS * MS - 1);
    expect_heard(silent, "");
    advance(1);
    expect_heard(silent, "<close 1008>$");
    advance(SILENT_TIMEOUT_MS * MS);
    expect_heard(spoke, "");
    expect_heard(listens, "");
    stage_close();
}

/* ---- Pauses ------------------------------------------------------------------------------ */

static void open_sessions(void)
{
    stage_open(quick);
    for (int i = 0; i < MEMBERS; i++) {
        members[i] = open_websocket(WEB_PATH);
        say_text(members[i], "40");
        heard(members[i]);
    }
}

static void send_frame(struct caller *c, const char *payload)
{
    static uint8_t bytes[64];
    struct buf frame = buf_over(bytes, sizeof bytes);
    add_frame(&frame, payload);
    send_at_once(c, buf_span(&frame));
}

/* Answers the pings, while the process stands still until all deadlines are over. */
static void send_pongs_and_pause(void)
{
    for (int i = 0; i < MEMBERS; i++) {
        expect_heard(members[i], "T{2}");
        send_frame(members[i], "3");
    }
    scripted_clock_advance(2000 * MS);
}

/* The process stands still while pongs come: they are read before anyone is judged. */
static void test_pause_drops_nobody(void **state)
{
    (void)state;
    open_sessions();
    advance(300 * MS);
    uint64_t pauses = server.loop.counters.pauses;
    send_pongs_and_pause();
    settle();
    assert_int_equal(server.loop.counters.pauses, pauses + 1);
    assert_int_equal(server.loop.used, MEMBERS);
    assert_int_equal(server.stats.heartbeats, MEMBERS);
    assert_int_equal(server.stats.faults[-STATUS_PING_TIMEOUT], 0);
    stage_close();
}

/* The same where a turn has time for some of them only. */
static void test_pause_drops_nobody_in_short_turns(void **state)
{
    int turns = 0;
    (void)state;
    open_sessions();
    advance(300 * MS);
    send_pongs_and_pause();
    scripted_clock_tick_set(LOOP_TURN_NS);
    for (; server.stats.heartbeats < MEMBERS && turns < MEMBERS; turns++)
        stage_turn();
    scripted_clock_tick_set(0);
    assert_in_range(turns, MEMBERS / 4, MEMBERS); /* a few of them in each */
    assert_int_equal(server.stats.heartbeats, MEMBERS);
    assert_int_equal(server.loop.used, MEMBERS);
    assert_int_equal(server.stats.faults[-STATUS_PING_TIMEOUT], 0);
    stage_close();
}

/* Peers that always send more than a turn has time for, so that no look is ever worked off in its
 * own turn, do not keep a deadline from being judged. */
static void test_busy_peers_postpone_no_deadline(void **state)
{
    unsigned turns = 0;
    (void)state;
    open_sessions();
    advance(300 * MS);
    for (int i = 0; i < MEMBERS; i++)
        send_frame(members[i], i == 0 ? "42[\"silent\"]" : "3");
    scripted_clock_tick_set(LOOP_TURN_NS);
    for (; server.stats.faults[-STATUS_PING_TIMEOUT] == 0; turns++) {
        assert_true(turns < 4 * MEMBERS);
        for (int i = 1; i < MEMBERS; i++)
            send_frame(members[i], "42[\"more\"]");
        uint64_t waits = server.loop.counters.waits;
        stage_turn();
        assert_true(loop_work_is_left(&server.loop) || server.loop.counters.waits == waits);
    }
    scripted_clock_tick_set(0);
    assert_int_equal(server.stats.faults[-STATUS_PING_TIMEOUT], 1);
    settle();
    assert_true(members[0]->ended);
    stage_close();
}

/* ---- Slow looks -------------------------------------------------------------------------- */

#define LOOK_NS (10 * LOOP_TURN_NS)

static int wait_slowly(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns)
{
    scripted_clock_advance(LOOK_NS);
    return port_poller_find(NULL)->wait(state, events, cap, timeout_ns);
}

/* Where a look at the poller takes longer than a turn, what it found is handled before the next. */
static void test_slow_looks_are_few(void **state)
{
    (void)state;
    open_sessions();
    struct port_poller slow = *server.loop.setup.poller;
    slow.wait = wait_slowly;
    server.loop.setup.poller = &slow;
    for (int i = 0; i < MEMBERS; i++)
        send_frame(members[i], "42[\"hi\"]");
    uint64_t waits = server.loop.counters.waits;
    scripted_clock_tick_set(LOOP_TURN_NS);
    do
        stage_turn();
    while (loop_work_is_left(&server.loop));
    assert_in_range(server.loop.counters.waits, waits + 1, waits + 5);
    scripted_clock_tick_set(0);
    settle();
    for (int i = 0; i < MEMBERS; i++)
        expect_heard(members[i], "T{42[\"hi\"]}");
    server.loop.setup.poller = port_poller_find(NULL);
    stage_close();
}

/* The process stands still in the middle of its work, where no wait shows it. */
static void test_pause_in_the_middle_of_work_is_counted(void **state)
{
    static uint8_t bytes[1000];
    struct buf frames = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    struct caller *caller = open_websocket("/");
    uint64_t pauses = server.loop.counters.pauses;
    for (int i = 0; i < 100; i++) /* the clock is read now and then */
        add_frame(&frames, "a");
    send_at_once(caller, buf_span(&frames));
    scripted_clock_tick_set(LOOP_PAUSE_NS * 2 / 3); /* each step in time, but not their sum */
    assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    scripted_clock_tick_set(0);
    assert_int_equal(server.loop.counters.pauses, pauses + 1);
    assert_in_range(server.loop.counters.paused, LOOP_PAUSE_NS, 2 * LOOP_PAUSE_NS);
    settle();
    assert_int_equal(caller->letters, 100);
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flood_of_frames_is_cut),
        cmocka_unit_test(test_body_of_packets_is_cut),
        cmocka_unit_test(test_budget_of_a_turn),
        cmocka_unit_test(test_turns_stay_short),
        cmocka_unit_test(test_message_for_many_is_sent_in_slices),
        cmocka_unit_test(test_room_is_served_in_slices),
        cmocka_unit_test(test_deaf_members_cost_themselves),
        cmocka_unit_test(test_slow_member_gets_the_reason),
        cmocka_unit_test(test_deaf_session_costs_itself),
        cmocka_unit_test(test_attachments_have_a_share),
        cmocka_unit_test(test_left_session_is_not_kept),
        cmocka_unit_test(test_sessions_of_one_connection),
        cmocka_unit_test(test_connections_of_one_address),
        cmocka_unit_test(test_silent_connections_end),
        cmocka_unit_test(test_pause_drops_nobody),
        cmocka_unit_test(test_pause_drops_nobody_in_short_turns),
        cmocka_unit_test(test_busy_peers_postpone_no_deadline),
        cmocka_unit_test(test_slow_looks_are_few),
        cmocka_unit_test(test_pause_in_the_middle_of_work_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
