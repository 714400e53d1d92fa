/* Proves HTTP requests and responses with bodies, in both roles: each conversation fed whole, byte
 * by byte, and cut in two at every place. The connection's events are noted as a text:
 *     GET[body]POST[...]       the server's requests with their bodies, 413 for one too big
 *     200[body]                the client's responses
 *     (ok) (closed) ...        its end */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "conn/conn.h"
#include "guard.h"

#define SECOND UINT64_C(1000000000)
#define START  (5 * SECOND)
#define LIMIT  16 /* bytes of a body */
#define SPARE  5

static struct conn conn;
static struct conn_config config;
static struct handshake_request request;
static struct random randomness;
static struct buf out;
static struct conn_io io;
static uint8_t out_bytes[1 << 16];
static uint8_t lent[4096];
static size_t lent_bytes;
static char log_bytes[1024];
static struct buf noted;
static unsigned exchanges; /* client: how many more to ask for */

static void ask(void)
{
    static const struct span post = {(const uint8_t *)"abc", 3};
    exchanges--;
    conn_start_exchange(&conn, &io, SPAN("/p?q"), exchanges % 2 == 0 ? NULL : &post);
}

static void start(bool client)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {6};
    memset(&config, 0, sizeof config);
    memset(&conn, 0, sizeof conn);
    lent_bytes = 0;
    config.client = client;
    config.max_head = 512;
    config.handshake_timeout = 10 * SECOND;
    config.message_timeout = 30 * SECOND;
    config.close_timeout = 2 * SECOND;
    config.session.max_payload = LIMIT;
    request = (struct handshake_request){SPAN("/"), SPAN("host:1"), SPAN(""), SPAN(""), SPAN("")};
    config.request = client ? &request : NULL;
    random_seed(&randomness, seed);
    out = buf_over(out_bytes, sizeof out_bytes);
    noted = buf_over(log_bytes, sizeof log_bytes - 1);
    io = (struct conn_io){&config, &out, &randomness, START};
    if (!client)
        conn_start_server(&conn, &io, false);
    exchanges = 3;
    if (client)
        ask();
}

static void body_note(struct span body)
{
    buf_put_byte(&noted, '[');
    buf_put_span(&noted, body);
    buf_put_byte(&noted, ']');
}

static void answer(int code)
{
    if (code != 200)
        buf_put_u64(&noted, (uint64_t)code);
    conn_respond(&conn, &io, code, "", "", SPAN("ok"));
}

static void request_take(const struct http_head *head)
{
    buf_put_span(&noted, head->method);
    assert_false(conn_takes(&conn));
    if (!span_equal_text(head->method, "POST")) {
        answer(200);
        return;
    }
    int status = conn_accept_body(&conn, &io, head, LIMIT, SPARE);
    if (status < 0)
        answer(status == STATUS_TOO_BIG ? 413 : 400);
    else if (status == 0)
        answer(204);
}

static void tell(struct conn_event *event)
{
    switch (event->kind) {
    case CONN_REQUEST:
        request_take(&event->head);
        break;
    case CONN_BODY_WHOLE:
        if (lent_bytes > 0) /* what was asked for behind the body is there */
            assert_true(conn.hold.cap - conn.hold.len >= SPARE);
        if (event->status == STATUS_OK)
            body_note(event->part);
        answer(event->status == STATUS_OK ? 200 : 413);
        break;
    case CONN_RESPONSE:
        buf_put_u64(&noted, event->code);
        body_note(event->part);
        if (conn.state == CONN_IDLE && exchanges > 0)
            ask();
        break;
    case CONN_CLOSE:
        buf_put_byte(&noted, '(');
        buf_put_text(&noted, status_name(event->status));
        buf_put_byte(&noted, ')');
        break;
    default:
        assert_int_equal(event->kind, CONN_NOTHING);
    }
    if (lent_bytes > 0 && conn.hold.over) {
        hold_take(&conn.hold);
        lent_bytes = 0;
    }
}

