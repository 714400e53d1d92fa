/* Proves the Engine.IO and Socket.IO session in both roles, with a clock that is wound by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "codec/ws.h"
#include "conn/echo.h"
#include "conn/hold.h"
#include "conn/session.h"
#include "conn/session_sid.h"
#include "guard.h"

#define START UINT64_C(1000)
#define MS    UINT64_C(1000000)

#define INTERVAL 300 /* ms */
#define PONG_BY  200
#define JOIN_BY  1000

static struct session_config config;
static struct session session;
static struct session_event event;
static struct random randomness;
static struct session_io io;
static struct buf out;
static uint8_t out_bytes[65536];
static uint8_t held[4096];
static size_t held_len;

/* ---- Steps -------------------------------------------------------------------------------------
 */

static void start(bool client)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {3};
    memset(&config, 0, sizeof config);
    memset(&session, 0, sizeof session);
    memset(held, 0xee, sizeof held);
    held_len = 0;
    config.client = client;
    config.ping_interval = INTERVAL;
    config.ping_timeout = PONG_BY;
    config.connect_timeout = JOIN_BY;
    config.max_payload = 1000000;
    config.namespace_count = client ? 1 : 3;
    strcpy(config.namespaces[0], "/");
    strcpy(config.namespaces[1], "/a");
    strcpy(config.namespaces[2], "/ab");
    random_seed(&randomness, seed);
    out = buf_over(out_bytes, sizeof out_bytes);
    io = (struct session_io){&config, &out, &randomness, START, false};
}

/* All frames that were put since the last call: texts joined by '|', binary ones in < >. */
static const char *sent(void)
{
    static char text[sizeof out_bytes];
    struct buf all = buf_over(text, sizeof text - 1);
    struct span rest = buf_span(&out);
    while (rest.len > 0) {
        struct ws_head head;
        int used = ws_head_parse(rest, config.client, &head);
        assert_true(used > 0 && head.fin && head.length <= rest.len - (size_t)used);
        uint8_t *payload = out.ptr + (out.len - rest.len) + used;
        ws_mask(payload, (size_t)head.length, head.key, 0);
        buf_put_text(&all, all.len > 0 ? "|" : "");
        buf_put_text(&all, head.opcode == WS_BINARY ? "<" : "");
        buf_put(&all, payload, (size_t)head.length);
        buf_put_text(&all, head.opcode == WS_BINARY ? ">" : "");
        rest = span_after(rest, (size_t)used + (size_t)head.length);
    }
    text[all.len] = '\0';
    out.len = 0;
    return text;
}

static int feed(const char *text)
{
    return session_feed(&session, &io, guard_copy(span_text(text)), &event);
}

static void expect(const char *text, enum session_kind kind)
{
    assert_int_equal(feed(text), STATUS_OK);
    assert_int_equal(event.kind, kind);
}

static void expect_failure(const char *text, int status)
{
    assert_int_equal(feed(text), status);
    assert_int_equal(event.kind, SESSION_NOTHING);
    assert_string_equal(sent(), "");
}

static void server_open(void)
{
    start(false);
    session_open(&session, &io, 0);
    sent();
}

static void server_join(void)
{
    server_open();
    expect("40", SESSION_JOINED);
    sent();
}

static void client_open(void)
{
    start(true);
    expect("0{\"sid\":\"abc\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200}",
           SESSION_OPENED);
    sent();
}

static void client_join(void)
{
    client_open();
    expect("40{\"sid\":\"x\"}", SESSION_JOINED);
}

static void join_as(bool client)
{
    if (client)
        client_join();
    else
        server_join();
}

/* A part as the connection keeps it: HOLD_HEADROOM behind the one before. */
static void keep(struct span part)
{
    held_len += HOLD_HEADROOM;
    memcpy(held + held_len, part.ptr, part.len);
    held_len += part.len;
}

static void keep_header(const char *text)
{
    held_len = 0;
    expect(text, SESSION_HEADER);
    keep(span_text(text));
}

static int feed_part(struct span part)
{
    keep(part);
    return session_feed_part(&session, &io, held, part.len, &event);
}

static void tick_at(uint64_t now, int status, const char *puts)
{
    io.now = now;
    assert_int_equal(session_tick(&session, &io), status);
    assert_string_equal(sent(), puts);
}

/* ---- Server ------------------------------------------------------------------------------------
 */

static int echo_to(struct buf *to)
{
    struct session_io there = io;
    there.out = to;
    return echo_put(&there, &event, span_of(NULL, 0));
}

static bool is_sid(const char *sid)
{
    return (strlen(sid) == 22 || strlen(sid) == 25) &&
           strspn(sid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                       "0123456789-_") == strlen(sid);
}

static void test_1_2_server_opens_with_five_keys(void **state)
{
    char want[256];
    char first[EIO_SID_MAX];
    (void)state;
    start(false);
    session_open(&session, &io, 0);
    assert_int_equal(session.state, SESSION_OPEN);
    assert_true(is_sid(session.sid));
    snprintf(want, sizeof want,
             "0{\"sid\":\"%s\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200,"
             "\"maxPayload\":1000000}",
             session.sid);
    assert_string_equal(sent(), want);
    memcpy(first, session.sid, sizeof first);
    session_open(&session, &io, 70123);
    assert_string_not_equal(first, session.sid);
    assert_int_equal(session_sid_number(session.sid), 70123);
    assert_int_equal(session_sid_number(first), 0);
    assert_int_equal(session_sid_number("short"), UINT32_MAX);
}

