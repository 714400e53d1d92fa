/* Proves that the server's long polling is that of tests/PROTOCOLS.md: each case names the section
 * and the row. */
#include "stage.h"

#define UNKNOWN "{\"code\":1,\"message\":\"Session ID unknown\"}"

static const char *const plain[] = {NULL};
static const char *const quick[] = {"--ping-interval", "300", "--ping-timeout", "200", NULL};
static const char *const small[] = {"--max-message", "2000", NULL};

static struct caller *getter, *poster;
static const char *sid;

/* A session in which `/` is joined, and two connections for it. */
static void open_joined(const char *const *args)
{
    stage_open(args);
    getter = caller_new();
    poster = caller_new();
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

/* ---- 1.2 The handshake ------------------------------------------------------------------- */

static void test_1_2_handshake(void **state)
{
    (void)state;
    stage_open(plain);
    struct caller *c = caller_new();
    say(c,
        "GET /socket.io/xyz?b64=1&t=Nx1&transport=polling&sid=&EIO=4 HTTP/1.1\r\nhOST: a\r\n\r\n");
    expect_heard(c, "200 {0!}");
    assert_int_equal(strlen(c->sid), 25);
    assert_non_null(strstr(c->head, "\r\nContent-Type: text/plain; charset=UTF-8\r\n"));
    assert_non_null(strstr(c->head, "\r\nCache-Control: no-store\r\n"));
    assert_null(strstr(c->head, "Access-Control"));
    assert_null(strstr(c->head, "Connection: close"));
    /* the five keys, in socket.io's order; their number is in Content-Length */
    const char *json = "0{\"sid\":\"1234567890123456789012345\",\"upgrades\":[\"websocket\"],"
                       "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";
    assert_non_null(strstr(c->head, text("\r\nContent-Length: %zu\r\n", strlen(json))));
    say(c, "GET /socket.io/?EIO=4&transport=%70olling HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(c, "200 {0!}");
    say(c, "GET /socket.io?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_memory_equal(heard(c), "404 ", 4);
    stage_close();
}

static void test_1_2_websocket_only(void **state)
{
    (void)state;
    stage_open(plain);
    struct caller *c = caller_new();
    say_upgrade(c, NULL);
    expect_heard(c, "101 T{0!}");
    say_text(c, "40");
    expect_heard(c, "T{40!}");
    say_get(getter = caller_new(), c->sid);
    expect_heard(getter, "400 {{\"code\":3,\"message\":\"Bad request\"}}");
    stage_close();
}

/* ---- 1.3 GET ----------------------------------------------------------------------------- */

static void test_1_3_get_waits_until_something_is_queued(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    advance(9000 * MS);
    expect_heard(getter, "");
    post_ok("42[\"a\"]");
    expect_heard(getter, "200 {42[\"a\"]}");
    assert_non_null(strstr(getter->head, "\r\nContent-Type: text/plain; charset=UTF-8\r\n"));
    stage_close();
}

static void test_1_3_get_takes_what_is_queued_at_once(void **state)
{
    (void)state;
    open_joined(plain);
    post_ok("42[\"a\"]\x1e"
            "427[\"b\",1]");
    post_ok("42[\"c\"]");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[\"a\"]|437[1]|42[\"c\"]}");
    stage_close();
}

static void test_1_3_second_get_while_one_pends(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    say_get(poster, sid);
    expect_heard(getter, "200 {1}");
    expect_heard(poster, "400 {}");
    expect_unknown(sid);
    stage_close();
}

static void test_1_3_client_aborts_a_pending_get(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    hang_up(getter);
    expect_unknown(sid);
    assert_int_equal(server.stats.lost, 1);
    stage_close();
}

/* python-engineio's own limit */
static void test_4_at_most_16_packets_in_an_answer(void **state)
{
    (void)state;
    open_joined(plain);
    for (int i = 0; i < 33; i++)
        post_ok(text("42[%d]", i));
    say_get(getter, sid);
    expect_heard(getter, "200 {42[0]|42[1]|42[2]|42[3]|42[4]|42[5]|42[6]|42[7]|42[8]|42[9]|42[10]|"
                         "42[11]|42[12]|42[13]|42[14]|42[15]}");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[16]|42[17]|42[18]|42[19]|42[20]|42[21]|42[22]|42[23]|42[24]|"
                         "42[25]|42[26]|42[27]|42[28]|42[29]|42[30]|42[31]}");
    post_ok("42[33]");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[32]|42[33]}");
    stage_close();
}

/* The same when each packet has a lease of its own. */
static void test_4_answers_of_large_packets(void **state)
{
    static char body[3600];
    (void)state;
    open_joined(plain);
    memset(body, 'x', sizeof body);
    memcpy(body, "42[\"", 4);
    memcpy(body + sizeof body - 3, "\"]", 3);
    for (int i = 0; i < 18; i++)
        post_ok(body);
    uint64_t before = getter->letters;
    say_get(getter, sid);
    assert_int_equal(getter->letters - before, 16 * (sizeof body - 1));
    heard(getter);
    say_get(getter, sid);
    assert_int_equal(getter->letters - before, 18 * (sizeof body - 1));
    stage_close();
}

/* ---- 1.3 POST ---------------------------------------------------------------------------- */

static void test_1_3_post_is_answered_ok(void **state)
{
    (void)state;
    open_joined(plain);
    post_ok("42[\"a\"]");
    assert_non_null(strstr(poster->head, "\r\nContent-Type: text/html\r\n"));
    assert_non_null(strstr(poster->head, "\r\nContent-Length: 2\r\n"));
    say_get(getter, sid);
    expect_heard(getter, "200 {42[\"a\"]}");
    say_get(getter, sid); /* one GET plus one POST at a time is normal */
    post_ok("3");
    expect_heard(getter, "");
    stage_close();
}

static void test_1_3_content_types(void **state)
{
    static const char *const types[] = {"text/plain;charset=UTF-8", "text/plain",
                                        "application/json", ""};
    (void)state;
    open_joined(plain);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nhost: a\r\ncONTENT-tYPE: %s\r\n"
                         "content-LENGTH: 1\r\n\r\n3",
                         sid, types[i]));
        expect_heard(poster, "200 {ok}");
    }
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                     "Content-Type: application/octet-stream\r\nContent-Length: 1\r\n\r\n3",
                     sid));
    expect_heard(poster, "400 {}$");
    expect_unknown(sid);
    stage_close();
}