static void feed(struct span piece)
{
    struct conn_event event;
    size_t tail;
    while (piece.len > 0 && conn.state != CONN_CLOSED) {
        assert_true(conn_takes(&conn));
        uint8_t *at = conn_hold_tail(&conn, &tail);
        size_t len = tail > 0 && tail < piece.len ? tail : piece.len;
        if (tail == 0)
            at = guard_room(len);
        memcpy(at, piece.ptr, len);
        size_t used = conn_feed(&conn, &io, at, len, &event);
        assert_in_range(used, 1, len);
        piece = span_after(piece, used);
        if (event.kind != CONN_HOLD) {
            tell(&event);
            continue;
        }
        assert_true(lent_bytes == 0 && conn.wanted < sizeof lent);
        lent_bytes = conn.wanted;
        conn_hold_give(&conn, &io, lent, lent_bytes, event.part);
    }
}

static void feed_end(void)
{
    struct conn_event event;
    if (conn.state == CONN_CLOSED)
        return;
    conn_feed_end(&conn, &io, &event);
    tell(&event);
}

static const char *noted_text(void)
{
    log_bytes[noted.len] = '\0';
    return log_bytes;
}

struct talk {
    const char *raw, *want;
};

static void expect(const struct talk *t)
{
    feed_end();
    if (strcmp(noted_text(), t->want) != 0)
        fail_msg("%s: %s", t->raw, noted_text());
    assert_int_equal(lent_bytes, 0);
}

static void run_all_ways(bool client, const struct talk *talks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct span raw = span_text(talks[i].raw);
        for (size_t cut = 0; cut < raw.len; cut++) {
            start(client);
            feed(span_of(raw.ptr, cut));
            feed(span_after(raw, cut));
            expect(&talks[i]);
        }
        start(client);
        for (size_t at = 0; at < raw.len; at++)
            feed(span_of(raw.ptr + at, 1));
        expect(&talks[i]);
    }
}

#define RUN(client, talks) run_all_ways(client, talks, sizeof talks / sizeof talks[0])
#define GET                "GET / HTTP/1.1\r\n\r\n"
#define POST(fields)       "POST / HTTP/1.1\r\n" fields "\r\n"
#define LENGTH(n)          "Content-Length: " #n "\r\n"
#define CODED              "Transfer-Encoding: chunked\r\n"

/* ---- The server -------------------------------------------------------------------------- */

