/* Proves that the server's WebSocket transport, and the upgrade to it, are those of
 * tests/PROTOCOLS.md: each case names the section and the row. */
#include "stage.h"

#define REQUEST_3 "400 {{\"code\":3,\"message\":\"Bad request\"}}"
#define PART      "{\"_placeholder\":true,\"num\":0}"

static const char *const plain[] = {NULL};
static const char *const quick[] = {"--ping-interval", "300", "--ping-timeout", "200", NULL};

static struct caller *getter, *poster, *web;
static const char *sid;

static void open_joined(const char *const *args)
{
    stage_open(args);
    getter = caller_new();
    poster = caller_new();
    web = caller_new();
    say_open(getter);
    sid = getter->sid;
    say_post(poster, sid, "40");
    expect_heard(poster, "200 {ok}");
    say_get(getter, sid);
    expect_heard(getter, "200 {40!}");
}

static void post_ok(const char *body)
{
    say_post(poster, sid, body);
    expect_heard(poster, "200 {ok}");
}

static void open_probed(const char *const *args)
{
    open_joined(args);
    say_upgrade(web, sid);
    expect_heard(web, "101 ");
    say_text(web, "2probe");
    expect_heard(web, "T{3probe}");
}

static void open_upgraded(const char *const *args)
{
    open_probed(args);
    say_text(web, "5");
    expect_heard(web, "");
}

static void expect_polls(void)
{
    post_ok("42[\"still\"]");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[\"still\"]}");
}

/* ---- 1.6 Probe --------------------------------------------------------------------------- */

static void test_1_6_1_no_open_packet_on_a_websocket_with_a_sid(void **state)
{
    (void)state;
    open_joined(plain);
    say_upgrade(web, sid);
    expect_heard(web, "101 ");
    advance(1000 * MS);
    expect_heard(web, "");
    expect_polls(); /* and nothing changes by it */
    stage_close();
}

static void test_1_6_2_probe_ends_the_pending_get(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    say_upgrade(web, sid);
    expect_heard(web, "101 "); /* no open packet */
    expect_heard(getter, "");
    say_text(web, "2probe");
    expect_heard(web, "T{3probe}");
    expect_heard(getter, "200 {6}");
    stage_close();
}

static void test_1_6_2_a_get_after_the_probe_waits_for_the_tick(void **state)
{
    (void)state;
    open_probed(plain);
    say_get(getter, sid);
    expect_heard(getter, "200 {6}"); /* the first one at once: it is what the client waits for */
    say_get(getter, sid);            /* so that a client that keeps polling doesn't spin */
    advance(100 * MS - 1);
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {6}");
    advance(500 * MS);
    say_get(getter, sid); /* within 100 ms: at once is fine */
    expect_heard(getter, "200 {6}");
    stage_close();
}

/* The one that waited had its noop with the probe: the next one waits its 100 ms from there. */
static void test_1_6_2_a_get_after_a_released_one_waits_for_the_tick(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    say_upgrade(web, sid);
    say_text(web, "2probe");
    expect_heard(web, "101 T{3probe}");
    expect_heard(getter, "200 {6}");
    advance(30 * MS);
    say_get(getter, sid);
    advance(70 * MS - 1);
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {6}");
    say_get(getter, sid);
    advance(100 * MS - 1);
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {6}");
    stage_close();
}

static void test_1_6_3_polling_goes_on_until_5(void **state)
{
    (void)state;
    open_probed(plain);
    say_get(getter, sid);
    expect_heard(getter, "200 {6}");
    say_get(getter, sid);
    post_ok("42[\"a\"]");
    expect_heard(getter, "200 {42[\"a\"]}");
    expect_heard(web, "");
    stage_close();
}

static void test_1_6_4_queue_is_flushed_in_order(void **state)
{
    (void)state;
    open_probed(plain);
    post_ok("42[\"a\"]\x1e"
            "451-[\"b\"," PART "]\x1e"
            "bAQL/\x1e"
            "427[\"c\",1]");
    say_text(web, "5");
    expect_heard(web, "T{42[\"a\"]}T{451-[\"b\"," PART "]}B{\1\2\xff}T{437[1]}");
    stage_close();
}

/* Row 4: the 5 is the packet. */
static void test_1_6_5_answers_the_pending_get(void **state)
{
    (void)state;
    open_probed(plain);
    say_get(getter, sid);
    expect_heard(getter, "200 {6}"); /* the probe's */
    say_get(getter, sid);
    advance(50 * MS);
    expect_heard(getter, "");
    say_text(web, "5");
    expect_heard(getter, "200 {6}");
    expect_heard(web, "");
    advance(1000 * MS); /* and nothing comes of the probe's tick any more */
    expect_heard(getter, "");
    expect_heard(web, "");
    say_text(web, "42[\"a\"]");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
}

