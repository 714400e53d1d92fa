/* Proves the frame machine in both roles: every stream whole, byte by byte, and cut in two at every
 * place. Its events are written as a text that does not depend on the cuts:
 *     T{Hel}<ping x>{lo}.    a text message of two frames, a ping between them
 *     <close 1000 bye> */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "codec/ws.h"
#include "conn/websocket.h"
#include "guard.h"

#define FRAMES 5

static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};

static uint8_t stream_bytes[GUARD_BYTES];
static uint8_t log_bytes[2 * GUARD_BYTES];

struct run {
    struct websocket machine;
    struct buf log;
    int status;
    size_t used; /* bytes fed until the end or the failure */
};

/* ---- Feeding -----------------------------------------------------------------------------------
 */

static void log_event(struct run *r, const struct websocket_event *e, struct span fed)
{
    char text[32];
    switch (e->kind) {
    case WEBSOCKET_NOTHING:
        return;
    case WEBSOCKET_DATA:
        assert_true(e->len == 0 || (e->ptr >= fed.ptr && e->ptr + e->len <= fed.ptr + fed.len));
        assert_true(e->len <= e->frame_length);
        assert_int_equal(e->message_last, e->frame_last && e->fin);
        assert_true(e->frame_first || !e->message_first);
        if (e->message_first)
            buf_put_byte(&r->log, e->opcode == WS_TEXT ? 'T' : 'B');
        if (e->frame_first)
            buf_put_byte(&r->log, '{');
        buf_put(&r->log, e->ptr, e->len);
        if (e->frame_last)
            buf_put_byte(&r->log, '}');
        if (e->message_last)
            buf_put_byte(&r->log, '.');
        return;
    case WEBSOCKET_PING:
    case WEBSOCKET_PONG:
        buf_put_text(&r->log, e->kind == WEBSOCKET_PING ? "<ping " : "<pong ");
        break;
    case WEBSOCKET_CLOSE:
        snprintf(text, sizeof text, "<close %u ", e->code);
        buf_put_text(&r->log, text);
        break;
    }
    buf_put(&r->log, e->ptr, e->len);
    buf_put_byte(&r->log, '>');
}

static void run_start(struct run *r, bool client)
{
    memset(r, 0, sizeof *r);
    r->machine.client = client;
    r->log = buf_over(log_bytes, sizeof log_bytes);
}

/* One read: a copy that ends before the unreadable page. */
static void run_feed(struct run *r, struct span piece)
{
    struct websocket_event event;
    uint8_t *at = guard_room(piece.len);
    memcpy(at, piece.ptr, piece.len);
    while (piece.len > 0 && r->status == STATUS_OK) {
        struct span fed = span_of(at, piece.len);
        int used = websocket_feed(&r->machine, at, piece.len, &event);
        assert_int_not_equal(used, 0);
        if (used < 0) {
            r->status = used;
            r->used++; /* exact when fed byte by byte */
            return;
        }
        assert_true((size_t)used <= piece.len);
        log_event(r, &event, fed);
        at += used;
        piece = span_after(piece, (size_t)used);
        r->used += (size_t)used;
    }
}

/* ---- Small streams --------------------------------------------------------------------- */

struct stream {
    const char *log; /* byte by byte */
    int status;
    size_t left; /* bytes of payload that come after the one that fails */
    struct {
        uint8_t first; /* FIN, reserved bits, opcode */
        struct span payload;
    } frames[FRAMES];
};