static void test_1_3_head_and_body_in_any_pieces(void **state)
{
    (void)state;
    open_joined(plain);
    char whole[256];
    snprintf(whole, sizeof whole,
             "POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
             "Content-Length: 9\r\n\r\n42[\"abc\"]",
             sid);
    for (size_t cut = 1; cut < strlen(whole); cut++) {
        say_bytes(poster, span_of(whole, cut));
        say(poster, whole + cut);
        expect_heard(poster, "200 {ok}");
        say_get(getter, sid);
        expect_heard(getter, "200 {42[\"abc\"]}");
    }
    for (const char *at = whole; *at != '\0'; at++)
        say_bytes(poster, span_of(at, 1));
    expect_heard(poster, "200 {ok}");
    stage_close();
}

static void test_1_3_chunked_body(void **state)
{
    (void)state;
    open_joined(plain);
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n4\r\n42[\"\r\n",
                     sid));
    expect_heard(poster, "");
    say(poster, "3;x=y\r\na\"]\r\n0\r\nTrailer: t\r\n\r\n");
    expect_heard(poster, "200 {ok}");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[\"a\"]}");
    stage_close();
}

static void test_1_3_expect_100_continue(void **state)
{
    (void)state;
    open_joined(plain);
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                     "Expect: 100-continue\r\n\r\n",
                     sid));
    expect_heard(poster, "100 ");
    say(poster, "3");
    expect_heard(poster, "200 {ok}");
    stage_close();
}

