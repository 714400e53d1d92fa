/* Proves that `wsio-client echo` gives the right answer to each step of a server. Whenever the
 * client has nothing to do, its output since the server's last step is compared, and the next step
 * is played. A case that a row of tests/PROTOCOLS.md asks for names the row. */
#include "client_stage.h"

#include "client/client_echo.h"

#define PART  "{\"_placeholder\":true,\"num\":0}"
#define SIO   "http://" HOST "/"
#define QUICK OPEN_OF("s", "", "\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000")

/* What the server does. */
enum act {
    END,
    ACCEPTED, /* TCP, by itself */
    WELCOME,  /* 101 */
    TEXT,
    BINARY,
    CLOSE, /* with this body */
    BYTES,
    WIND, /* the clock */
    HANG_UP,
};

struct step {
    enum act act;
    struct span say;
    const char *want; /* all that is heard for it */
    uint64_t wait;    /* ns, of WIND */
};

/* clang-format off */
#define SAY(words, want)  {TEXT, {(const uint8_t *)(words), sizeof(words) - 1}, want, 0}
#define DATA(words, want) {BINARY, {(const uint8_t *)(words), sizeof(words) - 1}, want, 0}
#define BODY(words, want) {CLOSE, {(const uint8_t *)(words), sizeof(words) - 1}, want, 0}
#define RAW(words, want)  {BYTES, {(const uint8_t *)(words), sizeof(words) - 1}, want, 0}
#define WAIT(ns, want)    {WIND, {NULL, 0}, want, ns}
#define DO(act, want)     {act, {NULL, 0}, want, 0}
/* clang-format on */

#define OPENED(open, connect) DO(ACCEPTED, "WS "), DO(WELCOME, ""), SAY(open, connect)
#define SESSION               OPENED(OPEN, "T{40}"), SAY(JOINED, "")
#define GONE                  DO(HANG_UP, ""), DO(END, "")
#define FAREWELL              BODY("", "<close 0>"), GONE

static const struct step *script;
static size_t played; /* steps so far */
static struct peer *peer;
static char error[OPTION_ERROR_BYTES];

static void step_play(const struct step *step)
{
    switch (step->act) {
    case END:
        fail_msg("after %zu steps the client still waits", played);
        break;
    case ACCEPTED:
        peer = peer_next();
        break;
    case WELCOME:
        peer_accept(peer);
        break;
    case TEXT:
    case BINARY:
        peer_frame(peer, step->act == TEXT ? WS_TEXT : WS_BINARY, step->say);
        break;
    case CLOSE:
        peer_frame(peer, WS_CLOSE, step->say);
        break;
    case BYTES:
        peer_bytes(peer, step->say);
        break;
    case WIND:
        scripted_clock_advance(step->wait);
        break;
    case HANG_UP:
        peer_hang_up(peer);
        break;
    }
}

static void step_check(void)
{
    peers_settle();
    if (played > 0)
        peer_expect(peer, script[played - 1].want);
}

/* Instead of waiting. */
static int wait_playing(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns)
{
    const struct port_poller *scripted = port_poller_find(NULL);
    int rows = scripted->wait(state, events, cap, 0);
    if (rows != 0 || timeout_ns == 0)
        return rows;
    step_check();
    step_play(&script[played++]);
    return scripted->wait(state, events, cap, 0);
}

static enum client_echo_result play(const struct step *steps, const char *target)
{
    const char *const words[] = {"echo", "--timeout", "100ms", target, NULL};
    struct port_poller poller = *port_poller_find(NULL);
    poller.wait = wait_playing;
    peers_open();
    script = steps;
    played = 0;
    error[0] = '\0';
    enum client_echo_result result = client_echo_run(client_parse(words), &poller, error);
    step_check();
    assert_int_equal(script[played].act, END);
    peers_close();
    return result;
}

static void expect_done(const struct step *steps, const char *target)
{
    assert_int_equal(play(steps, target), CLIENT_ECHO_DONE);
}

static void expect_failed(const struct step *steps, const char *target, const char *want)
{
    assert_int_equal(play(steps, target), CLIENT_ECHO_FAILED);
    assert_string_equal(error, want);
}

/* ---- Socket.IO --------------------------------------------------------------------------- */

static void test_2_4_events_and_acks(void **state)
{
    static const struct step steps[] = {
        SESSION,
        SAY("42[\"a\", 1,{\"b\":[]}]", "T{42[\"a\", 1,{\"b\":[]}]}"),
        SAY("427[\"a\",\"x\"]", "T{437[\"x\"]}"),
        SAY("428[\"a\"]", "T{438[]}"),
        SAY("438[]", ""), /* no answer to an answer */
        SAY("6", ""),
        FAREWELL,
    };
    (void)state;
    expect_done(steps, SIO);
}