#define S(literal)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const struct stream streams[] = {
    {"T{Hello}.", 0, 0, {{0x81, S("Hello")}}},
    {"B{\xff\xfe}.", 0, 0, {{0x82, S("\xff\xfe")}}},
    {"T{}.", 0, 0, {{0x81, S("")}}},
    {"B{}.", 0, 0, {{0x82, S("")}}},
    {"T{a}.B{b}.T{c}.", 0, 0, {{0x81, S("a")}, {0x82, S("b")}, {0x81, S("c")}}},
    {"T{Hel}{lo}.", 0, 0, {{0x01, S("Hel")}, {0x80, S("lo")}}},
    {"T{}{}{}.", 0, 0, {{0x01, S("")}, {0x00, S("")}, {0x80, S("")}}},
    {"B{\x80}{}{\x81}.", 0, 0, {{0x02, S("\x80")}, {0x00, S("")}, {0x80, S("\x81")}}},
    {"T{a}<ping x>{b}<pong yz>{c}.",
     0,
     0,
     {{0x01, S("a")}, {0x89, S("x")}, {0x00, S("b")}, {0x8a, S("yz")}, {0x80, S("c")}}},
    {"<ping ><pong >", 0, 0, {{0x89, S("")}, {0x8a, S("")}}},
    /* section 5.4 */
    {"", STATUS_WS_SEQUENCE, 0, {{0x80, S("")}}},
    {"", STATUS_WS_SEQUENCE, 0, {{0x00, S("")}}},
    {"T{a}.", STATUS_WS_SEQUENCE, 0, {{0x81, S("a")}, {0x80, S("")}}},
    {"T{a}", STATUS_WS_SEQUENCE, 0, {{0x01, S("a")}, {0x81, S("")}}},
    {"B{a}", STATUS_WS_SEQUENCE, 0, {{0x02, S("a")}, {0x02, S("")}}},
    {"T{a}<ping >", STATUS_WS_SEQUENCE, 0, {{0x01, S("a")}, {0x89, S("")}, {0x82, S("")}}},
    {"T{a}{b}.", STATUS_WS_SEQUENCE, 0, {{0x01, S("a")}, {0x80, S("b")}, {0x80, S("")}}},
    /* section 8.1: whole across fragments, and judged octet by octet */
    {"T{\xce\xba\xe1\xbd\xb9}.", 0, 0, {{0x81, S("\xce\xba\xe1\xbd\xb9")}}},
    {"T{\xe2}{\x82}{\xac}.", 0, 0, {{0x01, S("\xe2")}, {0x00, S("\x82")}, {0x80, S("\xac")}}},
    {"T{\xf0\x9f}<ping \xff>{\x98\x80}.",
     0,
     0,
     {{0x01, S("\xf0\x9f")}, {0x89, S("\xff")}, {0x80, S("\x98\x80")}}},
    {"T{ok", STATUS_UTF8, 4, {{0x81, S("ok\xffmore")}}},
    {"T{ok}{", STATUS_UTF8, 4, {{0x01, S("ok")}, {0x80, S("\xffmore")}}},
    {"T{\xe2", STATUS_UTF8, 3, {{0x81, S("\xe2zabc")}}},
    {"T{\xe2}{", STATUS_UTF8, 2, {{0x01, S("\xe2")}, {0x80, S("zab")}}},
    {"T{\xed", STATUS_UTF8, 1, {{0x81, S("\xed\xa0\x80")}}},
    {"T{\xf4", STATUS_UTF8, 2, {{0x81, S("\xf4\x90\x80\x80")}}},
    {"T{", STATUS_UTF8, 1, {{0x81, S("\xc0\xaf")}}},
    {"T{", STATUS_UTF8, 0, {{0x81, S("\xe2")}}},
    {"T{\xe2\x82}", STATUS_UTF8, 0, {{0x01, S("\xe2\x82")}, {0x80, S("")}}},
    {"T{a}.T{", STATUS_UTF8, 0, {{0x81, S("a")}, {0x81, S("\xe2")}}},
    {"B{\xe2}.T{a}.", 0, 0, {{0x82, S("\xe2")}, {0x81, S("a")}}},
    /* sections 5.2 and 5.5 */
    {"", STATUS_WS_RESERVED_BITS, 0, {{0xc1, S("")}}},
    {"", STATUS_WS_RESERVED_BITS, 0, {{0xa2, S("")}}},
    {"", STATUS_WS_RESERVED_BITS, 0, {{0x99, S("")}}},
    {"", STATUS_WS_OPCODE, 0, {{0x83, S("")}}},
    {"T{a}.", STATUS_WS_OPCODE, 0, {{0x81, S("a")}, {0x8b, S("")}}},
    {"", STATUS_WS_CONTROL, 0, {{0x09, S("")}}},
    {"", STATUS_WS_CONTROL, 0, {{0x08, S("")}}},
    {"T{a}", STATUS_WS_CONTROL, 0, {{0x01, S("a")}, {0x0a, S("")}}},
    /* section 5.5.1 */
    {"<close 1005 >", 0, 0, {{0x88, S("")}}},
    {"<close 1000 >", 0, 0, {{0x88, S("\x03\xe8")}}},
    {"<close 1000 bye>",
     0,
     0,
     {{0x88, S("\x03\xe8"
               "bye")}}},
    {"T{a}<close 1001 \xe2\x82\xac>", 0, 0, {{0x01, S("a")}, {0x88, S("\x03\xe9\xe2\x82\xac")}}},
    {"", STATUS_WS_CLOSE_LENGTH, 0, {{0x88, S("\x03")}}},
    {"", STATUS_WS_CLOSE_CODE, 0, {{0x88, S("\x03\xed")}}},
    {"",
     STATUS_UTF8,
     0,
     {{0x88, S("\x03\xe8"
               "a\xff")}}},
    {"", STATUS_UTF8, 0, {{0x88, S("\x03\xe8\xe2\x82")}}},
};

