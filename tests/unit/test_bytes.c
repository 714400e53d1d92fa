/* Proves that spans and writers keep to their bounds, that numbers are read and put, and that each
 * status has a name and a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/status.h"
#include "guard.h"

static void spans_compare(void **state)
{
    (void)state;
    struct span none = {0};
    assert_true(span_equal(none, SPAN("")));
    assert_true(span_equal(SPAN("ab"), span_text("ab")));
    assert_false(span_equal(SPAN("ab"), SPAN("ac")));
    assert_false(span_equal(SPAN("ab"), SPAN("abc")));
    assert_true(span_equal_text(SPAN("x"), "x"));
    assert_false(span_equal_text(SPAN("x"), "xy"));
    assert_true(span_starts(SPAN("abc"), SPAN("ab")));
    assert_true(span_starts(SPAN("abc"), none));
    assert_true(span_starts(none, none));
    assert_false(span_starts(SPAN("ab"), SPAN("abc")));
    assert_false(span_starts(SPAN("abc"), SPAN("b")));
}

static void case_is_ignored_for_letters_only(void **state)
{
    (void)state;
    assert_true(span_alike(SPAN("a-Host:80"), SPAN("A-hOST:80")));
    assert_false(span_alike(SPAN("host"), SPAN("host.")));
    assert_true(span_equal_nocase(SPAN("UpGrade-Z"), "upgrade-z"));
    assert_true(span_equal_nocase(SPAN("upgrade"), "UPGRADE"));
    assert_false(span_equal_nocase(SPAN("upgrade"), "upgrad"));
    assert_false(span_equal_nocase(SPAN("@"), "`")); /* they differ by the same bit as letters do */
    assert_false(span_equal_nocase(SPAN("["), "{"));
    assert_false(span_equal_nocase(SPAN("\r"), "-"));
}

static void after_gives_the_rest(void **state)
{
    (void)state;
    struct span s = SPAN("abc");
    assert_true(span_equal_text(span_after(s, 1), "bc"));
    assert_int_equal(span_after(s, 3).len, 0);
    assert_null(span_after((struct span){0}, 0).ptr);
}

static void copied_text_is_cut_and_cleaned(void **state)
{
    (void)state;
    char out[5];
    span_copy_text(SPAN("abcdef"), out, sizeof out);
    assert_string_equal(out, "abcd");
    span_copy_text(SPAN("abcd"), out, sizeof out);
    assert_string_equal(out, "abcd");
    span_copy_text(SPAN("a\n\x7f\x1f"), out, sizeof out);
    assert_string_equal(out, "a???");
    span_copy_text(SPAN("\xc3\xa9"), out, sizeof out);
    assert_string_equal(out, "\xc3\xa9");
    span_copy_text((struct span){0}, out, 1);
    assert_string_equal(out, "");
    span_copy_text(SPAN("abc"), out, 1);
    assert_string_equal(out, "");
}

static void hexadecimal_digits_are_read(void **state)
{
    (void)state;
    const char *digits = "0123456789abcdef";
    for (int i = 0; i < 256; i++) {
        const char *found = i > 0 ? strchr(digits, i >= 'A' && i <= 'F' ? i + 32 : i) : NULL;
        assert_int_equal(bytes_read_hex((uint8_t)i), found != NULL ? found - digits : -1);
    }
}

static void numbers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fine;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"000018446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"18446744073709551620", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1a", false, 0},
        {"/", false, 0},
        {":", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value = 99;
        bool fine = span_to_u64(guard_copy(span_text(cases[i].text)), &value);
        if (fine != cases[i].fine || value != cases[i].value) {
            fail_msg("'%s' is read as %llu", cases[i].text, (unsigned long long)value);
        }
    }
}

static void puts_append(void **state)
{
    (void)state;
    uint8_t room[64];
    struct buf b = buf_over(room, sizeof room);
    buf_put(&b, NULL, 0);
    buf_put_text(&b, "a=");
    buf_put_u64(&b, 0);
    buf_put_byte(&b, ' ');
    buf_put_span(&b, SPAN("b="));
    buf_put_u64(&b, UINT64_MAX);
    assert_int_equal(buf_finish(&b, 0), STATUS_OK);
    assert_true(span_equal_text(buf_span(&b), "a=0 b=18446744073709551615"));
    assert_int_equal(buf_room(&b), sizeof room - b.len);
}

static void what_does_not_fit_is_not_written(void **state)
{
    (void)state;
    uint8_t *room = guard_room(4);
    memset(room, '.', 4);
    struct buf b = buf_over(room, 4);
    buf_put_text(&b, "ab");
    buf_put_text(&b, "cde");
    assert_true(b.full);
    buf_put_byte(&b, 'x'); /* would fit, but a gap must not arise */
    assert_int_equal(b.len, 2);
    assert_memory_equal(room, "ab..", 4);

    assert_int_equal(buf_finish(&b, 1), STATUS_NO_ROOM);
    assert_int_equal(b.len, 1);
    assert_false(b.full);
    buf_put_text(&b, "xyz");
    assert_int_equal(buf_finish(&b, 1), STATUS_OK);
    assert_memory_equal(room, "axyz", 4);

    struct buf nowhere = buf_over(NULL, 0);
    buf_put_byte(&nowhere, 'x');
    assert_int_equal(buf_finish(&nowhere, 0), STATUS_NO_ROOM);
}

static void numbers_are_big_endian_at_any_place(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        uint8_t *p = guard_room(8 + shift);
        bytes_put_u64(p, 0x0102030405060708u);
        assert_memory_equal(p, "\1\2\3\4\5\6\7\10", 8);
        assert_true(bytes_get_u64(p) == 0x0102030405060708u);
        bytes_put_u16(p, 0xFFFE);
        assert_memory_equal(p, "\xff\xfe\3", 3);
        assert_int_equal(bytes_get_u16(p), 0xFFFE);
    }
    uint8_t *p = guard_room(8);
    bytes_put_u64(p, UINT64_MAX - 1);
    assert_true(bytes_get_u64(p) == UINT64_MAX - 1);
}

static void statuses_have_names_and_texts(void **state)
{
    (void)state;
    assert_string_equal(status_name(STATUS_OK), "ok");
    assert_string_equal(status_name(STATUS_REFUSED), "refused");
    assert_string_equal(status_name(STATUS_WS_CLOSE_CODE), "ws_close_code");
    assert_string_equal(status_text(STATUS_TIMEOUT), "timed out");
    assert_string_equal(status_text(1), "unknown status");
    assert_string_equal(status_name(-9999), "unknown");
#define X(NAME, number, name, text)                                                                \
    assert_string_equal(status_name(number), name);                                                \
    assert_string_equal(status_text(STATUS_##NAME), text);                                         \
    assert_int_equal(strlen(name), strlen(#NAME));
    STATUS_LIST(X)
#undef X
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_compare),
        cmocka_unit_test(case_is_ignored_for_letters_only),
        cmocka_unit_test(after_gives_the_rest),
        cmocka_unit_test(copied_text_is_cut_and_cleaned),
        cmocka_unit_test(hexadecimal_digits_are_read),
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(puts_append),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(numbers_are_big_endian_at_any_place),
        cmocka_unit_test(statuses_have_names_and_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