static void test_1_3_server_bodies(void **state)
{
    static const struct talk talks[] = {
        {GET, "GET(ok)"},
        {GET GET GET, "GETGETGET(ok)"},
        {POST(LENGTH(3)) "abc", "POST[abc](ok)"},
        {POST(LENGTH(3)) "abc" GET POST(LENGTH(1)) "d", "POST[abc]GETPOST[d](ok)"},
        {POST(LENGTH(16)) "0123456789abcdef" GET, "POST[0123456789abcdef]GET(ok)"},
        {POST(LENGTH(0)) GET, "POST204GET(ok)"},
        {POST("") GET, "POST204GET(ok)"},
        {POST(CODED) "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" GET, "POST[abcde]GET(ok)"},
        {POST("tRANSFER-eNCODING: Chunked\r\n") "0\r\n\r\n" GET, "POST[]GET(ok)"},
        {POST(CODED) "10\r\n0123456789abcdef\r\n0\r\nT: x\r\n\r\n" GET,
         "POST[0123456789abcdef]GET(ok)"},
        /* the connection ends with the answer */
        {POST("Connection: close\r\n" LENGTH(1)) "a" GET, "POST[a]"},
        {"GET / HTTP/1.1\r\nConnection: x, Close\r\n\r\n" GET, "GET"},
        {"GET / HTTP/1.0\r\n\r\n" GET, "GET"},
        {"POST / HTTP/1.0\r\n" LENGTH(1) "\r\na" GET, "POST[a]"},
        {"PUT / HTTP/1.1\r\n" LENGTH(3) "\r\nabc" GET, "PUT"}, /* this body is not read */
        /* too big */
        {POST(LENGTH(17)) "0123", "POST413"},
        {POST(LENGTH(18446744073709551615)) "0123", "POST413"},
        {POST(CODED) "11\r\n0123456789abcdefg\r\n0\r\n\r\n" GET, "POST413"},
        {POST(CODED) "10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n" GET, "POST413"},
        /* malformed (RFC 9112 section 6.3) */
        {POST(LENGTH(1) CODED) "a", "POST400"},
        {POST(LENGTH(1) LENGTH(2)) "a", "POST400"},
        {POST(LENGTH(1) LENGTH(1)) "a", "POST[a](ok)"},
        {POST(LENGTH(x)) "a", "POST400"},
        {POST(LENGTH(18446744073709551616)) "a", "POST400"},
        {POST("Transfer-Encoding: gzip, chunked\r\n") "0\r\n\r\n", "POST400"},
        {POST("Transfer-Encoding: gzip\r\n") "a", "POST400"},
        {POST(CODED CODED) "0\r\n\r\n", "POST400"},
        {POST(CODED) "x\r\n", "POST(http_bad)"},
        {GET "GET x", "GET(http_bad)"},
        /* cut off */
        {POST(LENGTH(3)) "ab", "POST(closed)"},
        {POST(CODED) "3\r\nabc\r\n0\r\n", "POST(closed)"},
        {GET "GET ", "GET(closed)"},
    };
    (void)state;
    RUN(false, talks);
}

static const char *answers(void)
{
    out_bytes[out.len] = '\0';
    out.len = 0;
    return (const char *)out_bytes;
}

