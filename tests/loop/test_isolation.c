/* Proves that one peer cannot take the server away from the others: what it asks for is done in
 * slices between which everybody has their turn, and what it does not take costs itself. */
#include "stage.h"

#include "loop/loop_work.h"
#include "server/server_session.h"

#define MEMBERS 40 /* more than a slice of a message for many */

static const char *const plain[] = {NULL};
static const char *const quick[] = {"--ping-interval", "300", "--ping-timeout", "200", NULL};
static struct caller *members[MEMBERS];

static struct caller *open_websocket(const char *path)
{
    struct caller *c = caller_new();
    say(c, text("GET %s HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS "\r\n", path));
    assert_memory_equal(heard(c), "101 ", 4);
    return c;
}

/* A masked frame behind the others. */
static void add_frame(struct buf *to, const char *payload)
{
    static const uint8_t key[4] = {1, 2, 3, 4};
    assert_int_equal(ws_frame_put(to, true, WS_TEXT, span_text(payload), key), STATUS_OK);
}

static void send_at_once(struct caller *c, struct span bytes)
{
    assert_int_equal(port_send(c->socket, &bytes, 1), bytes.len);
}

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

/* ---- Pauses ------------------------------------------------------------------------------ */

/* The process stands still while pongs come: they are read before anyone is judged. */
static void test_pause_drops_nobody(void **state)
{
    static uint8_t bytes[64];
    (void)state;
    stage_open(quick);
    for (int i = 0; i < MEMBERS; i++) {
        members[i] = open_websocket(WEB_PATH);
        say_text(members[i], "40");
        heard(members[i]);
    }
    advance(300 * MS);
    for (int i = 0; i < MEMBERS; i++) {
        struct buf pong = buf_over(bytes, sizeof bytes);
        expect_heard(members[i], "T{2}");
        add_frame(&pong, "3");
        send_at_once(members[i], buf_span(&pong));
    }
    uint64_t pauses = server.loop.counters.pauses;
    scripted_clock_advance(2000 * MS);
    settle();
    assert_int_equal(server.loop.counters.pauses, pauses + 1);
    assert_int_equal(server.loop.used, MEMBERS);
    assert_int_equal(server.stats.heartbeats, MEMBERS);
    assert_int_equal(server.stats.faults[-STATUS_PING_TIMEOUT], 0);
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flood_of_frames_is_cut),
        cmocka_unit_test(test_body_of_packets_is_cut),
        cmocka_unit_test(test_message_for_many_is_sent_in_slices),
        cmocka_unit_test(test_room_is_served_in_slices),
        cmocka_unit_test(test_pause_drops_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
