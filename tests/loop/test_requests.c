/* Proves how Engine.IO requests are refused, and CORS, Origin and pipelining: tests/PROTOCOLS.md
 * sections 1.2, 1.8 and 1.9. */
#include "stage.h"

#define ERROR(status, code, message) #status " {{\"code\":" #code ",\"message\":\"" message "\"}}"
#define TRANSPORT                    ERROR(400, 0, "Transport unknown")
#define UNKNOWN                      ERROR(400, 1, "Session ID unknown")
#define METHOD                       ERROR(400, 2, "Bad handshake method")
#define REQUEST                      ERROR(400, 3, "Bad request")
#define FORBIDDEN                    ERROR(403, 4, "Forbidden")
#define VERSION                      ERROR(400, 5, "Unsupported protocol version")

static const char *const plain[] = {NULL};
static const char *const listed[] = {"--origin", "http://good", "--origin", "https://best", NULL};

static struct caller *caller;
static const char *polling_sid, *web_sid; /* a session of each transport */

static void open_both(const char *const *args)
{
    stage_open(args);
    struct caller *c = caller_new();
    say_open(c);
    polling_sid = c->sid;
    c = caller_new();
    say_upgrade(c, NULL);
    expect_heard(c, "101 T{0!}");
    web_sid = c->sid;
    caller = caller_new();
}

/* %s in `target` is the sid of the session that polls, or of the other one. */
static void ask(const char *method, const char *target, const char *sid, const char *fields)
{
    if (caller->ended)
        caller = caller_new();
    caller->headless = strcmp(method, "HEAD") == 0;
    say(caller,
        text("%s /socket.io/?%s%s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, target, sid, fields));
}

/* ---- 1.8 Errors, in the order of the checks ---------------------------------------------- */

static void test_1_8_errors_of_polling(void **state)
{
    static const struct {
        const char *method, *target;
        int sid; /* 0 none, 1 of polling, 2 of the WebSocket */
        const char *want;
    } cases[] = {
        {"GET", "", 0, TRANSPORT},
        {"GET", "EIO=4", 0, TRANSPORT},
        {"GET", "EIO=4&transport=", 0, TRANSPORT},
        {"GET", "EIO=4&transport=tests", 0, TRANSPORT},
        {"GET", "EIO=4&transport=webtransport", 0, TRANSPORT},
        {"POST", "EIO=3&transport=x&sid=nobody", 0, TRANSPORT}, /* the transport comes first */
        {"GET", "EIO=4&transport=polling&sid=nobody", 0, UNKNOWN},
        {"GET", "EIO=3&transport=polling&sid=nobody", 0, UNKNOWN}, /* then the sid */
        {"PUT", "EIO=4&transport=polling&sid=nobody", 0, UNKNOWN},
        {"GET", "EIO=4&transport=websocket&sid=nobody", 0, UNKNOWN},
        {"GET", "EIO=4&transport=websocket&sid=", 1, REQUEST}, /* then the transport's fit */
        {"GET", "EIO=4&transport=polling&sid=", 2, REQUEST},
        {"POST", "EIO=4&transport=polling&sid=", 2, REQUEST},
        {"GET", "EIO=3&transport=polling&sid=", 1, REQUEST}, /* then the version */
        {"GET", "transport=polling&sid=", 1, REQUEST},
        {"PUT", "EIO=4&transport=polling&sid=", 1, "500 {}"},
        {"DELETE", "EIO=4&transport=polling&sid=", 1, "500 {}"},
        {"OPTIONS", "EIO=4&transport=polling&sid=", 1, "500 {}"},
        {"HEAD", "EIO=4&transport=polling&sid=", 1, "500 {}"},
        {"POST", "EIO=4&transport=polling", 0, METHOD}, /* without a sid: the method first */
        {"OPTIONS", "EIO=4&transport=polling", 0, METHOD},
        {"PUT", "EIO=3&transport=websocket", 0, METHOD},
        {"HEAD", "EIO=4&transport=polling", 0, "400 {}"},
        {"GET", "EIO=4&transport=websocket", 0, REQUEST}, /* no Upgrade */
        {"GET", "EIO=3&transport=websocket", 0, REQUEST},
        {"GET", "EIO=3&transport=polling", 0, VERSION},
        {"GET", "transport=polling", 0, VERSION},
        {"GET", "EIO=abc&transport=polling", 0, VERSION},
        {"GET", "EIO=5&transport=polling", 0, VERSION},
        {"GET", "EIO=44&transport=polling", 0, VERSION},
    };
    (void)state;
    open_both(plain);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ask(cases[i].method, cases[i].target,
            cases[i].sid == 0   ? ""
            : cases[i].sid == 1 ? polling_sid
                                : web_sid,
            "");
        const char *got = heard(caller);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s %s: %s", cases[i].method, cases[i].target, got);
        assert_null(strstr(caller->head, "Access-Control"));
        if (caller->head[9] == '4' && !caller->headless)
            assert_non_null(strstr(caller->head, "\r\nContent-Type: application/json\r\n"));
    }
    /* none of this has harmed the session */
    ask("GET", "EIO=4&transport=polling&sid=", polling_sid, "");
    expect_heard(caller, "");
    stage_close();
}

/* EIO=3, or none, by either transport; what those clients send then finds no session. */
static void test_3_older_revisions_are_refused(void **state)
{
    static const char *const versions[] = {"EIO=3&", "EIO=2&", "EIO=&", ""};
    (void)state;
    open_both(plain);
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        ask("GET", text("%stransport=polling&b64=1", versions[i]), "", "");
        expect_heard(caller, VERSION);
        ask("GET", text("%stransport=websocket", versions[i]), "", WEB_FIELDS);
        expect_heard(caller, "400 {Unsupported protocol version}$");
        ask("GET", text("%stransport=polling&sid=", versions[i]), polling_sid, "");
        expect_heard(caller, REQUEST);
    }
    stage_close();
}

