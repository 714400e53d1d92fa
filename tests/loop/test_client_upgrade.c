/* Proves that the client upgrades from long polling to WebSocket as tests/PROTOCOLS.md states: each
 * case names the section and the row. */
#include "client_stage.h"

#define RS     "\x1e"
#define TWO    "452-[\"message\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]"
#define HEADER "451-[\"message\",{\"_placeholder\":true,\"num\":0}]"
#define QUICK                                                                                      \
    OPEN_OF("s", "\"websocket\"", "\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000")

static const char *const plain[] = {"connect", "--clients", "1", "http://" HOST "/#upgrade", NULL};
static const char *const binary[] = {
    "connect", "--clients", "1", "--binary", "--payload", "hi", "http://" HOST "/#upgrade", NULL};
static const char *const hasty[] = {
    "connect", "--clients", "1", "--timeout", "100ms", "http://" HOST "/#upgrade", NULL};
static const char *const direct[] = {"connect", "--clients", "1", "http://" HOST "/", NULL};

static struct peer *get, *post, *web;

/* What the client says next on all three connections. */
static void expect(const char *gets, const char *posts, const char *frames)
{
    peer_expect(get, gets);
    peer_expect(post, posts);
    peer_expect(web, frames);
}

/* The session is open; CONNECT is posted, a poll waits, and the WebSocket is asked for. */
static void open_session(const char *const *words, const char *open)
{
    client_open(words);
    get = peer_next();
    peer_expect(get, "GET ");
    peer_answer(get, open);
    post = peer_next();
    web = peer_next();
    peer_expect_none();
    expect("GET&sid=s ", "POST&sid=s {40}", "WS&sid=s ");
}

/* And it probes; nothing else is answered. */
static void open_probing(const char *const *words, const char *open)
{
    open_session(words, open);
    peer_accept(web);
    expect("", "", "T{2probe}");
}

/* It probes; the first message is posted, and a poll waits. */
static void open_sent(const char *const *words, const char *open)
{
    open_probing(words, open);
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    peer_answer(post, "ok");
    get->text.len = post->text.len = 0;
}

/* And the WebSocket is the transport. */
static void open_upgraded(const char *const *words, const char *open)
{
    open_sent(words, open);
    peer_text(web, "3probe");
    peer_answer(get, "6");
    expect("$", "$", "T{5}");
}

/* The reply to the one message came: close, as a client of WebSocket does it. */
static void expect_goodbye(void)
{
    peer_expect(web, "T{41}<close 1000>");
    peer_frame(web, WS_CLOSE, SPAN("\x03\xe8"));
    assert_false(run.course.over); /* the server closes TCP first */
    peer_hang_up(web);
    client_expect_done();
    client_close();
}

/* The server fails: the client reports that to it, and the server ends by closing TCP. */
static void expect_failed(const char *words, int status, enum phase phase)
{
    peer_expect(web, words);
    assert_false(run.course.over);
    peer_hang_up(web);
    client_expect_failure(status, phase, "");
    client_close();
}

/* ---- 5 What flows when connecting -------------------------------------------------------- */

static void test_5_three_connections_at_once(void **state)
{
    (void)state;
    open_session(plain, OPEN); /* nothing of it was answered */
    assert_memory_equal(web->head,
                        "GET " WEB_PATH "&sid=s HTTP/1.1\r\nHost: " HOST "\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ",
                        strlen("GET " WEB_PATH "&sid=s HTTP/1.1\r\nHost: " HOST "\r\n"
                               "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "));
    assert_null(strstr(web->head, "Extensions"));
    client_close();
}

static void test_5_the_whole_way(void **state)
{
    (void)state;
    open_upgraded(plain, OPEN);
    peer_text(web, HI);
    expect_goodbye();
    assert_int_equal(trial.phases[PHASE_PROBE].values.n, 1);
    assert_int_equal(trial.phases[PHASE_SWITCH].values.n, 1);
}

static void test_5_the_whole_way_byte_by_byte(void **state)
{
    (void)state;
    client_open(plain);
    scripted_cut_set(1);
    get = peer_next();
    peer_answer(get, OPEN);
    post = peer_next();
    web = peer_next();
    peer_accept(web);
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    peer_answer(post, "ok");
    peer_text(web, "3probe");
    peer_answer(get, "6");
    expect("GET GET&sid=s GET&sid=s $", "POST&sid=s {40}POST&sid=s {" HI "}$",
           "WS&sid=s T{2probe}T{5}");
    peer_text(web, HI);
    expect_goodbye();
}

