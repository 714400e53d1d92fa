/* Proves that bodies of long polling are worked off packet by packet in both roles. Events are
 * noted as a text: the kind of each, or the failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "conn/polling.h"
#include "guard.h"

#define PART(n) "{\"_placeholder\":true,\"num\":" #n "}"
#define MOST    64

static struct session_config config;
static struct session session;
static struct random randomness;
static struct session_io io;
static struct buf out;
static uint8_t out_bytes[65536];
static struct hold parts;
static uint8_t memory[POLLING_PARTS_BYTES(MOST)];
static bool lacks; /* memory */

static void start(bool client)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {4};
    memset(&config, 0, sizeof config);
    memset(&session, 0, sizeof session);
    memset(&parts, 0, sizeof parts);
    lacks = false;
    config.client = client;
    config.ping_interval = 300;
    config.ping_timeout = 200;
    config.connect_timeout = 1000;
    config.max_payload = MOST;
    config.namespace_count = 1;
    strcpy(config.namespaces[0], "/");
    random_seed(&randomness, seed);
    out = buf_over(out_bytes, sizeof out_bytes);
    io = (struct session_io){&config, &out, &randomness, 1000, true};
    if (!client)
        session_open(&session, &io, 0);
    session.joined = !client;
    out.len = 0;
}

static void note(struct buf *text, const struct session_event *e)
{
    static const char kinds[] = "-OJHEALR3TB";
    buf_put_byte(text, (uint8_t)kinds[e->kind]);
    for (unsigned i = 0; i < e->attachments; i++) {
        buf_put_byte(text, '<');
        buf_put_span(text, e->attachment[i]);
        buf_put_byte(text, '>');
    }
}

/* Feeds one body; the events, then "." at its end, or the failure's name. */
static const char *feed(const char *body)
{
    static char bytes[256];
    struct buf text = buf_over(bytes, sizeof bytes - 1);
    struct session_event event;
    struct span s = guard_copy(span_text(body));
    struct polling p = {s, true, {NULL, 0}};
    int more;
    while ((more = polling_feed(&p, &session, &io, &parts, &event)) > 0) {
        note(&text, &event);
        if (event.kind == SESSION_HEADER && !lacks)
            polling_keep(&p, &parts, memory, sizeof memory);
        if (parts.over)
            hold_take(&parts);
    }
    buf_put_text(&text, more == 0 ? "." : status_name(more));
    bytes[text.len] = '\0';
    return bytes;
}

static void expect(const char *body, const char *want)
{
    assert_string_equal(feed(body), want);
}

static const char *put(void)
{
    out_bytes[out.len] = '\0';
    out.len = 0;
    return (const char *)out_bytes;
}

static void test_1_1_server_packets(void **state)
{
    (void)state;
    start(false);
    expect("42[\"a\"]", "E.");
    expect("42[\"a\"]\x1e"
           "437[]\x1e"
           "6\x1e"
           "3",
           "EA-3.");
    expect("41\x1e"
           "40",
           "LJ.");
    assert_memory_equal(put(), "40{\"sid\":\"", 10);
    expect("42[\"a\"]\x1e"
           "1\x1e"
           "42[\"b\"]",
           "Eeio_closed");
}

static void test_1_1_answers_are_joined(void **state)
{
    (void)state;
    start(false);
    expect("40/x\x1e"
           "40/y",
           "--.");
    assert_string_equal(put(), "44/x,{\"message\":\"Invalid namespace\"}\x1e"
                               "44/y,{\"message\":\"Invalid namespace\"}");
}