static void test_1_6_4_polling_an_upgraded_session(void **state)
{
    (void)state;
    open_upgraded(plain);
    say_get(getter, sid);
    expect_heard(getter, REQUEST_3);
    say_post(poster, sid, "3");
    expect_heard(poster, REQUEST_3 "$");
    say_text(web, "42[\"a\"]");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
}

static void test_1_6_4_another_websocket_while_the_first_lives(void **state)
{
    (void)state;
    open_upgraded(plain);
    struct caller *other = caller_new();
    say_upgrade(other, sid);
    expect_heard(other, "101 <close 0>");
    say_text(web, "42[\"a\"]");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
}

static void test_1_6_5_upgrade_without_probe(void **state)
{
    (void)state;
    open_joined(plain);
    say_upgrade(web, sid);
    heard(web);
    post_ok("42[\"a\"]");
    say_text(web, "5");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
}

static void test_1_6_5_any_other_first_packet(void **state)
{
    static const char *const firsts[] = {"2bad", "2", "4x", "42[\"a\"]", "3", "", "2probe2", "55"};
    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        open_joined(plain);
        say_upgrade(web, sid);
        heard(web);
        say_text(web, firsts[i]);
        expect_heard(web, "<close 0>");
        expect_polls();
        stage_close();
    }
    open_joined(plain);
    say_upgrade(web, sid);
    heard(web);
    say_frame(web, WS_BINARY, SPAN("2probe"));
    expect_heard(web, "<close 0>");
    expect_polls();
    stage_close();
}

static void test_1_6_5_probe_dropped(void **state)
{
    (void)state;
    open_probed(plain);
    hang_up(web);
    expect_polls();
    /* no more noops */
    say_get(getter, sid);
    advance(1000 * MS);
    expect_heard(getter, "");
    /* and another may try */
    say_upgrade(web = caller_new(), sid);
    say_text(web, "2probe");
    expect_heard(web, "101 T{3probe}");
    stage_close();
}

static void test_1_6_5_no_upgrade_in_10_seconds(void **state)
{
    (void)state;
    open_probed(plain);
    post_ok("42[\"a\"]");
    advance(10000 * MS - 1);
    expect_heard(web, "");
    advance(1);
    expect_heard(web, "<close 0>");
    say_get(getter = caller_new(), sid);
    expect_heard(getter, "200 {42[\"a\"]}");
    stage_close();
}

static void test_1_6_6_second_probing_websocket(void **state)
{
    (void)state;
    open_probed(plain);
    struct caller *other = caller_new();
    say_upgrade(other, sid);
    expect_heard(other, "101 <close 0>");
    say_text(web, "5");
    say_text(web, "42[\"a\"]");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
}

static void test_1_6_6_session_closes_while_probing(void **state)
{
    (void)state;
    open_probed(plain);
    post_ok("1");
    expect_heard(web, "<close 0>");
    expect_unknown(sid);
    stage_close();
    open_probed(plain);
    post_ok("49"); /* closed by the server */
    expect_heard(web, "<close 0>");
    say_get(getter, sid);
    expect_heard(getter, "200 {1}");
    stage_close();
}

/* 1.6, 7: all of it on one connection's heels, and in one segment. */
static void test_1_6_7_python_upgrades_before_any_poll(void **state)
{
    static const uint8_t key[4] = {1, 2, 3, 4};
    uint8_t bytes[1024];
    struct buf b = buf_over(bytes, sizeof bytes);
    (void)state;
    stage_open(plain);
    getter = caller_new();
    say_open(getter);
    buf_put_text(
        &b, text("GET " WEB_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS "\r\n", getter->sid));
    ws_frame_put(&b, true, WS_TEXT, SPAN("2probe"), key);
    ws_frame_put(&b, true, WS_TEXT, SPAN("5"), key);
    ws_frame_put(&b, true, WS_TEXT, SPAN("40{}"), key);
    for (size_t cut = 1; cut < b.len; cut++) {
        web = caller_new();
        say_bytes(web, span_of(bytes, cut));
        say_bytes(web, span_of(bytes + cut, b.len - cut));
        expect_heard(web, "101 T{3probe}T{40!}");
        stage_close();
        stage_open(plain);
        getter = caller_new();
        say_open(getter);
        struct buf sids = buf_over(bytes + strlen("GET " WEB_PATH "&sid="), 25);
        buf_put_text(&sids, getter->sid);
    }
    stage_close();
}