static struct span stream_build(const struct stream *s, bool client)
{
    struct buf out = buf_over(stream_bytes, sizeof stream_bytes);
    for (size_t i = 0; i < FRAMES && s->frames[i].payload.ptr != NULL; i++) {
        size_t at = out.len;
        uint8_t opcode = s->frames[i].first & 0x0f;
        assert_int_equal(
            ws_frame_put(&out, true, opcode, s->frames[i].payload, client ? NULL : key), STATUS_OK);
        out.ptr[at] = s->frames[i].first;
    }
    return buf_span(&out);
}

/* What was complete before the failure has been reported, however the bytes came. */
static void expect_log(const struct run *r, const struct stream *s)
{
    struct span want = span_text(s->log);
    assert_int_equal(r->status, s->status);
    if (s->status == STATUS_OK) {
        assert_int_equal(r->log.len, want.len);
    } else {
        size_t whole = want.len;
        while (whole > 0 && want.ptr[whole - 1] != '.' && want.ptr[whole - 1] != '>')
            whole--;
        assert_in_range(r->log.len, whole, want.len);
    }
    assert_memory_equal(r->log.ptr, want.ptr, r->log.len);
}

static void run_stream(const struct stream *s, bool client)
{
    struct run r;
    struct span all = stream_build(s, client);
    for (size_t cut = 0; cut < all.len; cut++) {
        run_start(&r, client);
        run_feed(&r, span_of(all.ptr, cut));
        run_feed(&r, span_after(all, cut));
        expect_log(&r, s);
    }
    run_start(&r, client);
    for (size_t i = 0; i < all.len; i++)
        run_feed(&r, span_of(all.ptr + i, 1));
    expect_log(&r, s);
    if (s->status == STATUS_OK) {
        assert_int_equal(r.log.len, strlen(s->log));
        assert_false(r.machine.in_frame);
        assert_int_equal(r.machine.spill_len, 0);
    } else if (s->status == STATUS_UTF8 || s->status == STATUS_WS_CLOSE_CODE) {
        assert_int_equal(r.used, all.len - s->left);
    }
}

static void test_0_streams_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        run_stream(&streams[i], true);
        run_stream(&streams[i], false);
    }
}

static void test_0_every_close_code(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 65536; code += code < 5100 ? 1 : 997) {
        bool valid = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                     (code >= 3000 && code <= 4999);
        uint8_t frame[4] = {0x88, 2, (uint8_t)(code >> 8), (uint8_t)code};
        char log[32];
        struct run r;
        run_start(&r, true);
        run_feed(&r, span_of(frame, sizeof frame));
        snprintf(log, sizeof log, "<close %u >", code);
        assert_int_equal(r.status, valid ? STATUS_OK : STATUS_WS_CLOSE_CODE);
        assert_true(span_equal_text(buf_span(&r.log), valid ? log : ""));
    }
}

/* Heads that no writer of ours makes. The failure must be seen at exactly the last byte. */
static void test_0_bad_heads(void **state)
{
    static const struct {
        bool client;
        int status;
        struct span bytes;
    } heads[] = {
        {true, STATUS_WS_MASK, S("\x81\x81")},
        {true, STATUS_WS_MASK, S("\x88\x80")},
        {false, STATUS_WS_MASK, S("\x81\x01")},
        {false, STATUS_WS_MASK, S("\x89\x00")},
        {true, STATUS_WS_CONTROL, S("\x89\x7e")},
        {false, STATUS_WS_CONTROL, S("\x88\xff")},
        {true, STATUS_WS_LENGTH, S("\x82\x7e\x00\x7d")},
        {false, STATUS_WS_LENGTH, S("\x82\xfe\x00\x7d")},
        {true, STATUS_WS_LENGTH, S("\x82\x7f\0\0\0\0\0\0")},
        {false, STATUS_WS_LENGTH, S("\x82\xff\0\0\0\0\0\0")},
        {true, STATUS_WS_LENGTH, S("\x82\x7f\x80")},
        {false, STATUS_WS_LENGTH, S("\x82\xff\x80")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct run r;
        run_start(&r, heads[i].client);
        run_feed(&r, heads[i].bytes);
        assert_int_equal(r.status, heads[i].status);
        run_start(&r, heads[i].client);
        for (size_t k = 0; k < heads[i].bytes.len; k++)
            run_feed(&r, span_of(heads[i].bytes.ptr + k, 1));
        assert_int_equal(r.status, heads[i].status);
        assert_int_equal(r.used, heads[i].bytes.len);
    }
}

/* ---- Lengths --------------------------------------------------------------------------- */

static const size_t lengths[] = {0, 1, 124, 125, 126, 127, 65534, 65535, 65536, 65537, 100000};
#define LENGTHS (sizeof lengths / sizeof lengths[0])

static uint8_t pattern_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static void expect_pattern(const struct run *r, size_t len)
{
    assert_int_equal(r->status, STATUS_OK);
    assert_int_equal(r->log.len, len + 4);
    assert_memory_equal(r->log.ptr, "B{", 2);
    assert_memory_equal(r->log.ptr + 2 + len, "}.", 2);
    for (size_t i = 0; i < len; i++)
        if (r->log.ptr[2 + i] != pattern_at(i))
            fail_msg("byte %zu of %zu", i, len);
}

/* What a writer of one role wrote, read by the machine of the other. */
static void read_back(struct span frame, size_t len, bool client)
{
    static const size_t cuts[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 77, 65537};
    struct run r;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        size_t cut = cuts[i] < frame.len ? cuts[i] : frame.len;
        run_start(&r, client);
        run_feed(&r, span_of(frame.ptr, cut));
        run_feed(&r, span_after(frame, cut));
        expect_pattern(&r, len);
    }
    run_start(&r, client);
    for (size_t at = 0; at < frame.len; at += 4093)
        run_feed(&r, span_of(frame.ptr + at, frame.len - at < 4093 ? frame.len - at : 4093));
    expect_pattern(&r, len);
}

