/* Proves that `--app conformance` is section 6 of tests/PROTOCOLS.md, over both transports. `auth`
 * comes 10 ms behind the answer to CONNECT. */
#include "stage.h"

#define PART(n)      "{\"_placeholder\":true,\"num\":" #n "}"
#define BARE_POLL    "/engine.io/?EIO=4&transport=polling"
#define BARE_WEB     "/engine.io/?EIO=4&transport=websocket"
#define UNKNOWN      "400 {{\"code\":1,\"message\":\"Session ID unknown\"}}"
#define UNKNOWN_TEXT "400 {Session ID unknown}$"
#define AUTH_MS      10

static const char *const conformance[] = {
    "--app", "conformance",    "--namespace", "/custom",           "--ping-interval",
    "300",   "--ping-timeout", "200",         "--connect-timeout", "1000",
    NULL};
static const char *const echo[] = {"--namespace", "/custom", NULL};

static struct caller *getter, *poster, *web;
static const char *sid;

static void ask(struct caller *c, const char *target)
{
    say(c, text("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target));
}

static void ask_upgrade(struct caller *c, const char *target)
{
    say(c, text("GET %s HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS "\r\n", target));
}

static void post_bare(const char *body)
{
    say(poster,
        text("POST " BARE_POLL "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s", sid,
             strlen(body), body));
}

static void post_ok(const char *body)
{
    say_post(poster, sid, body);
    expect_heard(poster, "200 {ok}");
}

static void expect_polled(const char *want)
{
    say_get(getter, sid);
    expect_heard(getter, text("200 {%s}", want));
}

static void open_session(void)
{
    stage_open(conformance);
    getter = caller_new();
    poster = caller_new();
    say_open(getter);
    sid = getter->sid;
}

static void open_web(const char *const *args)
{
    stage_open(args);
    web = caller_new();
    say_upgrade(web, NULL);
    expect_heard(web, "101 T{0!}");
}

static void open_web_joined(void)
{
    open_web(conformance);
    say_text(web, "40");
    advance(AUTH_MS * MS);
    expect_heard(web, "T{40!}T{42[\"auth\",{}]}");
}

static void say_answered(const char *words, const char *want)
{
    say_text(web, words);
    expect_heard(web, want);
}

/* ---- Bare Engine.IO ---------------------------------------------------------------------- */

static void test_6_engineio_echoes_by_polling(void **state)
{
    (void)state;
    stage_open(conformance);
    getter = caller_new();
    poster = caller_new();
    ask(getter, BARE_POLL);
    expect_heard(getter, "200 {0!}");
    sid = getter->sid;
    post_bare("4hello\x1e"
              "bAQID\x1e"
              "4\x1e"
              "b\x1e"
              "40\x1e"
              "451-[]");
    expect_heard(poster, "200 {ok}");
    ask(getter, text(BARE_POLL "&sid=%s", sid));
    expect_heard(getter, "200 {4hello|bAQID|4|b|40|451-[]}");
    advance(299 * MS); /* nothing is joined, and that is fine */
    ask(getter, text(BARE_POLL "&sid=%s", sid));
    advance(MS);
    expect_heard(getter, "200 {2}");
    for (int i = 0; i < 4; i++) {
        post_bare("3");
        expect_heard(poster, "200 {ok}");
        ask(getter, text(BARE_POLL "&sid=%s", sid));
        advance(300 * MS);
        expect_heard(getter, "200 {2}");
    }
    stage_close();
}

static void test_6_engineio_echoes_by_websocket(void **state)
{
    (void)state;
    stage_open(conformance);
    web = caller_new();
    ask_upgrade(web, BARE_WEB);
    expect_heard(web, "101 T{0!}");
    say_answered("4hello", "T{4hello}");
    say_answered("4", "T{4}");
    say_answered("451-[]", "T{451-[]}");
    say_frame(web, WS_BINARY, SPAN("\1\2\xff"));
    expect_heard(web, "B{\1\2\xff}");
    say_frame(web, WS_BINARY, SPAN(""));
    expect_heard(web, "B{}");
    say_answered("bAQL/", "B{\1\2\xff}"); /* forceBase64 of a JavaScript client */
    say_answered("b", "B{}");
    advance(300 * MS);
    expect_heard(web, "T{2}");
    say_answered("3", "");
    say_answered("1", "<close 0>$");
    stage_close();
}

static void test_6_engineio_upgrades(void **state)
{
    (void)state;
    stage_open(conformance);
    getter = caller_new();
    poster = caller_new();
    web = caller_new();
    ask(getter, BARE_POLL);
    expect_heard(getter, "200 {0!}");
    sid = getter->sid;
    ask_upgrade(web, text(BARE_WEB "&sid=%s", sid));
    say_answered("2probe", "101 T{3probe}");
    post_bare("4queued\x1e"
              "bAQID");
    say_answered("5", "T{4queued}B{\1\2\3}");
    say_answered("4hello", "T{4hello}");
    stage_close();
}

/* Revision 3 had the type in front of binary, as octet or digit: here that is data. */
static void test_3_binary_has_no_type_in_front(void **state)
{
    (void)state;
    stage_open(conformance);
    web = caller_new();
    ask_upgrade(web, BARE_WEB);
    heard(web);
    say_frame(web, WS_BINARY, SPAN("\4x"));
    expect_heard(web, "B{\4x}");
    getter = caller_new();
    poster = caller_new();
    ask(getter, BARE_POLL);
    heard(getter);
    sid = getter->sid;
    post_bare("b4AAA");
    expect_heard(poster, "200 {ok}");
    ask(getter, text(BARE_POLL "&sid=%s", sid));
    expect_heard(getter, "200 {b4AAA}");
    stage_close();
}

/* A session belongs to the path that opened it. */
static void test_6_a_sid_is_unknown_under_the_other_path(void **state)
{
    (void)state;
    stage_open(conformance);
    getter = caller_new();
    ask(getter, BARE_POLL);
    expect_heard(getter, "200 {0!}");
    const char *bare = getter->sid;
    struct caller *other = caller_new();
    say_open(other);
    const char *socketio = other->sid;
    ask(other, text(POLL_PATH "&sid=%s", bare));
    expect_heard(other, UNKNOWN);
    ask(other, text(BARE_POLL "&sid=%s", socketio));
    expect_heard(other, UNKNOWN);
    web = caller_new();
    ask_upgrade(web, text(WEB_PATH "&sid=%s", bare));
    expect_heard(web, UNKNOWN_TEXT);
    web = caller_new();
    ask_upgrade(web, text(BARE_WEB "&sid=%s", socketio));
    expect_heard(web, UNKNOWN_TEXT);
    /* neither was harmed */
    sid = bare;
    poster = caller_new();
    post_bare("4a");
    expect_heard(poster, "200 {ok}");
    ask(getter, text(BARE_POLL "&sid=%s", bare));
    expect_heard(getter, "200 {4a}");
    say_post(poster, socketio, "40");
    expect_heard(poster, "200 {ok}");
    say_get(other, socketio);
    expect_heard(other, "200 {40!}");
    stage_close();
}

/* Only this application has the other path. */
static void test_6_engineio_is_of_conformance_only(void **state)
{
    (void)state;
    stage_open(echo);
    getter = caller_new();
    ask(getter, BARE_POLL);
    assert_memory_equal(heard(getter), "404 ", 4);
    stage_close();
}

/* ---- Joining ----------------------------------------------------------------------------- */

static void test_6_auth_is_told_after_joining(void **state)
{
    static const struct {
        const char *connect, *joined, *auth;
    } cases[] = {
        {"40", "40!", "42[\"auth\",{}]"},
        {"40{}", "40!", "42[\"auth\",{}]"},
        {"40{\"token\":\"123\"}", "40!", "42[\"auth\",{\"token\":\"123\"}]"},
        {"40{\"b\": [1 ,2],\"a\":\"\\u00e9\",\"b\":null}", "40!",
         "42[\"auth\",{\"b\": [1 ,2],\"a\":\"\\u00e9\",\"b\":null}]"}, /* byte for byte */
        {"40/custom", "40/custom!", "42/custom,[\"auth\",{}]"},
        {"40/custom,{\"token\":\"abc\"}", "40/custom!", "42/custom,[\"auth\",{\"token\":\"abc\"}]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_web(conformance);
        say_answered(cases[i].connect, text("T{%s}", cases[i].joined));
        advance(AUTH_MS * MS - 1);
        expect_heard(web, "");
        advance(1);
        expect_heard(web, text("T{%s}", cases[i].auth));
        stage_close();
        open_session();
        post_ok(cases[i].connect);
        expect_polled(cases[i].joined);
        say_get(getter, sid);
        advance(AUTH_MS * MS - 1);
        expect_heard(getter, "");
        advance(1);
        expect_heard(getter, text("200 {%s}", cases[i].auth));
        stage_close();
    }
}

/* Each namespace has its own, in order; one that was left meanwhile gets nothing. */
static void test_6_auth_of_several_namespaces(void **state)
{
    (void)state;
    open_web(conformance);
    say_text(web, "40{\"a\":1}");
    say_text(web, "40/custom,{\"b\":2}");
    advance(AUTH_MS * MS);
    expect_heard(web, "T{40!}T{40/custom!}T{42[\"auth\",{\"a\":1}]}");
    advance(AUTH_MS * MS);
    expect_heard(web, "T{42/custom,[\"auth\",{\"b\":2}]}");
    say_text(web, "41/custom,");
    say_text(web, "40/custom,");
    say_text(web, "41/custom,");
    advance(100 * MS);
    expect_heard(web, "T{40/custom!}");
    stage_close();
}

static void test_6_other_namespaces_are_refused(void **state)
{
    (void)state;
    open_web(conformance);
    say_answered("40/random", "T{44/random,{\"message\":\"Invalid namespace\"}}");
    say_answered("40/customs,", "T{44/customs,{\"message\":\"Invalid namespace\"}}");
    say_answered("40/custom,", "T{40/custom!}");
    advance(100 * MS);
    expect_heard(web, "T{42/custom,[\"auth\",{}]}");
    stage_close();
}

/* ---- Events ------------------------------------------------------------------------------ */

static void test_6_message_is_answered_by_message_back(void **state)
{
    (void)state;
    open_web_joined();
    say_answered("42[\"message\"]", "T{42[\"message-back\"]}");
    say_answered("42[\"message\",1,\"2\",{\"3\":[true]}]",
                 "T{42[\"message-back\",1,\"2\",{\"3\":[true]}]}");
    say_answered("42[\"message\",{\"b\":1, \"a\" :\"\\u00e9\xc3\xa9\"}]", /* byte for byte */
                 "T{42[\"message-back\",{\"b\":1, \"a\" :\"\\u00e9\xc3\xa9\"}]}");
    say_answered("452-[\"message\"," PART(0) "," PART(1) "]", "");
    say_frame(web, WS_BINARY, SPAN("\1\2"));
    say_frame(web, WS_BINARY, SPAN(""));
    expect_heard(web, "T{452-[\"message-back\"," PART(0) "," PART(1) "]}B{\1\2}B{}");
    stage_close();
    open_session();
    post_ok("40");
    expect_polled("40!");
    advance(AUTH_MS * MS);
    post_ok("452-[\"message\"," PART(0) "," PART(1) "]\x1e"
                                                    "bAQID\x1e"
                                                    "b");
    expect_polled("42[\"auth\",{}]|452-[\"message-back\"," PART(0) "," PART(1) "]|bAQID|b");
    stage_close();
}

/* It has no ack, also when one is asked for. */
static void test_6_message_is_not_acknowledged(void **state)
{
    (void)state;
    open_web_joined();
    say_answered("427[\"message\",1]", "T{42[\"message-back\",1]}");
    say_answered("451-8[\"message\"," PART(0) "]", "");
    say_frame(web, WS_BINARY, SPAN("x"));
    expect_heard(web, "T{451-[\"message-back\"," PART(0) "]}B{x}");
    say_answered("451-8[\"message\"," PART(0) "]", "");
    say_answered("beA==", "T{451-[\"message-back\"," PART(0) "]}B{x}");
    stage_close();
}

static void test_6_message_with_ack_is_acknowledged(void **state)
{
    (void)state;
    open_web_joined();
    say_answered("420[\"message-with-ack\"]", "T{430[]}");
    say_answered("42456[\"message-with-ack\",1,\"2\",{\"3\":[false]}]",
                 "T{43456[1,\"2\",{\"3\":[false]}]}");
    say_answered("452-789[\"message-with-ack\"," PART(0) "," PART(1) "]", "");
    say_frame(web, WS_BINARY, SPAN("\1"));
    say_frame(web, WS_BINARY, SPAN("\2"));
    expect_heard(web, "T{462-789[" PART(0) "," PART(1) "]}B{\1}B{\2}");
    say_answered("42[\"message-with-ack\",1]", ""); /* no ack was asked for */
    stage_close();
}

/* Events that have no handler, those of `/custom` among them, get neither answer nor ack. */
static void test_6_nothing_else_is_answered(void **state)
{
    static const char *const events[] = {"42[\"other\",1]",
                                         "421[\"other\",1]",
                                         "42[\"message-back\",1]",
                                         "42[7]",
                                         "42[\"join\",\"room\"]",
                                         "421[\"disconnect-me\"]",
                                         "42[\"Message\",1]",
                                         "43[1]",
                                         "431[1]",
                                         "42"};
    static const char *const custom[] = {"42/custom,[\"message\",1]", "42/custom,1[\"message\",1]",
                                         "42/custom,[\"message-with-ack\",1]",
                                         "42/custom,1[\"message-with-ack\",1]"};
    (void)state;
    open_web_joined();
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        say_answered(events[i], "");
    say_text(web, "40/custom");
    advance(AUTH_MS * MS);
    expect_heard(web, "T{40/custom!}T{42/custom,[\"auth\",{}]}");
    for (size_t i = 0; i < sizeof custom / sizeof custom[0]; i++)
        say_answered(custom[i], "");
    say_answered("451-/custom,1[\"message\"," PART(0) "]", "");
    say_frame(web, WS_BINARY, SPAN("x"));
    expect_heard(web, "");
    say_answered("42[\"message\",1]", "T{42[\"message-back\",1]}");
    stage_close();
}

/* ---- Times ------------------------------------------------------------------------------- */

static void test_6_times_hold_exactly(void **state)
{
    (void)state;
    open_web_joined();
    advance((300 - AUTH_MS) * MS - 1);
    expect_heard(web, "");
    advance(1);
    expect_heard(web, "T{2}");
    advance(200 * MS - 1);
    expect_heard(web, "");
    advance(1);
    expect_heard(web, "<close 0>$");
    stage_close();
    open_web(conformance);
    for (int i = 0; i < 3; i++) {
        advance(300 * MS);
        say_answered("3", "T{2}");
    }
    advance(100 * MS - 1);
    expect_heard(web, "");
    advance(1);
    expect_heard(web, "<close 0>$"); /* nothing was joined in 1000 ms */
    stage_close();
    open_session();
    say_get(getter, sid);
    advance(300 * MS);
    expect_heard(getter, "200 {2}");
    say_get(getter, sid);
    advance(200 * MS - 1);
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {1}");
    expect_unknown(sid);
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_6_engineio_echoes_by_polling),
        cmocka_unit_test(test_6_engineio_echoes_by_websocket),
        cmocka_unit_test(test_6_engineio_upgrades),
        cmocka_unit_test(test_3_binary_has_no_type_in_front),
        cmocka_unit_test(test_6_a_sid_is_unknown_under_the_other_path),
        cmocka_unit_test(test_6_engineio_is_of_conformance_only),
        cmocka_unit_test(test_6_auth_is_told_after_joining),
        cmocka_unit_test(test_6_auth_of_several_namespaces),
        cmocka_unit_test(test_6_other_namespaces_are_refused),
        cmocka_unit_test(test_6_message_is_answered_by_message_back),
        cmocka_unit_test(test_6_message_is_not_acknowledged),
        cmocka_unit_test(test_6_message_with_ack_is_acknowledged),
        cmocka_unit_test(test_6_nothing_else_is_answered),
        cmocka_unit_test(test_6_times_hold_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