static void test_1_3_second_post_while_one_is_received(void **state)
{
    (void)state;
    open_joined(plain);
    struct caller *other = caller_new();
    say(poster,
        text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n4", sid));
    say_post(other, sid, "3");
    expect_heard(other, "400 {}$");
    expect_heard(poster, "$"); /* dropped without a word */
    expect_unknown(sid);
    stage_close();
}

static void test_1_3_client_aborts_a_post(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    say(poster,
        text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n4", sid));
    hang_up(poster);
    expect_heard(getter, "400 {}");
    expect_unknown(sid);
    stage_close();
}

static void test_1_3_body_above_max_payload(void **state)
{
    (void)state;
    open_joined(small);
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 2001\r\n"
                     "Expect: 100-continue\r\n\r\n",
                     sid));
    expect_heard(poster, "413 {}$");
    /* the session lives on; chunks are counted as they come */
    poster = caller_new();
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n7d0\r\n%2000s\r\n",
                     sid, ""));
    expect_heard(poster, "");
    say(poster, "1\r\nx\r\n");
    expect_heard(poster, "413 {}$");
    poster = caller_new();
    post_ok("42[\"a\"]");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[\"a\"]}");
    /* one that has exactly the allowed length */
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n7d0\r\n42[\"%1993s\"]%s",
                     sid, "", " \r\n0\r\n\r\n"));
    expect_heard(poster, "200 {ok}");
    stage_close();
}

static void test_1_3_malformed_length_is_not_the_sessions_end(void **state)
{
    (void)state;
    open_joined(plain);
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n",
                     sid));
    expect_heard(poster, "400 {}$");
    poster = caller_new();
    post_ok("3");
    stage_close();
}

/* ---- 1.1, 1.3 What is in a body ---------------------------------------------------------- */

/* Each ends the session: the POST gets 400, the waiting poll `1`. */
static void test_1_3_invalid_packets(void **state)
{
    static const char *const bodies[] = {"",
                                         "7",
                                         "x",
                                         "2",
                                         "2probe",
                                         "\x1e",
                                         "3\x1e",
                                         "\x1e"
                                         "3",
                                         "3\x1e\x1e"
                                         "3",
                                         "4\xff",
                                         "42[\"\xc3\"]"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        open_joined(plain);
        say_get(getter, sid);
        say_post(poster, sid, bodies[i]);
        expect_heard(poster, "400 {}");
        expect_heard(getter, "200 {1}");
        expect_unknown(sid);
        stage_close();
    }
}

static void test_1_3_packets_before_an_invalid_one_count(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    say_post(poster, sid,
             "42[\"a\"]\x1e"
             "2\x1e"
             "42[\"b\"]");
    expect_heard(poster, "400 {}");
    expect_heard(getter, "200 {42[\"a\"]}");
    assert_int_equal(server.stats.socketio_messages, 1);
    expect_unknown(sid);
    stage_close();
}

static void test_1_3_packets_after_close_are_ignored(void **state)
{
    (void)state;
    open_joined(plain);
    say_post(poster, sid,
             "1\x1e"
             "42[\"b\"]\x1e"
             "x");
    expect_heard(poster, "200 {ok}");
    assert_int_equal(server.stats.socketio_messages, 0);
    expect_unknown(sid);
    stage_close();
}

static void test_1_3_ignored_packets(void **state)
{
    (void)state;
    open_joined(plain);
    post_ok("0\x1e"
            "5\x1e"
            "6\x1e"
            "0{}\x1e"
            "3\x1e"
            "3probe");
    post_ok("42[\"a\"]");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[\"a\"]}");
    stage_close();
}

/* ---- 1.5 Heartbeat ----------------------------------------------------------------------- */