static void expect_joined(const char *text, unsigned nsp, const char *head)
{
    char sid[EIO_SID_MAX] = "";
    expect(text, SESSION_JOINED);
    assert_int_equal(event.nsp, nsp);
    const char *answer = sent();
    assert_memory_equal(answer, head, strlen(head));
    assert_int_equal(sscanf(answer + strlen(head), "{\"sid\":\"%63[^\"]\"}", sid), 1);
    assert_int_equal(strlen(answer), strlen(head) + strlen("{\"sid\":\"\"}") + strlen(sid));
    assert_true(is_sid(sid));
    assert_string_not_equal(sid, session.sid);
}

static void test_2_3_server_joins_and_refuses(void **state)
{
    (void)state;
    server_open();
    expect("40/none,", SESSION_NOTHING);
    assert_string_equal(sent(), "44/none,{\"message\":\"Invalid namespace\"}");
    expect("40/A", SESSION_NOTHING);
    assert_string_equal(sent(), "44/A,{\"message\":\"Invalid namespace\"}");
    expect("40/a?x=1,", SESSION_NOTHING);
    assert_string_equal(sent(), "44/a?x=1,{\"message\":\"Invalid namespace\"}");
    expect_joined("40/a,{\"token\":1}", 1, "40/a,");
    assert_true(span_equal_text(event.data.text, "{\"token\":1}"));
    expect_joined("40", 0, "40");
    assert_int_equal(event.data.type, JSON_NONE);
    expect_joined("40/ab,{}", 2, "40/ab,");
    expect_failure("40/a,", STATUS_SIO_NAMESPACE);
}

/* A sid differs from that of each namespace, and of every other session. */
static void test_2_3_every_socket_has_its_own_id(void **state)
{
    static const char *const joins[] = {"40", "40/a,", "40/ab,"};
    char sids[8][EIO_SID_MAX] = {""};
    size_t count = 0;
    (void)state;
    start(false);
    for (int sessions = 0; sessions < 2; sessions++) {
        session_open(&session, &io, 0);
        sent();
        strcpy(sids[count++], session.sid);
        for (size_t i = 0; i < 3; i++) {
            expect(joins[i], SESSION_JOINED);
            assert_int_equal(sscanf(strchr(sent(), '{'), "{\"sid\":\"%63[^\"]\"}", sids[count++]),
                             1);
        }
    }
    assert_int_equal(count, 8);
    for (size_t i = 0; i < count; i++) {
        assert_true(is_sid(sids[i]));
        for (size_t k = 0; k < i; k++) /* nor do they begin alike: a part of each is random */
            assert_memory_not_equal(sids[i], sids[k], 10);
    }
}

static void test_server_namespace_too_long_to_answer(void **state)
{
    char text[200];
    (void)state;
    server_open();
    snprintf(text, sizeof text, "40/%0*d,", NAMESPACE_NAME_MAX - 1, 0);
    expect(text, SESSION_NOTHING);
    assert_memory_equal(sent(), "44/000", 6);
    snprintf(text, sizeof text, "40/%0*d,", NAMESPACE_NAME_MAX, 0);
    expect_failure(text, STATUS_SIO_NAMESPACE);
}

static void test_2_3_server_fails_for_what_is_not_joined(void **state)
{
    static const char *const texts[] = {"42[\"x\"]", "42/a,[\"x\"]",      "430[]",
                                        "41/a,",     "451-/a,[\"x\",{}]", "461-0[{}]",
                                        "41",        "42/none,[\"x\"]"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        server_open();
        expect_joined("40/ab,", 2, "40/ab,");
        expect_failure(texts[i], STATUS_SIO_NAMESPACE);
    }
}

static void test_2_5_server_keeps_the_session_after_leaving(void **state)
{
    (void)state;
    server_join();
    expect("41", SESSION_LEFT);
    assert_string_equal(sent(), "");
    tick_at(START + INTERVAL * MS, STATUS_OK, "2");
    expect("3", SESSION_HEARTBEAT);
    expect_failure("42[\"x\"]", STATUS_SIO_NAMESPACE);
    expect_joined("40", 0, "40");
    expect("42[\"x\"]", SESSION_EVENT);
    assert_int_equal(session_deadline(&session), session.ping_at); /* the join limit is gone */
}

static void test_1_4_server_engine_packets(void **state)
{
    (void)state;
    server_join();
    expect("0{}", SESSION_NOTHING);
    expect("5", SESSION_NOTHING);
    expect("6", SESSION_NOTHING);
    expect("3", SESSION_HEARTBEAT); /* unsolicited */
    assert_string_equal(sent(), "");
    expect_failure("1", STATUS_EIO_CLOSED);
    expect_failure("2", STATUS_EIO_PACKET);
    expect_failure("2probe", STATUS_EIO_PACKET);
    expect_failure("", STATUS_EIO_PACKET);
    expect_failure("7", STATUS_EIO_PACKET);
    expect_failure("4", STATUS_SIO_PACKET);
    expect_failure("4x", STATUS_SIO_PACKET);
    expect_failure("42[\"x\"", STATUS_JSON_SYNTAX);
    expect_failure("44{\"message\":\"x\"}", STATUS_SIO_PACKET);
}

static void test_2_4_events_and_acks(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        join_as(client != 0);
        expect("42[\"name\",1,{\"a\":[]}]", SESSION_EVENT);
        assert_true(span_equal_text(event.data.text, "[\"name\",1,{\"a\":[]}]"));
        assert_true(span_equal_text(event.packet.args, "1,{\"a\":[]}"));
        assert_false(event.packet.has_id);
        assert_int_equal(event.attachments, 0);
        expect("4217[\"name\"]", SESSION_EVENT);
        assert_true(event.packet.has_id);
        assert_int_equal(event.packet.id, 17);
        expect("4317[1]", SESSION_ACK);
        assert_int_equal(event.packet.id, 17);
        expect("430[]", SESSION_ACK); /* no arguments */
        assert_int_equal(event.packet.args.len, 0);
        expect("4317[1]",
               SESSION_ACK); /* whether that was asked for is the application's business */
        expect("42", SESSION_NOTHING); /* legal, and means nothing */
        expect("43", SESSION_NOTHING);
        assert_string_equal(sent(), "");
    }
}

