/* Proves what each head of a request is routed to, and which origins may connect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/route.h"

/* What a browser sends, one field a letter, so that a row leaves out or adds single fields. */
static const struct {
    char letter;
    const char *field;
} fields[] = {
    {'h', "Host: a.example:9000"},
    {'u', "Upgrade: websocket"},
    {'U', "uPGRADE: foo, WebSocket"},
    {'x', "Upgrade: h2c"},
    {'c', "Connection: Upgrade"},
    {'C', "connection: keep-alive, uPgrade"},
    {'k', "Connection: keep-alive"},
    {'v', "Sec-WebSocket-Version: 13"},
    {'8', "Sec-WebSocket-Version: 8"},
    {'K', "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="},
    {'S', "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"},
    {'0', "Content-Length: 0"},
    {'1', "Content-Length: 1"},
    {'l', "Content-Length: x"},
    {'t', "Transfer-Encoding: chunked"},
    {'p', "Sec-WebSocket-Protocol: chat, v2.example"},
    {'P', "Sec-WebSocket-Protocol: chat, a b"},
    {'e', "Sec-WebSocket-Protocol: ,"},
};

#define WS "hucvK" /* all that a handshake needs */

/* The table's sids say what their sessions are. */
static enum route_sid sid_of(const struct eio_query *q)
{
    if (!q->has_sid)
        return ROUTE_SID_NONE;
    return strcmp(q->sid, "polls") == 0   ? ROUTE_SID_POLLING
           : strcmp(q->sid, "moved") == 0 ? ROUTE_SID_WEBSOCKET
                                          : ROUTE_SID_UNKNOWN;
}

static struct route decide(const char *request, const char *letters, const char *origin,
                           const struct option_texts *origins)
{
    static char text[2048];
    struct http_head head;
    int len = snprintf(text, sizeof text, "%s\r\n", request);
    for (; *letters != '\0'; letters++)
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            if (fields[i].letter == *letters)
                len += snprintf(text + len, sizeof text - (size_t)len, "%s\r\n", fields[i].field);
    if (origin != NULL)
        len += snprintf(text + len, sizeof text - (size_t)len, "Origin: %s\r\n", origin);
    len += snprintf(text + len, sizeof text - (size_t)len, "\r\n");
    assert_int_equal(http_request_parse(span_of(text, (size_t)len), &head), len);
    struct eio_query q;
    if (!route_is_socketio(&head, &q))
        return route_other(&head, origins);
    return route_socketio(&head, &q, sid_of(&q), origins);
}

#define EIO   "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1"
#define JSON  "application/json"
#define HTML  "text/html"
#define PLAIN "text/plain"

#define ERROR_JSON(number, text) "{\"code\":" #number ",\"message\":\"" text "\"}"

