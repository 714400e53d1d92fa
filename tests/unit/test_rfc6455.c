/* Proves section 0 of tests/PROTOCOLS.md, RFC 6455 where implementations go wrong: each case runs
 * in both roles where both have the rule. */
#include "wire.h"

#include "codec/ws.h"

#define TEXT   0x81
#define BINARY 0x82
#define CLOSES 0x88
#define PING   0x89
#define PONG   0x8a

static void expect_sent(const char *want)
{
    assert_string_equal(sent(), want);
}

/* It failed with a Close, in either role, and reported that. */
static void expect_failed(int status, const char *want)
{
    expect_sent(want);
    expect_closed(status, 0, CONN_SHUTS);
}

/* ---- The handshake ----------------------------------------------------------------------- */

#define FIELDS     "Host: a\r\n" UPGRADE CONNECTION VERSION KEY
#define UPGRADE    "Upgrade: websocket\r\n"
#define VERSION    "Sec-WebSocket-Version: 13\r\n"
#define KEY        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define CONNECTION "Connection: Upgrade\r\n"

static void test_0_the_server_checks_the_handshake(void **state)
{
    static const struct {
        const char *request;
        const char *want;
    } cases[] = {
        {"GET / HTTP/1.1\r\n" FIELDS "\r\n", "101 "},
        {"GET / HTTP/1.1\r\nhOST: a\r\nuPGRADE: h2c, WebSocket\r\n"
         "cONNECTION: keep-alive,uPGRADE\r\n" VERSION KEY "\r\n",
         "101 "},
        {"POST / HTTP/1.1\r\n" FIELDS "\r\n", "405 "},
        {"GET / HTTP/1.0\r\n" FIELDS "\r\n", "400 "},
        {"GET / HTTP/1.1\r\n" UPGRADE CONNECTION VERSION KEY "\r\n", "400 "}, /* no Host */
        {"GET / HTTP/1.1\r\nHost: b\r\n" FIELDS "\r\n", "400 "},
        {"GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE CONNECTION VERSION "\r\n", "400 "}, /* no key */
        {"GET / HTTP/1.1\r\n" FIELDS KEY "\r\n", "400 "},
        {"GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE CONNECTION VERSION
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n\r\n",
         "400 "}, /* of 15 bytes */
        {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websockets\r\n" CONNECTION VERSION KEY "\r\n",
         "426 "},
        {"GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE "Connection: keep-alive\r\n" VERSION KEY "\r\n",
         "426 "},
        {"GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION KEY "\r\n", "426 "},
        {"GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE CONNECTION KEY "\r\n", "426 "},
        {"GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE CONNECTION "Sec-WebSocket-Version: 8\r\n" KEY
         "\r\n",
         "426 "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_server();
        feed_text(cases[i].request);
        out.ptr[out.len] = '\0';
        if (cases[i].want[0] == '4' && cases[i].want[1] == '2')
            assert_non_null(strstr((const char *)out.ptr, "\r\nSec-WebSocket-Version: 13\r\n"));
        const char *got = sent();
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: %s", cases[i].request, got);
    }
}

/* The right one twice is no accept value either, nor is a right one beside a wrong one. */
static void test_0_the_client_wants_one_accept_value(void **state)
{
    static const char other[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    (void)state;
    for (int which = 0; which < 4; which++) {
        char right[WS_ACCEPT_LENGTH + 1];
        char lines[256];
        start_client(false);
        out.len = 0;
        ws_accept_make(span_text(conn.key), right);
        snprintf(lines, sizeof lines, "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Accept: %s\r\n",
                 which & 1 ? other : right, which & 2 ? other : right);
        feed(response("101 X", lines, SPAN("")));
        expect_closed(STATUS_BAD_ACCEPT, 101, CONN_ENDS);
        assert_int_equal(told.upgrades, 0);
    }
}

static void test_0_the_client_verifies_upgrade_and_connection(void **state)
{
    static const char *const lines[] = {"Upgrade: websocket\r\n", "Connection: upgrade\r\n",
                                        "Upgrade: h2c\r\nConnection: upgrade\r\n",
                                        "Upgrade: websocket\r\nConnection: close\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char accept[WS_ACCEPT_LENGTH + 1];
        char all[512];
        start_client(false);
        ws_accept_make(span_text(conn.key), accept);
        snprintf(all, sizeof all, "HTTP/1.1 101 X\r\n%sSec-WebSocket-Accept: %s\r\n\r\n", lines[i],
                 accept);
        feed_text(all);
        expect_closed(STATUS_NOT_WEBSOCKET, 101, CONN_ENDS);
    }
}

/* permessage-deflate is never accepted: the answer does not mention it. */
static void test_0_no_extension_is_accepted(void **state)
{
    (void)state;
    start_server();
    feed_text("GET / HTTP/1.1\r\n" FIELDS
              "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n");
    assert_true(span_equal_text(buf_span(&out),
                                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\n"
                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
    sent();
    feed_frame(0xc1, SPAN("deflated"));
    expect_failed(STATUS_WS_RESERVED_BITS, "<close 1002>");
}

static void expect_subprotocol(const char *offers, const struct option_texts *list,
                               const char *want)
{
    char asked[512];
    char line[80] = "";
    start_server();
    config.subprotocols = list;
    snprintf(asked, sizeof asked, "GET / HTTP/1.1\r\n" FIELDS "%s\r\n", offers);
    if (want[0] != '\0')
        snprintf(line, sizeof line, "Sec-WebSocket-Protocol: %s\r\n", want);
    feed_text(asked);
    char all[640];
    snprintf(all, sizeof all,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n%s\r\n",
             line);
    if (!span_equal_text(buf_span(&out), all))
        fail_msg("%s: %.*s", offers, (int)out.len, (const char *)out.ptr);
}

/* By default the first one, as from socket.io; by a list the first one that is in it. Names know
 * case (section 11.3.4). */
static void test_0_a_subprotocol_is_chosen(void **state)
{
    static const struct option_texts none = {0, {NULL}};
    static const struct option_texts list = {2, {"b", "chat.v2"}};
    (void)state;
    expect_subprotocol("", NULL, "");
    expect_subprotocol("", &list, "");
    expect_subprotocol("Sec-WebSocket-Protocol: a, b\r\n", NULL, "a");
    expect_subprotocol("Sec-WebSocket-Protocol: a, b\r\n", &none, "a");
    expect_subprotocol("sec-websocket-PROTOCOL: , \t,chat.v2 ,b\r\n", &none, "chat.v2");
    expect_subprotocol("Sec-WebSocket-Protocol: a, chat.v2,b\r\n", &list, "chat.v2");
    expect_subprotocol("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: c,b\r\n", &list, "b");
    expect_subprotocol("Sec-WebSocket-Protocol: a, B, chat\r\n", &list, "");
}

/* ---- Masks, lengths, heads --------------------------------------------------------------- */

/* The client's are masked, with a key that no other frame has; the server's are not. */
static void test_0_every_frame_of_a_client_has_its_own_mask(void **state)
{
    uint8_t keys[16][4];
    (void)state;
    start_open(true);
    for (size_t i = 0; i < 16; i++) {
        feed_frame(PING, SPAN(""));
        assert_int_equal(out.len, 6);
        assert_int_equal(out.ptr[1], 0x80);
        memcpy(keys[i], out.ptr + 2, 4);
        out.len = 0;
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(keys[i], keys[k], 4);
    }
    start_open(false);
    feed_frame(PING, SPAN(""));
    assert_true(span_equal(buf_span(&out), SPAN("\x8a\x00")));
}

/* Heads as a server gets them; a client gets the same without the mask's bit. */
static void test_0_heads_that_are_errors(void **state)
{
    static const struct {
        int status;
        struct span head; /* up to the octet that shows it */
    } cases[] = {
        {STATUS_WS_LENGTH, S("\x82\xfe\x00\x7d")}, /* 125 fits into the short form */
        {STATUS_WS_LENGTH, S("\x82\xff\0\0\0\0\0\0\xff\xff")},
        {STATUS_WS_LENGTH, S("\x82\xff\x80")}, /* the top bit */
        {STATUS_WS_CONTROL, S("\x89\xfe")},    /* longer than 125 */
        {STATUS_WS_CONTROL, S("\x09\x80")},    /* in fragments */
        {STATUS_WS_RESERVED_BITS, S("\xc1")},
        {STATUS_WS_RESERVED_BITS, S("\xa2")},
        {STATUS_WS_RESERVED_BITS, S("\x99")},
        {STATUS_WS_OPCODE, S("\x83")},
        {STATUS_WS_OPCODE, S("\x87")},
        {STATUS_WS_OPCODE, S("\x8b")},
        {STATUS_WS_OPCODE, S("\x8f")},
        {STATUS_WS_SEQUENCE, S("\x80\x80\1\1\1\1")}, /* continues nothing */
        {STATUS_WS_SEQUENCE, S("\x00\x80\1\1\1\1")},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        uint8_t head[16];
        struct span bytes = cases[i / 2].head;
        bool client = i % 2;
        start_open(client);
        memcpy(head, bytes.ptr, bytes.len);
        if (client && bytes.len > 1)
            head[1] &= 0x7f;
        if (client && bytes.len == 6)
            bytes.len = 2;
        for (size_t k = 0; k < bytes.len; k++)
            feed(span_of(head + k, 1));
        if (bytes.len == 1) /* whether it fails before the second octet is left open */
            feed(client ? SPAN("\0") : SPAN("\x80"));
        if (bytes.len <= 2 && !client)
            feed(SPAN("\0\0\0\0"));
        expect_failed(cases[i / 2].status, "<close 1002>");
    }
}

static void test_0_the_wrong_mask(void **state)
{
    (void)state;
    start_open(false);
    feed_text("\x81\x01x");
    expect_failed(STATUS_WS_MASK, "<close 1002>");
    start_open(true);
    feed_text("\x81\x81\1\1\1\1x");
    expect_failed(STATUS_WS_MASK, "<close 1002>");
}

static void test_0_a_new_message_inside_of_another(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        start_open(client == 1);
        feed_frame(0x01, SPAN("a"));
        sent();
        feed_frame(TEXT, SPAN("b"));
        expect_failed(STATUS_WS_SEQUENCE, "<close 1002>");
    }
}

/* ---- Text -------------------------------------------------------------------------------- */

/* In the middle of a frame that announces more, and of a message. */
static void test_0_text_fails_at_the_first_bad_octet(void **state)
{
    static const struct span bad[] = {S("\xff"),         S("\xc0"),     S("\xe2z"),
                                      S("\xed\xa0"),     S("\xf4\x90"), S("\xe2\x82z"),
                                      S("\xf0\x9f\x98z")};
    (void)state;
    for (size_t i = 0; i < 4 * sizeof bad / sizeof bad[0]; i++) {
        bool client = i & 1;
        bool continued = i & 2;
        struct span octets = bad[i / 4];
        start_open(client);
        if (continued)
            feed_frame(0x01, SPAN("ok"));
        sent();
        feed(client      ? continued ? SPAN("\x00\x64") : SPAN("\x01\x64")
                  : continued ? SPAN("\x00\xe4\0\0\0\0")
                         : SPAN("\x01\xe4\0\0\0\0")); /* 100 octets follow */
        feed_text("fine");
        for (size_t k = 0; k < octets.len; k++) {
            assert_int_equal(told.closes, 0);
            feed(span_of(octets.ptr + k, 1));
        }
        expect_failed(STATUS_UTF8, "<close 1007>");
    }
}

static void test_0_code_points_across_fragments_and_reads(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        start_open(client == 1);
        feed_frame(0x01, SPAN("\xf0\x9f"));
        feed_frame(PING, SPAN("\xff")); /* which is none */
        feed_frame(0x00, SPAN(""));
        feed_frame(0x00, SPAN("\x98"));
        feed_frame(0x80, SPAN("\x80"));
        assert_int_equal(told.closes, 0);
        assert_int_equal(told.messages, 1);
        expect_sent(client ? "<pong \xff>" : "T{\xf0\x9f}<pong \xff>C{}C{\x98}C{\x80}.");
        feed_frame(0x01, SPAN("\xe2\x82"));
        sent();
        feed_frame(0x80, SPAN("")); /* the message ends within one */
        expect_failed(STATUS_UTF8, "<close 1007>");
    }
}

/* ---- Close ------------------------------------------------------------------------------- */

static void test_0_close_code_of_one_byte(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        start_open(client == 1);
        feed_frame(CLOSES, SPAN("\x03"));
        expect_failed(STATUS_WS_CLOSE_LENGTH, "<close 1002>");
    }
}

static bool close_code_valid(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static void test_0_close_codes_are_echoed_or_errors(void **state)
{
    (void)state;
    for (unsigned code = 990; code < 5010; code++) {
        for (int client = 0; client < 2; client++) {
            uint8_t body[] = {(uint8_t)(code >> 8), (uint8_t)code, 'b', 'y', 'e'};
            char want[32] = "<close 1002>";
            start_open(client == 1);
            feed_frame(CLOSES, span_of(body, sizeof body));
            if (!close_code_valid(code)) {
                expect_failed(STATUS_WS_CLOSE_CODE, want);
                continue;
            }
            snprintf(want, sizeof want, "<close %u>", code);
            expect_sent(want);
            expect_closed(STATUS_OK, code, client ? CONN_STAYS : CONN_SHUTS);
            assert_string_equal(told.reason, "bye");
        }
        if (code == 1020)
            code = 2990;
        if (code == 3010)
            code = 4990;
    }
    for (int client = 0; client < 2; client++) {
        start_open(client == 1);
        feed_frame(CLOSES, SPAN(""));
        expect_sent("<close 0>");
        expect_closed(STATUS_OK, 1005, client ? CONN_STAYS : CONN_SHUTS);
    }
}

static void test_0_close_reasons_are_utf8(void **state)
{
    static const struct span bad[] = {S("\x03\xe8\xff"), S("\x03\xe8ok\xe2\x82")};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        start_open(i % 2);
        feed_frame(CLOSES, bad[i / 2]);
        expect_failed(STATUS_UTF8, "<close 1007>");
    }
}

/* Neither behind an answered Close, nor behind our own, nor behind a failure. */
static void test_0_nothing_is_sent_after_close(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        start_open(i % 2);
        if (i / 2 == 0)
            feed_frame(CLOSES, SPAN("\x03\xe8"));
        else if (i / 2 == 1)
            conn_close(&conn, &io, 1001);
        else
            feed_frame(0x80, SPAN("continues nothing"));
        assert_int_equal(sent()[0], '<');
        feed_frame(TEXT, SPAN("a"));
        feed_frame(PING, SPAN("b"));
        feed_frame(TEXT, SPAN("\xff"));
        feed_frame(CLOSES, SPAN("\x03\xe8"));
        conn_close(&conn, &io, 1000);
        expect_sent("");
        assert_int_equal(told.closes, 1);
        assert_int_equal(told.messages, 0);
    }
}

/* The server ends its direction with its Close; the client leaves TCP to the server. A peer that
 * does not go in time is dropped. */
static void test_0_the_server_closes_tcp_first(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        bool client = i % 2;
        start_open(client);
        if (i / 2 == 1)
            conn_close(&conn, &io, 1000);
        feed_frame(CLOSES, SPAN("\x03\xe8"));
        expect_sent("<close 1000>");
        expect_closed(STATUS_OK, 1000, client ? CONN_STAYS : CONN_SHUTS);
        assert_true(conn_deadline(&conn, &config) == START + CLOSE);
        tick_at(START + CLOSE - 1);
        assert_int_equal(conn.ending, client ? CONN_STAYS : CONN_SHUTS);
        tick_at(START + CLOSE);
        assert_int_equal(conn.ending, CONN_ENDS);
        assert_true(conn.late);
    }
}

static void test_0_a_peer_that_never_answers_a_close_is_dropped(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        start_open(client == 1);
        io.now = START + SECOND;
        conn_close(&conn, &io, 1000);
        expect_sent("<close 1000>");
        io.now += SECOND;
        feed_frame(TEXT, SPAN("it talks on, which does not put it off"));
        expect_deadline(START + SECOND + CLOSE);
        expect_sent("");
        expect_closed(STATUS_TIMEOUT, 0, CONN_ENDS);
    }
}

/* All in one read: what was complete is answered before the failure is sent. */
static void test_0_complete_messages_come_before_a_failure(void **state)
{
    (void)state;
    start_open(false);
    feed(SPAN("\x81\x81\0\0\0\0a\x89\x81\0\0\0\0b\x82\x80\0\0\0\0\x83\x80\0\0\0\0"));
    expect_failed(STATUS_WS_OPCODE, "T{a}.<pong b>B{}.<close 1002>");
    start_open(true);
    feed(SPAN("\x81\x01"
              "a\x89\x01"
              "b\x82\x00\x83\x00"));
    expect_failed(STATUS_WS_OPCODE, "<pong b><close 1002>");
    assert_int_equal(told.messages, 2);
}

/* ---- Ping -------------------------------------------------------------------------------- */

static void test_0_pong_has_the_body_of_the_ping(void **state)
{
    char body[126];
    char want[160];
    (void)state;
    memset(body, 'x', sizeof body);
    for (size_t len = 0; len <= 125; len += len == 0 ? 1 : 124) {
        for (int client = 0; client < 2; client++) {
            start_open(client == 1);
            feed_frame(PING, span_of(body, len));
            snprintf(want, sizeof want, "<pong %.*s>", (int)len, body);
            expect_sent(want);
            assert_int_equal(told.pings, 1);
        }
    }
}

static void test_0_unsolicited_pong_is_ignored(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        start_open(client == 1);
        feed_frame(PONG, SPAN("nobody asked"));
        feed_frame(0x01, SPAN("a"));
        feed_frame(PONG, SPAN(""));
        feed_frame(0x80, SPAN("b"));
        expect_sent(client ? "" : "T{a}C{b}.");
        assert_int_equal(told.closes, 0);
        assert_int_equal(told.messages, 1);
    }
}