/* The namespace goes before the id. */
static void test_2_4_ids_of_a_namespace(void **state)
{
    (void)state;
    server_join();
    expect("40/a,", SESSION_JOINED);
    sent();
    expect("42/a,12[\"name\",1]", SESSION_EVENT);
    assert_int_equal(event.nsp, 1);
    assert_int_equal(event.packet.id, 12);
    assert_int_equal(echo_to(&out), STATUS_OK);
    assert_string_equal(sent(), "43/a,12[1]");
    expect("4212[\"name\",1]", SESSION_EVENT); /* the same id, elsewhere */
    assert_int_equal(event.nsp, 0);
    assert_int_equal(echo_to(&out), STATUS_OK);
    assert_string_equal(sent(), "4312[1]");
}

static int feed_nested(unsigned levels)
{
    char text[600] = "42[\"x\",";
    struct buf all = buf_over(text, sizeof text - 1);
    all.len = strlen(text);
    for (unsigned i = 1; i < levels; i++)
        buf_put_byte(&all, '[');
    for (unsigned i = 0; i < levels; i++)
        buf_put_byte(&all, ']');
    assert_false(all.full);
    return session_feed(&session, &io, guard_copy(buf_span(&all)), &event);
}

/* In figures: 128 levels of arrays, the event's own included. */
static void test_2_6_nesting_has_a_limit(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        join_as(client != 0);
        assert_int_equal(feed_nested(127), STATUS_OK);
        assert_int_equal(event.kind, SESSION_EVENT);
        assert_int_equal(feed_nested(128), STATUS_OK);
        assert_int_equal(event.kind, SESSION_EVENT);
        assert_int_equal(feed_nested(129), STATUS_JSON_DEPTH);
        assert_int_equal(event.kind, SESSION_NOTHING);
    }
}

/* ---- Attachments -------------------------------------------------------------------------------
 */

static void test_2_2_every_number_of_attachments(void **state)
{
    (void)state;
    server_join();
    for (unsigned n = 1; n <= ATTACHMENTS_MAX; n++) {
        char header[64];
        snprintf(header, sizeof header, "45%u-9[\"b\",{\"_placeholder\":true,\"num\":%u}]", n,
                 n - 1);
        keep_header(header);
        for (unsigned i = 0; i < n; i++) {
            uint8_t part[3] = {(uint8_t)i, (uint8_t)n, 0xff};
            assert_int_equal(session.parts_due, n - i);
            if (i == n / 2)
                expect("3", SESSION_HEARTBEAT);
            assert_int_equal(feed_part(span_of(part, i % 4)), STATUS_OK);
            assert_int_equal(event.kind, i + 1 < n ? SESSION_NOTHING : SESSION_EVENT);
        }
        assert_int_equal(event.attachments, n);
        assert_int_equal(event.packet.id, 9);
        for (unsigned i = 0; i < n; i++) {
            uint8_t part[3] = {(uint8_t)i, (uint8_t)n, 0xff};
            assert_true(span_equal(event.attachment[i], span_of(part, i % 4)));
        }
    }
    expect("42[\"x\"]", SESSION_EVENT); /* and nothing is due any more */
}