static void test_1_2_websocket_is_not_among_the_upgrades(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        client_open(plain);
        get = peer_next();
        peer_answer(get, i == 0 ? OPEN_OF("s", "", "\"pingInterval\":1,\"pingTimeout\":1")
                                : OPEN_OF("s", "\"webtransport\",\"websockets\"",
                                          "\"pingInterval\":1,\"pingTimeout\":1"));
        client_expect_failure(STATUS_UNSUPPORTED, PHASE_PROBE, "\"upgrades\" lacks \"websocket\"");
        client_close();
    }
}

/* ---- 1.6, 2 Probe ------------------------------------------------------------------------ */

static void test_1_6_1_nothing_is_said_before_the_101(void **state)
{
    (void)state;
    open_session(plain, OPEN);
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    expect("GET&sid=s ", "POST&sid=s {" HI "}", "");
    peer_accept(web);
    expect("", "", "T{2probe}");
    client_close();
}

static void test_1_6_1_the_websocket_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        open_session(plain, OPEN);
        if (i == 0)
            peer_respond(web, 400, "{\"code\":3,\"message\":\"Bad request\"}");
        else if (i == 1)
            peer_respond(web, 200, "ok");
        else if (i == 2)
            peer_hang_up(web);
        else
            peer_bytes(web, SPAN("HTTP/1.1 101 Any\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"));
        peer_expect(get, "$");
        client_expect_failure(i < 2    ? STATUS_HTTP_STATUS
                              : i == 2 ? STATUS_CLOSED
                                       : STATUS_BAD_ACCEPT,
                              PHASE_PROBE,
                              i == 0   ? "HTTP 400: Bad request"
                              : i == 1 ? "HTTP 200"
                                       : "");
        client_close();
    }
}

/* What comes in the same turn on another connection is too late. */
static void test_1_8_no_probe_after_a_failure(void **state)
{
    struct span refusal = SPAN("HTTP/1.1 400 Any\r\nContent-Length: 0\r\n\r\n");
    (void)state;
    open_session(plain, OPEN);
    struct span welcome = buf_span(&web->welcome);
    assert_true(port_send(get->socket, &refusal, 1) > 0);
    assert_true(port_send(web->socket, &welcome, 1) > 0);
    web->upgraded = true;
    peers_settle();
    expect("$", "$", "$");
    client_expect_failure(STATUS_HTTP_STATUS, PHASE_SIO_CONNECT, "HTTP 400");
    client_close();
}

/* Polling goes on as if there was no probe. */
static void test_1_6_3_polling_goes_on_until_3probe(void **state)
{
    (void)state;
    open_probing(plain, OPEN);
    peer_answer(get, "2");
    expect("GET&sid=s ", "", "");
    peer_answer(post, "ok");
    expect("", "POST&sid=s {3}", "");
    peer_answer(post, "ok");
    peer_answer(get, JOINED RS "6");
    expect("GET&sid=s ", "POST&sid=s {" HI "}", "");
    peers_advance(1000 * MS);
    peer_answer(post, "ok");
    peer_answer(get, "6");
    expect("GET&sid=s ", "", "");
    client_close();
}

static void test_1_6_2_wrong_answers_to_the_probe(void **state)
{
    static const char *const answers[] = {
        "3", "3probes", "3prob", "3probe-and-more", "2probe",  "3bad", "", "5", "1",
        "4", "0{}",     HI,      "3probe ",         "63probe", "66"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        open_probing(plain, OPEN);
        peer_text(web, answers[i]);
        expect("$", "$", "$");
        client_expect_failure(STATUS_EIO_PACKET, PHASE_PROBE, "not 3probe");
        client_close();
    }
    open_probing(plain, OPEN);
    peer_frame(web, WS_BINARY, SPAN("3probe"));
    client_expect_failure(STATUS_EIO_PACKET, PHASE_PROBE, "not 3probe");
    client_close();
}

static void test_1_6_2_a_probe_that_is_closed(void **state)
{
    (void)state;
    open_probing(plain, OPEN);
    peer_frame(web, WS_CLOSE, SPAN(""));
    client_expect_failure(STATUS_WS_CLOSED, PHASE_PROBE, "close code 1005");
    client_close();
    open_probing(plain, OPEN);
    peer_frame(web, WS_CLOSE, SPAN("\x03\xf3"));
    client_expect_failure(STATUS_WS_CLOSED, PHASE_PROBE, "close code 1011");
    client_close();
    open_probing(plain, OPEN);
    peer_hang_up(web);
    client_expect_failure(STATUS_CLOSED, PHASE_PROBE, "");
    client_close();
    open_session(plain, OPEN);
    web->deaf = true; /* closing with bytes unread resets the connection */
    peer_accept(web);
    peer_hang_up(web);
    client_expect_failure(STATUS_RESET, PHASE_PROBE, "");
    client_close();
    open_probing(plain, OPEN);
    peer_bytes(web, SPAN("\x81\x01\xff"));
    client_expect_failure(STATUS_UTF8, PHASE_PROBE, "");
    client_close();
}