/* `j` is a parameter like any other; WebTransport is neither spoken nor offered. */
static void test_3_no_jsonp_and_no_webtransport(void **state)
{
    (void)state;
    open_both(plain);
    ask("GET", "EIO=4&transport=polling&j=0", "", "");
    expect_heard(caller, "200 {0!}");
    ask("GET", "EIO=4&transport=webtransport", "", "");
    expect_heard(caller, TRANSPORT);
    stage_close();
}

/* A failed upgrade is answered in plain text, and the connection ends. */
static void test_1_8_errors_of_an_upgrade(void **state)
{
    static const struct {
        const char *target, *fields, *want;
    } cases[] = {
        {"EIO=4&transport=x", WEB_FIELDS, "400 {Transport unknown}$"},
        {"EIO=4&transport=websocket&sid=nobody", WEB_FIELDS, "400 {Session ID unknown}$"},
        {"EIO=4&transport=polling", WEB_FIELDS, "400 {Bad request}$"},
        {"EIO=3&transport=websocket", WEB_FIELDS, "400 {Unsupported protocol version}$"},
        {"transport=websocket", WEB_FIELDS, "400 {Unsupported protocol version}$"},
        {"EIO=4&transport=websocket",
         "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
         "400 {Bad request}$"},
        {"EIO=4&transport=websocket",
         "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: short\r\n",
         "400 {Bad request}$"},
    };
    (void)state;
    open_both(plain);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ask("GET", cases[i].target, "", cases[i].fields);
        expect_heard(caller, cases[i].want);
        assert_non_null(strstr(caller->head, "\r\nContent-Type: text/html\r\n"));
        assert_non_null(strstr(caller->head, "\r\nConnection: close\r\n"));
    }
    stage_close();
}