/* Pongs are not starved by a large message that comes in... */
static void test_0_pong_within_a_large_incoming_message(void **state)
{
    static uint8_t part[60000];
    (void)state;
    for (int client = 0; client < 2; client++) {
        start_open(client == 1);
        memset(part, 'a', sizeof part);
        for (unsigned i = 0; i < 8; i++) {
            feed_frame(i == 0 ? 0x02 : 0x00, span_of(part, sizeof part));
            out.len = 0;
            feed_frame(PING, SPAN("now"));
            expect_sent("<pong now>");
        }
        feed_frame(0x80, SPAN(""));
        assert_int_equal(told.messages, 1);
        assert_int_equal(told.data_bytes, 8 * sizeof part);
    }
}

/* The server's echo of a frame of 300000 bytes goes out in fragments while it comes in; a ping
 * right behind it, and a Close, are answered right behind it. */
static void test_0_pong_behind_a_large_echo(void **state)
{
    static uint8_t part[60000];
    (void)state;
    start_open(false);
    memset(part, 0, sizeof part);
    feed(SPAN("\x82\xff\0\0\0\0\0\x04\x93\xe0\0\0\0\0"));
    for (int i = 0; i < 5; i++) {
        feed(span_of(part, sizeof part));
        assert_true(out.len >= sizeof part); /* it is not kept back */
        out.len = 0;
    }
    feed_frame(PING, SPAN("p"));
    feed_frame(CLOSES, SPAN(""));
    expect_sent("<pong p><close 0>");
}

