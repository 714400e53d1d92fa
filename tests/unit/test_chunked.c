/* Proves that the chunked coding decodes each body whole, byte by byte, and cut in two at every
 * place, up against an unreadable page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "codec/chunked.h"
#include "guard.h"

static struct chunked state;
static uint8_t body[4096];
static size_t body_len;
static size_t used; /* raw bytes taken */
static int status;

static void start(void)
{
    memset(&state, 0, sizeof state);
    body_len = used = 0;
    status = 0;
}

static void feed(struct span piece)
{
    size_t decoded;
    if (piece.len == 0 || status < 0 || state.done)
        return;
    uint8_t *at = guard_room(piece.len);
    memcpy(at, piece.ptr, piece.len);
    int got = chunked_feed(&state, at, piece.len, &decoded);
    assert_true(decoded <= piece.len && body_len + decoded <= sizeof body);
    if (got < 0) {
        status = got;
        return;
    }
    assert_int_equal(state.done ? got : (int)piece.len, got);
    assert_in_range(got, 1, piece.len);
    used += (size_t)got;
    memcpy(body + body_len, at, decoded);
    body_len += decoded;
}

struct form {
    const char *raw, *want; /* NULL: refused */
    size_t rest;            /* bytes behind the end */
};

static void expect(const struct form *f)
{
    if (f->want == NULL) {
        if (status != STATUS_HTTP_BAD)
            fail_msg("taken: %s", f->raw);
        return;
    }
    assert_int_equal(status, 0);
    assert_true(state.done);
    assert_int_equal(body_len, strlen(f->want));
    assert_memory_equal(body, f->want, body_len);
    assert_int_equal(used, strlen(f->raw) - f->rest);
}

static void run_all_ways(const struct form *f)
{
    struct span raw = span_text(f->raw);
    for (size_t cut = 0; cut < raw.len; cut++) {
        start();
        feed(span_of(raw.ptr, cut));
        feed(span_after(raw, cut));
        expect(f);
    }
    start();
    for (size_t i = 0; i < raw.len; i++)
        feed(span_of(raw.ptr + i, 1));
    expect(f);
}

static void test_forms(void **unused)
{
    static const struct form forms[] = {
        {"0\r\n\r\n", "", 0},
        {"1\r\na\r\n0\r\n\r\n", "a", 0},
        {"3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n", "abc0123456789", 0},
        {"b\r\n\r\n0\r\n\r\n0\r\n\r\r\n0\r\n\r\n", "\r\n0\r\n\r\n0\r\n\r", 0},
        {"000000000000003\r\nabc\r\n000\r\n\r\n", "abc", 0},
        {"3;a=b\r\nabc\r\n0;last\r\n\r\n", "abc", 0},
        {"3 ;a=\"\t\"\r\nabc\r\n0\t\r\n\r\n", "abc", 0},
        {"3\r\nabc\r\n0\r\nTrailer: x\r\nAnother: y\r\n\r\n", "abc", 0},
        {"1\r\na\r\n0\r\n\r\nGET / HTTP/1.1", "a", 14},
        {"1\r\na\r\n0\r\n\r\n\r\n", "a", 2},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        run_all_ways(&forms[i]);
}

static void test_refused(void **unused)
{
    static const struct form forms[] = {
        {"\r\n", NULL, 0},
        {";a\r\n", NULL, 0},
        {" 1\r\na\r\n", NULL, 0},
        {"-1\r\n", NULL, 0},
        {"+1\r\n", NULL, 0},
        {"0x1\r\n", NULL, 0},
        {"g\r\n", NULL, 0},
        {"1\na\r\n", NULL, 0},
        {"1\r\r\n", NULL, 0},
        {"1\rxa\r\n", NULL, 0},
        {"1;a\n", NULL, 0},
        {"1\r\nab\r\n", NULL, 0},
        {"1\r\na\n", NULL, 0},
        {"1\r\na\rb", NULL, 0},
        {"0\r\n\n", NULL, 0},
        {"0\r\nTrailer: x\n", NULL, 0},
        {"0\r\nTrailer: x\rx", NULL, 0},
        {"0\r\n\rx", NULL, 0},
        {"0000000000000001\r\n", NULL, 0},
        {"ffffffffffffffff\r\n", NULL, 0},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        run_all_ways(&forms[i]);
}

/* 60 bits of a length are taken; what follows is not waited for. */
static void test_longest_length(void **unused)
{
    (void)unused;
    start();
    feed(SPAN("fffffffffffffff\r\nab"));
    assert_int_equal(status, 0);
    assert_false(state.done);
    assert_int_equal(body_len, 2);
    assert_true(state.left == UINT64_C(0xfffffffffffffff) - 2);
}

/* A sender of extensions or of trailers is stopped after 64 KiB of them. */
static void expect_bounded(const char *first, const char *again, size_t overhead)
{
    start();
    feed(span_text(first));
    size_t most = 65536 / overhead + 2;
    for (size_t i = 0; i < most && status == 0; i++) {
        feed(span_text(again));
        body_len = 0;
    }
    assert_int_equal(status, STATUS_HTTP_BAD);
    assert_in_range(used, 65536 - 64, 65536 / overhead * strlen(again) + 64);
}

static void test_overhead_is_bounded(void **unused)
{
    (void)unused;
    expect_bounded("1;", "0123456789abcdef", 16);
    expect_bounded("0\r\n", "Trailer: xxxxx\r\n", 16);
}

/* What the coding itself needs is no overhead: the body's own limit bounds it. */
static void test_small_chunks(void **unused)
{
    (void)unused;
    start();
    for (int i = 0; i < 300000 && status == 0; i++) {
        body_len = 0;
        feed(SPAN("1\r\na\r\n"));
    }
    feed(SPAN("0\r\n\r\n"));
    assert_int_equal(status, 0);
    assert_true(state.done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),          cmocka_unit_test(test_refused),
        cmocka_unit_test(test_longest_length), cmocka_unit_test(test_overhead_is_bounded),
        cmocka_unit_test(test_small_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