static void test_2_2_attachments_out_of_place(void **state)
{
    (void)state;
    server_join();
    assert_int_equal(feed_part(SPAN("x")), STATUS_SIO_ATTACHMENT);
    keep_header("451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
    expect_failure("42[\"x\"]", STATUS_SIO_ATTACHMENT);
    server_join();
    keep_header("461-3[{\"_placeholder\":true,\"num\":0}]");
    assert_int_equal(feed_part(SPAN("x")), STATUS_OK);
    assert_int_equal(event.kind, SESSION_ACK);
    assert_int_equal(feed_part(SPAN("y")), STATUS_SIO_ATTACHMENT);
    expect_failure("4511-[\"b\"]", STATUS_SIO_ATTACHMENT);
    expect_failure("450-[\"b\"]", STATUS_SIO_ATTACHMENT);
    expect_failure("451-[\"b\",{\"_placeholder\":true,\"num\":1}]", STATUS_SIO_ATTACHMENT);
}

/* ---- Heartbeat ---------------------------------------------------------------------------------
 */

static void test_1_5_server_heartbeat_to_the_nanosecond(void **state)
{
    uint64_t ping = START + INTERVAL * MS;
    (void)state;
    server_join();
    assert_int_equal(session_deadline(&session), ping);
    tick_at(ping - 1, STATUS_OK, "");
    tick_at(ping, STATUS_OK, "2");
    assert_int_equal(session_deadline(&session), ping + PONG_BY * MS);
    tick_at(ping + PONG_BY * MS - 1, STATUS_OK, "");

    /* the next ping runs from the pong */
    uint64_t pong = ping + PONG_BY * MS - 1;
    expect("3", SESSION_HEARTBEAT);
    assert_int_equal(session_deadline(&session), pong + INTERVAL * MS);
    tick_at(pong + INTERVAL * MS - 1, STATUS_OK, "");
    tick_at(pong + INTERVAL * MS + 5, STATUS_OK, "2");

    /* a pong without a ping does not put the ping off, nor does any other packet the timeout */
    expect("42[\"x\"]", SESSION_EVENT);
    assert_int_equal(session_deadline(&session), pong + (INTERVAL + PONG_BY) * MS);
    tick_at(pong + (INTERVAL + PONG_BY) * MS, STATUS_PING_TIMEOUT, "");
}

/* A late ping shortens the time for its pong, but never by half of it. */
static void test_1_5_a_late_ping(void **state)
{
    uint64_t ping = START + INTERVAL * MS;
    uint64_t half = ping + PONG_BY / 2 * MS;
    (void)state;
    server_join();
    tick_at(half - 1, STATUS_OK, "2");
    assert_int_equal(session_deadline(&session), ping + PONG_BY * MS);
    server_join();
    tick_at(half, STATUS_OK, "2");
    assert_int_equal(session_deadline(&session), half + PONG_BY * MS);
    server_join();
    tick_at(ping + 10 * PONG_BY * MS, STATUS_OK, "2");
    assert_int_equal(session_deadline(&session), ping + 11 * PONG_BY * MS);
}

static void test_1_5_unsolicited_pong_moves_nothing(void **state)
{
    (void)state;
    server_join();
    io.now = START + 100 * MS;
    expect("3", SESSION_HEARTBEAT);
    assert_int_equal(session_deadline(&session), START + INTERVAL * MS);
}

static void test_2_3_connect_timeout(void **state)
{
    (void)state;
    server_open();
    config.ping_interval = 5000;
    session_open(&session, &io, 0);
    sent();
    assert_int_equal(session_deadline(&session), START + JOIN_BY * MS);
    tick_at(START + JOIN_BY * MS - 1, STATUS_OK, "");
    expect("40/none,", SESSION_NOTHING); /* a refusal does not count */
    sent();
    tick_at(START + JOIN_BY * MS, STATUS_CONNECT_TIMEOUT, "");
}

static void test_closed_session_wants_nothing(void **state)
{
    (void)state;
    server_join();
    session_close(&session);
    assert_int_equal(session.state, SESSION_CLOSED);
    assert_int_equal(session_deadline(&session), UINT64_MAX);
}

/* ---- Client ------------------------------------------------------------------------------------
 */

static void test_2_3_client_opens_and_joins(void **state)
{
    (void)state;
    start(true);
    config.auth = SPAN("{\"t\":1}");
    strcpy(config.namespaces[0], "/a");
    expect_failure("40{\"sid\":\"x\"}", STATUS_EIO_PACKET);
    expect_failure("0{}", STATUS_EIO_OPEN);
    expect("0{\"pingTimeout\":200,\"pingInterval\":300,\"sid\":\"abc\",\"upgrades\":[\"x\"]}",
           SESSION_OPENED);
    assert_string_equal(session.sid, "abc");
    assert_true(session.max_payload == UINT64_MAX);
    assert_string_equal(sent(), "40/a,{\"t\":1}");
    expect("40/a,{\"sid\":\"x\",\"pid\":\"y\"}", SESSION_JOINED);
    assert_int_equal(session.joined, 1);
    assert_string_equal(sent(), "");
}

static void test_2_3_client_plain_connect(void **state)
{
    (void)state;
    start(true);
    expect("0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":2,\"maxPayload\":7}",
           SESSION_OPENED);
    assert_int_equal(session.max_payload, 7);
    assert_string_equal(sent(), "40");
}

/* Servers of older revisions say `40` unasked and name no socket. */
static void test_3_client_sees_an_older_server(void **state)
{
    static const char *const answers[] = {"40", "40{}", "40{\"sid\":7}", "40{\"SID\":\"x\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        client_open();
        expect_failure(answers[i], STATUS_EIO_VERSION);
        assert_int_equal(session.joined, 0);
    }
    client_open();
    expect_failure("40/b,{\"sid\":\"x\"}", STATUS_SIO_NAMESPACE);
}

static void test_2_3_client_is_told_early_events(void **state)
{
    (void)state;
    client_open();
    expect("42[\"early\"]", SESSION_EVENT);
    keep_header("451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
    assert_int_equal(feed_part(SPAN("x")), STATUS_OK);
    assert_int_equal(event.kind, SESSION_EVENT);
    expect_failure("42/b,[\"other\"]", STATUS_SIO_NAMESPACE);
    expect("40{\"sid\":\"x\"}", SESSION_JOINED);
}

static void test_2_3_client_is_refused(void **state)
{
    (void)state;
    client_open();
    expect("44{\"message\":\"no\"}", SESSION_REFUSED);
    assert_true(span_equal_text(event.data.text, "{\"message\":\"no\"}"));
    expect("44/nsp,\"Unable to connect\"", SESSION_REFUSED);
    assert_true(span_equal_text(event.data.text, "\"Unable to connect\""));
    client_join();
    expect("41", SESSION_LEFT);
    expect_failure("41", STATUS_SIO_NAMESPACE);
}

static void test_1_5_client_heartbeat(void **state)
{
    uint64_t dead = START + (INTERVAL + PONG_BY) * MS;
    (void)state;
    client_join();
    assert_int_equal(session_deadline(&session), dead);
    io.now = START + 10;
    expect("2", SESSION_HEARTBEAT);
    assert_string_equal(sent(), "3");
    assert_int_equal(session_deadline(&session), dead + 10);
    expect("2data", SESSION_HEARTBEAT);
    assert_string_equal(sent(), "3data");
    io.now = START + 20;
    expect("42[\"x\"]", SESSION_EVENT); /* only a ping counts */
    expect("3", SESSION_NOTHING);
    expect("6", SESSION_NOTHING);
    assert_int_equal(session_deadline(&session), dead + 10);
    tick_at(dead + 9, STATUS_OK, "");
    tick_at(dead + 10, STATUS_PING_TIMEOUT, "");
}

static void test_1_4_client_engine_packets(void **state)
{
    static const char *const invalid[] = {"", "7", "x", "4", "49", "b"};
    (void)state;
    client_join();
    expect("0{}", SESSION_NOTHING);
    expect("3", SESSION_NOTHING);
    expect("5", SESSION_NOTHING);
    expect("6", SESSION_NOTHING);
    assert_string_equal(sent(), "");
    expect_failure("1", STATUS_EIO_CLOSED);
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        client_join();
        assert_true(feed(invalid[i]) < 0);
    }
}

/* Keys in any order, unknown ones, and no maxPayload. */
static void test_1_2_client_takes_any_open_packet(void **state)
{
    static const char *const packets[] = {
        "0{\"pingTimeout\":200,\"x\":{\"sid\":1},\"pingInterval\":300,\"upgrades\":[],"
        "\"sid\":\"s\"}",
        "0{\"sid\":\"s\",\"pingInterval\":300,\"pingTimeout\":200}",
        "0 { \"sid\" : \"\\u0073\" , "
        "\"pingInterval\":300,\"pingTimeout\":200,\"upgrades\":[\"a\"]}"};
    (void)state;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        start(true);
        expect(packets[i], SESSION_OPENED);
        assert_string_equal(session.sid, "s");
        assert_true(session.max_payload == UINT64_MAX);
        assert_false(session.upgrades);
        assert_int_equal(session_deadline(&session), START + (INTERVAL + PONG_BY) * MS);
    }
}