static void test_1_1_empty_segments(void **state)
{
    static const struct {
        const char *body, *want;
    } cases[] = {
        {"", "eio_packet"},
        {"\x1e", "eio_packet"},
        {"\x1e"
         "3",
         "eio_packet"},
        {"3\x1e", "3eio_packet"},
        {"3\x1e\x1e"
         "3",
         "3eio_packet"},
        {"3\x1e"
         "7",
         "3eio_packet"},
        {"3\x1e"
         "2",
         "3eio_packet"},
        {"3\x1e"
         "49",
         "3sio_packet"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(false);
        expect(cases[i].body, cases[i].want);
    }
}

static void test_1_1_texts_are_utf8(void **state)
{
    (void)state;
    start(false);
    expect("42[\"\xc3\xa4\xf0\x9f\x98\x80\"]", "E.");
    expect("42[\"\xff\"]", "utf8");
    expect("42[\"\xc3\"]", "utf8");
    expect("42[\"\xed\xa0\x80\"]", "utf8");
    expect("42[\"a\"]\xc3", "utf8");
}

static void test_2_2_binary_in_one_body_and_in_several(void **state)
{
    (void)state;
    for (int client = 0; client < 2; client++) {
        start(client == 1);
        session.state = SESSION_OPEN;
        expect("452-[\"b\"," PART(0) "," PART(1) "]\x1e"
                                                 "bYWI=\x1e"
                                                 "b\x1e"
                                                 "42[\"a\"]",
               "H-E<ab><>E.");
        expect("451-[\"b\"," PART(0) "]", "H.");
        expect(client ? "2" : "3", "3."); /* Engine.IO's own may come between */
        expect("bYWJj", "E<abc>.");
        expect("461-7[" PART(0) "]\x1e"
                                "bYQ==",
               "HA<a>.");
    }
}

static void test_2_2_attachments_out_of_place(void **state)
{
    (void)state;
    start(false);
    expect("bYWI=", "sio_attachment");
    start(false);
    expect("451-[\"b\"," PART(0) "]\x1e"
                                 "42[\"a\"]",
           "Hsio_attachment");
    start(false);
    expect("451-[\"b\"," PART(0) "]\x1e"
                                 "bYQ==\x1e"
                                 "bYQ==",
           "HE<a>sio_attachment");
    start(false); /* the header was not kept */
    lacks = true;
    expect("451-[\"b\"," PART(0) "]\x1e"
                                 "bYQ==",
           "Hsio_attachment");
}

/* Where memory is still lent, too: not looked at, and not kept. */
static void test_2_2_binary_that_nobody_asked_for(void **state)
{
    static const char *const bodies[] = {"bYQ==", "b", "b!!!!", "bY"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        start(false);
        hold_give(&parts, memory, sizeof memory);
        expect(bodies[i], "sio_attachment");
        assert_int_equal(parts.len, HOLD_HEADROOM);
    }
    start(false); /* more than there is room for */
    hold_give(&parts, memory, HOLD_HEADROOM + 1);
    expect("bYWJj", "sio_attachment");
}

static void test_1_1_base64_rubbish(void **state)
{
    static const char *const rubbish[] = {
        "Y", "YQ", "YQ=", "Y===", "YR==", "!!!!", "YQ==YQ==", "Y Q=="};
    (void)state;
    for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++) {
        char body[128];
        start(false);
        snprintf(body, sizeof body,
                 "451-[\"b\"," PART(0) "]\x1e"
                                       "b%s",
                 rubbish[i]);
        expect(body, "Heio_packet");
    }
}

/* Together at most the memory that was kept for them. */
static void test_attachments_too_big(void **state)
{
    char body[2048] = "451-[\"b\"," PART(0) "]\x1e"
                                            "b";
    (void)state;
    start(false);
    size_t head = strlen(body);
    memset(body + head, 'A', 1200);
    body[head + 1200] = '\0';
    expect(body, "Htoo_big");
}

static void test_1_1_client_packets(void **state)
{
    (void)state;
    start(true);
    expect("0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200}\x1e"
           "40{\"sid\":\"y\"}"
           "\x1e"
           "2\x1e"
           "6\x1e"
           "42[\"a\"]\x1e"
           "43"
           "0[]",
           "OJ3-EA.");
    assert_string_equal(put(), "40\x1e"
                               "3");
    expect("1", "eio_closed");
    start(true);
    expect("40{\"sid\":\"y\"}", "eio_packet"); /* the open packet comes first */
}

static void test_6_bare_messages(void **state)
{
    (void)state;
    start(false);
    session_bare(&session);
    expect("4hello\x1e"
           "bYWI=\x1e"
           "4\x1e"
           "b",
           "TBTB.");
    expect("bYW", "eio_packet");
}

static void expect_cut(const char *joined, unsigned most, unsigned count, size_t len)
{
    size_t got = 99;
    struct span s = guard_copy(span_text(joined));
    assert_int_equal(polling_cut(s, most, &got), count);
    assert_int_equal(got, len);
}

static void test_4_a_payload_is_cut_by_packets(void **state)
{
    (void)state;
    expect_cut("", 16, 0, 0);
    expect_cut("3", 16, 1, 1);
    expect_cut("3", 0, 0, 0);
    expect_cut("42[]\x1e"
               "3\x1e"
               "6",
               16, 3, 8);
    expect_cut("42[]\x1e"
               "3\x1e"
               "6",
               3, 3, 8);
    expect_cut("42[]\x1e"
               "3\x1e"
               "6",
               2, 2, 6);
    expect_cut("42[]\x1e"
               "3\x1e"
               "6",
               1, 1, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_1_server_packets),
        cmocka_unit_test(test_1_1_answers_are_joined),
        cmocka_unit_test(test_1_1_empty_segments),
        cmocka_unit_test(test_1_1_texts_are_utf8),
        cmocka_unit_test(test_2_2_binary_in_one_body_and_in_several),
        cmocka_unit_test(test_2_2_attachments_out_of_place),
        cmocka_unit_test(test_2_2_binary_that_nobody_asked_for),
        cmocka_unit_test(test_1_1_base64_rubbish),
        cmocka_unit_test(test_attachments_too_big),
        cmocka_unit_test(test_1_1_client_packets),
        cmocka_unit_test(test_6_bare_messages),
        cmocka_unit_test(test_4_a_payload_is_cut_by_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