static void test_1_8_sids_that_are_none(void **state)
{
    static char longest[7000];
    static const char *const sids[] = {"%",
                                       "%4",
                                       "%zz",
                                       "%00",
                                       "%0d%0aX-Injected:%201",
                                       "..%2f..",
                                       "AAAAAAAAAAAAAAAAAAAAAAAAA",
                                       "?",
                                       "%ff%fe",
                                       "-------------------------",
                                       "AAAAAAAAAAAAAAAAAAAAAA___"};
    (void)state;
    open_both(plain);
    for (size_t i = 0; i < sizeof sids / sizeof sids[0]; i++) {
        ask("GET", "EIO=4&transport=polling&sid=", sids[i], "");
        expect_heard(caller, UNKNOWN);
        assert_null(strstr(caller->head, "Injected"));
    }
    memset(longest, 'A', sizeof longest - 1);
    say(caller, "GET " POLL_PATH "&sid=");
    say(caller, longest);
    say(caller, " HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(caller, UNKNOWN);
    /* one that is nearly right: a neighbour's number, a changed letter */
    char sid[EIO_SID_MAX];
    for (size_t i = 0; i < 25; i++) {
        strcpy(sid, polling_sid);
        sid[i] = sid[i] == 'A' ? 'B' : 'A';
        ask("POST", "EIO=4&transport=polling&sid=", sid, "");
        expect_heard(caller, UNKNOWN);
    }
    stage_close();
}

static void test_1_8_heads_that_are_none(void **state)
{
    static const char *const heads[] = {
        "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\nOrigin: http://a\x01\r\n\r\n",
        "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n",
        "GET " POLL_PATH " \r\n\r\n",
        "GET " POLL_PATH "\x80 HTTP/1.1\r\n\r\n",
        "GET socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n",
    };
    (void)state;
    stage_open(plain);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        caller = caller_new();
        say(caller, heads[i]);
        expect_heard(caller, "400 {malformed HTTP head}$");
    }
    stage_close();
}

/* ---- 1.9 CORS and Origin ----------------------------------------------------------------- */

#define ORIGIN(o) "Origin: " o "\r\n"
#define ALLOWS(o) "\r\nAccess-Control-Allow-Origin: " o "\r\n"

static void expect_cors(const char *origin)
{
    assert_non_null(strstr(caller->head, text(ALLOWS("%s"), origin)));
    assert_non_null(strstr(caller->head, "\r\nVary: Origin\r\n"));
    assert_non_null(strstr(caller->head, "\r\nAccess-Control-Allow-Credentials: true\r\n"));
}

static void test_1_9_listed_origins(void **state)
{
    (void)state;
    open_both(listed);
    ask("GET", "EIO=4&transport=polling", "", ORIGIN("https://best"));
    expect_heard(caller, "200 {0!}");
    expect_cors("https://best");
    ask("POST", "EIO=4&transport=polling&sid=", polling_sid,
        ORIGIN("http://good") "Content-Length: 1\r\n");
    say(caller, "3");
    expect_heard(caller, "200 {ok}");
    expect_cors("http://good");
    ask("GET", "EIO=4&transport=polling&sid=", polling_sid, ORIGIN("http://good"));
    advance(25000 * MS); /* the ping */
    expect_heard(caller, "200 {2}");
    expect_cors("http://good");
    ask("GET", "EIO=4&transport=polling&sid=nobody", "", ORIGIN("http://good")); /* errors too */
    expect_heard(caller, UNKNOWN);
    expect_cors("http://good");
    ask("GET", "EIO=4&transport=polling", "", ""); /* no browser */
    expect_heard(caller, "200 {0!}");
    assert_null(strstr(caller->head, "Access-Control"));
    stage_close();
}

/* For every Origin, and so without credentials; on errors too. */
static void test_1_9_any_origin(void **state)
{
    static const char *const any[] = {"--origin", "*", NULL};
    static const char *const targets[] = {"EIO=4&transport=polling",
                                          "EIO=4&transport=polling&sid=nobody", "EIO=3"};
    (void)state;
    open_both(any);
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        ask("GET", targets[i], "", ORIGIN("http://anybody"));
        heard(caller);
        assert_non_null(strstr(caller->head, ALLOWS("*")));
        assert_null(strstr(caller->head, "Credentials"));
        assert_null(strstr(caller->head, "Vary"));
    }
    ask("OPTIONS", "EIO=4&transport=polling", "", ORIGIN("http://anybody"));
    expect_heard(caller, "204 {}");
    assert_non_null(strstr(caller->head, ALLOWS("*")));
    ask("GET", "EIO=4&transport=websocket", "", ORIGIN("null") WEB_FIELDS);
    expect_heard(caller, "101 T{0!}");
    stage_close();
}