/* ... nor by one that goes out: inside of a frame that is sent in pieces nothing can be put, but
 * behind it the newest is. */
static void test_0_pong_is_owed_inside_of_a_large_outgoing_frame(void **state)
{
    (void)state;
    start_open(true);
    conn.mid_frame = true;
    feed_frame(PING, SPAN("one"));
    feed_frame(PING, SPAN("second"));
    expect_sent("");
    assert_int_equal(told.pings, 2);
    conn_settle(&conn, &io);
    expect_sent("<pong second>");
    assert_false(conn.mid_frame);
    conn_settle(&conn, &io); /* it is owed no more */
    expect_sent("");
    feed_frame(PING, SPAN("third"));
    expect_sent("<pong third>");
    conn.mid_frame = true;
    feed_frame(PING, SPAN(""));
    expect_sent("");
    conn_settle(&conn, &io);
    expect_sent("<pong >");
}

/* Other control frames and data between the ping and the end of our frame don't change its body. */
static void test_0_pong_that_is_owed_keeps_its_body(void **state)
{
    (void)state;
    start_open(true);
    conn.mid_frame = true;
    feed_frame(PING, SPAN("body"));
    feed_frame(TEXT, SPAN("a message"));
    conn_settle(&conn, &io);
    expect_sent("<pong body>");
}