/* ---- 1.6 What is under way at the upgrade ------------------------------------------------ */

static void test_1_6_answers_of_a_post_go_to_the_websocket(void **state)
{
    (void)state;
    open_probed(plain);
    say(poster,
        text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n42[", sid));
    say_text(web, "5");
    say(poster, "\"a\"]");
    expect_heard(poster, "200 {ok}");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
}

/* 2.2: header and attachments need not come the same way. */
static void test_2_2_attachments_after_the_upgrade(void **state)
{
    (void)state;
    for (int rest = 0; rest < 2; rest++) { /* what follows `5` comes with it, or not */
        open_probed(plain);
        post_ok("452-[\"b\"," PART ",{\"_placeholder\":true,\"num\":1}]\x1e"
                "bAQ==");
        if (rest == 0)
            say_text(web, "5");
        else
            say_bytes(web, SPAN("\x81\x81\0\0\0\0"
                                "5\x81\x81\0\0\0\0"
                                "3"));
        say_frame(web, WS_BINARY, SPAN("second"));
        expect_heard(web,
                     "T{452-[\"b\"," PART ",{\"_placeholder\":true,\"num\":1}]}B{\1}B{second}");
        say_text(web, "42[\"a\"]");
        expect_heard(web, "T{42[\"a\"]}");
        stage_close();
    }
}

/* All parts count, by whatever way they came. */
static void test_2_2_attachments_after_the_upgrade_too_big(void **state)
{
    static const char *const small[] = {"--max-message", "2000", NULL};
    static char bytes[1700];
    (void)state;
    for (size_t len = 1000; len < 1600; len += 300) { /* 51 and 900 bytes came before */
        open_probed(small);
        memset(bytes, 'A', 1200);
        bytes[1200] = '\0';
        post_ok(text("452-[\"b\"," PART "]\x1e"
                     "b%s",
                     bytes));
        say_text(web, "5");
        say_frame(web, WS_BINARY, span_of(bytes, len));
        if (len == 1000)
            assert_memory_equal(heard(web), "T{452-[", 7);
        else
            expect_heard(web, "<close 1009>$");
        stage_close();
    }
}

/* A post that leaves a header behind after `5` is over the rules; nothing may come of it. */
static void test_1_6_a_header_posted_across_the_upgrade(void **state)
{
    (void)state;
    open_probed(plain);
    const char *header = "451-[\"b\"," PART "]";
    say(poster,
        text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n4", sid,
             strlen(header)));
    say_text(web, "5");
    say(poster, header + 1);
    expect_heard(poster, "200 {ok}");
    expect_heard(web, "<close 0>");
    expect_unknown(sid);
    stage_close();
}

static void test_1_6_a_post_is_dropped_with_the_upgraded_session(void **state)
{
    (void)state;
    open_probed(plain);
    say(poster,
        text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n42[", sid));
    say_text(web, "5");
    hang_up(web);
    expect_heard(poster, "$");
    expect_unknown(sid);
    stage_close();
}

static void test_1_6_the_websocket_is_gone_with_the_aborted_post(void **state)
{
    (void)state;
    open_probed(plain);
    say(poster,
        text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n42[", sid));
    say_text(web, "5");
    hang_up(poster);
    expect_heard(web, "<close 0>");
    expect_unknown(sid);
    stage_close();
}

/* What arrived on a WebSocket is handled before connections that are accepted with it. */
static void test_1_6_4_upgrade_comes_before_a_new_connection(void **state)
{
    (void)state;
    open_probed(plain);
    struct span get = span_text(text("GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n", sid));
    struct span five = SPAN("\x81\x81\0\0\0\0"
                            "5");
    struct caller *late = caller_new_unseen();
    assert_true(port_send(late->socket, &get, 1) > 0);
    assert_true(port_send(web->socket, &five, 1) > 0);
    settle();
    expect_heard(late, REQUEST_3);
    stage_close();
}

/* ---- 1.5 Heartbeat over the upgrade ------------------------------------------------------ */

static void test_1_5_a_running_pong_timer_is_cleared_by_5(void **state)
{
    (void)state;
    open_probed(quick);
    advance(300 * MS);
    advance(100 * MS);
    say_text(web, "5");
    expect_heard(web, "T{2}"); /* it was queued, and no poll fetched it */
    advance(100 * MS);
    expect_heard(web, "");
    advance(200 * MS - 1);
    expect_heard(web, "");
    advance(1);
    expect_heard(web, "T{2}");
    advance(200 * MS - 1);
    expect_heard(web, "");
    advance(1);
    expect_heard(web, "<close 0>$");
    expect_unknown(sid);
    stage_close();
}

/* ---- 1.4 WebSocket ----------------------------------------------------------------------- */

static void test_1_4_packets_that_end_it(void **state)
{
    static const struct {
        uint8_t opcode;
        const char *payload, *want;
    } cases[] = {
        {WS_TEXT, "1", "<close 0>$"},        {WS_TEXT, "2", "<close 0>$"},
        {WS_TEXT, "", "<close 0>$"},         {WS_TEXT, "9", "<close 0>$"},
        {WS_BINARY, "x", "<close 0>$"},      {WS_TEXT, "49", "<close 0>$"},
        {WS_TEXT, "4\xff", "<close 1007>$"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_upgraded(plain);
        say_frame(web, cases[i].opcode, span_text(cases[i].payload));
        expect_heard(web, cases[i].want);
        expect_unknown(sid);
        stage_close();
    }
}

static void test_1_4_packets_that_are_ignored(void **state)
{
    (void)state;
    open_upgraded(plain);
    say_text(web, "0");
    say_text(web, "5");
    say_text(web, "6");
    say_text(web, "3");
    say_text(web, "42[\"a\"]");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
}

/* One packet is one message: nothing is split there. */
static void test_1_1_no_separators_in_frames(void **state)
{
    (void)state;
    open_upgraded(plain);
    say_text(web, "42[\"a\"]\x1e"
                  "42[\"b\"]");
    expect_heard(web, "<close 0>$");
    stage_close();
}

static void test_1_4_frames_that_end_it(void **state)
{
    static const char *const small[] = {"--max-message", "1K", NULL};
    static const char bytes[1025];
    (void)state;
    open_upgraded(small);
    say_bytes(web, SPAN("\x81\x01"
                        "3"));
    expect_heard(web, "<close 1002>$");
    stage_close();
    open_upgraded(small);
    say_frame(web, WS_TEXT, SPAN("42[\"\xff\"]"));
    expect_heard(web, "<close 1007>$");
    stage_close();
    open_upgraded(small);
    say_text(web, text("42[\"%*s\"]", 1018, ""));
    assert_memory_equal(heard(web), "T{42[", 5); /* 1024 bytes are allowed */
    say_frame(web, WS_BINARY, span_of(bytes, sizeof bytes));
    expect_heard(web, "<close 1009>$");
    stage_close();
    open_upgraded(plain);
    say_frame(web, WS_PING, SPAN("x"));
    expect_heard(web, "<pong>");
    stage_close();
}

/* A Close without a body, and no `1` before it. */
static void test_1_7_server_closes_a_websocket(void **state)
{
    static const char *const hurried[] = {"--connect-timeout", "1000", NULL};
    (void)state;
    stage_open(hurried);
    web = caller_new();
    say_upgrade(web, NULL);
    expect_heard(web, "101 T{0!}");
    advance(1000 * MS);
    expect_heard(web, "<close 0>$");
    expect_unknown(web->sid);
    stage_close();
}

static void test_1_4_close_is_echoed(void **state)
{
    (void)state;
    open_upgraded(plain);
    say_frame(web, WS_CLOSE,
              SPAN("\x0b\xb9"
                   "bye"));
    expect_heard(web, "<close 3001>$");
    expect_unknown(sid);
    stage_close();
}

/* ---- 5 What flows when connecting -------------------------------------------------------- */

/* socket.io-client: POST, GET and WebSocket at the same instant. */
static void test_5_a_socketio_client(void **state)
{
    (void)state;
    stage_open(plain);
    getter = caller_new();
    say_open(getter);
    sid = getter->sid;
    poster = caller_new_unseen();
    struct caller *poll = caller_new_unseen();
    web = caller_new_unseen();
    struct span requests[] = {
        span_text(text("POST " POLL_PATH "&sid=%s&t=a HTTP/1.1\r\nHost: a\r\n"
                       "Connection: close\r\nContent-Length: 2\r\n\r\n40",
                       sid)),
        span_text(text("GET " POLL_PATH "&sid=%s&t=b HTTP/1.1\r\nHost: a\r\n"
                       "Connection: close\r\n\r\n",
                       sid)),
        span_text(text("GET " WEB_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS
                       "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                       "\r\n",
                       sid))};
    assert_true(port_send(poster->socket, &requests[0], 1) > 0);
    assert_true(port_send(poll->socket, &requests[1], 1) > 0);
    assert_true(port_send(web->socket, &requests[2], 1) > 0);
    settle();
    expect_heard(poster, "200 {ok}$");
    expect_heard(poll, "200 {40!}$");
    expect_heard(web, "101 ");
    assert_null(strstr(web->head, "Extensions"));
    say_get(getter, sid); /* one more GET, under way when the probe comes */
    say_text(web, "2probe");
    expect_heard(web, "T{3probe}");
    expect_heard(getter, "200 {6}");
    say_text(web, "5");
    say_text(web, "420[\"hi\"]");
    expect_heard(web, "T{430[]}");
    stage_close();
}

static void test_5_b_websocket_only(void **state)
{
    (void)state;
    stage_open(plain);
    web = caller_new();
    say_upgrade(web, NULL);
    expect_heard(web, "101 T{0!}");
    say_text(web, "40");
    expect_heard(web, "T{40!}");
    say_text(web, "42[\"hi\"]");
    expect_heard(web, "T{42[\"hi\"]}");
    say_text(web, "41"); /* and out again, as each of them does it */
    say_frame(web, WS_CLOSE, SPAN(""));
    expect_heard(web, "<close 0>$");
    stage_close();
}

/* python-socketio: no poll, no POST, so nothing to be ended by a noop. */
static void test_5_c_python_client(void **state)
{
    (void)state;
    stage_open(plain);
    getter = caller_new();
    say_open(getter);
    web = caller_new();
    say_upgrade(web, getter->sid);
    expect_heard(web, "101 ");
    say_text(web, "2probe");
    expect_heard(web, "T{3probe}");
    say_text(web, "5");
    say_text(web, "40{}");
    expect_heard(web, "T{40!}");
    say_text(web, "421[\"hi\"]");
    expect_heard(web, "T{431[]}");
    say_text(web, "41");
    expect_heard(web, "");
    say_text(web, "1");
    expect_heard(web, "<close 0>$");
    expect_unknown(getter->sid);
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_6_1_no_open_packet_on_a_websocket_with_a_sid),
        cmocka_unit_test(test_1_6_2_probe_ends_the_pending_get),
        cmocka_unit_test(test_1_6_2_a_get_after_the_probe_waits_for_the_tick),
        cmocka_unit_test(test_1_6_2_a_get_after_a_released_one_waits_for_the_tick),
        cmocka_unit_test(test_1_6_3_polling_goes_on_until_5),
        cmocka_unit_test(test_1_6_4_queue_is_flushed_in_order),
        cmocka_unit_test(test_1_6_5_answers_the_pending_get),
        cmocka_unit_test(test_1_6_4_polling_an_upgraded_session),
        cmocka_unit_test(test_1_6_4_another_websocket_while_the_first_lives),
        cmocka_unit_test(test_1_6_5_upgrade_without_probe),
        cmocka_unit_test(test_1_6_5_any_other_first_packet),
        cmocka_unit_test(test_1_6_5_probe_dropped),
        cmocka_unit_test(test_1_6_5_no_upgrade_in_10_seconds),
        cmocka_unit_test(test_1_6_6_second_probing_websocket),
        cmocka_unit_test(test_1_6_6_session_closes_while_probing),
        cmocka_unit_test(test_1_6_7_python_upgrades_before_any_poll),
        cmocka_unit_test(test_1_6_answers_of_a_post_go_to_the_websocket),
        cmocka_unit_test(test_2_2_attachments_after_the_upgrade),
        cmocka_unit_test(test_2_2_attachments_after_the_upgrade_too_big),
        cmocka_unit_test(test_1_6_a_header_posted_across_the_upgrade),
        cmocka_unit_test(test_1_6_a_post_is_dropped_with_the_upgraded_session),
        cmocka_unit_test(test_1_6_the_websocket_is_gone_with_the_aborted_post),
        cmocka_unit_test(test_1_6_4_upgrade_comes_before_a_new_connection),
        cmocka_unit_test(test_1_5_a_running_pong_timer_is_cleared_by_5),
        cmocka_unit_test(test_1_4_packets_that_end_it),
        cmocka_unit_test(test_1_4_packets_that_are_ignored),
        cmocka_unit_test(test_1_1_no_separators_in_frames),
        cmocka_unit_test(test_1_4_frames_that_end_it),
        cmocka_unit_test(test_1_7_server_closes_a_websocket),
        cmocka_unit_test(test_1_4_close_is_echoed),
        cmocka_unit_test(test_5_a_socketio_client),
        cmocka_unit_test(test_5_b_websocket_only),
        cmocka_unit_test(test_5_c_python_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