static void test_1_9_refused_origins(void **state)
{
    static const char *const origins[] = {ORIGIN("http://bad"), ORIGIN("http://good.bad"),
                                          ORIGIN("null"), ORIGIN("")};
    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        open_both(listed);
        ask("GET", "EIO=4&transport=polling", "", origins[i]);
        expect_heard(caller, FORBIDDEN);
        assert_null(strstr(caller->head, "Access-Control"));
        ask("GET", "EIO=4&transport=polling&sid=", polling_sid, origins[i]);
        expect_heard(caller, FORBIDDEN);
        ask("GET", "EIO=4&transport=websocket", "", text("%s" WEB_FIELDS, origins[i]));
        expect_heard(caller, FORBIDDEN "$");
        ask("GET", "EIO=4&transport=websocket&sid=", polling_sid,
            text("%s" WEB_FIELDS, origins[i]));
        expect_heard(caller, FORBIDDEN "$");
        stage_close();
    }
}

/* Without a list: an Origin that equals Host, or none. */
static void test_1_9_no_list(void **state)
{
    (void)state;
    open_both(plain);
    ask("GET", "EIO=4&transport=polling", "", ORIGIN("http://a"));
    expect_heard(caller, "200 {0!}");
    assert_null(strstr(caller->head, "Access-Control"));
    ask("GET", "EIO=4&transport=polling", "", ORIGIN("http://b"));
    expect_heard(caller, FORBIDDEN);
    ask("GET", "EIO=4&transport=websocket", "", ORIGIN("http://b") WEB_FIELDS);
    expect_heard(caller, FORBIDDEN "$");
    ask("GET", "EIO=4&transport=websocket", "", ORIGIN("https://A") WEB_FIELDS);
    expect_heard(caller, "101 T{0!}");
    stage_close();
}

static void test_1_9_preflight(void **state)
{
    (void)state;
    open_both(listed);
    ask("OPTIONS", "EIO=4&transport=polling&sid=", polling_sid,
        ORIGIN("http://good") "Access-Control-Request-Method: POST\r\n"
                              "Access-Control-Request-Headers: content-type, x-a\r\n");
    expect_heard(caller, "204 {}");
    expect_cors("http://good");
    assert_non_null(strstr(caller->head, "\r\nAccess-Control-Allow-Methods: "
                                         "GET,HEAD,PUT,PATCH,POST,DELETE\r\n"));
    assert_non_null(
        strstr(caller->head, "\r\nAccess-Control-Allow-Headers: content-type, x-a\r\n"));
    ask("OPTIONS", "", "", ORIGIN("http://bad"));
    expect_heard(caller, "204 {}");
    assert_null(strstr(caller->head, "Allow-Origin"));
    stage_close();
}

/* ---- 1.3 Connections of HTTP ------------------------------------------------------------- */