static const struct row {
    const char *request;
    const char *letters;
    enum route_kind kind;
    int code;
    const char *type; /* of a refusal */
    const char *body; /* likewise; NULL: any */
} rows[] = {
    /* the echo, on any path */
    {"GET / HTTP/1.1", WS, ROUTE_ECHO, 101, NULL, NULL},
    {"GET /x/y?z HTTP/1.1", WS, ROUTE_ECHO, 101, NULL, NULL},
    {"GET /healthz HTTP/1.1", WS, ROUTE_ECHO, 101, NULL, NULL},
    {"GET /broadcast HTTP/1.1", WS, ROUTE_BROADCAST, 101, NULL, NULL},
    {"GET /broadcast?a HTTP/1.1", WS, ROUTE_BROADCAST, 101, NULL, NULL},
    {"GET /broadcast/ HTTP/1.1", WS, ROUTE_ECHO, 101, NULL, NULL},
    {"GET /socket.io HTTP/1.1", WS, ROUTE_ECHO, 101, NULL, NULL},
    {"GET / HTTP/1.1", "hUCvK", ROUTE_ECHO, 101, NULL, NULL},
    {"POST / HTTP/1.1", WS, ROUTE_REFUSE, 405, PLAIN, NULL},
    {"GET / HTTP/1.0", WS, ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", "ucvK", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", "hhucvK", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", "hucv", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", "hucvS", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", "hucvKK", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", "huc8K", ROUTE_REFUSE, 426, PLAIN, NULL},
    {"GET / HTTP/1.1", "hucK", ROUTE_REFUSE, 426, PLAIN, NULL},
    {"GET / HTTP/1.1", "huvK", ROUTE_REFUSE, 426, PLAIN, NULL},
    {"GET / HTTP/1.1", "hukvK", ROUTE_REFUSE, 426, PLAIN, NULL},
    {"GET / HTTP/1.1", "hxcvK", ROUTE_REFUSE, 426, PLAIN, NULL},
    {"GET / HTTP/1.1", "hxc", ROUTE_REFUSE, 426, PLAIN, NULL},
    /* a body behind an upgrade */
    {"GET / HTTP/1.1", WS "0", ROUTE_ECHO, 101, NULL, NULL},
    {"GET / HTTP/1.1", WS "1", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", WS "l", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", WS "t", ROUTE_REFUSE, 400, PLAIN, NULL},
    {EIO, WS "1", ROUTE_REFUSE, 400, HTML, "Bad request"},
    {EIO, WS "t", ROUTE_REFUSE, 400, HTML, "Bad request"},
    {"GET /socket.io/?EIO=4&transport=websocket&sid=polls HTTP/1.1", WS "1", ROUTE_REFUSE, 400,
     HTML, "Bad request"},
    /* subprotocols are tokens */
    {"GET / HTTP/1.1", WS "p", ROUTE_ECHO, 101, NULL, NULL},
    {"GET / HTTP/1.1", WS "P", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", WS "e", ROUTE_REFUSE, 400, PLAIN, NULL},
    {"GET / HTTP/1.1", WS "pe", ROUTE_REFUSE, 400, PLAIN, NULL},
    {EIO, WS "P", ROUTE_REFUSE, 400, HTML, "Bad request"},
    /* pages */
    {"GET /healthz HTTP/1.1", "h", ROUTE_HEALTH, 200, NULL, NULL},
    {"GET /healthz?x=1 HTTP/1.0", "", ROUTE_HEALTH, 200, NULL, NULL},
    {"GET /stats HTTP/1.1", "h", ROUTE_STATS, 200, NULL, NULL},
    {"POST /stats HTTP/1.1", "h", ROUTE_REFUSE, 405, PLAIN, NULL},
    {"HEAD /healthz HTTP/1.1", "h", ROUTE_HEALTH, 200, NULL, NULL},
    {"HEAD /stats HTTP/1.1", "h", ROUTE_STATS, 200, NULL, NULL},
    {"HEAD / HTTP/1.1", "h", ROUTE_REFUSE, 404, PLAIN, NULL},
    {"HEAD /socket.io/?EIO=4&transport=polling HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(2, "Bad handshake method")},
    {"HEAD /socket.io/?EIO=4&transport=polling&sid=polls HTTP/1.1", "h", ROUTE_REFUSE, 500, "", ""},
    /* an offer of HTTP/2, which is ignored */
    {"GET /healthz HTTP/1.1", "hxc", ROUTE_HEALTH, 200, NULL, NULL},
    {"HEAD /stats HTTP/1.1", "hxc", ROUTE_STATS, 200, NULL, NULL},
    {"POST /stats HTTP/1.1", "hxc", ROUTE_REFUSE, 405, PLAIN, NULL},
    {"GET /healthz HTTP/1.1", "hxucvK", ROUTE_ECHO, 101, NULL, NULL},
    {"GET /socket.io/?EIO=4&transport=polling HTTP/1.1", "hxc", ROUTE_OPEN, 200, NULL, NULL},
    {"GET /healthz/ HTTP/1.1", "h", ROUTE_REFUSE, 404, PLAIN, NULL},
    {"GET / HTTP/1.1", "h", ROUTE_REFUSE, 404, PLAIN, NULL},
    {"GET / HTTP/1.1", "hcvK", ROUTE_REFUSE, 404, PLAIN, NULL},
    {"GET /socket.io?EIO=4&transport=websocket HTTP/1.1", "h", ROUTE_REFUSE, 404, PLAIN, NULL},
    /* Socket.IO; JSON without an upgrade, plain text with one */
    {EIO, WS, ROUTE_SOCKETIO, 101, NULL, NULL},
    {"GET /socket.io/x?t=1&transport=websocket&EIO=4&b64=1 HTTP/1.1", WS, ROUTE_SOCKETIO, 101, NULL,
     NULL},
    {"GET /socket.io/?EIO=%34&transport=web%73ocket&sid= HTTP/1.1", WS, ROUTE_SOCKETIO, 101, NULL,
     NULL},
    {"GET /socket.io/ HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON, ERROR_JSON(0, "Transport unknown")},
    {"GET /socket.io/?EIO=4 HTTP/1.1", WS, ROUTE_REFUSE, 400, HTML, "Transport unknown"},
    {"GET /socket.io/?EIO=4&transport=polling HTTP/1.1", "h", ROUTE_OPEN, 200, NULL, NULL},
    {"GET /socket.io/?EIO=4&transport=polling&sid=polls HTTP/1.1", "h", ROUTE_GET, 200, NULL, NULL},
    {"POST /socket.io/?EIO=4&transport=polling&sid=polls HTTP/1.1", "h", ROUTE_POST, 200, NULL,
     NULL},
    {"PUT /socket.io/?EIO=4&transport=polling&sid=polls HTTP/1.1", "h", ROUTE_REFUSE, 500, "", ""},
    {"GET /socket.io/?EIO=4&transport=websocket&sid=polls HTTP/1.1", WS, ROUTE_UPGRADE, 101, NULL,
     NULL},
    {"GET /socket.io/?EIO=4&transport=websocket&sid=polls HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(3, "Bad request")},
    {"GET /socket.io/?EIO=4&transport=polling&sid=polls HTTP/1.1", WS, ROUTE_REFUSE, 400, HTML,
     "Bad request"},
    {"GET /socket.io/?EIO=4&transport=polling&sid=moved HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(3, "Bad request")},
    {"GET /socket.io/?EIO=3&transport=polling&sid=polls HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(3, "Bad request")},
    {"GET /socket.io/?transport=polling&sid=polls HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(3, "Bad request")},
    {"POST /socket.io/?EIO=4&transport=polling HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(2, "Bad handshake method")},
    {"GET /socket.io/?EIO=3&transport=polling HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(5, "Unsupported protocol version")},
    {"GET /socket.io/?transport=polling HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(5, "Unsupported protocol version")},
    {"GET /socket.io/?EIO=4&transport=WebSocket HTTP/1.1", WS, ROUTE_REFUSE, 400, HTML,
     "Transport unknown"},
    {"POST /socket.io/?EIO=4&transport=x&sid=y HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(0, "Transport unknown")},
    {"GET /socket.io/?EIO=4&transport=websocket&sid=abc HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(1, "Session ID unknown")},
    {"POST /socket.io/?EIO=3&transport=websocket&sid=abc HTTP/1.1", WS, ROUTE_REFUSE, 400, HTML,
     "Session ID unknown"},
    {"POST /socket.io/?EIO=4&transport=websocket HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(2, "Bad handshake method")},
    {"OPTIONS /socket.io/?EIO=4&transport=websocket HTTP/1.1", "h", ROUTE_REFUSE, 400, JSON,
     ERROR_JSON(2, "Bad handshake method")},
    {EIO, "h", ROUTE_REFUSE, 400, JSON, ERROR_JSON(3, "Bad request")},
    {EIO, "huvK", ROUTE_REFUSE, 400, JSON, ERROR_JSON(3, "Bad request")},
    {EIO, "huc8K", ROUTE_REFUSE, 400, HTML, "Bad request"},
    {EIO, "hucvS", ROUTE_REFUSE, 400, HTML, "Bad request"},
    {"GET /socket.io/?EIO=3&transport=websocket HTTP/1.1", WS, ROUTE_REFUSE, 400, HTML,
     "Unsupported protocol version"},
    {"GET /socket.io/?transport=websocket HTTP/1.1", WS, ROUTE_REFUSE, 400, HTML,
     "Unsupported protocol version"},
    {"GET /socket.io/?EIO=44&transport=websocket HTTP/1.1", "hucvS", ROUTE_REFUSE, 400, HTML,
     "Unsupported protocol version"},
};

static void test_1_8_requests(void **state)
{
    static const struct option_texts nobody = {0, {NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct route route = decide(row->request, row->letters, NULL, &nobody);
        if (route.kind != row->kind || route.code != row->code)
            fail_msg("%s [%s]: kind %d, code %d", row->request, row->letters, route.kind,
                     route.code);
        if (row->kind != ROUTE_REFUSE)
            continue;
        assert_string_equal(route.type, row->type);
        assert_true(row->body == NULL || strcmp(route.body, row->body) == 0);
        assert_true(row->code == 500 ||
                    strlen(route.body) > 0); /* engine.io sends no body with 500 */
        bool page = strstr(row->request, "/stats") != NULL;
        const char *extra = row->code == 405 ? page ? "Allow: GET, HEAD\r\n" : "Allow: GET\r\n"
                            : row->code == 426
                                ? "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
                                : "";
        assert_string_equal(route.extra, extra);
    }
}

static const struct {
    const char *origin;
    bool by_default; /* Host is a.example:9000 */
    bool by_list;    /* http://a.example, null */
} origins[] = {
    {NULL, true, true},
    {"http://a.example:9000", true, false},
    {"https://a.example:9000", true, false},
    {"http://a.example", false, true},
    {"https://a.example", false, false},
    {"http://a.example:90", false, false},
    {"http://a.example:90000", false, false},
    {"http://b.example:9000", false, false},
    {"http://a.example:9000.b.example", false, false},
    {"http://x.a.example:9000", false, false},
    {"ws://a.example:9000", false, false},
    {"a.example:9000", false, false},
    {"null", false, true},
    {"", false, false},
};

static void expect_origin(const char *origin, const struct option_texts *allowed, bool may)
{
    struct route echo = decide("GET / HTTP/1.1", WS, origin, allowed);
    struct route socketio = decide(EIO, WS, origin, allowed);
    struct route page = decide("GET /healthz HTTP/1.1", "h", origin, allowed);
    assert_int_equal(page.kind, ROUTE_HEALTH); /* what a page shows is no secret */
    assert_int_equal(echo.kind, may ? ROUTE_ECHO : ROUTE_REFUSE);
    assert_int_equal(echo.code, may ? 101 : 403);
    assert_int_equal(socketio.kind, may ? ROUTE_SOCKETIO : ROUTE_REFUSE);
    assert_int_equal(socketio.code, may ? 101 : 403);
    if (!may)
        assert_string_equal(socketio.body, ERROR_JSON(4, "Forbidden"));
}

static void test_1_9_origins(void **state)
{
    static const struct option_texts nobody = {0, {NULL}};
    static const struct option_texts list = {2, {"http://a.example", "null"}};
    static const struct option_texts all = {2, {"http://b.example", "*"}};
    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        expect_origin(origins[i].origin, &nobody, origins[i].by_default);
        expect_origin(origins[i].origin, &list, origins[i].by_list);
        expect_origin(origins[i].origin, &all, true);
    }
}

static bool same_place(const char *origin, const char *host)
{
    static const struct option_texts nobody = {0, {NULL}};
    char text[256];
    struct http_head head;
    int len = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n\r\n", host,
                       origin);
    assert_int_equal(http_request_parse(span_of(text, (size_t)len), &head), len);
    return route_origin_allowed(&head, &nobody);
}

/* RFC 6454 leaves a scheme's default port out; a Host may have it. Host names know no case. */
static void test_1_9_default_ports_and_case(void **state)
{
    (void)state;
    assert_true(same_place("http://a", "a:80"));
    assert_true(same_place("http://a:80", "a"));
    assert_true(same_place("https://a", "a:443"));
    assert_false(same_place("https://a", "a:80"));
    assert_false(same_place("http://a", "a:443"));
    assert_true(same_place("http://localhost:9000", "LocalHost:9000"));
    assert_true(same_place("http://[::1]:9000", "[::1]:9000"));
    assert_false(same_place("http://", "a"));
    assert_false(same_place("http://b", "http://b")); /* a Host has no scheme */
}

/* Two that name nothing name no common place. */
static void test_1_9_an_empty_host_is_nobodys_origin(void **state)
{
    (void)state;
    assert_false(same_place("http://", ""));
    assert_false(same_place("https://", ""));
    assert_false(same_place("http://", ":80"));
    assert_false(same_place("http://:80", ""));
    assert_false(same_place("", ""));
}

/* ---- Host ------------------------------------------------------------------------------------ */

static int host_code(const char *lines, int minor, const struct option_texts *hosts)
{
    char text[512];
    struct http_head head;
    struct route route;
    int len = snprintf(text, sizeof text, "GET / HTTP/1.%d\r\n%s\r\n", minor, lines);
    assert_int_equal(http_request_parse(span_of(text, (size_t)len), &head), len);
    if (route_takes_host(&head, hosts, &route))
        return 0;
    assert_int_equal(route.kind, ROUTE_REFUSE);
    assert_true(strlen(route.body) > 0);
    return route.code;
}

static void test_1_10_host_is_there_once(void **state)
{
    (void)state;
    assert_int_equal(host_code("Host: a\r\n", 1, NULL), 0);
    assert_int_equal(host_code("Host:\r\n", 1, NULL), 0);
    assert_int_equal(host_code("", 1, NULL), 400);
    assert_int_equal(host_code("Host: a\r\nhOST: a\r\n", 1, NULL), 400);
    assert_int_equal(host_code("", 0, NULL), 0);
    assert_int_equal(host_code("Host: a\r\nHost: b\r\n", 0, NULL), 400);
}

static void test_1_10_host_is_the_loopback_or_listed(void **state)
{
    static const struct option_texts list = {2, {"lab.example", "[fe80::1]"}};
    static const struct {
        const char *host;
        int code;
    } cases[] = {
        {"localhost", 0},
        {"LocalHost:9000", 0},
        {"127.0.0.1", 0},
        {"127.0.0.1:9000", 0},
        {"127.255.0.9:1", 0},
        {"[::1]", 0},
        {"[::1]:9000", 0},
        {"lab.example", 0},
        {"Lab.Example:80", 0},
        {"[fe80::1]:80", 0},
        {"evil.example", 403},
        {"localhost.evil.example", 403},
        {"127.0.0.1.evil.example", 403},
        {"127.evil.example", 403},
        {"127.0.0.1x", 403},
        {"127.0.0", 403},
        {"127.0.0.1.", 403},
        {"127.0.0.1.1", 403},
        {"127.0.0.256", 403},
        {"127.0.0.0001", 403},
        {"128.0.0.1", 403},
        {"0.0.0.0", 403},
        {"192.0.2.1:9000", 403},
        {"[::2]", 403},
        {"[::1]x", 403},
        {"::1", 403},
        {"", 403},
        {":9000", 403},
        {"xlab.example", 403},
        {"lab.example:", 0}, /* RFC 3986 section 3.2.3: a port may be empty */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char field[128];
        snprintf(field, sizeof field, "Host: %s\r\n", cases[i].host);
        if (host_code(field, 1, &list) != cases[i].code)
            fail_msg("Host: %s", cases[i].host);
        assert_int_equal(host_code(field, 1, NULL), 0);
    }
    assert_int_equal(host_code("", 0, &list), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_8_requests),
        cmocka_unit_test(test_1_9_origins),
        cmocka_unit_test(test_1_9_default_ports_and_case),
        cmocka_unit_test(test_1_9_an_empty_host_is_nobodys_origin),
        cmocka_unit_test(test_1_10_host_is_there_once),
        cmocka_unit_test(test_1_10_host_is_the_loopback_or_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