static void test_1_5_ping_to_the_nanosecond(void **state)
{
    (void)state;
    open_joined(quick);
    say_get(getter, sid);
    advance(300 * MS - 1);
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {2}");
    advance(150 * MS);
    post_ok("3");
    say_get(getter, sid);
    advance(300 * MS - 1); /* from the pong */
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {2}");
    assert_int_equal(server.stats.heartbeats, 1);
    stage_close();
}

/* The pong's deadline counts from the ping's queueing, not from its fetching. */
static void test_1_5_ping_waits_in_the_queue(void **state)
{
    (void)state;
    open_joined(quick);
    advance(300 * MS);
    advance(199 * MS);
    say_get(getter, sid);
    expect_heard(getter, "200 {2}");
    say_get(getter, sid);
    advance(MS - 1);
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {1}");
    expect_unknown(sid);
    stage_close();
}

/* What has come before the server looked at the clock counts; after it has, nothing does. */
static void test_1_5_unknown_exactly_after(void **state)
{
    (void)state;
    open_joined(quick);
    advance(300 * MS);
    scripted_clock_advance(200 * MS - 1);
    say_post(poster, sid, "3");
    expect_heard(poster, "200 {ok}");
    advance(300 * MS);
    scripted_clock_advance(200 * MS);
    say_post(poster, sid, "3");
    expect_heard(poster, "200 {ok}");
    advance(300 * MS);
    advance(200 * MS);
    say_post(poster, sid, "3");
    expect_heard(poster, "400 {" UNKNOWN "}$");
    stage_close();
}

/* The same with a poll that waits: closing the session and answering the poll is one step. */
static void test_1_5_closed_exactly_after(void **state)
{
    static const char *const hurried[] = {"--connect-timeout", "1000", NULL};
    (void)state;
    stage_open(hurried);
    getter = caller_new();
    poster = caller_new();
    say_open(poster);
    sid = poster->sid;
    say_get(getter, sid);
    advance(1000 * MS);
    say_post(poster, sid, "40");
    expect_heard(poster, "400 {" UNKNOWN "}$");
    expect_heard(getter, "200 {1}");
    stage_close();
}

/* A peer sends three requests and hangs up. While they are handled, pings are due to the sessions
 * that they name: sending those to the polls that wait finds that the peer is gone. Its own poll
 * then must not take the place of one that comes later. */
static void test_1_5_the_asking_peer_is_gone(void **state)
{
    (void)state;
    open_joined(quick);
    struct caller *other = caller_new();
    struct caller *asking = caller_new();
    say_open(other);
    say_post(poster, other->sid, "40");
    say_get(other, other->sid);
    heard(other);
    say_get(getter, sid);
    say_get(other, other->sid);
    scripted_clock_advance(300 * MS);
    server.loop.judge_by = port_clock(); /* as after a turn that had no time for all of them */
    struct span requests = span_text(text("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
                                          "PUT " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: h\r\n\r\n"
                                          "GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: h\r\n\r\n",
                                          sid, other->sid));
    assert_int_equal(port_send(asking->socket, &requests, 1), requests.len);
    caller_drop(asking);
    settle();
    expect_heard(getter, "200 {2}");
    expect_heard(other, "200 {2}");
    heard(poster);
    say_get(other, other->sid);
    say_post(poster, other->sid, "3");
    expect_heard(poster, "200 {ok}");
    expect_heard(other, "");
    advance(300 * MS);
    expect_heard(other, "200 {2}");
    stage_close();
}

/* ---- 1.7 Closing ------------------------------------------------------------------------- */

static void test_1_7_client_closes(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    say_post(poster, sid, "1");
    expect_heard(poster, "200 {ok}");
    expect_heard(getter, "200 {6}");
    expect_unknown(sid);
    stage_close();
}

/* 2.6: a decoder error; the POST is fine, the session is closed by the server. */
static void test_1_7_server_closes_a_pending_poll(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    post_ok("49");
    expect_heard(getter, "200 {1}");
    expect_unknown(sid);
    stage_close();
}