static void test_1_3_keep_alive_and_close(void **state)
{
    (void)state;
    stage_open(plain);
    caller = caller_new();
    say(caller, "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect_heard(caller, "200 {0!}$");
    assert_non_null(strstr(caller->head, "\r\nConnection: close\r\n"));
    caller = caller_new();
    say(caller, "GET " POLL_PATH " HTTP/1.0\r\n\r\n");
    expect_heard(caller, "200 {0!}$");
    caller = caller_new();
    say(caller, "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(caller, "200 {0!}");
    advance(10000 * MS - 1);
    expect_heard(caller, "");
    advance(1);
    expect_heard(caller, "$"); /* no answer is owed, and none is sent */
    assert_int_equal(server.stats.faults[-STATUS_TIMEOUT], 0);
    stage_close();
}

/* Requests behind a poll that waits: they wait too, and are answered in order. */
static void test_1_3_pipelined_requests(void **state)
{
    char all[2048];
    (void)state;
    stage_open(plain);
    caller = caller_new();
    say_open(caller);
    const char *sid = caller->sid;
    snprintf(all, sizeof all,
             "POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n40"
             "GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n"
             "GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n"
             "POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n42[\"bb\"]"
             "GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n"
             "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
             sid, sid, sid, sid, sid);
    say(caller, all);
    expect_heard(caller, "200 {ok}200 {40!}");
    struct caller *other = caller_new();
    say_post(other, sid, "42[\"a\"]");
    expect_heard(caller, "200 {42[\"a\"]}200 {ok}200 {42[\"bb\"]}200 {ok\n}");
    /* and in any two pieces */
    for (size_t cut = 1; cut < strlen(all); cut += 3) {
        say_post(other, sid, "41");
        say_bytes(caller, span_of(all, cut));
        say(caller, all + cut);
        say_post(other, sid, "42[\"a\"]");
        expect_heard(caller, "200 {ok}200 {40!}200 {42[\"a\"]}200 {ok}200 {42[\"bb\"]}200 {ok\n}");
    }
    stage_close();
}

/* What stands behind a poll may end its session, or begin another, while that poll is answered. */
static void test_1_3_pipelined_requests_end_the_session(void **state)
{
    (void)state;
    stage_open(plain);
    caller = caller_new();
    say_open(caller);
    const char *sid = caller->sid;
    say(caller, text("GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n"
                     "POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"
                     "GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n",
                     sid, sid, sid));
    expect_heard(caller, "");
    advance(25000 * MS);
    expect_heard(caller, "200 {2}200 {ok}" UNKNOWN);
    stage_close();
}

static void test_two_sessions_on_one_connection(void **state)
{
    char first[EIO_SID_MAX], second[EIO_SID_MAX];
    (void)state;
    stage_open(plain);
    caller = caller_new();
    say_open(caller);
    strcpy(first, caller->sid);
    say_open(caller);
    strcpy(second, caller->sid);
    assert_string_not_equal(first, second);
    for (int i = 0; i < 5; i++) {
        say_post(caller, first, i == 0 ? "40" : text("42[%d]", i));
        expect_heard(caller, "200 {ok}");
        say_post(caller, second, i == 0 ? "40" : text("42[%d]", 10 + i));
        expect_heard(caller, "200 {ok}");
        say_get(caller, first);
        expect_heard(caller, i == 0 ? "200 {40!}" : text("200 {42[%d]}", i));
        say_get(caller, second);
        expect_heard(caller, i == 0 ? "200 {40!}" : text("200 {42[%d]}", 10 + i));
    }
    assert_int_equal(server.stats.phases[STATS_HANDSHAKE].values.n, 1);
    assert_int_equal(server.stats.phases[STATS_JOIN].values.n, 2);
    assert_int_equal(server.stats.phases[STATS_FIRST].values.n, 2);
    stage_close();
}

static void test_all_sessions_taken(void **state)
{
    static const char *const three[] = {"--max-clients", "3", NULL};
    (void)state;
    stage_open(three);
    caller = caller_new();
    for (int i = 0; i < 3; i++)
        say_open(caller);
    say(caller, "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(caller, "503 {}");
    say_post(caller, caller->sid, "1");
    expect_heard(caller, "200 {ok}");
    say_open(caller);
    struct caller *web = caller_new();
    say_upgrade(web, NULL);
    expect_heard(web, "503 {}");
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_8_errors_of_polling),
        cmocka_unit_test(test_3_older_revisions_are_refused),
        cmocka_unit_test(test_3_no_jsonp_and_no_webtransport),
        cmocka_unit_test(test_1_8_errors_of_an_upgrade),
        cmocka_unit_test(test_1_8_sids_that_are_none),
        cmocka_unit_test(test_1_8_heads_that_are_none),
        cmocka_unit_test(test_1_9_listed_origins),
        cmocka_unit_test(test_1_9_any_origin),
        cmocka_unit_test(test_1_9_refused_origins),
        cmocka_unit_test(test_1_9_no_list),
        cmocka_unit_test(test_1_9_preflight),
        cmocka_unit_test(test_1_3_keep_alive_and_close),
        cmocka_unit_test(test_1_3_pipelined_requests),
        cmocka_unit_test(test_1_3_pipelined_requests_end_the_session),
        cmocka_unit_test(test_two_sessions_on_one_connection),
        cmocka_unit_test(test_all_sessions_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
