/* Proves that frame heads, close codes and handshake keys are read and written as RFC 6455 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/ws.h"
#include "base/status.h"
#include "guard.h"

static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};

/* Section 5.7's examples and the edges of each length form. `result` is what all bytes give, and
 * must come at the byte number `at`, not before it. */
static const struct {
    struct span bytes;
    bool masked;
    int result;
    size_t at;
    uint64_t length;
} heads[] = {
#define HEAD(literal, masked, result, at, length)                                                  \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, masked, result, at, length              \
    }
    HEAD("\x81\x05", false, 2, 2, 5),
    HEAD("\x81\x85\x37\xfa\x21\x3d", true, 6, 6, 5),
    HEAD("\x01\x03", false, 2, 2, 3),
    HEAD("\x80\x00", false, 2, 2, 0),
    HEAD("\x82\x7d", false, 2, 2, 125),
    HEAD("\x82\x7e\x00\x7e", false, 4, 4, 126),
    HEAD("\x82\x7e\x00\xff", false, 4, 4, 255),
    HEAD("\x82\x7e\x01\x00", false, 4, 4, 256),
    HEAD("\x82\x7e\xff\xff", false, 4, 4, 65535),
    HEAD("\x82\xfe\xff\xff\x37\xfa\x21\x3d", true, 8, 8, 65535),
    HEAD("\x82\x7f\0\0\0\0\0\1\0\0", false, 10, 10, 65536),
    HEAD("\x82\xff\0\0\0\0\0\1\0\0\x37\xfa\x21\x3d", true, 14, 14, 65536),
    HEAD("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", false, 10, 10, INT64_MAX),
    HEAD("\x82\x7f\x01\0\0\0\0\0\0\0", false, 10, 10, (uint64_t)1 << 56),
    HEAD("\x88\x02", false, 2, 2, 2),
    HEAD("\x89\x7d", false, 2, 2, 125),
    HEAD("\x8a\x80\x37\xfa\x21\x3d", true, 6, 6, 0),
    /* each error with the byte that shows it */
    HEAD("\xc1\x05", false, STATUS_WS_RESERVED_BITS, 1, 0),
    HEAD("\xa1\x05", false, STATUS_WS_RESERVED_BITS, 1, 0),
    HEAD("\x91\x05", false, STATUS_WS_RESERVED_BITS, 1, 0),
    HEAD("\x83\x05", false, STATUS_WS_OPCODE, 1, 0),
    HEAD("\x87\x05", false, STATUS_WS_OPCODE, 1, 0),
    HEAD("\x8b\x05", false, STATUS_WS_OPCODE, 1, 0),
    HEAD("\x8f\x05", false, STATUS_WS_OPCODE, 1, 0),
    HEAD("\x08\x00", false, STATUS_WS_CONTROL, 1, 0),
    HEAD("\x09\x80", true, STATUS_WS_CONTROL, 1, 0),
    HEAD("\x89\x7e\x00\x7e", false, STATUS_WS_CONTROL, 2, 0),
    HEAD("\x88\xff", true, STATUS_WS_CONTROL, 2, 0),
    HEAD("\x81\x85", false, STATUS_WS_MASK, 2, 0),
    HEAD("\x81\x05", true, STATUS_WS_MASK, 2, 0),
    HEAD("\x82\x7e\x00\x7d", false, STATUS_WS_LENGTH, 4, 0),
    HEAD("\x82\x7e\x00\x00", false, STATUS_WS_LENGTH, 4, 0),
    HEAD("\x82\xfe\x00\x7d", true, STATUS_WS_LENGTH, 4, 0),
    HEAD("\x82\x7f\x80\0\0\0\0\1\0\0", false, STATUS_WS_LENGTH, 3, 0),
    HEAD("\x82\x7f\xff", false, STATUS_WS_LENGTH, 3, 0),
    HEAD("\x82\x7f\0\0\0\0\0\0\xff\xff", false, STATUS_WS_LENGTH, 8, 0),
    HEAD("\x82\xff\0\0\0\0\0\0", true, STATUS_WS_LENGTH, 8, 0),
#undef HEAD
};
#define HEADS (sizeof heads / sizeof heads[0])

static void assert_reset(const struct ws_head *head)
{
    assert_false(head->fin);
    assert_false(head->masked);
    assert_int_equal(head->opcode, 0);
    assert_memory_equal(head->key, "\0\0\0\0", 4);
    assert_true(head->length == 0);
}

static void test_0_heads_at_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < HEADS; i++) {
        for (size_t len = 0; len <= heads[i].bytes.len; len++) {
            struct ws_head head;
            memset(&head, 1, sizeof head);
            struct span part = guard_copy(span_of(heads[i].bytes.ptr, len));
            int result = ws_head_parse(part, heads[i].masked, &head);
            int expected = len < heads[i].at ? 0 : heads[i].result;
            if (result != expected) {
                fail_msg("head %zu, %zu bytes: %d, not %d", i, len, result, expected);
            }
            if (result <= 0) {
                assert_reset(&head);
            }
        }
    }
}