static void test_2_6_client_decoder_errors(void **state)
{
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        {"48", STATUS_SIO_PACKET},
        {"42{}", STATUS_SIO_PACKET},
        {"42[\"connect\"]", STATUS_SIO_PACKET},
        {"42[\"a\"", STATUS_JSON_SYNTAX},
        {"42[\"a\"]x", STATUS_JSON_SYNTAX},
        {"43{}", STATUS_SIO_PACKET},
        {"44", STATUS_SIO_PACKET},
        {"40[]", STATUS_SIO_PACKET},
        {"450-[\"a\"]", STATUS_SIO_ATTACHMENT},
        {"451-[\"a\",{\"_placeholder\":true,\"num\":1}]", STATUS_SIO_ATTACHMENT},
        {"42[\"a\"]\x1e"
         "42[\"b\"]",
         STATUS_JSON_SYNTAX}, /* 1.1: frames hold one packet each */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        client_join();
        expect_failure(cases[i].text, cases[i].status);
    }
    server_join();
    expect_failure(cases[sizeof cases / sizeof cases[0] - 1].text, STATUS_JSON_SYNTAX);
}

/* A payload of revision 3 of Engine.IO is no packet of ours. */
static void test_3_client_sees_an_older_engine(void **state)
{
    (void)state;
    start(true);
    expect_failure("97:0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200}",
                   STATUS_EIO_VERSION);
    start(true);
    expect_failure("18:0{}", STATUS_EIO_VERSION);
    start(true);
    expect_failure("18:1", STATUS_EIO_PACKET);
}

/* python-socketio's ways, in one conversation. */
static void test_4_what_servers_in_python_say(void **state)
{
    (void)state;
    start(true);
    expect("0{\"sid\":\"s\",\"upgrades\":[],\"pingTimeout\":200,\"pingInterval\":0}",
           SESSION_OPENED);
    assert_string_equal(sent(), "40");
    expect("42[\"\\u00e9\\ud83d\\ude00\"]", SESSION_EVENT); /* before the answer to CONNECT */
    expect("40{\"sid\":\"x\"}", SESSION_JOINED);
    expect("6", SESSION_NOTHING); /* behind an upgrade */
    expect("2", SESSION_HEARTBEAT);
    assert_string_equal(sent(), "3");
    expect("44/a,\"Unable to connect\"", SESSION_REFUSED);
    expect("41{\"message\":\"go\"}", SESSION_LEFT);
}

static void test_4_what_clients_in_python_say(void **state)
{
    (void)state;
    server_open();
    expect("40{}", SESSION_JOINED);
    sent();
    tick_at(START + INTERVAL * MS, STATUS_OK, "2");
    expect("3data", SESSION_HEARTBEAT);
    assert_int_equal(session_deadline(&session), START + 2 * INTERVAL * MS);
    expect("421[\"\\u00e9\"]", SESSION_EVENT);
    expect("41", SESSION_LEFT);
    expect_failure("1", STATUS_EIO_CLOSED);
}

/* What is echoed is bounded: nothing long can be owed while something else is sent. */
static void test_4_ping_data_is_echoed_up_to_125_bytes(void **state)
{
    char ping[128];
    char want[128];
    (void)state;
    client_join();
    for (int len = 124; len <= 126; len++) {
        snprintf(ping, sizeof ping, "2%0*d", len, 7);
        snprintf(want, sizeof want, "3%0*d", len, 7);
        expect(ping, SESSION_HEARTBEAT);
        assert_string_equal(sent(), len <= 125 ? want : "3");
    }
}

static void test_2_5_client_leaves_what_it_joined(void **state)
{
    (void)state;
    client_open();
    session_put_leave(&session, &io);
    assert_string_equal(sent(), "");
    client_join();
    session_put_leave(&session, &io);
    assert_string_equal(sent(), "41");
    session_put_leave(&session, &io);
    assert_string_equal(sent(), "");
}