static int put_pattern(struct buf *out, size_t len, struct random *random)
{
    size_t mark = websocket_begin(out, random != NULL);
    for (size_t i = 0; i < len; i++)
        buf_put_byte(out, pattern_at(i));
    return websocket_end(out, mark, WS_BINARY, random);
}

static void test_writers_in_both_roles(void **state)
{
    static uint8_t room[120000];
    static const uint8_t seed[RANDOM_SEED_BYTES] = {1};
    struct random random;
    (void)state;
    random_seed(&random, seed);
    for (size_t i = 0; i < LENGTHS * 2; i++) {
        size_t len = lengths[i / 2];
        struct random *masks = i % 2 ? &random : NULL;
        struct buf out = buf_over(room, sizeof room);
        buf_put_text(&out, "before");
        assert_int_equal(put_pattern(&out, len, masks), STATUS_OK);
        size_t frame = ws_head_length(len, masks != NULL) + len;
        assert_int_equal(out.len, 6 + frame);
        assert_memory_equal(room, "before", 6);
        assert_int_equal((room[7] & 0x80) != 0, masks != NULL);
        read_back(span_of(room + 6, frame), len, masks == NULL);

        /* one byte less does not fit, and leaves no trace; then it fits exactly */
        struct buf tight = buf_over(guard_room(frame + 5), frame + 5);
        buf_put_text(&tight, "before");
        assert_int_equal(put_pattern(&tight, len, masks), STATUS_NO_ROOM);
        assert_int_equal(tight.len, 6);
        assert_false(tight.full);
        assert_memory_equal(tight.ptr, "before", 6);
        struct buf exact = buf_over(guard_room(frame), frame);
        assert_int_equal(put_pattern(&exact, len, masks), STATUS_OK);
        assert_int_equal(exact.len, frame);
    }
}

static void test_0_masks_differ_per_frame(void **state)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {2};
    uint8_t room[64];
    struct random random;
    struct buf out = buf_over(room, sizeof room);
    (void)state;
    random_seed(&random, seed);
    assert_int_equal(websocket_put(&out, WS_TEXT, SPAN("x"), &random), STATUS_OK);
    assert_int_equal(put_pattern(&out, 1, &random), STATUS_OK);
    assert_int_equal(websocket_put_close(&out, 0, "", &random), STATUS_OK);
    assert_int_equal(out.len, 7 + 7 + 6);
    assert_memory_not_equal(room + 2, room + 9, 4);
    assert_memory_not_equal(room + 9, room + 16, 4);
}

static void test_put_close(void **state)
{
    uint8_t room[16];
    struct buf out = buf_over(room, sizeof room);
    (void)state;
    assert_int_equal(websocket_put_close(&out, 0, "ignored", NULL), STATUS_OK);
    assert_true(span_equal(buf_span(&out), SPAN("\x88\x00")));
    assert_int_equal(websocket_put_close(&out, 1001, "bye", NULL), STATUS_OK);
    assert_true(span_equal(buf_span(&out), SPAN("\x88\x00\x88\x05\x03\xe9"
                                                "bye")));
    assert_int_equal(websocket_put_close(&out, 1000, "1234", NULL), STATUS_NO_ROOM);
    assert_int_equal(out.len, 9);
    assert_false(out.full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_0_streams_at_every_cut),
        cmocka_unit_test(test_0_every_close_code),
        cmocka_unit_test(test_0_bad_heads),
        cmocka_unit_test(test_writers_in_both_roles),
        cmocka_unit_test(test_0_masks_differ_per_frame),
        cmocka_unit_test(test_put_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