static void test_1_6_2_3probe_in_fragments_between_control_frames(void **state)
{
    (void)state;
    open_sent(plain, OPEN);
    peer_bytes(web, SPAN("\x01\x02"
                         "3p\x89\x01x\x80\x04"
                         "robe"));
    peer_expect(web, "<pong>");
    peer_answer(get, "6");
    expect("$", "$", "T{5}");
    assert_int_equal(trial.tally.heartbeats, 1);
    client_close();
}

/* 1.6, 8: a noop may come on any transport. */
static void test_1_6_8_noops_are_ignored(void **state)
{
    (void)state;
    open_sent(plain, OPEN);
    peer_text(web, "6");
    expect("", "", "");
    peer_text(web, "3probe");
    peer_text(web, "6");
    expect("", "", "");
    peer_answer(get, "6");
    expect("$", "$", "T{5}");
    peer_text(web, "6");
    peer_text(web, HI);
    expect_goodbye();
}

/* ---- 1.6, 3 Pause ------------------------------------------------------------------------ */

static void test_1_6_3_no_poll_after_3probe(void **state)
{
    (void)state;
    open_probing(plain, OPEN); /* the POST is under way all the time */
    peer_text(web, "3probe");
    expect("", "", "");
    peer_answer(get, "6");
    peers_advance(1000 * MS);
    expect("", "", "");
    peer_expect_none();
    peer_answer(post, "ok");
    expect("$", "$", "T{5}");
    client_close();
}

static void test_1_6_3_5_waits_for_the_get(void **state)
{
    (void)state;
    open_sent(plain, OPEN);
    peer_text(web, "3probe");
    peers_advance(100 * MS);
    expect("", "", "");
    peer_answer(get, "6");
    expect("$", "$", "T{5}");
    assert_int_equal(trial.phases[PHASE_SWITCH].values.max, 100 * MS);
    client_close();
}

static void test_1_6_3_5_waits_for_the_post(void **state)
{
    (void)state;
    open_probing(plain, OPEN);
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    expect("GET&sid=s ", "POST&sid=s {" HI "}", "");
    peer_text(web, "3probe");
    peer_answer(get, "6");
    peers_advance(100 * MS);
    expect("", "", "");
    peer_answer(post, "ok");
    expect("$", "$", "T{5}");
    client_close();
}

/* What comes about meanwhile goes out behind `5`, in order: nothing by POST, nothing before. */
static void test_1_6_3_packets_of_the_pause_follow_5(void **state)
{
    (void)state;
    open_probing(plain, OPEN);
    peer_answer(post, "ok");
    peer_text(web, "3probe");
    peer_answer(get, "2" RS JOINED RS "2x");
    expect("$", "$", "T{5}T{3}T{3x}T{" HI "}");
    peer_text(web, HI);
    expect_goodbye();
    /* and with the POST of CONNECT still under way */
    open_probing(plain, OPEN);
    peer_text(web, "3probe");
    peer_answer(get, JOINED);
    peers_advance(10 * MS);
    expect("", "", "");
    peer_answer(post, "ok");
    expect("$", "$", "T{5}T{" HI "}");
    client_close();
}

/* Nor does a POST begin that has been due since before it. */
static void test_1_6_3_no_post_after_3probe(void **state)
{
    (void)state;
    open_probing(plain, OPEN);
    peer_answer(get, "2");
    expect("GET&sid=s ", "", "");
    peer_text(web, "3probe");
    peer_answer(post, "ok");
    peers_advance(10 * MS);
    expect("", "", "");
    peer_answer(get, "6");
    expect("$", "$", "T{5}T{3}");
    client_close();
}

static void test_1_6_3_connect_may_be_answered_on_the_websocket(void **state)
{
    (void)state;
    open_probing(plain, OPEN);
    peer_answer(post, "OK");
    peer_text(web, "3probe");
    peer_answer(get, "6");
    expect("$", "$", "T{5}");
    peer_text(web, JOINED);
    peer_expect(web, "T{" HI "}");
    peer_text(web, HI);
    expect_goodbye();
}