static void test_application_packets(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        start(client == 1);
        size_t mark = session_begin(&io);
        buf_put_text(&out, "42[\"x\"]");
        assert_int_equal(session_end(&io, mark), STATUS_OK);
        assert_int_equal(session_put_binary(&io, SPAN("\xff\xfe")), STATUS_OK);
        assert_string_equal(sent(), "42[\"x\"]|<\xff\xfe>");
        out.cap = 8;
        mark = session_begin(&io);
        buf_put_text(&out, "42[\"x\"]");
        assert_int_equal(session_end(&io, mark), STATUS_NO_ROOM);
        assert_int_equal(out.len, 0);
    }
}

/* ---- Without Socket.IO ------------------------------------------------------------------------
 */

static void test_6_bare_messages(void **state)
{
    (void)state;
    server_open();
    assert_int_equal(session_feed_binary(&session, SPAN("a"), &event), STATUS_SIO_ATTACHMENT);
    session_bare(&session);
    expect("40", SESSION_TEXT); /* no CONNECT */
    assert_true(span_equal(event.message, SPAN("0")));
    expect("4", SESSION_TEXT);
    assert_int_equal(event.message.len, 0);
    assert_int_equal(session_feed_binary(&session, SPAN("\xff"), &event), STATUS_OK);
    assert_int_equal(event.kind, SESSION_BINARY);
    assert_true(span_equal(event.message, SPAN("\xff")));
    expect("3", SESSION_HEARTBEAT);
    expect("6", SESSION_NOTHING);
    expect_failure("2", STATUS_EIO_PACKET);
    expect_failure("1", STATUS_EIO_CLOSED);
    assert_string_equal(sent(), "");
}

/* Only the heartbeat has deadlines: there is no namespace to be joined. */
static void test_6_bare_deadlines(void **state)
{
    (void)state;
    server_open();
    session_bare(&session);
    assert_true(session_deadline(&session) == START + INTERVAL * MS);
    io.now = START + INTERVAL * MS;
    assert_int_equal(session_tick(&session, &io), STATUS_OK);
    assert_string_equal(sent(), "2");
    assert_true(session_deadline(&session) == io.now + PONG_BY * MS);
    io.now += 10;
    expect("3", SESSION_HEARTBEAT);
    assert_true(session_deadline(&session) == io.now + INTERVAL * MS);
}

static void bare_expect(const char *text, const char *binary)
{
    struct buf small = buf_over(out_bytes + 1000, 2);
    out.len = 0;
    assert_int_equal(session_feed(&session, &io, span_text(text), &event), STATUS_OK);
    assert_int_equal(echo_put_message(&io, &event), STATUS_OK);
    assert_int_equal(session_feed_binary(&session, span_text(binary), &event), STATUS_OK);
    assert_int_equal(echo_put_message(&io, &event), STATUS_OK);
    struct session_io cramped = io;
    cramped.out = &small;
    assert_int_equal(echo_put_message(&cramped, &event), STATUS_NO_ROOM);
    assert_int_equal(small.len, 0);
}

static void test_6_bare_echo(void **state)
{
    (void)state;
    server_open();
    session_bare(&session);
    bare_expect("42[]", "any");
    assert_string_equal(sent(), "42[]|<any>");
    io.polling = true;
    bare_expect("42[]", "any");
    assert_true(span_equal(buf_span(&out), SPAN("42[]\x1e"
                                                "bYW55")));
}

/* ---- The echo ----------------------------------------------------------------------------------
 */

struct answered {
    const char *joins;
    const char *text;
    unsigned attachments; /* "A", "BB", "" and so on */
    const char *answer;
};

static const struct answered echoes[] = {
    {"40", "42[\"m\"]", 0, "42[\"m\"]"},
    {"40", "42[ \"m\" , 1 , {\"k\" : \"\\u00e9\"} ]", 0, "42[ \"m\" , 1 , {\"k\" : \"\\u00e9\"} ]"},
    {"40", "42[7,null]", 0, "42[7,null]"},
    {"40", "420[\"m\"]", 0, "430[]"},
    {"40", "4212[\"m\",1,[2]]", 0, "4312[1,[2]]"},
    {"40", "42007[\"m\", 1 ]", 0, "437[1]"},
    {"40", "4218446744073709551615[\"m\",1]", 0, "4318446744073709551615[1]"},
    {"40/a,", "42/a,[\"m\",1]", 0, "42/a,[\"m\",1]"},
    {"40/ab,", "42/ab,5[\"m\",1]", 0, "43/ab,5[1]"},
    {"40", "451-[\"m\",{\"_placeholder\":true,\"num\":0}]", 1,
     "451-[\"m\",{\"_placeholder\":true,\"num\":0}]|<A>"},
    {"40/a", "452-/a,[\"m\",{\"num\":1,\"_placeholder\":true}]", 2,
     "452-/a,[\"m\",{\"num\":1,\"_placeholder\":true}]|<A>|<BB>"},
    {"40", "453-3[\"m\",{\"_placeholder\":true,\"num\":0}]", 3,
     "463-3[{\"_placeholder\":true,\"num\":0}]|<A>|<BB>|<>"},
    {"40/ab", "451-/ab,0[\"m\"]", 1, "461-/ab,0[]|<A>"},
    {"40", "45010-[\"m\"]", 10, "4510-[\"m\"]|<A>|<BB>|<>|<D>|<EE>|<>|<G>|<HH>|<>|<J>"},
};