static void test_2_2_attachments(void **state)
{
    static const struct step steps[] = {
        SESSION,
        SAY("451-[\"a\"," PART "]", ""),
        SAY("2", "T{3}"), /* Engine.IO's packets may come between */
        DATA("\1\2", "T{451-[\"a\"," PART "]}B{\1\2}"),
        SAY("452-9[\"a\"," PART ",{\"_placeholder\":true,\"num\":1}]", ""),
        DATA("x", ""),
        DATA("", "T{462-9[" PART ",{\"_placeholder\":true,\"num\":1}]}B{x}B{}"),
        FAREWELL,
    };
    (void)state;
    expect_done(steps, SIO);
}

static void test_2_3_a_namespace(void **state)
{
    static const struct step steps[] = {
        OPENED(OPEN, "T{40/n,}"),
        SAY("40/n,{\"sid\":\"x\"}", ""),
        SAY("42/n,[\"a\"]", "T{42/n,[\"a\"]}"),
        FAREWELL,
    };
    (void)state;
    expect_done(steps, "http://" HOST "/n");
}

static void test_2_3_refused(void **state)
{
    static const struct step steps[] = {
        OPENED(OPEN, "T{40}"),
        SAY("44{\"message\":\"no\"}", "<close 1000>"),
        BODY("\3\350", ""),
        GONE,
    };
    (void)state;
    expect_failed(steps, SIO,
                  SIO ": Socket.IO connection refused by the server: {\"message\":\"no\"}");
}

static void test_2_5_thrown_out(void **state)
{
    static const struct step steps[] = {
        SESSION,
        SAY("41", "<close 1000>"),
        BODY("\3\350", ""),
        GONE,
    };
    (void)state;
    expect_done(steps, SIO);
}

static void test_1_5_heartbeat(void **state)
{
    static const struct step steps[] = {
        OPENED(QUICK, "T{40}"),
        SAY(JOINED, ""),
        WAIT(500 * MS - 1, ""),
        SAY("2", "T{3}"),
        WAIT(400 * MS, ""),
        SAY("42[\"a\"]", "T{42[\"a\"]}"), /* only a ping counts */
        WAIT(100 * MS - 1, ""),
        WAIT(1, "<close 0>$"),
        GONE,
    };
    (void)state;
    expect_failed(steps, SIO, SIO ": Engine.IO heartbeat missed");
}

static void test_1_4_what_ends_it(void **state)
{
    static const struct step closed[] = {SESSION, SAY("1", "<close 0>$"), GONE};
    static const struct step empty[] = {SESSION, SAY("", "<close 0>$"), GONE};
    static const struct step due[] = {SESSION, DATA("x", "<close 0>$"), GONE};
    static const struct step lost[] = {SESSION, GONE};
    (void)state;
    expect_failed(closed, SIO, SIO ": Engine.IO session closed by the peer");
    expect_failed(empty, SIO, SIO ": invalid Engine.IO packet");
    expect_failed(due, SIO, SIO ": binary attachment missing, unasked or out of range");
    expect_failed(lost, SIO, SIO ": closed by the peer");
}

static void test_2_7_timeouts(void **state)
{
    static const struct step silent[] = {DO(ACCEPTED, "WS "), WAIT(100 * MS - 1, ""), WAIT(1, "$"),
                                         DO(END, "")};
    static const struct step unjoined[] = {OPENED(OPEN, "T{40}"), WAIT(100 * MS - 1, ""),
                                           WAIT(1, "$"), DO(END, "")};
    static const struct step joined[] = {SESSION, WAIT(1000 * MS, ""), FAREWELL};
    (void)state;
    expect_failed(silent, SIO, SIO ": timed out");
    expect_failed(unjoined, SIO, SIO ": timed out");
    expect_done(joined, SIO); /* from there on it waits as long as it takes */
}

static void test_1_8_no_websocket(void **state)
{
    static const struct step steps[] = {
        DO(ACCEPTED, "WS "),
        RAW("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "$"),
        DO(END, ""),
    };
    (void)state;
    expect_failed(steps, SIO, SIO ": unexpected HTTP status: 400");
}

/* ---- WebSocket --------------------------------------------------------------------------- */

/* 0: control frames between fragments; code points cut by them. */
static void test_0_messages_come_back(void **state)
{
    static const struct step steps[] = {
        DO(ACCEPTED, "WS/ "),
        DO(WELCOME, ""),
        SAY("hi", "T{hi}"),
        DATA("\1\xff", "B{\1\xff}"),
        SAY("", "T{}"),
        RAW("\x01\x02\xe2\x82\x89\x01m\x80\x01\xac", "T{\xe2\x82<pong>\xac}"),
        BODY("\x0b\xb9"
             "bye",
             "<close 3001>"),
        GONE,
    };
    (void)state;
    expect_done(steps, "ws://" HOST "/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_4_events_and_acks), cmocka_unit_test(test_2_2_attachments),
        cmocka_unit_test(test_2_3_a_namespace),     cmocka_unit_test(test_2_3_refused),
        cmocka_unit_test(test_2_5_thrown_out),      cmocka_unit_test(test_1_5_heartbeat),
        cmocka_unit_test(test_1_4_what_ends_it),    cmocka_unit_test(test_2_7_timeouts),
        cmocka_unit_test(test_1_8_no_websocket),    cmocka_unit_test(test_0_messages_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