/* The reply came by polling: it counts, but the user stays until the upgrade is over. */
static void test_1_6_3_a_reply_before_the_upgrade(void **state)
{
    (void)state;
    for (int probed = 0; probed < 2; probed++) {
        open_sent(plain, OPEN);
        if (probed)
            peer_text(web, "3probe");
        peer_answer(get, HI);
        if (!probed) {
            expect("GET&sid=s ", "", "");
            peer_text(web, "3probe");
            peer_answer(get, "6");
        }
        expect("$", "$", "T{5}T{41}<close 1000>");
        client_close();
        assert_int_equal(trial.tally.answered, 1);
    }
}

static void test_1_6_3_a_second_3probe_while_pausing(void **state)
{
    static const char *const answers[] = {"3probe", "3", "2", "1", HI, ""};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        open_sent(plain, OPEN);
        peer_text(web, "3probe");
        peer_text(web, answers[i]);
        expect("$", "$", "$");
        client_expect_failure(STATUS_EIO_PACKET, PHASE_SWITCH, "not 3probe");
        client_close();
    }
}

static void test_1_6_3_the_websocket_is_gone_while_pausing(void **state)
{
    (void)state;
    open_sent(plain, OPEN);
    peer_text(web, "3probe");
    peer_hang_up(web);
    expect("$", "$", "");
    client_expect_failure(STATUS_CLOSED, PHASE_SWITCH, "");
    client_close();
    open_sent(plain, OPEN);
    peer_text(web, "3probe");
    peer_frame(web, WS_CLOSE, SPAN(""));
    client_expect_failure(STATUS_WS_CLOSED, PHASE_SWITCH, "close code 1005");
    client_close();
}

static void test_1_6_3_the_last_requests_fail(void **state)
{
    (void)state;
    open_sent(plain, OPEN);
    peer_text(web, "3probe");
    peer_respond(get, 400, "{\"code\":3,\"message\":\"Bad request\"}");
    expect("$", "$", "$");
    client_expect_failure(STATUS_HTTP_STATUS, PHASE_FIRST_ECHO, "HTTP 400: Bad request");
    client_close();
    open_probing(plain, OPEN);
    peer_text(web, "3probe");
    peer_hang_up(post);
    client_expect_failure(STATUS_CLOSED, PHASE_SIO_CONNECT, "");
    client_close();
}

/* While a message of the server's is under way, nothing is switched. */
static void test_1_6_3_a_noop_in_fragments_when_all_else_is_ready(void **state)
{
    (void)state;
    open_sent(plain, OPEN);
    peer_text(web, "3probe");
    peer_bytes(web, SPAN("\x01\x01"
                         "6"));
    peer_answer(get, "6");
    expect("", "", "");
    peer_bytes(web, SPAN("\x80\x00"));
    expect("$", "$", "T{5}");
    client_close();
}

/* The connections of polling are of no use any more, and closed by us. */
static void test_1_6_4_polling_is_over_with_5(void **state)
{
    (void)state;
    open_upgraded(plain, OPEN);
    peer_hang_up(get);
    peer_hang_up(post);
    peers_advance(1000 * MS);
    peer_expect_none();
    peer_text(web, "2");
    peer_expect(web, "T{3}");
    peer_text(web, HI);
    expect_goodbye();
}

/* ---- 2.2 Attachments across the upgrade -------------------------------------------------- */

static void test_2_2_the_header_by_polling_the_attachment_in_frames(void **state)
{
    (void)state;
    for (int last = 0; last < 2; last++) { /* in the poll that ends the pause, or before */
        open_sent(binary, OPEN);
        if (last == 0) {
            peer_answer(get, HEADER);
            peer_expect(get, "GET&sid=s ");
        }
        peer_text(web, "3probe");
        peer_answer(get, last == 0 ? "6" : HEADER);
        expect("$", "$", "T{5}");
        peer_text(web, "2"); /* Engine.IO's packets may come between */
        peer_expect(web, "T{3}");
        peer_frame(web, WS_BINARY, SPAN("hi"));
        expect_goodbye();
    }
}

static void test_2_2_an_attachment_in_fragments(void **state)
{
    (void)state;
    open_sent(binary, OPEN);
    peer_text(web, "3probe");
    peer_answer(get, HEADER);
    peer_expect(web, "T{5}");
    peer_bytes(web, SPAN("\x02\x01h\x89\x00\x80\x01i"));
    peer_expect(web, "<pong>T{41}<close 1000>");
    client_close();
    assert_int_equal(trial.tally.answered, 1);
}

static void test_2_2_one_attachment_by_polling_one_in_frames(void **state)
{
    static const char *const words[] = {
        "connect", "--clients", "1", "--binary", "--match", "any", "http://" HOST "/#upgrade",
        NULL};
    (void)state;
    open_sent(words, OPEN);
    peer_answer(get, TWO RS "baGk=");
    peer_text(web, "3probe");
    peer_answer(get, "6");
    peer_expect(web, "T{5}");
    peer_frame(web, WS_BINARY, SPAN("second"));
    expect_goodbye();
}