static void test_0_close_is_owed_inside_of_a_large_outgoing_frame(void **state)
{
    static const unsigned codes[] = {1001, 0};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        start_open(true);
        conn.mid_frame = true;
        feed_frame(PING, SPAN("p"));
        conn_close(&conn, &io, codes[i]);
        expect_sent("");
        assert_int_equal(conn.state, CONN_WEBSOCKET); /* and the frame goes on */
        io.now = START + SECOND;
        conn_settle(&conn, &io);
        expect_sent(codes[i] == 1001 ? "<pong p><close 1001>" : "<pong p><close 1000>");
        assert_int_equal(conn.state, CONN_CLOSING);
        assert_true(conn_deadline(&conn, &config) == START + SECOND + CLOSE);
        feed_frame(CLOSES, SPAN("\x03\xe8"));
        expect_closed(STATUS_OK, 1000, CONN_STAYS);
        expect_sent("");
    }
}

/* What ends the connection there leaves the frame unfinished: nothing may be put into it. */
static void test_0_no_close_inside_of_a_large_outgoing_frame(void **state)
{
    (void)state;
    start_open(true);
    conn.mid_frame = true;
    feed_frame(PING, SPAN("p"));
    feed_frame(TEXT, SPAN("\xff"));
    expect_sent("");
    expect_closed(STATUS_UTF8, 0, CONN_ENDS);
    conn_settle(&conn, &io);
    expect_sent("");
}

