/* Proves whole conversations of both roles, without a socket: each fed whole, byte by byte, and cut
 * in two at every place. */
#include "wire.h"

#include "codec/ws.h"
#include "conn/echo.h"

/* ---- Conversations with the server ----------------------------------------------------- */

#define FRAMES 8

struct talk {
    const char *head; /* HTTP */
    const char *want;
    int status;
    unsigned code;
    struct {
        uint8_t first;
        struct span payload;
    } frames[FRAMES];
};

#define PART "{\"_placeholder\":true,\"num\":0}"

static const struct talk talks[] = {
    {ECHO,
     "101 T{Hello}.B{\xff}.<pong p><close 1000>",
     STATUS_OK,
     1000,
     {{0x81, S("Hello")},
      {0x82, S("\xff")},
      {0x89, S("p")},
      {0x88, S("\x03\xe8"
               "bye")}}},
    {ECHO,
     "101 T{}.T{Hel}<pong >C{lo}.<close 0>",
     STATUS_OK,
     1005,
     {{0x81, S("")}, {0x01, S("Hel")}, {0x89, S("")}, {0x80, S("lo")}, {0x88, S("")}}},
    {ECHO,
     "101 B{a}C{}C{}.<close 4000>",
     STATUS_OK,
     4000,
     {{0x02, S("a")}, {0x00, S("")}, {0x80, S("")}, {0x88, S("\x0f\xa0")}}},
    /* after Close nothing counts any more */
    {ECHO,
     "101 <close 1001>",
     STATUS_OK,
     1001,
     {{0x88, S("\x03\xe9")}, {0x81, S("late")}, {0x89, S("late")}, {0x88, S("\x03\xe8")}}},
    {ECHO, "101 T{a}<close 1000>", STATUS_OK, 1000, {{0x01, S("a")}, {0x88, S("\x03\xe8")}}},
    /* what was complete is answered before the failure */
    {ECHO,
     "101 T{a}.<pong b><close 1002>",
     STATUS_WS_RESERVED_BITS,
     0,
     {{0x81, S("a")}, {0x89, S("b")}, {0xc1, S("c")}, {0x81, S("d")}}},
    {ECHO, "101 <close 1002>", STATUS_WS_SEQUENCE, 0, {{0x80, S("a")}}},
    {ECHO, "101 <close 1002>", STATUS_WS_CLOSE_LENGTH, 0, {{0x88, S("a")}}},
    {ECHO, "101 <close 1002>", STATUS_WS_CLOSE_CODE, 0, {{0x88, S("\x03\xee")}}},
    {ECHO, "101 T{ok}.<close 1007>", STATUS_UTF8, 0, {{0x81, S("ok")}, {0x81, S("a\xff")}}},
    {ECHO, "101 T{\xe2}<close 1007>", STATUS_UTF8, 0, {{0x01, S("\xe2")}, {0x80, S("")}}},
    {ECHO, "101 <close 1007>", STATUS_UTF8, 0, {{0x88, S("\x03\xe8\xff")}}},
    /* Socket.IO */
    {SOCKETIO,
     "101 T{0!}.T{40!}.T{42[\"m\",1]}.T{437[2]}.<pong x><close 1000>",
     STATUS_OK,
     1000,
     {{0x81, S("40")},
      {0x81, S("42[\"m\",1]")},
      {0x81, S("427[\"m\",2]")},
      {0x89, S("x")},
      {0x88, S("\x03\xe8")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<pong x>T{42[\"fragments\"]}.<close 0>",
     STATUS_OK,
     1005,
     {{0x01, S("4")},
      {0x80, S("0{}")},
      {0x01, S("42[\"frag")},
      {0x89, S("x")},
      {0x00, S("")},
      {0x80, S("ments\"]")},
      {0x88, S("")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.T{451-[\"b\"," PART "]}.B{\x01\x02}.T{42[\"m\"]}.<close 0>",
     STATUS_OK,
     1005,
     {{0x81, S("40")},
      {0x81, S("451-[\"b\"," PART "]")},
      {0x82, S("\x01\x02")},
      {0x81, S("42[\"m\"]")},
      {0x88, S("")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<pong >T{462-5[]}.B{abc}.B{}.<close 0>",
     STATUS_OK,
     1005,
     {{0x81, S("40")},
      {0x81, S("452-5[\"b\"]")},
      {0x81, S("3pong")},
      {0x02, S("ab")},
      {0x89, S("")},
      {0x80, S("c")},
      {0x82, S("")},
      {0x88, S("")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.T{451-[1]}.B{a}.T{451-[2]}.B{b}.<close 0>",
     STATUS_OK,
     1005,
     {{0x81, S("40")},
      {0x01, S("451-[")},
      {0x80, S("1]")},
      {0x82, S("a")},
      {0x81, S("451-[2]")},
      {0x82, S("b")},
      {0x88, S("")}}},
    {SOCKETIO,
     "101 T{0!}.T{44/no,{\"message\":\"Invalid namespace\"}}.<close 0>",
     STATUS_SIO_NAMESPACE,
     0,
     {{0x81, S("40/no")}, {0x81, S("42[\"m\"]")}}},
    {SOCKETIO, "101 T{0!}.<close 0>", STATUS_EIO_CLOSED, 0, {{0x81, S("1")}, {0x81, S("40")}}},
    {SOCKETIO, "101 T{0!}.<close 0>", STATUS_EIO_PACKET, 0, {{0x81, S("2")}}},
    {SOCKETIO, "101 T{0!}.<close 0>", STATUS_EIO_PACKET, 0, {{0x81, S("")}}},
    {SOCKETIO, "101 T{0!}.<close 0>", STATUS_SIO_ATTACHMENT, 0, {{0x82, S("x")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<close 0>",
     STATUS_JSON_SYNTAX,
     0,
     {{0x81, S("40")}, {0x81, S("42[\"m\"")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<close 0>",
     STATUS_SIO_ATTACHMENT,
     0,
     {{0x81, S("40")}, {0x81, S("451-[\"b\"]")}, {0x81, S("42[\"m\"]")}}},
    {SOCKETIO, "101 T{0!}.<close 1007>", STATUS_UTF8, 0, {{0x81, S("40{\"a\":\"\xff\"}")}}},
    {SOCKETIO, "101 T{0!}.<close 1002>", STATUS_WS_MASK, 0, {{0x01, S("4")}}}, /* see talk_build */
    /* attachments as text frames of `b` and base64, in one frame, in fragments, mixed, empty */
    {SOCKETIO,
     "101 T{0!}.T{40!}.T{453-[\"b\"," PART "]}.B{\x01\x02}.B{}.B{abc}.T{42[\"m\"]}.<close 0>",
     STATUS_OK,
     1005,
     {{0x81, S("40")},
      {0x81, S("453-[\"b\"," PART "]")},
      {0x81, S("bAQI=")},
      {0x81, S("3")},
      {0x81, S("b")},
      {0x82, S("abc")},
      {0x81, S("42[\"m\"]")},
      {0x88, S("")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<pong >T{462-5[]}.B{abcd}.B{\xff}.<close 0>",
     STATUS_EIO_PACKET,
     0,
     {{0x81, S("40")},
      {0x81, S("452-5[\"b\"]")},
      {0x01, S("bYW")},
      {0x89, S("")},
      {0x80, S("JjZA==")},
      {0x81, S("b/w==")},
      {0x81, S("451-[\"b\"]")},
      {0x81, S("bYQ")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<close 0>",
     STATUS_SIO_ATTACHMENT,
     0,
     {{0x81, S("40")}, {0x81, S("bYQ==")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<close 0>",
     STATUS_SIO_ATTACHMENT,
     0,
     {{0x81, S("40")}, {0x01, S("")}, {0x80, S("bYQ==")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<close 1009>",
     STATUS_TOO_BIG,
     0,
     {{0x81, S("40")},
      {0x81, S("452-[\"b\"]")},
      {0x81, S("bYWJjZGVmZ2hpamtsbW5vcHFyc3R1")},
      {0x81, S("bYWJjZGVmZ2hpamtsbW5vcHFyc3R1")}}},

    /* 64 bytes at most: one frame, fragments, a header and its attachments */
    {SOCKETIO,
     "101 T{0!}.T{40!}.T{42[\"123456789012345678901234567890123456789012345678901234567\""
     "]}.<close 1009>",
     STATUS_TOO_BIG,
     0,
     {{0x81, S("40")},
      {0x81, S("42[\"123456789012345678901234567890123456789012345678901234567\"]")},
      {0x81, S("42[\"12345678901234567890123456789012345678901234567890123456789\"]")}}},
    {SOCKETIO,
     "101 T{0!}.<close 1009>",
     STATUS_TOO_BIG,
     0,
     {{0x01, S("42[\"1234567890123456789012345678")},
      {0x00, S("12345678901234567890123456789012")},
      {0x80, S("x")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<close 1009>",
     STATUS_TOO_BIG,
     0,
     {{0x81, S("40")},
      {0x81, S("452-[\"b\"]")},
      {0x82, S("123456789012345678901234567890")},
      {0x82, S("12345678901234567890123456")}}},

    /* messages as they are: texts and binary ones, whole, in fragments, empty; the heartbeat */
    {ENGINEIO,
     "101 T{0!}.T{4}.T{4hello}.B{}.B{\x01\xff}.T{42[]}.B{abc}.<close 0>",
     STATUS_EIO_CLOSED,
     0,
     {{0x81, S("4")},
      {0x81, S("4hello")},
      {0x82, S("")},
      {0x82, S("\x01\xff")},
      {0x81, S("42[]")},
      {0x02, S("ab")},
      {0x80, S("c")},
      {0x81, S("1")}}},
    {ENGINEIO,
     "101 T{0!}.B{abc}.B{}.B{\xff}.T{4}.<close 0>",
     STATUS_EIO_PACKET,
     0,
     {{0x81, S("bYWJj")},
      {0x81, S("b")},
      {0x01, S("b/")},
      {0x80, S("w==")},
      {0x81, S("4")},
      {0x81, S("bYQ=a")}}},
    {ENGINEIO,
     "101 T{0!}.T{4\xc3\xbc}.T{451-}.B{45}.<close 0>",
     STATUS_EIO_PACKET,
     0,
     {{0x01, S("4\xc3")},
      {0x00, S("")},
      {0x80, S("\xbc")},
      {0x81, S("3")},
      {0x81, S("451-")},
      {0x82, S("45")},
      {0x81, S("")}}},
    {ENGINEIO,
     "101 T{0!}.<close 1009>",
     STATUS_TOO_BIG,
     0,
     {{0x02, S("1234567890123456789012345678901234567890")},
      {0x80, S("1234567890123456789012345")}}},
    {SOCKETIO,
     "101 T{0!}.T{40!}.<close 0>",
     STATUS_SIO_ATTACHMENT,
     0,
     {{0x81, S("40")}, {0x82, S("unasked")}}},

    /* whole messages */
    {WHOLE,
     "101 T{}.T{Hello}.<pong p>B{\xff}.T{one, \xc3\xbc}.<close 1000>",
     STATUS_OK,
     1000,
     {{0x81, S("")},
      {0x81, S("Hello")},
      {0x02, S("")},
      {0x89, S("p")},
      {0x80, S("\xff")},
      {0x01, S("one, \xc3")},
      {0x80, S("\xbc")},
      {0x88, S("\x03\xe8")}}},
    {WHOLE,
     "101 B{1234567890123456789012345678901234567890123456789012345678901234}.<close 1009>",
     STATUS_TOO_BIG,
     0,
     {{0x82, S("1234567890123456789012345678901234567890123456789012345678901234")},
      {0x01, S("12345678901234567890123456789012345678901234567890")},
      {0x80, S("123456789012345")}}},
    {WHOLE, "101 <close 1007>", STATUS_UTF8, 0, {{0x01, S("one")}, {0x80, S("\xbc")}}},
};

/* The last frame of the one with STATUS_WS_MASK is sent without a mask. */
static struct span talk_build(const struct talk *t)
{
    static uint8_t bytes[4096];
    struct buf b = buf_over(bytes, sizeof bytes);
    buf_put_text(&b, t->head);
    for (size_t i = 0; i < FRAMES && t->frames[i].payload.ptr != NULL; i++) {
        size_t at = b.len;
        ws_frame_put(&b, true, t->frames[i].first & 0x0f, t->frames[i].payload,
                     t->status == STATUS_WS_MASK ? NULL : key);
        b.ptr[at] = t->frames[i].first;
    }
    return buf_span(&b);
}

static void expect_talk(const struct talk *t)
{
    const char *got = sent();
    if (strcmp(got, t->want) != 0)
        fail_msg("\n  got  %s\n  want %s", got, t->want);
    expect_closed(t->status, t->code, CONN_SHUTS);
    assert_int_equal(told.requests, 1);
    assert_true(conn_deadline(&conn, &config) == START + CLOSE);
    feed_end();
    expect_closed(t->status, t->code, CONN_ENDS);
    if (strcmp(t->head, SOCKETIO) == 0)
        assert_int_equal(session.state, SESSION_CLOSED);
}

static void test_talks_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof talks[0]; i++) {
        struct span all = talk_build(&talks[i]);
        for (size_t cut = 0; cut < all.len; cut++) {
            start_server();
            feed(span_of(all.ptr, cut));
            feed(span_after(all, cut));
            expect_talk(&talks[i]);
        }
        start_server();
        for (size_t k = 0; k < all.len; k++)
            feed(span_of(all.ptr + k, 1));
        expect_talk(&talks[i]);
    }
}

static void test_0_close_reason_is_told(void **state)
{
    (void)state;
    start_server();
    feed(talk_build(&talks[0]));
    assert_string_equal(told.reason, "bye");
}

/* ---- HTTP ------------------------------------------------------------------------------ */

#define FIELDS_8 "a:\r\na:\r\na:\r\na:\r\na:\r\na:\r\na:\r\na:\r\n"
#define LINE_64  "x: 34567890123456789012345678901234567890123456789012345678901\r\n"

static const struct {
    const char *request;
    const char *want;
    int status; /* of CONN_CLOSE; STATUS_OK: none is reported */
    enum conn_state state;
} heads[] = {
    {"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "200 ", 0, CONN_HEAD},
    {"GET /healthz HTTP/1.1\r\n\r\nGET /no HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n",
     "200 404 200 ", 0, CONN_HEAD},
    {"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n", "200 ", 0,
     CONN_CLOSED},
    {"GET /healthz HTTP/1.0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n", "200 ", 0, CONN_CLOSED},
    {"POST /healthz HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "405 ", 0, CONN_CLOSED},
    {"POST /healthz HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n", "405 200 ",
     0, CONN_HEAD},
    {"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "404 ", 0, CONN_CLOSED},
    {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", "426 ", 0, CONN_HEAD},
    {"PUT / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", "405 ", 0, CONN_HEAD},
    {"GET / HTTP/1.1\r\nbad field\r\n\r\n", "400 ", STATUS_HTTP_BAD, CONN_CLOSED},
    {"\x16\x03\x01 TLS", "400 ", STATUS_HTTP_BAD, CONN_CLOSED},
    {"GET /healthz HTTP/1.1\r\n\r\n\xff", "200 400 ", STATUS_HTTP_BAD, CONN_CLOSED},
    {"GET / HTTP/2.0\r\n\r\n", "505 ", STATUS_HTTP_VERSION, CONN_CLOSED},
    {"GET / HTTP/1.1\r\n" FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8
     "a:\r\n\r\n",
     "431 ", STATUS_HTTP_TOO_MANY, CONN_CLOSED},
    {"GET /healthz HTTP/1.1\r\n" FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8 FIELDS_8
         FIELDS_8 "\r\n",
     "200 ", 0, CONN_HEAD},
    {"GET /healthz HTTP/1.1\r\n" LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64
         LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64
     "x: 5678901234567890123456789012345678\r\n"
     "\r\n",
     "200 ", 0, CONN_HEAD}, /* 1024 bytes in all */
    {"GET /healthz HTTP/1.1\r\n" LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64
         LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64
     "x: 56789012345678901234567890123456789\r\n"
     "\r\n",
     "431 ", STATUS_HTTP_TOO_LARGE, CONN_CLOSED},
};

static void expect_head(size_t i)
{
    const char *got = sent();
    if (strcmp(got, heads[i].want) != 0)
        fail_msg("%s\n  got  %s\n  want %s", heads[i].request, got, heads[i].want);
    assert_int_equal(conn.state, heads[i].state);
    assert_int_equal(lent_bytes, 0);
    if (heads[i].status < 0)
        expect_closed(heads[i].status, 0, CONN_SHUTS);
    else
        assert_int_equal(told.closes, 0);
    if (conn.state == CONN_CLOSED)
        assert_int_equal(conn.ending, CONN_SHUTS);
    feed_end();
    assert_int_equal(told.closes, heads[i].state == CONN_CLOSED ? heads[i].status < 0 : 1);
    assert_int_equal(told.status, heads[i].status);
}

static void test_heads_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct span all = span_text(heads[i].request);
        for (size_t cut = 0; cut < all.len; cut++) {
            start_server();
            feed(span_of(all.ptr, cut));
            feed(span_after(all, cut));
            expect_head(i);
        }
        start_server();
        for (size_t k = 0; k < all.len; k++)
            feed(span_of(all.ptr + k, 1));
        expect_head(i);
    }
}

static void test_0_accept_answer_to_the_byte(void **state)
{
    (void)state;
    start_server();
    feed_text(ECHO);
    assert_true(span_equal_text(buf_span(&out),
                                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\n"
                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
}

/* An attachment whose header this connection has not seen finds no memory to be put behind. */
static void test_2_2_attachment_without_held_header(void **state)
{
    (void)state;
    start_server();
    feed_text(SOCKETIO);
    sent();
    session.parts_due = 1;
    session.parts = 1;
    session.part_length[0] = 60;
    feed(SPAN("\x82\x81\0\0\0\0x"));
    assert_string_equal(sent(), "<close 0>");
    expect_closed(STATUS_SIO_ATTACHMENT, 0, CONN_SHUTS);
}

/* So many levels, and not their ends. */
static void open_levels(unsigned levels)
{
    static uint8_t text[JSON_DEPTH_MAX + 32];
    struct buf all = buf_over(text, sizeof text);
    start_server();
    config.session.max_payload = sizeof text;
    feed_text(SOCKETIO);
    feed_frame(0x81, SPAN("40"));
    sent();
    buf_put_text(&all, "42[0,");
    while (all.len < levels + strlen("42[0,") - 1)
        buf_put_byte(&all, '[');
    feed_frame(0x81, buf_span(&all));
}

/* An error gets an empty Close, as from socket.io; a limit of ours is named. */
static void test_2_6_nesting_is_refused_by_name(void **state)
{
    (void)state;
    open_levels(JSON_DEPTH_MAX);
    assert_string_equal(sent(), "<close 0>");
    expect_closed(STATUS_JSON_SYNTAX, 0, CONN_SHUTS);
    open_levels(JSON_DEPTH_MAX + 1);
    assert_string_equal(sent(), "<close 1008 JSON nested too deeply>");
    expect_closed(STATUS_JSON_DEPTH, 0, CONN_SHUTS);
}

/* ---- Deadlines ------------------------------------------------------------------------- */

static void test_handshake_timeout(void **state)
{
    (void)state;
    start_server();
    expect_deadline(START + HANDSHAKE);
    expect_farewell("408 ", STATUS_TIMEOUT);
    start_server();
    io.now = START + 3 * SECOND;
    feed_text("GET / HT"); /* what drips in does not put it off */
    expect_deadline(START + HANDSHAKE);
    expect_farewell("408 ", STATUS_TIMEOUT);
    start_server();
    io.now = START + SECOND;
    feed_text("GET /healthz HTTP/1.1\r\n\r\n");
    sent();
    io.now = START + 3 * SECOND;
    feed_text("GET / HT"); /* but the pause before it does not count */
    expect_deadline(START + 3 * SECOND + HANDSHAKE);
    expect_farewell("408 ", STATUS_TIMEOUT);
}

/* Between two requests no answer is owed: the connection is closed without one. */
static void test_keep_alive_timeout(void **state)
{
    (void)state;
    start_server();
    feed_text("GET /healthz HTTP/1.1\r\n\r\n");
    sent();
    expect_deadline(START + HANDSHAKE);
    assert_string_equal(sent(), "");
    expect_closed(STATUS_OK, 0, CONN_ENDS);
}

static void test_idle_timeout(void **state)
{
    (void)state;
    start_server();
    feed_text(ECHO);
    io.now = START + 7;
    feed_text("\x89");
    sent();
    expect_deadline(START + 7 + IDLE);
    expect_farewell("<close 1008>", STATUS_TIMEOUT);
    start_server();
    feed_text(ECHO);
    config.idle_timeout = 0;
    assert_true(conn_deadline(&conn, &config) == UINT64_MAX);
    start(false);
    conn_start_server(&conn, &io, true);
    expect_deadline(START + IDLE);
    expect_closed(STATUS_TIMEOUT, 0, CONN_ENDS);
}

static void test_message_timeout(void **state)
{
    (void)state;
    start_server();
    feed_text(ECHO);
    sent();
    io.now = START + 7;
    feed_text("\x81\x83\x01\x01\x01\x01x");
    assert_true(lent_bytes > 0);
    io.now = START + SECOND;
    feed_text("x");
    expect_deadline(START + 7 + MESSAGE);
    expect_farewell("<close 1008>", STATUS_TIMEOUT);
}

static void test_1_5_heartbeat_timeout(void **state)
{
    (void)state;
    start_server();
    feed_text(SOCKETIO);
    feed_text("\x81\x82\x01\x01\x01\x01\x35\x31"); /* 40 */
    sent();
    assert_true(conn_deadline(&conn, &config) == START + 300000000);
    tick_at(START + 300000000);
    assert_string_equal(sent(), "T{2}.");
    expect_deadline(START + 500000000);
    expect_farewell("<close 0>", STATUS_PING_TIMEOUT);
    assert_int_equal(session.state, SESSION_CLOSED);
    start_server();
    feed_text(SOCKETIO);
    sent();
    config.session.ping_interval = 300;
    tick_at(START + 300000000);
    feed_text("\x81\x81\x01\x01\x01\x01\x32"); /* 3 */
    tick_at(START + 600000000);
    feed_text("\x81\x81\x01\x01\x01\x01\x32");
    tick_at(START + 900000000);
    feed_text("\x81\x81\x01\x01\x01\x01\x32");
    assert_string_equal(sent(), "T{2}.T{2}.T{2}.");
    expect_deadline(START + SECOND); /* nothing joined */
    expect_farewell("<close 0>", STATUS_CONNECT_TIMEOUT);
}

/* ---- Closing --------------------------------------------------------------------------- */

static void test_0_server_closes(void **state)
{
    (void)state;
    start_server();
    feed_text(ECHO);
    conn_close(&conn, &io, 1001);
    conn_close(&conn, &io, 1000); /* a close is under way */
    assert_string_equal(sent(), "101 <close 1001>");
    assert_int_equal(conn.state, CONN_CLOSING);
    assert_int_equal(conn.ending, CONN_STAYS);
    feed_text("\x81\x81\x01\x01\x01\x01x\x89\x80\x01\x01\x01\x01"); /* under way, and a ping */
    assert_string_equal(sent(), "");
    feed_text("\x88\x82\x01\x01\x01\x01\x02\xe8");
    assert_string_equal(sent(), "");
    expect_closed(STATUS_OK, 1001, CONN_SHUTS);

    start_server();
    feed_text(ECHO);
    io.now = START + 5;
    conn_close(&conn, &io, 0);
    assert_string_equal(sent(), "101 <close 0>");
    expect_deadline(START + 5 + CLOSE);
    expect_closed(STATUS_TIMEOUT, 0, CONN_ENDS);

    start_server();
    conn_close(&conn, &io, 1001); /* before there is anything to say */
    assert_int_equal(conn.ending, CONN_ENDS);
    assert_int_equal(out.len, 0);
}

static void test_no_memory(void **state)
{
    (void)state;
    start_server();
    refuses = true;
    feed_text("GET ");
    expect_farewell("503 ", STATUS_NO_MEMORY);
    start_server();
    feed_text(ECHO);
    refuses = true;
    feed_text("\x81\x83\x01\x01\x01\x01xyz"); /* whole: needs none */
    feed_text("\x81\x83\x01\x01\x01\x01x");
    expect_farewell("101 T{yx{}.<close 1013>", STATUS_NO_MEMORY);
    assert_int_equal(conn.wanted, 0);
}

/* Everything that an end of stream can meet. */
static void test_end_of_stream_in_every_state(void **state)
{
    static const struct {
        const char *bytes;
        int status;
        bool closes;
    } ends[] = {
        {"", STATUS_OK, false},
        {"GET / HTTP", STATUS_CLOSED, false},
        {"GET /healthz HTTP/1.1\r\n\r\n", STATUS_OK, false},
        {ECHO, STATUS_CLOSED, false},
        {ECHO "\x81", STATUS_CLOSED, false},
        {ECHO "\x81\x83\x01\x01\x01\x01x", STATUS_CLOSED, false},
        {ECHO "\x01\x81\x01\x01\x01\x01x", STATUS_CLOSED, false},
        {ECHO, STATUS_CLOSED, true},
        {SOCKETIO, STATUS_CLOSED, false},
        {SOCKETIO "\x01\x81\x01\x01\x01\x01x", STATUS_CLOSED, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        start_server();
        feed_text(ends[i].bytes);
        if (ends[i].closes)
            conn_close(&conn, &io, 1001);
        out.len = 0;
        feed_end();
        expect_closed(ends[i].status, 0, CONN_ENDS);
        assert_int_equal(out.len, 0);
        feed_end();
        assert_int_equal(told.closes, 1);
    }
}

/* ---- Holding and streaming ------------------------------------------------------------- */

static struct span big_frame(size_t len)
{
    static uint8_t bytes[400000], payload[400000];
    struct buf b = buf_over(bytes, sizeof bytes);
    for (size_t i = 0; i < len; i++)
        payload[i] = (uint8_t)('a' + i % 23);
    assert_int_equal(ws_frame_put(&b, true, WS_TEXT, span_of(payload, len), key), STATUS_OK);
    return buf_span(&b);
}

/* The letters between the braces, over all fragments. */
static void expect_letters(const char *got, size_t len, unsigned fragments)
{
    size_t i = 0;
    unsigned opened = 0;
    for (; *got != '\0'; got++) {
        opened += *got == '{';
        if (*got >= 'a' && *got <= 'z')
            assert_int_equal(*got, 'a' + i++ % 23);
    }
    assert_int_equal(i, len);
    if (fragments > 0)
        assert_int_equal(opened, fragments);
    else
        assert_true(opened > 1);
}

static void test_frames_up_to_echo_whole_come_back_whole(void **state)
{
    static const size_t lengths[] = {2, 125, 126, 65535, 65536, ECHO_WHOLE};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct span frame = big_frame(lengths[i]);
        for (size_t piece = 1; piece < 200000; piece = piece * 5 + 3) {
            if (frame.len / piece > 20000)
                continue;
            start_server();
            feed_text(ECHO);
            feed_pieces(frame, piece);
            assert_true(most_lent <= lengths[i] + HOLD_HEADROOM);
            assert_int_equal(lent_bytes, 0);
            expect_letters(sent(), lengths[i], 1);
        }
    }
}

/* The rest of a frame whose first part is held may be received right behind it; nothing else may.
 */
static void test_where_the_rest_of_a_frame_goes(void **state)
{
    size_t len;
    (void)state;
    start_server();
    feed_text(SOCKETIO);
    feed_text("\x81\x82\x01\x01\x01\x01\x35\x31"); /* 40 */
    assert_null(conn_hold_tail(&conn, &len));
    feed(SPAN("\x81\x89\0\0\0\0"
              "451-[\"b\"]\x82\xa8\0\0\0\0")); /* a header, and the head of its attachment */
    assert_null(conn_hold_tail(&conn, &len));
    assert_int_equal(len, 0);
    size_t before = conn.hold.len;
    feed_text("x");
    assert_ptr_equal(conn_hold_tail(&conn, &len), lent + before + HOLD_HEADROOM + 1);
    assert_int_equal(len, 39);
    feed_text("123456789012345678901234567890123456789");
    assert_null(conn_hold_tail(&conn, &len));
    assert_non_null(strstr(sent(), "}.B{x123456789012345678901234567890123456789}."));
    feed(SPAN("\x01\x82\0\0\0\0"
              "42\x89\x83\0\0\0\0p")); /* inside a ping between fragments */
    assert_true(lent_bytes > 0);
    assert_null(conn_hold_tail(&conn, &len));
    assert_int_equal(len, 0);
}

static void test_longer_frames_stream(void **state)
{
    (void)state;
    start_server();
    feed_text(ECHO);
    feed_pieces(big_frame(ECHO_WHOLE + 1), 50000);
    feed_pieces(big_frame(300000), 100000);
    assert_int_equal(most_lent, 0);
    feed_text("\x89\x80\x01\x01\x01\x01");
    struct span tail = span_of(out.ptr + out.len - 2, 2);
    assert_true(span_equal(tail, SPAN("\x8a\x00")));
    out.len -= 2;
    const char *got = sent();
    const char *second = strstr(got, "}.T{") + 2;
    expect_letters(second, 300000, 0);
    assert_string_equal(got + strlen(got) - 2, "}.");
}

/* Refused when its length is announced, not when it has come. */
static void test_too_big_at_the_head(void **state)
{
    static const struct span announced[] = {
        S("\x81\xc1\x01\x01\x01\x01"), S("\x81\xfe\x00\xff\x01\x01\x01\x01"),
        S("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x01\x01\x01"),
        S("\x01\x81\x01\x01\x01\x01x\x80\xc0\x01\x01\x01\x01")};
    size_t count = sizeof announced / sizeof announced[0];
    (void)state;
    for (size_t i = 0; i < 2 * count; i++) {
        start_server();
        feed_text(i < count ? SOCKETIO : WHOLE);
        sent();
        feed_pieces(announced[i % count], i % 2 ? 1 : 100);
        expect_farewell("<close 1009>", STATUS_TOO_BIG);
    }
    start_server();
    feed_text(SOCKETIO);
    feed_text("\x81\xc0\x01\x01\x01\x01"); /* 64 may come */
    assert_int_equal(told.closes, 0);
}

static void test_raw(void **state)
{
    (void)state;
    start(false);
    conn_start_server(&conn, &io, true);
    feed_text("GET / HTTP/1.1\r\n\r\n");
    assert_int_equal(told.raw_bytes, 18);
    assert_true(span_equal_text(buf_span(&out), "GET / HTTP/1.1\r\n\r\n"));
    feed_end(); /* half closed: what is queued still goes out, then the socket is closed */
    expect_closed(STATUS_OK, 0, CONN_ENDS);

    start(true);
    conn_start_client(&conn, &io, NULL);
    assert_int_equal(out.len, 0);
    assert_int_equal(conn.state, CONN_RAW);
    conn_close(&conn, &io, 1000);
    assert_int_equal(conn.state, CONN_CLOSING);
    assert_int_equal(conn.ending, CONN_SHUTS);
    feed_text("late");
    assert_int_equal(told.raw_bytes, 0);
    assert_true(conn_deadline(&conn, &config) == START + CLOSE);
    feed_end();
    expect_closed(STATUS_OK, 0, CONN_ENDS);

    start(true);
    conn_start_client(&conn, &io, NULL);
    feed_end(); /* no request was sent */
    expect_closed(STATUS_CLOSED, 0, CONN_ENDS);
}

/* ---- The client ------------------------------------------------------------------------ */

static void test_0_client_request(void **state)
{
    struct http_head head;
    char first[WS_KEY_LENGTH + 1];
    (void)state;
    start_client(false);
    assert_int_equal(http_request_parse(buf_span(&out), &head), out.len);
    assert_int_equal(handshake_check(&head), 101);
    assert_true(span_equal_text(head.target, "/chat?x=1"));
    assert_true(span_equal_text(http_header_find(&head, "host"), "a.example:9000"));
    assert_true(span_equal_text(http_header_find(&head, "origin"), "http://o"));
    assert_true(span_equal_text(http_header_find(&head, "sec-websocket-protocol"), "one, two"));
    assert_true(span_equal_text(http_header_find(&head, "x-extra"), "1"));
    assert_true(span_equal_text(http_header_find(&head, "sec-websocket-key"), conn.key));
    assert_int_equal(http_header_count(&head, "sec-websocket-extensions"), 0);
    memcpy(first, conn.key, sizeof first);
    conn_start_client(&conn, &io, NULL);
    assert_string_not_equal(first, conn.key);
    out.len = 0;
    expect_deadline(START + HANDSHAKE);
    expect_closed(STATUS_TIMEOUT, 0, CONN_ENDS);
}

/* The first bytes of a body are the reason, if they come soon; else the status alone is. */
static void test_0_client_reports_why_it_is_refused(void **state)
{
    static const char head[] = "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\n";
    (void)state;
    start_client(false);
    out.len = 0;
    feed_text("HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\nbecause");
    expect_closed(STATUS_HTTP_STATUS, 400, CONN_ENDS);
    assert_string_equal(told.reason, "because");
    start_client(false);
    out.len = 0;
    feed_text(head);
    assert_int_equal(told.closes, 0);
    feed_text("be");
    expect_closed(STATUS_HTTP_STATUS, 400, CONN_ENDS);
    assert_string_equal(told.reason, "be");
    start_client(false);
    out.len = 0;
    feed_text(head);
    expect_deadline(START + 500000000);
    expect_closed(STATUS_HTTP_STATUS, 400, CONN_ENDS);
    start_client(false);
    out.len = 0;
    feed_text(head);
    feed_end();
    expect_closed(STATUS_HTTP_STATUS, 400, CONN_ENDS);
}

static void test_0_client_refuses_responses(void **state)
{
    static const struct {
        const char *status;
        const char *extra;
        int result;
        unsigned code;
    } bad[] = {
        {"200 OK", "", STATUS_HTTP_STATUS, 200},
        {"404 Not Found", "", STATUS_HTTP_STATUS, 404},
        {"101 X", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", STATUS_BAD_ACCEPT, 101},
        {"101 X", "Sec-WebSocket-Accept: \r\n", STATUS_BAD_ACCEPT, 101},
        {"101 X", "Sec-WebSocket-Extensions: permessage-deflate\r\n", STATUS_NOT_OFFERED, 101},
        {"101 X", "Sec-WebSocket-Protocol: three\r\n", STATUS_NOT_OFFERED, 101},
        {"101 X", "Sec-WebSocket-Protocol: One\r\n", STATUS_NOT_OFFERED, 101},
        {"101 X", "Sec-WebSocket-Protocol: one, two\r\n", STATUS_NOT_OFFERED, 101},
        {"101 X", "Sec-WebSocket-Protocol: one\r\nSec-WebSocket-Protocol: two\r\n",
         STATUS_NOT_OFFERED, 101},
        {"101 X", "Sec-WebSocket-Extensions:\r\nSec-WebSocket-Extensions: x\r\n",
         STATUS_NOT_OFFERED, 101},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        start_client(false);
        out.len = 0;
        feed(response(bad[i].status, bad[i].extra, SPAN("\x81\x01x")));
        expect_closed(bad[i].result, bad[i].code, CONN_ENDS);
        assert_int_equal(out.len, 0);
        assert_int_equal(told.upgrades, 0);
    }
    start_client(false);
    feed_text("HTTP/1.1 101 X\r\nConnection: upgrade\r\n\r\n");
    expect_closed(STATUS_NOT_WEBSOCKET, 101, CONN_ENDS);
    start_client(false);
    struct span old = response("101 X", "", SPAN(""));
    feed(span_of(old.ptr, 7));
    feed_text("0");
    feed(span_after(old, 8));
    expect_closed(STATUS_NOT_WEBSOCKET, 101, CONN_ENDS);
    start_client(false);
    feed_text("220 smtp.example\r\n");
    expect_closed(STATUS_HTTP_BAD, 0, CONN_ENDS);
    start_client(false);
    feed_text("HTTP/1.1 101");
    feed_end();
    expect_closed(STATUS_CLOSED, 0, CONN_ENDS);
}

/* RFC 9110 section 15.2: any number of them may come first. */
static void test_0_interim_responses(void **state)
{
    (void)state;
    start_client(false);
    out.len = 0;
    feed_text("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    assert_int_equal(told.upgrades, 0);
    assert_true(conn_deadline(&conn, &config) == START + HANDSHAKE);
    feed(response("101 X", "", SPAN("\x89\x01p")));
    assert_int_equal(told.upgrades, 1);
    assert_string_equal(sent(), "<pong p>");
}

/* RFC 6455 section 5.5.1: the answer may wait until the message is sent. What comes behind a Close
 * is not looked at. */
static void test_0_close_in_mid_frame(void **state)
{
    const struct {
        struct span frame;
        const char *answer;
        unsigned code;
    } cases[] = {{SPAN("\x88\x02\x03\xe9"), "<close 1001>", 1001},
                 {SPAN("\x88\x00"), "<close 1000>", 1005}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_client(false);
        out.len = 0;
        feed(response("101 X", "", SPAN("")));
        conn.mid_frame = true;
        feed(cases[i].frame);
        feed(SPAN("\x89\x01p\xff\xff"));
        assert_int_equal(out.len, 0);
        assert_int_equal(told.closes, 0);
        assert_int_equal(told.pings, 0);
        conn_settle(&conn, &io);
        assert_string_equal(sent(), cases[i].answer);
        assert_true(conn_deadline(&conn, &config) == START + CLOSE);
        feed_end();
        expect_closed(STATUS_OK, cases[i].code, CONN_ENDS);
    }
}

/* The 101 and frames in one segment, or cut anywhere. */
static void test_0_client_talk_at_every_cut(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < 400; cut++) {
        start_client(false);
        out.len = 0;
        struct span all = response("101 Switching Protocols", "Sec-WebSocket-Protocol: two\r\n",
                                   SPAN("\x81\x02hi\x89\x01p\x8a\x00\x88\x05\x03\xe8"
                                        "bye"));
        if (cut >= all.len)
            break;
        feed(span_of(all.ptr, cut));
        feed(span_after(all, cut));
        assert_int_equal(told.upgrades, 1);
        assert_int_equal(told.pings, 1);
        assert_int_equal(told.pongs, 1);
        assert_string_equal(sent(), "<pong p><close 1000>");
        assert_string_equal(told.reason, "bye");
        expect_closed(STATUS_OK, 1000, CONN_STAYS); /* the server ends TCP */
        assert_true(conn_deadline(&conn, &config) == START + CLOSE);
        feed_end();
        expect_closed(STATUS_OK, 1000, CONN_ENDS);
    }
}

static void test_5_b_client_by_websocket(void **state)
{
    (void)state;
    start_client(true);
    out.len = 0;
    feed(response("101 X", "",
                  SPAN("\x81\x3b"
                       "0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":9,\"pingTimeout\":9}"
                       "\x81\x0d"
                       "40{\"sid\":\"x\"}"
                       "\x81\x01"
                       "2"
                       "\x81\x07"
                       "42[\"m\"]")));
    assert_int_equal(told.closes, 0);
    assert_int_equal(told.sessions, 4);
    assert_string_equal(sent(), "T{40}.T{3}.");
    conn_close(&conn, &io, 1000);
    assert_string_equal(sent(), "T{41}.<close 1000>");
    feed_text("\x88\x02\x03\xe8");
    expect_closed(STATUS_OK, 1000, CONN_STAYS);
    assert_string_equal(sent(), "");

    start_client(true);
    out.len = 0;
    feed(response("101 X", "",
                  SPAN("\x81\x03"
                       "40{")));
    expect_closed(STATUS_EIO_PACKET, 0, CONN_SHUTS);
    assert_string_equal(sent(), "<close 0>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talks_at_every_cut),
        cmocka_unit_test(test_0_close_reason_is_told),
        cmocka_unit_test(test_heads_at_every_cut),
        cmocka_unit_test(test_0_accept_answer_to_the_byte),
        cmocka_unit_test(test_2_2_attachment_without_held_header),
        cmocka_unit_test(test_2_6_nesting_is_refused_by_name),
        cmocka_unit_test(test_handshake_timeout),
        cmocka_unit_test(test_keep_alive_timeout),
        cmocka_unit_test(test_idle_timeout),
        cmocka_unit_test(test_message_timeout),
        cmocka_unit_test(test_1_5_heartbeat_timeout),
        cmocka_unit_test(test_0_server_closes),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_end_of_stream_in_every_state),
        cmocka_unit_test(test_frames_up_to_echo_whole_come_back_whole),
        cmocka_unit_test(test_where_the_rest_of_a_frame_goes),
        cmocka_unit_test(test_longer_frames_stream),
        cmocka_unit_test(test_too_big_at_the_head),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_0_client_request),
        cmocka_unit_test(test_0_client_reports_why_it_is_refused),
        cmocka_unit_test(test_0_client_refuses_responses),
        cmocka_unit_test(test_0_interim_responses),
        cmocka_unit_test(test_0_close_in_mid_frame),
        cmocka_unit_test(test_0_client_talk_at_every_cut),
        cmocka_unit_test(test_5_b_client_by_websocket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