static void test_0_heads_have_their_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < HEADS; i++) {
        struct ws_head head;
        if (ws_head_parse(heads[i].bytes, heads[i].masked, &head) <= 0) {
            continue;
        }
        assert_int_equal(head.fin, heads[i].bytes.ptr[0] >> 7);
        assert_int_equal(head.opcode, heads[i].bytes.ptr[0] & 15);
        assert_int_equal(head.masked, heads[i].masked);
        assert_memory_equal(head.key, heads[i].masked ? key : (const uint8_t[4]){0}, 4);
        assert_true(head.length == heads[i].length);
    }
}

/* What follows a head is not looked at. */
static void payload_is_left_alone(void **state)
{
    (void)state;
    struct ws_head head;
    assert_int_equal(ws_head_parse(SPAN("\x81\x02\xff\xff\xff\xff"), false, &head), 2);
    assert_int_equal(ws_head_parse(SPAN("\x82\x7e\x01\x00\x00\x00\x00\x00\x00\x00"), false, &head),
                     4);
    assert_int_equal(head.length, 256);
}

static void test_0_written_heads_are_the_shortest(void **state)
{
    (void)state;
    static const struct {
        uint64_t length;
        size_t head;
    } cases[] = {
        {0, 2},          {1, 2},     {125, 2},    {126, 4},
        {127, 4},        {65535, 4}, {65536, 10}, {(uint64_t)1 << 32, 10},
        {INT64_MAX, 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int masked = 0; masked < 2; masked++) {
            size_t full = cases[i].head + (masked ? 4 : 0);
            uint8_t *out = guard_room(full);
            const uint8_t *k = masked ? key : NULL;
            struct ws_head head;
            assert_int_equal(ws_head_length(cases[i].length, masked), full);
            assert_int_equal(ws_head_write(out, i % 2, WS_BINARY, cases[i].length, k), full);
            assert_int_equal(ws_head_parse(span_of(out, full), masked, &head), full);
            assert_true(head.length == cases[i].length);
            assert_int_equal(head.fin, i % 2);
            assert_int_equal(head.opcode, WS_BINARY);
            assert_memory_equal(head.key, masked ? key : (const uint8_t[4]){0}, 4);
        }
    }
}

static void every_opcode_is_written(void **state)
{
    (void)state;
    static const uint8_t opcodes[] = {WS_CONTINUATION, WS_TEXT, WS_BINARY,
                                      WS_CLOSE,        WS_PING, WS_PONG};
    for (size_t i = 0; i < sizeof opcodes; i++) {
        uint8_t out[WS_HEAD_MAX];
        struct ws_head head;
        size_t used = ws_head_write(out, true, opcodes[i], 3, NULL);
        assert_int_equal(ws_head_parse(span_of(out, used), false, &head), used);
        assert_int_equal(head.opcode, opcodes[i]);
        assert_int_equal(ws_is_control(opcodes[i]), opcodes[i] >= 8);
    }
}

/* Section 5.7: "Hello", plain and masked. */
static void frames_of_the_rfc(void **state)
{
    (void)state;
    uint8_t *room = guard_room(11);
    struct buf out = buf_over(room, 7);
    assert_int_equal(ws_frame_put(&out, true, WS_TEXT, SPAN("Hello"), NULL), STATUS_OK);
    assert_true(span_equal(buf_span(&out), SPAN("\x81\x05Hello")));
    out = buf_over(room, 11);
    assert_int_equal(ws_frame_put(&out, true, WS_TEXT, SPAN("Hello"), key), STATUS_OK);
    assert_true(span_equal(buf_span(&out), SPAN("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")));
    out = buf_over(room, 2);
    assert_int_equal(ws_frame_put(&out, true, WS_PING, (struct span){0}, NULL), STATUS_OK);
    assert_true(span_equal(buf_span(&out), SPAN("\x89\x00")));
}

static void what_does_not_fit_is_not_written(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 12; cap++) {
        uint8_t *room = guard_room(cap);
        memset(room, '.', cap);
        struct buf out = {.ptr = room, .cap = cap, .len = cap > 0};
        assert_int_equal(ws_frame_put(&out, true, WS_TEXT, SPAN("Hello"), key),
                         cap < 12 ? STATUS_NO_ROOM : STATUS_OK);
        assert_int_equal(out.len, cap > 0);
        for (size_t i = 0; i < cap; i++) {
            assert_int_equal(room[i], '.');
        }
    }
    uint8_t room[32];
    struct buf out = {.ptr = room, .cap = sizeof room, .len = 21};
    assert_int_equal(ws_frame_put(&out, true, WS_TEXT, SPAN("Hello"), key), STATUS_OK);
    assert_int_equal(out.len, 32);
    struct buf full = {.ptr = room, .cap = sizeof room, .full = true};
    assert_int_equal(ws_frame_put(&full, true, WS_TEXT, SPAN("Hello"), key), STATUS_NO_ROOM);
}

