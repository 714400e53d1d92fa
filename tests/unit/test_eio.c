/* Proves that Engine.IO packets, bodies, open packets and queries are read and written as
 * tests/PROTOCOLS.md section 1 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/eio.h"
#include "base/status.h"
#include "guard.h"

static void test_1_1_packets_have_type_and_data(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum eio_type type;
        const char *data;
    } cases[] = {
        {"0{\"sid\":\"x\"}", EIO_OPEN, "{\"sid\":\"x\"}"},
        {"1", EIO_CLOSE, ""},
        {"2probe", EIO_PING, "probe"},
        {"3", EIO_PONG, ""},
        {"4", EIO_MESSAGE, ""},
        {"42[\"a\"]", EIO_MESSAGE, "2[\"a\"]"},
        {"5", EIO_UPGRADE, ""},
        {"6", EIO_NOOP, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct eio_packet packet;
        struct span text = guard_copy(span_text(cases[i].text));
        assert_int_equal(eio_packet_parse(text, &packet), (int)text.len);
        assert_int_equal(packet.type, cases[i].type);
        assert_true(span_equal_text(packet.data, cases[i].data));
    }
}

static void test_1_1_other_packets_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "7", "9x", "/", ":", "b4aGk=", " 2", "\x04", "\xff"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct eio_packet packet = {.type = EIO_NOOP, .data = SPAN("old")};
        struct span text = guard_copy(span_text(texts[i]));
        assert_int_equal(eio_packet_parse(text, &packet), STATUS_EIO_PACKET);
        assert_int_equal(packet.type, 0);
        assert_null(packet.data.ptr);
    }
}

/* The packets of a body, joined by '|', and the result behind the last. */
static int split(const char *body, char *joined, size_t cap)
{
    struct span rest = guard_copy(span_text(body)), text;
    struct buf out = buf_over(joined, cap - 1);
    bool first = true;
    int result;
    while ((result = eio_payload_next(&rest, &first, &text)) == 1) {
        buf_put_span(&out, text);
        buf_put_byte(&out, '|');
    }
    assert_null(text.ptr);
    joined[out.len] = '\0';
    return result;
}

static void test_1_1_bodies_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *joined;
        int result;
    } cases[] = {
        {"4a", "4a|", 0},
        {"4a\x1e"
         "2",
         "4a|2|", 0},
        {"4a\x1e"
         "bAQI=\x1e"
         "4",
         "4a|bAQI=|4|", 0},
        {"", "", STATUS_EIO_PACKET},
        {"\x1e", "", STATUS_EIO_PACKET},
        {"\x1e"
         "4a",
         "", STATUS_EIO_PACKET},
        {"4a\x1e", "4a|", STATUS_EIO_PACKET},
        {"4a\x1e\x1e"
         "4b",
         "4a|", STATUS_EIO_PACKET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char joined[32];
        assert_int_equal(split(cases[i].body, joined, sizeof joined), cases[i].result);
        assert_string_equal(joined, cases[i].joined);
    }
}

static void test_1_2_open_packets_of_known_servers(void **state)
{
    (void)state;
    struct eio_open open;
    struct span js = SPAN("{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],"
                          "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
    assert_int_equal(eio_open_parse(guard_copy(js), &open), STATUS_OK);
    assert_string_equal(open.sid, "lv_VI97HAXpY6yYWAAAC");
    assert_true(open.upgrade_websocket);
    assert_int_equal(open.ping_interval, 25000);
    assert_int_equal(open.ping_timeout, 20000);
    assert_true(open.max_payload == 1000000);

    struct span python =
        SPAN("{\"pingTimeout\": 1, \"x\": {\"sid\": 1}, \"pingInterval\": 4294967295,"
             " \"upgrades\": [], \"sid\": \"a\\u0062\"}");
    assert_int_equal(eio_open_parse(python, &open), STATUS_OK);
    assert_string_equal(open.sid, "ab");
    assert_false(open.upgrade_websocket);
    assert_true(open.ping_interval == UINT32_MAX);
    assert_true(open.max_payload == 0);
}

#define FULL_SID "123456789012345678901234567890123456789012345678901234567890123"

static void test_1_2_open_packets_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int status;
    } cases[] = {
        {"{\"sid\":\"x\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_OK},
        {"{\"sid\":\"" FULL_SID "\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_OK},
        {"{\"sid\":\"x\",\"pingInterval\":1,\"pingTimeout\":2,\"upgrades\":{}}", STATUS_OK},
        {"", STATUS_EIO_OPEN},
        {"[]", STATUS_EIO_OPEN},
        {"{}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":1,\"pingTimeout\":2", STATUS_EIO_OPEN},
        {"{\"sid\":\"4" FULL_SID "\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"a b\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"a\\u0000\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"a\\u007f\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"a\xc3\xa9\",\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":5,\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"pingInterval\":1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":1}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":0,\"pingTimeout\":2}", STATUS_OK},
        {"{\"sid\":\"x\",\"pingInterval\":1,\"pingTimeout\":0}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":-1,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":4294967296,\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":\"1\",\"pingTimeout\":2}", STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":1,\"pingTimeout\":2,\"maxPayload\":\"1\"}",
         STATUS_EIO_OPEN},
        {"{\"sid\":\"x\",\"pingInterval\":1,\"pingTimeout\":2,\"maxPayload\":-1}", STATUS_EIO_OPEN},
    };
    static const struct eio_open zero;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct eio_open open;
        memset(&open, 1, sizeof open);
        int status = eio_open_parse(guard_copy(span_text(cases[i].json)), &open);
        if (status != cases[i].status) {
            fail_msg("%s: %d", cases[i].json, status);
        }
        if (status != STATUS_OK) {
            assert_memory_equal(&open, &zero, sizeof zero);
        }
    }
}