/* All parts count, by whatever way they came: at most 67596 bytes for a message as short as ours.
 */
static void test_2_2_attachments_that_are_too_big_together(void **state)
{
    static char body[sizeof TWO RS "b" + 53336];
    static uint8_t bytes[27000];
    (void)state;
    strcpy(body, TWO RS "b");
    memset(body + strlen(body), 'A', 53336); /* 40002 bytes */
    for (size_t len = 27000; len <= 28000; len += 1000) {
        open_sent(binary, OPEN);
        peer_answer(get, body);
        peer_text(web, "3probe");
        peer_answer(get, "6");
        peer_expect(web, "T{5}");
        if (len == 27000) {
            peer_frame(web, WS_BINARY, span_of(bytes, len));
            peer_expect(web, "T{41}<close 1000>");
            client_close();
            assert_int_equal(trial.tally.wrong, 1);
        } else {
            peer_bytes(web, SPAN("\x82\x7e\x6d\x60")); /* its head is enough */
            expect_failed("<close 1009>$", STATUS_TOO_BIG, PHASE_FIRST_ECHO);
        }
    }
}

static void test_2_2_a_long_attachment(void **state)
{
    static const char *const words[] = {"connect",  "--clients", "1",
                                        "--binary", "--size",    "100000",
                                        "--match",  "any",       "http://" HOST "/#upgrade",
                                        NULL};
    static uint8_t bytes[100000];
    (void)state;
    open_sent(words, OPEN);
    peer_text(web, "3probe");
    peer_answer(get, HEADER);
    peer_expect(web, "T{5}");
    peer_frame(web, WS_BINARY, span_of(bytes, sizeof bytes));
    expect_goodbye();
}

/* The whole of it by the last poll, and none is due in frames. */
static void test_2_2_attachments_out_of_place(void **state)
{
    (void)state;
    open_sent(binary, OPEN);
    peer_text(web, "3probe");
    peer_answer(get, "6");
    peer_expect(web, "T{5}");
    peer_frame(web, WS_BINARY, SPAN("hi"));
    expect_failed("<close 0>$", STATUS_SIO_ATTACHMENT, PHASE_FIRST_ECHO);
    open_sent(binary, OPEN);
    peer_text(web, "3probe");
    peer_answer(get, HEADER);
    peer_expect(web, "T{5}");
    peer_text(web, "42[\"other\"]");
    expect_failed("<close 0>$", STATUS_SIO_ATTACHMENT, PHASE_FIRST_ECHO);
}

/* An attachment that does not come is given up with its session. */
static void test_2_2_an_attachment_that_does_not_come(void **state)
{
    (void)state;
    open_sent(binary, OPEN);
    peer_text(web, "3probe");
    peer_answer(get, HEADER);
    peer_hang_up(web);
    client_expect_failure(STATUS_CLOSED, PHASE_FIRST_ECHO, "");
    client_close();
}

/* ---- 1.5 Heartbeat over the upgrade ------------------------------------------------------ */

static void test_1_5_a_ping_in_the_last_poll_is_answered_in_a_frame(void **state)
{
    (void)state;
    open_sent(plain, OPEN);
    peer_text(web, "3probe");
    peer_answer(get, "2" RS "6");
    expect("$", "$", "T{5}T{3}");
    client_close();
}

static void expect_ping_timeout(uint64_t ns, enum phase phase)
{
    peers_advance(ns - 1);
    assert_false(run.course.over);
    peers_advance(1);
    client_expect_failure(STATUS_PING_TIMEOUT, phase, "");
    client_close();
}

/* The deadline is the session's, whatever its transport. */
static void test_1_5_no_ping_in_interval_and_timeout(void **state)
{
    (void)state;
    open_session(plain, QUICK);
    expect_ping_timeout(500 * MS, PHASE_SIO_CONNECT);
    open_sent(plain, QUICK);
    peer_text(web, "6");
    peer_frame(web, WS_PING, SPAN("")); /* not of Engine.IO */
    expect_ping_timeout(500 * MS, PHASE_FIRST_ECHO);
    open_sent(plain, QUICK);
    peer_text(web, "3probe");
    expect_ping_timeout(500 * MS, PHASE_FIRST_ECHO);
    open_sent(plain, QUICK);
    peers_advance(200 * MS);
    peer_answer(get, "2");
    peer_answer(post, "ok");
    peers_advance(100 * MS);
    peer_text(web, "3probe");
    peer_answer(get, "6");
    peer_expect(web, "T{5}");
    peer_text(web, "6");
    peers_advance(400 * MS - 1);
    peer_expect(web, "");
    peers_advance(1);
    expect_failed("<close 0>$", STATUS_PING_TIMEOUT, PHASE_FIRST_ECHO);
    open_upgraded(plain, QUICK);
    for (int i = 0; i < 5; i++) {
        peers_advance(500 * MS - 1);
        peer_text(web, i % 2 == 0 ? "2" : "2x");
        peer_expect(web, i % 2 == 0 ? "T{3}" : "T{3x}");
    }
    peers_advance(500 * MS - 1);
    peer_expect(web, "");
    peers_advance(1);
    expect_failed("<close 0>$", STATUS_PING_TIMEOUT, PHASE_FIRST_ECHO);
}