static void echo_expect(const struct answered *e, struct buf *to, uint8_t *source)
{
    server_open();
    expect(e->joins, SESSION_JOINED);
    sent();
    memcpy(source + HOLD_HEADROOM, e->text, strlen(e->text));
    size_t len = HOLD_HEADROOM + strlen(e->text);
    assert_int_equal(
        session_feed(&session, &io, span_of(source + HOLD_HEADROOM, strlen(e->text)), &event),
        STATUS_OK);
    for (unsigned i = 0; i < e->attachments; i++) {
        size_t part = (i + 1) % 3;
        len += HOLD_HEADROOM;
        memset(source + len, 'A' + (int)i, part);
        len += part;
        assert_int_equal(session_feed_part(&session, &io, source, part, &event), STATUS_OK);
    }
    assert_int_equal(event.kind, SESSION_EVENT);
    assert_int_equal(echo_to(to), STATUS_OK);
    assert_true(to->ptr != source || to->len <= len);
    out.len = 0;
    buf_put(&out, to->ptr, to->len);
    assert_string_equal(sent(), e->answer);
}

static void test_echo_elsewhere_and_in_place(void **state)
{
    uint8_t room[512];
    (void)state;
    for (size_t i = 0; i < sizeof echoes / sizeof echoes[0]; i++) {
        struct buf to = buf_over(room, sizeof room);
        echo_expect(&echoes[i], &to, held);
        struct buf exact = buf_over(guard_room(to.len), to.len);
        echo_expect(&echoes[i], &exact, held);
        struct buf in_place = buf_over(held, sizeof held);
        echo_expect(&echoes[i], &in_place, held);

        struct buf tight = buf_over(room, to.len - 1);
        exact.len = 0;
        echo_expect(&echoes[i], &exact, held);
        assert_int_equal(echo_to(&tight), STATUS_NO_ROOM);
        assert_int_equal(tight.len, 0);
    }
}

/* An answer under another name; one with an ack id stays an ack. */
static void test_6_another_name(void **state)
{
    (void)state;
    server_join();
    expect("42[\"m\",1,{\"b\":2}]", SESSION_EVENT);
    assert_int_equal(echo_put(&io, &event, SPAN("\"m-back\"")), STATUS_OK);
    expect("42[\"m\"]", SESSION_EVENT);
    assert_int_equal(echo_put(&io, &event, SPAN("\"m-back\"")), STATUS_OK);
    expect("427[\"m\",1]", SESSION_EVENT);
    assert_int_equal(echo_put(&io, &event, SPAN("\"m-back\"")), STATUS_OK);
    assert_string_equal(sent(), "42[\"m-back\",1,{\"b\":2}]|42[\"m-back\"]|437[1]");
}

/* One namespace is left by the server's will, the other and the session stay. */
static void test_2_5_server_throws_out(void **state)
{
    (void)state;
    server_join();
    expect("40/a,", SESSION_JOINED);
    sent();
    session_put_disconnect(&session, &io, 1);
    session_put_disconnect(&session, &io, 1);
    session_put_disconnect(&session, &io, 2);
    assert_string_equal(sent(), "41/a,");
    expect("42[\"m\"]", SESSION_EVENT);
    expect_failure("42/a,[\"m\"]", STATUS_SIO_NAMESPACE);
    expect("40/a,", SESSION_JOINED);
    sent();
    session_put_disconnect(&session, &io, 0);
    assert_string_equal(sent(), "41");
    assert_int_equal(session.state, SESSION_OPEN);
}

/* The head of a long text takes ten bytes, and everything still moves down. */
static void test_long_echo_in_place(void **state)
{
    static uint8_t memory[200000];
    size_t len = 70000;
    uint8_t *text = memory + HOLD_HEADROOM;
    (void)state;
    server_join();
    memset(text, 'a', len);
    memcpy(text, "451-[\"m\",\"", 10);
    memcpy(text + len - 2, "\"]", 2);
    assert_int_equal(session_feed(&session, &io, span_of(text, len), &event), STATUS_OK);
    memset(text + len + HOLD_HEADROOM, 'b', 66000);
    assert_int_equal(session_feed_part(&session, &io, memory, 66000, &event), STATUS_OK);
    struct buf to = buf_over(memory, sizeof memory);
    assert_int_equal(echo_to(&to), STATUS_OK);
    assert_int_equal(to.len, 10 + len + 10 + 66000);
    assert_memory_equal(memory,
                        "\x81\x7f\0\0\0\0\0\x01\x11\x70"
                        "451-[\"m\",\"aaa",
                        23);
    assert_memory_equal(memory + 10 + len - 3,
                        "a\"]\x82\x7f\0\0\0\0\0\x01\x01\xd0"
                        "bbb",
                        16);
    for (size_t i = 0; i < 66000; i++)
        if (memory[20 + len + i] != 'b')
            fail_msg("byte %zu", i);
}

/* ---- Polling ------------------------------------------------------------------------------- */

/* Over polling packets are joined by 0x1e, shown as '|', and binary ones are in base64. */
static const char *joined(void)
{
    for (size_t i = 0; i < out.len; i++)
        if (out_bytes[i] == 0x1e)
            out_bytes[i] = '|';
    out_bytes[out.len] = '\0';
    out.len = 0;
    return (const char *)out_bytes;
}

static void test_1_2_polling_open(void **state)
{
    char want[256];
    (void)state;
    start(false);
    io.polling = true;
    session_open(&session, &io, 5);
    snprintf(want, sizeof want,
             "0{\"sid\":\"%s\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,"
             "\"pingTimeout\":200,\"maxPayload\":1000000}",
             session.sid);
    assert_string_equal(joined(), want);
}