/* Each length, alignment and offset, against the definition in section 5.3. */
static void masks_by_definition(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {
        0, 1, 2, 3, 5, UINT32_MAX, (uint64_t)1 << 62, UINT64_MAX - 7};
    for (size_t len = 0; len < 70; len++) {
        for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
            uint8_t *room = len % 2 ? guard_room(len) : guard_room_front(len);
            for (size_t k = 0; k < len; k++) {
                room[k] = (uint8_t)(k * 3);
            }
            ws_mask(room, len, key, offsets[i]);
            for (size_t k = 0; k < len; k++) {
                uint8_t expected = (uint8_t)(k * 3) ^ key[(offsets[i] + k) % 4];
                assert_int_equal(room[k], expected);
            }
        }
    }
}

static void masks_in_pieces(void **state)
{
    (void)state;
    uint8_t whole[41], pieces[41];
    memset(whole, 'w', sizeof whole);
    ws_mask(whole, sizeof whole, key, 0);
    for (size_t cut = 0; cut <= sizeof pieces; cut++) {
        memset(pieces, 'w', sizeof pieces);
        ws_mask(pieces, cut, key, 0);
        ws_mask(pieces + cut, sizeof pieces - cut, key, cut);
        assert_memory_equal(pieces, whole, sizeof whole);
    }
}

/* Sections 7.4.1 and 7.4.2, written as a list rather than as ranges. */
static void test_0_every_close_code(void **state)
{
    (void)state;
    static const unsigned defined[] = {1000, 1001, 1002, 1003, 1007, 1008,
                                       1009, 1010, 1011, 1012, 1013, 1014};
    size_t next = 0;
    for (unsigned code = 0; code <= 5000; code++) {
        bool valid = code >= 3000 && code != 5000;
        if (next < sizeof defined / sizeof defined[0] && defined[next] == code) {
            valid = true;
            next++;
        }
        if (ws_close_code_valid(code) != valid) {
            fail_msg("close code %u", code);
        }
    }
    assert_int_equal(next, sizeof defined / sizeof defined[0]);
    assert_false(ws_close_code_valid(65535));
}

static void test_0_close_codes_for_failures(void **state)
{
    (void)state;
    static const int protocol[] = {
        STATUS_WS_RESERVED_BITS, STATUS_WS_OPCODE,   STATUS_WS_LENGTH,     STATUS_WS_CONTROL,
        STATUS_WS_MASK,          STATUS_WS_SEQUENCE, STATUS_WS_CLOSE_CODE, STATUS_WS_CLOSE_LENGTH,
        STATUS_JSON_SYNTAX,      STATUS_EIO_PACKET,  STATUS_SIO_PACKET,    STATUS_CONNECT_TIMEOUT,
    };
    static const int ours[] = {STATUS_NO_MEMORY, STATUS_SYSTEM, STATUS_NO_ROOM, STATUS_QUEUE_FULL};
    for (size_t i = 0; i < sizeof protocol / sizeof protocol[0]; i++) {
        assert_int_equal(ws_close_code_for(protocol[i]), 1002);
    }
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        assert_int_equal(ws_close_code_for(ours[i]), 1011);
    }
    assert_int_equal(ws_close_code_for(STATUS_UTF8), 1007);
    assert_int_equal(ws_close_code_for(STATUS_TOO_BIG), 1009);
}

/* Section 1.3. */
static void test_0_accept_of_the_rfc(void **state)
{
    (void)state;
    char *out = (char *)guard_room(WS_ACCEPT_LENGTH + 1);
    ws_accept_make(SPAN("dGhlIHNhbXBsZSBub25jZQ=="), out);
    assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void test_0_keys_have_sixteen_bytes(void **state)
{
    (void)state;
    assert_true(ws_key_valid(guard_copy(SPAN("dGhlIHNhbXBsZSBub25jZQ=="))));
    assert_true(ws_key_valid(SPAN("AAAAAAAAAAAAAAAAAAAAAA==")));
    assert_false(ws_key_valid((struct span){0}));
    assert_false(ws_key_valid(SPAN("AAAAAAAAAAAAAAAAAAAAAAA="))); /* 17 */
    assert_false(ws_key_valid(SPAN("AAAAAAAAAAAAAAAAAAAAAAAA"))); /* 18 */
    assert_false(ws_key_valid(SPAN("AAAAAAAAAAAAAAAAAAAA")));     /* 15 */
    assert_false(ws_key_valid(SPAN("AAAAAAAAAAAAAAAAAAAAAB=="))); /* loose bits */
    assert_false(ws_key_valid(SPAN("AAAAAAAAAAAAAAAAAAAA A==")));
    assert_false(ws_key_valid(SPAN("AAAAAAAAAAAAAAAAAAAAAA")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_0_heads_at_every_length),
        cmocka_unit_test(test_0_heads_have_their_fields),
        cmocka_unit_test(payload_is_left_alone),
        cmocka_unit_test(test_0_written_heads_are_the_shortest),
        cmocka_unit_test(every_opcode_is_written),
        cmocka_unit_test(frames_of_the_rfc),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(masks_by_definition),
        cmocka_unit_test(masks_in_pieces),
        cmocka_unit_test(test_0_every_close_code),
        cmocka_unit_test(test_0_close_codes_for_failures),
        cmocka_unit_test(test_0_accept_of_the_rfc),
        cmocka_unit_test(test_0_keys_have_sixteen_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