/* ---- 2.7 Timeouts ------------------------------------------------------------------------ */

static void expect_timeout(uint64_t ns, enum phase phase)
{
    peers_advance(ns - 1);
    assert_false(run.course.over);
    peers_advance(1);
    peers_advance(1); /* a WebSocket is judged in the next turn, behind what had come */
    bool echo = phase == PHASE_FIRST_ECHO;
    client_expect_failure(STATUS_TIMEOUT, phase,
                          echo ? "no reply within 0.1 s" : "no answer within 0.1 s");
    client_close();
}

/* What this process did not run is given to the server, and not more. */
static void test_2_7_a_pause_of_the_client_is_not_the_servers(void **state)
{
    (void)state;
    open_sent(hasty, OPEN);
    peer_answer(get, HI);
    scripted_clock_advance(2000 * MS);
    peers_settle();
    assert_int_equal(run.loop.counters.pauses, 1);
    peers_advance(40 * MS);
    assert_false(run.course.over);
    peers_advance(100 * MS);
    client_expect_failure(STATUS_TIMEOUT, PHASE_PROBE, "no answer within 0.1 s");
    client_close();
}

/* The upgrade has its time from the start on, beside what each reply has. */
static void test_2_7_an_upgrade_that_takes_too_long(void **state)
{
    (void)state;
    open_sent(hasty, OPEN); /* 101, but no 3probe */
    peer_answer(get, HI);
    expect_timeout(100 * MS, PHASE_PROBE);
    open_session(hasty, OPEN); /* no 101 */
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    peer_answer(post, "ok");
    peer_answer(get, HI);
    expect_timeout(100 * MS, PHASE_PROBE);
    open_sent(hasty, OPEN); /* the pause does not end */
    peers_advance(30 * MS);
    peer_answer(get, HI);
    peer_text(web, "3probe");
    expect_timeout(70 * MS, PHASE_SWITCH);
    open_sent(hasty, OPEN); /* a reply that is missing is something else */
    expect_timeout(100 * MS, PHASE_FIRST_ECHO);
    open_upgraded(hasty, OPEN);
    expect_timeout(100 * MS, PHASE_FIRST_ECHO);
    open_probing(hasty, OPEN);
    expect_timeout(100 * MS, PHASE_SIO_CONNECT);
    open_probing(hasty, OPEN); /* there is no connection for polls any more */
    peer_text(web, "3probe");
    peer_bytes(get, SPAN("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n6"));
    peer_expect(get, "$");
    expect_timeout(100 * MS, PHASE_SIO_CONNECT);
}

/* Scenarios that begin after the upgrade wait for it no longer than that. */
static void test_2_7_an_upgrade_without_a_message(void **state)
{
    static const char *const words[] = {
        "send", "--depth", "1", "--timeout", "100ms", "http://" HOST "/#upgrade", NULL};
    (void)state;
    open_probing(words, OPEN);
    peer_answer(post, "ok");
    peers_advance(30 * MS);
    peer_answer(get, JOINED);
    expect("GET&sid=s ", "", "");
    expect_timeout(70 * MS, PHASE_PROBE);
    open_probing(words, OPEN);
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    peer_text(web, "3probe");
    peer_answer(get, "6");
    expect("GET&sid=s $", "$", "T{5}T{" HI "}T{421[\"message\",\"hi\"]}");
    client_close();
}

/* ---- 1.7 Closing ------------------------------------------------------------------------- */

static void test_1_7_the_server_closes_while_probing(void **state)
{
    (void)state;
    for (int probed = 0; probed < 2; probed++) {
        open_sent(plain, OPEN);
        if (probed)
            peer_text(web, "3probe");
        peer_answer(get, "1");
        expect("$", "$", "$");
        client_expect_failure(STATUS_EIO_CLOSED, PHASE_FIRST_ECHO, "");
        client_close();
    }
}