static void test_server_answers(void **state)
{
    (void)state;
    start(false);
    feed(SPAN(GET));
    assert_string_equal(answers(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    feed(SPAN(POST("Expect: 100-continue\r\n" LENGTH(1))));
    assert_string_equal(answers(), "HTTP/1.1 100 Continue\r\n\r\n");
    feed(SPAN("a"));
    assert_string_equal(answers(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    feed(SPAN(POST("Expect: 100-continue\r\n" LENGTH(17))));
    assert_string_equal(answers(), "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n"
                                   "Connection: close\r\n\r\nok");
    assert_int_equal(conn.ending, CONN_SHUTS);
}

static void tick_at(uint64_t now)
{
    struct conn_event event;
    io.now = now;
    conn_tick(&conn, &io, &event);
    tell(&event);
}

static void test_server_deadlines(void **state)
{
    (void)state;
    start(false);
    feed(SPAN(POST(LENGTH(3)))); /* nothing of it has come yet */
    assert_true(conn_deadline(&conn, &config) == START + 30 * SECOND);
    start(false);
    feed(SPAN(POST(LENGTH(3)) "a"));
    assert_true(conn_deadline(&conn, &config) == START + 30 * SECOND);
    io.now = START + 20 * SECOND;
    feed(SPAN("b")); /* what drips in does not put it off */
    tick_at(START + 30 * SECOND - 1);
    assert_string_equal(noted_text(), "POST");
    tick_at(START + 30 * SECOND);
    assert_string_equal(noted_text(), "POST(timeout)");
    assert_memory_equal(out_bytes, "HTTP/1.1 408 ", 13);
}

/* A body that cannot be held, and one that another's memory holds. */
static void test_server_without_memory(void **state)
{
    struct conn_event event;
    uint8_t bytes[] = POST(LENGTH(3)) "a";
    size_t len = sizeof bytes - 1;
    (void)state;
    start(false);
    size_t used = conn_feed(&conn, &io, bytes, len, &event);
    tell(&event);
    used += conn_feed(&conn, &io, bytes + used, len - used, &event);
    assert_int_equal(used, len);
    assert_int_equal(event.kind, CONN_HOLD);
    assert_int_equal(conn.wanted, HOLD_HEADROOM + 3 + SPARE);
    conn_refuse(&conn, &io, &event);
    tell(&event);
    assert_string_equal(noted_text(), "POST(no_memory)");
    assert_memory_equal(out_bytes, "HTTP/1.1 503 ", 13);
}

/* ---- The client -------------------------------------------------------------------------- */

#define OK(fields) "HTTP/1.1 200 OK\r\n" fields "\r\n"

static void test_1_3_client_bodies(void **state)
{
    static const struct talk talks[] = {
        {OK(LENGTH(2)) "ok", "200[ok](closed)"},
        {OK(LENGTH(2)) "ok" OK(LENGTH(1)) "a" OK(LENGTH(0)), "200[ok]200[a]200[](closed)"},
        {OK(CODED) "2\r\nok\r\n0\r\n\r\n" OK(LENGTH(1)) "a", "200[ok]200[a](closed)"},
        {OK(CODED) "0\r\nT: x\r\n\r\n" OK(LENGTH(1)) "a", "200[]200[a](closed)"},
        {"HTTP/1.1 100 \r\n\r\n"
         "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK(LENGTH(1)) "a",
         "200[a](closed)"},
        {"HTTP/1.1 204 \r\n\r\n"
         "HTTP/1.1 304 \r\n\r\n" OK(LENGTH(1)) "a",
         "204[]304[]200[a](closed)"},
        {"HTTP/1.1 400 Bad\r\n" LENGTH(1) "\r\nx" OK(LENGTH(1)) "a", "400[x]200[a](closed)"},
        /* the connection ends with the response */
        {OK("Connection: close\r\n" LENGTH(2)) "ok", "200[ok]"},
        {OK("connection: CLOSE\r\n" CODED) "1\r\na\r\n0\r\n\r\n", "200[a]"},
        {"HTTP/1.0 200 \r\n" LENGTH(2) "\r\nok", "200[ok]"},
        /* or the response with the connection */
        {OK(""), "200[]"},
        {OK("") "0123456789abcdef", "200[0123456789abcdef]"},
        {"HTTP/1.0 200 \r\n\r\nabc", "200[abc]"},
        /* too big, malformed, cut off */
        {OK(LENGTH(17)), "(too_big)"},
        {OK("") "0123456789abcdefg", "(too_big)"},
        {OK(CODED) "11\r\n0123456789abcdefg\r\n0\r\n\r\n", "(too_big)"},
        {OK(LENGTH(1) CODED) "a", "(http_bad)"},
        {OK(LENGTH(-1)) "a", "(http_bad)"},
        {OK("Transfer-Encoding: gzip\r\n") "a", "(http_bad)"},
        {OK(CODED) "x", "(http_bad)"},
        {"HTTP/2 200 \r\n", "(http_version)"},
        {OK(LENGTH(2)) "o", "(closed)"},
        {OK(CODED) "2\r\nok\r\n0\r\n", "(closed)"},
        {"HTTP/1.1 20", "(closed)"},
    };
    (void)state;
    RUN(true, talks);
}

static void test_1_3_client_requests(void **state)
{
    (void)state;
    start(true);
    assert_string_equal(answers(), "GET /p?q HTTP/1.1\r\nHost: host:1\r\nAccept: */*\r\n\r\n");
    assert_true(conn_deadline(&conn, &config) == UINT64_MAX); /* a poll takes as long as it takes */
    feed(SPAN(OK(LENGTH(0))));
    assert_string_equal(answers(), "POST /p?q HTTP/1.1\r\nHost: host:1\r\nAccept: */*\r\n"
                                   "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 3\r\n"
                                   "\r\nabc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_3_server_bodies), cmocka_unit_test(test_server_answers),
        cmocka_unit_test(test_server_deadlines),  cmocka_unit_test(test_server_without_memory),
        cmocka_unit_test(test_1_3_client_bodies), cmocka_unit_test(test_1_3_client_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