/* Engine.IO's ping: its answer is owed, too, and put behind the pong. */
static void test_0_heartbeat_is_owed_inside_of_a_large_outgoing_frame(void **state)
{
    (void)state;
    start_client(true);
    feed(response("101 X", "",
                  SPAN("\x81\x3f"
                       "0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200}"
                       "\x81\x0d"
                       "40{\"sid\":\"x\"}")));
    out.len = 0;
    conn.mid_frame = true;
    feed_frame(TEXT, SPAN("2"));
    feed_frame(PING, SPAN("p"));
    expect_sent("");
    conn_settle(&conn, &io);
    expect_sent("<pong p>T{3}.");
    conn_settle(&conn, &io);
    expect_sent("");
    feed_frame(TEXT, SPAN("2"));
    expect_sent("T{3}.");
    conn.mid_frame = true;
    feed_frame(TEXT, SPAN("2"));
    conn_close(&conn, &io, 1000);
    expect_sent("");
    conn_settle(&conn, &io);
    expect_sent("T{3}.T{41}.<close 1000>");
}

/* ---- Large messages ---------------------------------------------------------------------- */

/* Payload bytes of the server's frames since the last call, which must be 'a'; or of none. */
static uint64_t payload_take(void)
{
    struct span rest = buf_span(&out);
    uint64_t bytes = 0;
    while (rest.len > 0) {
        struct ws_head head;
        int used = ws_head_parse(rest, false, &head);
        assert_true(used > 0 && head.length <= rest.len - (size_t)used);
        rest = span_after(rest, (size_t)used);
        for (size_t i = 0; i < head.length; i += 997)
            assert_int_equal(rest.ptr[i], 'a');
        rest = span_after(rest, (size_t)head.length);
        bytes += head.length;
    }
    out.len = 0;
    return bytes;
}