/* A user that leaves does so by POST, and upgrades no more. */
static void test_1_7_refused_while_probing(void **state)
{
    (void)state;
    for (int probed = 0; probed < 2; probed++) {
        open_probing(plain, OPEN);
        peer_answer(post, "ok");
        if (probed)
            peer_text(web, "3probe");
        peer_answer(get, "44{\"message\":\"no\"}");
        expect("", "POST&sid=s {1}", "");
        if (!probed)
            peer_text(web, "3probe");
        peer_expect(web, "");
        peer_answer(post, "ok");
        expect("$", "$", "$");
        client_expect_failure(STATUS_SIO_CONNECT_ERROR, PHASE_SIO_CONNECT, "{\"message\":\"no\"}");
        client_close();
    }
}

static void test_1_7_refused_before_the_probe(void **state)
{
    (void)state;
    client_open(plain);
    get = peer_next();
    peer_answer(get, OPEN RS "44{\"message\":\"no\"}");
    post = peer_next();
    peer_expect_none(); /* no WebSocket */
    peer_expect(post, "POST&sid=s {40|1}");
    peer_answer(post, "ok");
    client_expect_failure(STATUS_SIO_CONNECT_ERROR, PHASE_SIO_CONNECT, "{\"message\":\"no\"}");
    client_close();
}

/* ---- The WebSocket, upgraded or from the start ------------------------------------------- */

static void open_websocket(bool upgraded, const char *open)
{
    if (upgraded) {
        open_upgraded(plain, open);
        return;
    }
    client_open(direct);
    web = peer_next();
    peer_expect(web, "WS ");
    peer_accept(web);
    peer_expect(web, "");
    peer_text(web, open);
    peer_expect(web, "T{40}");
    peer_text(web, JOINED);
    peer_expect(web, "T{" HI "}");
    peer_expect_none();
}

static void test_5_websocket_only(void **state)
{
    (void)state;
    open_websocket(false, OPEN);
    peer_text(web, HI);
    expect_goodbye();
}

