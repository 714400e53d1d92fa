/* Proves that base64 is written and read as RFC 4648 says, and that bad text is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/status.h"
#include "guard.h"

/* RFC 4648 section 10, and bytes that need the last two letters of the alphabet. */
static const struct {
    const char *plain;
    const char *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xff\xff\xff", "////"},
    {"\xfb\xef\xbe", "++++"},
};
#define VECTORS (sizeof vectors / sizeof vectors[0])

static void vectors_are_encoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        size_t full = strlen(vectors[i].text);
        assert_int_equal(BASE64_LENGTH(strlen(vectors[i].plain)), full);
        struct buf out = buf_over(guard_room(full), full);
        char plain[8];
        memcpy(plain, vectors[i].plain, strlen(vectors[i].plain));
        base64_put(&out, span_of(plain, strlen(vectors[i].plain)));
        assert_false(out.full);
        assert_true(span_equal_text(buf_span(&out), vectors[i].text));
    }
}

static void vectors_are_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        char room[8];
        size_t full = strlen(vectors[i].plain);
        struct buf out = buf_over(room, full);
        assert_int_equal(base64_decode(&out, guard_copy(span_text(vectors[i].text))), STATUS_OK);
        assert_true(span_equal_text(buf_span(&out), vectors[i].plain));
    }
}

static void every_byte_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[256], back[256];
    char text[BASE64_LENGTH(256)];
    for (unsigned i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    for (size_t len = 0; len <= 256; len++) {
        struct buf encoded = buf_over(text, sizeof text);
        struct buf decoded = buf_over(back, sizeof back);
        base64_put(&encoded, guard_copy(span_of(bytes, len)));
        assert_int_equal(encoded.len, BASE64_LENGTH(len));
        assert_int_equal(base64_decode(&decoded, buf_span(&encoded)), STATUS_OK);
        assert_true(span_equal(buf_span(&decoded), span_of(bytes, len)));
    }
}

static void what_does_not_fit_is_not_written(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 9; cap++) {
        uint8_t *room = guard_room(cap);
        memset(room, '.', cap);
        struct buf out = {.ptr = room, .cap = cap, .len = cap > 0};
        base64_put(&out, SPAN("fooba"));
        assert_int_equal(out.full, cap < 9);
        assert_int_equal(out.len, cap > 0);
        for (size_t i = 0; i < cap; i++) {
            assert_int_equal(room[i], '.');
        }
    }
    for (size_t cap = 0; cap < 5; cap++) {
        uint8_t *room = guard_room(cap);
        memset(room, '.', cap);
        struct buf out = buf_over(room, cap);
        assert_int_equal(base64_decode(&out, SPAN("Zm9vYmE=")), STATUS_NO_ROOM);
        assert_int_equal(out.len, 0);
        for (size_t i = 0; i < cap; i++) {
            assert_int_equal(room[i], '.');
        }
    }
    uint8_t room[32];
    struct buf full = {.ptr = room, .cap = sizeof room, .full = true};
    base64_put(&full, SPAN("x"));
    assert_int_equal(base64_decode(&full, SPAN("Zg==")), STATUS_NO_ROOM);
    assert_int_equal(full.len, 0);
    assert_true(full.full);
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Z",        "Zg",       "Zg=",          "Zm9vY",    "Zg==Zg==",  "=",
        "==",       "===",      "====",         "Z===",     "Zm=v",      "Zm9v====",
        "Zh==",     "Zn==",     "Zm9=",         "Zm8=\n",   "Zm 8",      "Zm-_",
        "Zm8\x80",  "Zm9v\nZg", "Zg==\r\n\r\n", "Zm9vYm.y", "Zm9vYm@y",  "Zm9vYm[y",
        "Zm9vYm`y", "Zm9vYm{y", "Zm9vYm:y",     "=m9v",     "Zm9vYmFyZ", "Zm9,",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t room[32];
        struct buf out = {.ptr = room, .cap = sizeof room, .len = 1};
        int status = base64_decode(&out, guard_copy(span_text(texts[i])));
        if (status != STATUS_INVALID || out.len != 1 || out.full) {
            fail_msg("'%s': %d, %zu bytes", texts[i], status, out.len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_encoded),   cmocka_unit_test(vectors_are_decoded),
        cmocka_unit_test(every_byte_comes_back), cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(bad_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