static void test_1_2_open_packets_are_written(void **state)
{
    (void)state;
    struct eio_open open = {"ab", true, 25000, 20000, 1000000};
    const char *text = "{\"sid\":\"ab\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                       "\"pingTimeout\":20000,\"maxPayload\":1000000}";
    size_t full = strlen(text) + 1;
    for (size_t cap = 1; cap <= full; cap++) {
        struct buf out = {.ptr = guard_room(cap), .cap = cap, .len = 1};
        eio_open_put(&out, &open);
        assert_int_equal(out.full, cap < full);
        assert_int_equal(out.len, cap < full ? 1 : full);
        if (cap == full) {
            assert_true(span_equal_text(span_after(buf_span(&out), 1), text));
        }
    }
    char room[256];
    struct buf out = buf_over(room, sizeof room);
    open.upgrade_websocket = false;
    eio_open_put(&out, &open);
    struct eio_open back;
    assert_int_equal(eio_open_parse(buf_span(&out), &back), STATUS_OK);
    assert_string_equal(back.sid, "ab");
    assert_false(back.upgrade_websocket);
    assert_int_equal(back.ping_timeout, 20000);
}

static void test_1_2_queries_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        enum eio_transport transport;
        bool known, four, has_sid;
        const char *sid;
    } cases[] = {
        {"", EIO_TRANSPORT_UNKNOWN, false, false, false, ""},
        {"EIO=4&transport=polling", EIO_TRANSPORT_POLLING, true, true, false, ""},
        {"transport=websocket&t=x&EIO=4&sid=ab", EIO_TRANSPORT_WEBSOCKET, true, true, true, "ab"},
        {"EIO=%34&transport=p%6flling&sid=%61b", EIO_TRANSPORT_POLLING, true, true, true, "ab"},
        {"EIO=3&transport=webtransport", EIO_TRANSPORT_UNKNOWN, true, false, false, ""},
        {"EIO=44&transport=polling2", EIO_TRANSPORT_UNKNOWN, true, false, false, ""},
        {"EIO=&transport=", EIO_TRANSPORT_UNKNOWN, true, false, false, ""},
        {"EIO=abcdefg&transport=Polling", EIO_TRANSPORT_UNKNOWN, true, false, false, ""},
        {"EIO=%0", EIO_TRANSPORT_UNKNOWN, true, false, false, ""},
        {"sid=", EIO_TRANSPORT_UNKNOWN, false, false, false, ""},
        {"sid", EIO_TRANSPORT_UNKNOWN, false, false, false, ""},
        {"sid=%zz", EIO_TRANSPORT_UNKNOWN, false, false, true, "?"},
        {"sid=a%00b", EIO_TRANSPORT_UNKNOWN, false, false, true, "?"},
        {"sid=" FULL_SID, EIO_TRANSPORT_UNKNOWN, false, false, true, FULL_SID},
        {"sid=" FULL_SID "4", EIO_TRANSPORT_UNKNOWN, false, false, true, "?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct eio_query q;
        memset(&q, 1, sizeof q);
        eio_query_parse(guard_copy(span_text(cases[i].query)), &q);
        if (q.transport != cases[i].transport || q.version_known != cases[i].known ||
            q.version_4 != cases[i].four || q.has_sid != cases[i].has_sid) {
            fail_msg("%s", cases[i].query);
        }
        assert_string_equal(q.sid, cases[i].sid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_1_packets_have_type_and_data),
        cmocka_unit_test(test_1_1_other_packets_are_refused),
        cmocka_unit_test(test_1_1_bodies_are_split),
        cmocka_unit_test(test_1_2_open_packets_of_known_servers),
        cmocka_unit_test(test_1_2_open_packets_are_checked),
        cmocka_unit_test(test_1_2_open_packets_are_written),
        cmocka_unit_test(test_1_2_queries_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