static void test_1_4_what_ends_it(void **state)
{
    static const struct {
        uint8_t opcode;
        const char *payload, *want;
        int status;
        const char *detail;
    } cases[] = {
        {WS_TEXT, "1", "<close 0>$", STATUS_EIO_CLOSED, ""},
        {WS_TEXT, "", "<close 0>$", STATUS_EIO_PACKET, ""},
        {WS_TEXT, "9", "<close 0>$", STATUS_EIO_PACKET, ""},
        {WS_TEXT, "42{}", "<close 0>$", STATUS_SIO_PACKET, ""},
        {WS_TEXT, HI RS HI, "<close 0>$", STATUS_JSON_SYNTAX, ""}, /* one packet per frame */
        {WS_BINARY, "x", "<close 0>$", STATUS_SIO_ATTACHMENT, ""},
        {WS_TEXT, "4\xff", "<close 1007>$", STATUS_UTF8, ""},
        {WS_CLOSE, "", "<close 0>", STATUS_WS_CLOSED, "close code 1005"},
        {WS_CLOSE, "\x0b\xb9", "<close 3001>", STATUS_WS_CLOSED, "close code 3001"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        open_websocket(i % 2 != 0, OPEN);
        peer_frame(web, cases[i / 2].opcode, span_text(cases[i / 2].payload));
        peer_expect(web, cases[i / 2].want);
        peer_hang_up(web);
        client_expect_failure(cases[i / 2].status, PHASE_FIRST_ECHO, cases[i / 2].detail);
        client_close();
    }
}

static void test_1_4_what_is_ignored(void **state)
{
    (void)state;
    for (int upgraded = 0; upgraded < 2; upgraded++) {
        open_websocket(upgraded, OPEN);
        peer_text(web, "0{}");
        peer_text(web, "3");
        peer_text(web, "5");
        peer_text(web, "6");
        peer_frame(web, WS_PONG, SPAN("x"));
        peer_expect(web, "");
        peer_text(web, HI);
        expect_goodbye();
    }
}

static void test_1_5_on_a_websocket(void **state)
{
    (void)state;
    for (int upgraded = 0; upgraded < 2; upgraded++) {
        open_websocket(upgraded, QUICK);
        peers_advance(300 * MS);
        peer_text(web, "2");
        peer_expect(web, "T{3}");
        peers_advance(100 * MS);
        peer_text(web, "42[\"other\"]"); /* only a ping counts */
        peers_advance(400 * MS - 1);
        peer_expect(web, "");
        peers_advance(1);
        expect_failed("<close 0>$", STATUS_PING_TIMEOUT, PHASE_FIRST_ECHO);
    }
}

/* The server closes TCP first; one that does not is left alone after a while. */
static void test_1_7_a_close_that_is_not_answered(void **state)
{
    (void)state;
    for (int upgraded = 0; upgraded < 2; upgraded++) {
        open_websocket(upgraded, OPEN);
        peer_text(web, HI);
        peer_expect(web, "T{41}<close 1000>");
        peers_advance(CLOSE_TIMEOUT_MS * MS - 1);
        peer_expect(web, "");
        peers_advance(1);
        peer_expect(web, "$");
        assert_true(run.course.over);
        client_close();
    }
}

static void test_2_5_thrown_out_of_a_websocket(void **state)
{
    (void)state;
    for (int upgraded = 0; upgraded < 2; upgraded++) {
        open_websocket(upgraded, OPEN);
        peer_text(web, "41");
        peer_expect(web, "<close 1000>");
        peer_frame(web, WS_CLOSE, SPAN("\x03\xe8"));
        peer_hang_up(web);
        client_expect_failure(STATUS_SIO_DISCONNECT, PHASE_FIRST_ECHO, "");
        client_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_5_three_connections_at_once),
        cmocka_unit_test(test_5_the_whole_way),
        cmocka_unit_test(test_5_the_whole_way_byte_by_byte),
        cmocka_unit_test(test_1_2_websocket_is_not_among_the_upgrades),
        cmocka_unit_test(test_1_6_1_nothing_is_said_before_the_101),
        cmocka_unit_test(test_1_6_1_the_websocket_is_refused),
        cmocka_unit_test(test_1_8_no_probe_after_a_failure),
        cmocka_unit_test(test_1_6_3_polling_goes_on_until_3probe),
        cmocka_unit_test(test_1_6_2_wrong_answers_to_the_probe),
        cmocka_unit_test(test_1_6_2_a_probe_that_is_closed),
        cmocka_unit_test(test_1_6_2_3probe_in_fragments_between_control_frames),
        cmocka_unit_test(test_1_6_8_noops_are_ignored),
        cmocka_unit_test(test_1_6_3_no_poll_after_3probe),
        cmocka_unit_test(test_1_6_3_5_waits_for_the_get),
        cmocka_unit_test(test_1_6_3_5_waits_for_the_post),
        cmocka_unit_test(test_1_6_3_packets_of_the_pause_follow_5),
        cmocka_unit_test(test_1_6_3_no_post_after_3probe),
        cmocka_unit_test(test_1_6_3_connect_may_be_answered_on_the_websocket),
        cmocka_unit_test(test_1_6_3_a_reply_before_the_upgrade),
        cmocka_unit_test(test_1_6_3_a_second_3probe_while_pausing),
        cmocka_unit_test(test_1_6_3_the_websocket_is_gone_while_pausing),
        cmocka_unit_test(test_1_6_3_the_last_requests_fail),
        cmocka_unit_test(test_1_6_3_a_noop_in_fragments_when_all_else_is_ready),
        cmocka_unit_test(test_1_6_4_polling_is_over_with_5),
        cmocka_unit_test(test_2_2_the_header_by_polling_the_attachment_in_frames),
        cmocka_unit_test(test_2_2_an_attachment_in_fragments),
        cmocka_unit_test(test_2_2_one_attachment_by_polling_one_in_frames),
        cmocka_unit_test(test_2_2_attachments_that_are_too_big_together),
        cmocka_unit_test(test_2_2_a_long_attachment),
        cmocka_unit_test(test_2_2_attachments_out_of_place),
        cmocka_unit_test(test_2_2_an_attachment_that_does_not_come),
        cmocka_unit_test(test_1_5_a_ping_in_the_last_poll_is_answered_in_a_frame),
        cmocka_unit_test(test_1_5_no_ping_in_interval_and_timeout),
        cmocka_unit_test(test_2_7_a_pause_of_the_client_is_not_the_servers),
        cmocka_unit_test(test_2_7_an_upgrade_that_takes_too_long),
        cmocka_unit_test(test_2_7_an_upgrade_without_a_message),
        cmocka_unit_test(test_1_7_the_server_closes_while_probing),
        cmocka_unit_test(test_1_7_refused_while_probing),
        cmocka_unit_test(test_1_7_refused_before_the_probe),
        cmocka_unit_test(test_5_websocket_only),
        cmocka_unit_test(test_1_4_what_ends_it),
        cmocka_unit_test(test_1_4_what_is_ignored),
        cmocka_unit_test(test_1_5_on_a_websocket),
        cmocka_unit_test(test_1_7_a_close_that_is_not_answered),
        cmocka_unit_test(test_2_5_thrown_out_of_a_websocket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