static void test_1_7_server_closes_and_the_next_poll_is_told(void **state)
{
    (void)state;
    open_joined(plain);
    post_ok("42[\"a\"]\x1e"
            "49\x1e"
            "42[\"b\"]");
    post_ok("42[\"c\"]"); /* nothing comes of it any more */
    advance(29999 * MS);
    expect_heard(getter, "$"); /* no connection is kept so long */
    say_get(getter = caller_new(), sid);
    expect_heard(getter, "200 {42[\"a\"]|1}");
    expect_unknown(sid);
    stage_close();
    open_joined(plain);
    post_ok("49");
    advance(30000 * MS);
    expect_unknown(sid);
    stage_close();
}

/* The last packet of a closed session comes behind all others, if that takes two polls. */
static void test_1_7_server_closes_behind_a_long_queue(void **state)
{
    (void)state;
    open_joined(plain);
    for (int i = 0; i < 17; i++)
        post_ok("42[1]");
    post_ok("49");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[1]|42[1]|42[1]|42[1]|42[1]|42[1]|42[1]|42[1]|42[1]|42[1]|42[1]|"
                         "42[1]|42[1]|42[1]|42[1]|42[1]}");
    say_get(getter, sid);
    expect_heard(getter, "200 {42[1]|1}");
    expect_unknown(sid);
    stage_close();
}

static void test_1_7_server_stops(void **state)
{
    (void)state;
    open_joined(plain);
    say_get(getter, sid);
    struct caller *web = caller_new();
    say_upgrade(web, NULL);
    heard(web);
    server_stop(&server);
    settle();
    expect_heard(getter, "200 {1}$");
    expect_heard(poster, "$");
    expect_heard(web, "<close 1001>");
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_2_handshake),
        cmocka_unit_test(test_1_2_websocket_only),
        cmocka_unit_test(test_1_3_get_waits_until_something_is_queued),
        cmocka_unit_test(test_1_3_get_takes_what_is_queued_at_once),
        cmocka_unit_test(test_1_3_second_get_while_one_pends),
        cmocka_unit_test(test_1_3_client_aborts_a_pending_get),
        cmocka_unit_test(test_4_at_most_16_packets_in_an_answer),
        cmocka_unit_test(test_4_answers_of_large_packets),
        cmocka_unit_test(test_1_3_post_is_answered_ok),
        cmocka_unit_test(test_1_3_content_types),
        cmocka_unit_test(test_1_3_head_and_body_in_any_pieces),
        cmocka_unit_test(test_1_3_chunked_body),
        cmocka_unit_test(test_1_3_expect_100_continue),
        cmocka_unit_test(test_1_3_second_post_while_one_is_received),
        cmocka_unit_test(test_1_3_client_aborts_a_post),
        cmocka_unit_test(test_1_3_body_above_max_payload),
        cmocka_unit_test(test_1_3_malformed_length_is_not_the_sessions_end),
        cmocka_unit_test(test_1_3_invalid_packets),
        cmocka_unit_test(test_1_3_packets_before_an_invalid_one_count),
        cmocka_unit_test(test_1_3_packets_after_close_are_ignored),
        cmocka_unit_test(test_1_3_ignored_packets),
        cmocka_unit_test(test_1_5_ping_to_the_nanosecond),
        cmocka_unit_test(test_1_5_ping_waits_in_the_queue),
        cmocka_unit_test(test_1_5_unknown_exactly_after),
        cmocka_unit_test(test_1_5_closed_exactly_after),
        cmocka_unit_test(test_1_5_the_asking_peer_is_gone),
        cmocka_unit_test(test_1_7_client_closes),
        cmocka_unit_test(test_1_7_server_closes_a_pending_poll),
        cmocka_unit_test(test_1_7_server_closes_and_the_next_poll_is_told),
        cmocka_unit_test(test_1_7_server_closes_behind_a_long_queue),
        cmocka_unit_test(test_1_7_server_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