static void test_0_16_mib_in_one_frame(void **state)
{
    static uint8_t piece[1 << 17];
    (void)state;
    memset(piece, 'a', sizeof piece);
    for (int client = 0; client < 2; client++) {
        uint64_t echoed = 0;
        start_open(client == 1);
        feed(client ? SPAN("\x81\x7f\0\0\0\0\1\0\0\0") : SPAN("\x81\xff\0\0\0\0\1\0\0\0\0\0\0\0"));
        for (size_t i = 0; i < (16 << 20) / sizeof piece; i++) {
            assert_int_equal(told.messages, 0);
            feed(span_of(piece, sizeof piece));
            echoed += payload_take();
        }
        assert_int_equal(told.messages, 1);
        assert_int_equal(told.data_bytes, 16 << 20);
        assert_int_equal(echoed, client ? 0 : 16 << 20);
        assert_int_equal(most_lent, 0); /* nothing of it was held */
    }
}

static void test_0_4_mib_in_fragments_of_64_bytes(void **state)
{
    uint8_t piece[64];
    (void)state;
    memset(piece, 'a', sizeof piece);
    for (int client = 0; client < 2; client++) {
        uint64_t echoed = 0;
        start_open(client == 1);
        for (unsigned i = 0; i < 65536; i++) {
            feed_frame(i == 0 ? 0x01 : i < 65535 ? 0x00 : 0x80, span_of(piece, sizeof piece));
            echoed += payload_take();
        }
        assert_int_equal(told.messages, 1);
        assert_int_equal(told.data_bytes, 4 << 20);
        assert_int_equal(echoed, client ? 0 : 4 << 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_0_the_server_checks_the_handshake),
        cmocka_unit_test(test_0_the_client_wants_one_accept_value),
        cmocka_unit_test(test_0_the_client_verifies_upgrade_and_connection),
        cmocka_unit_test(test_0_no_extension_is_accepted),
        cmocka_unit_test(test_0_a_subprotocol_is_chosen),
        cmocka_unit_test(test_0_every_frame_of_a_client_has_its_own_mask),
        cmocka_unit_test(test_0_heads_that_are_errors),
        cmocka_unit_test(test_0_the_wrong_mask),
        cmocka_unit_test(test_0_a_new_message_inside_of_another),
        cmocka_unit_test(test_0_text_fails_at_the_first_bad_octet),
        cmocka_unit_test(test_0_code_points_across_fragments_and_reads),
        cmocka_unit_test(test_0_close_code_of_one_byte),
        cmocka_unit_test(test_0_close_codes_are_echoed_or_errors),
        cmocka_unit_test(test_0_close_reasons_are_utf8),
        cmocka_unit_test(test_0_nothing_is_sent_after_close),
        cmocka_unit_test(test_0_the_server_closes_tcp_first),
        cmocka_unit_test(test_0_a_peer_that_never_answers_a_close_is_dropped),
        cmocka_unit_test(test_0_complete_messages_come_before_a_failure),
        cmocka_unit_test(test_0_pong_has_the_body_of_the_ping),
        cmocka_unit_test(test_0_unsolicited_pong_is_ignored),
        cmocka_unit_test(test_0_pong_within_a_large_incoming_message),
        cmocka_unit_test(test_0_pong_behind_a_large_echo),
        cmocka_unit_test(test_0_pong_is_owed_inside_of_a_large_outgoing_frame),
        cmocka_unit_test(test_0_pong_that_is_owed_keeps_its_body),
        cmocka_unit_test(test_0_close_is_owed_inside_of_a_large_outgoing_frame),
        cmocka_unit_test(test_0_no_close_inside_of_a_large_outgoing_frame),
        cmocka_unit_test(test_0_heartbeat_is_owed_inside_of_a_large_outgoing_frame),
        cmocka_unit_test(test_0_16_mib_in_one_frame),
        cmocka_unit_test(test_0_4_mib_in_fragments_of_64_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