static void test_polling_packets_of_the_server(void **state)
{
    (void)state;
    server_open();
    io.polling = true;
    expect("40", SESSION_JOINED);
    expect("40/x", SESSION_NOTHING);
    io.now = START + INTERVAL * MS;
    assert_int_equal(session_tick(&session, &io), STATUS_OK);
    assert_int_equal(session_put_binary(&io, SPAN("ab")), STATUS_OK);
    assert_int_equal(session_put_binary(&io, SPAN("")), STATUS_OK);
    size_t mark = session_begin(&io);
    buf_put_text(&out, "42[1]");
    assert_int_equal(session_end(&io, mark), STATUS_OK);
    session_put_leave(&session, &io);
    const char *text = joined();
    assert_memory_equal(text, "40{\"sid\":\"", 10);
    assert_string_equal(strchr(text, '|'),
                        "|44/x,{\"message\":\"Invalid namespace\"}|2|bYWI=|b|42[1]|41");
}

static void test_polling_packets_of_the_client(void **state)
{
    (void)state;
    start(true);
    io.polling = true;
    expect(
        "0{\"sid\":\"abc\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200}",
        SESSION_OPENED);
    assert_true(session.upgrades);
    expect("40{\"sid\":\"x\"}", SESSION_JOINED);
    expect("2", SESSION_HEARTBEAT);
    session_put_leave(&session, &io);
    assert_string_equal(joined(), "40|3|41");
}

/* What does not fit leaves nothing behind, not even the separator. */
static void test_polling_all_or_nothing(void **state)
{
    (void)state;
    start(false);
    io.polling = true;
    for (size_t cap = 4; cap < 12; cap++) {
        out = buf_over(out_bytes, cap);
        buf_put_text(&out, "42[]");
        int status = session_put_binary(&io, SPAN("abc")); /* six bytes more */
        assert_int_equal(status, cap >= 10 ? STATUS_OK : STATUS_NO_ROOM);
        assert_string_equal(joined(), cap >= 10 ? "42[]|bYWJj" : "42[]");
    }
}

/* The pong of a ping that no poll fetched is not waited for; the next one comes an interval later.
 */
static void test_1_5_upgrade_clears_the_pong_timer(void **state)
{
    (void)state;
    server_join();
    session_upgraded(&session, &io); /* none runs */
    assert_true(session_deadline(&session) == START + INTERVAL * MS);
    io.now = START + INTERVAL * MS;
    assert_int_equal(session_tick(&session, &io), STATUS_OK);
    io.now += (PONG_BY - 1) * MS;
    session_upgraded(&session, &io);
    assert_true(session_deadline(&session) == io.now + INTERVAL * MS);
    io.now += INTERVAL * MS;
    sent();
    assert_int_equal(session_tick(&session, &io), STATUS_OK);
    assert_string_equal(sent(), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_2_server_opens_with_five_keys),
        cmocka_unit_test(test_2_3_server_joins_and_refuses),
        cmocka_unit_test(test_2_3_every_socket_has_its_own_id),
        cmocka_unit_test(test_server_namespace_too_long_to_answer),
        cmocka_unit_test(test_2_3_server_fails_for_what_is_not_joined),
        cmocka_unit_test(test_2_5_server_keeps_the_session_after_leaving),
        cmocka_unit_test(test_1_4_server_engine_packets),
        cmocka_unit_test(test_2_4_events_and_acks),
        cmocka_unit_test(test_2_4_ids_of_a_namespace),
        cmocka_unit_test(test_2_6_nesting_has_a_limit),
        cmocka_unit_test(test_2_2_every_number_of_attachments),
        cmocka_unit_test(test_2_2_attachments_out_of_place),
        cmocka_unit_test(test_1_5_server_heartbeat_to_the_nanosecond),
        cmocka_unit_test(test_1_5_a_late_ping),
        cmocka_unit_test(test_1_5_unsolicited_pong_moves_nothing),
        cmocka_unit_test(test_2_3_connect_timeout),
        cmocka_unit_test(test_closed_session_wants_nothing),
        cmocka_unit_test(test_2_3_client_opens_and_joins),
        cmocka_unit_test(test_2_3_client_plain_connect),
        cmocka_unit_test(test_3_client_sees_an_older_server),
        cmocka_unit_test(test_2_3_client_is_told_early_events),
        cmocka_unit_test(test_2_3_client_is_refused),
        cmocka_unit_test(test_1_5_client_heartbeat),
        cmocka_unit_test(test_1_4_client_engine_packets),
        cmocka_unit_test(test_1_2_client_takes_any_open_packet),
        cmocka_unit_test(test_2_6_client_decoder_errors),
        cmocka_unit_test(test_3_client_sees_an_older_engine),
        cmocka_unit_test(test_4_what_servers_in_python_say),
        cmocka_unit_test(test_4_what_clients_in_python_say),
        cmocka_unit_test(test_4_ping_data_is_echoed_up_to_125_bytes),
        cmocka_unit_test(test_2_5_client_leaves_what_it_joined),
        cmocka_unit_test(test_application_packets),
        cmocka_unit_test(test_6_bare_messages),
        cmocka_unit_test(test_6_bare_deadlines),
        cmocka_unit_test(test_6_bare_echo),
        cmocka_unit_test(test_echo_elsewhere_and_in_place),
        cmocka_unit_test(test_6_another_name),
        cmocka_unit_test(test_2_5_server_throws_out),
        cmocka_unit_test(test_long_echo_in_place),
        cmocka_unit_test(test_1_2_polling_open),
        cmocka_unit_test(test_polling_packets_of_the_server),
        cmocka_unit_test(test_polling_packets_of_the_client),
        cmocka_unit_test(test_polling_all_or_nothing),
        cmocka_unit_test(test_1_5_upgrade_clears_the_pong_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
