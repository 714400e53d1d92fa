/* Proves that UTF-8 is judged at the first bad octet, however the text is split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "guard.h"

/* `bad` is the index of the first octet that cannot belong, or the length when none is wrong. */
static const struct {
    struct span text;
    size_t bad;
    bool complete;
} cases[] = {
#define TEXT(literal, bad, complete)                                                               \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, bad, complete                           \
    }
    TEXT("", 0, true),
    TEXT("plain text of more than eight octets", 36, true),
    TEXT("eight..8\xc3\xa9", 10, true),
    TEXT("\x7f", 1, true),
    TEXT("\xc2\x80", 2, true),
    TEXT("\xdf\xbf", 2, true),
    TEXT("\xe0\xa0\x80", 3, true),
    TEXT("\xec\xbf\xbf", 3, true),
    TEXT("\xed\x9f\xbf", 3, true),
    TEXT("\xee\x80\x80", 3, true),
    TEXT("\xef\xbf\xbf", 3, true),
    TEXT("\xf0\x90\x80\x80", 4, true),
    TEXT("\xf3\xbf\xbf\xbf", 4, true),
    TEXT("\xf4\x8f\xbf\xbf", 4, true),
    TEXT("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", 11, true),
    /* unfinished */
    TEXT("a\xc2", 2, false),
    TEXT("a\xe1\xbd", 3, false),
    TEXT("\xf4\x8f\xbf", 3, false),
    /* a continuation without a start */
    TEXT("\x80", 0, true),
    TEXT("\xbf", 0, true),
    TEXT("abc\x80", 3, true),
    TEXT("abcdefgh\x80", 8, true),
    TEXT("\xc3\xa9\xa9", 2, true),
    /* overlong */
    TEXT("\xc0\xaf", 0, true),
    TEXT("\xc1\xbf", 0, true),
    TEXT("\xe0\x80\xaf", 1, false),
    TEXT("\xe0\x9f\xbf", 1, false),
    TEXT("\xf0\x80\x80\xaf", 1, false),
    TEXT("\xf0\x8f\xbf\xbf", 1, false),
    /* surrogates */
    TEXT("\xed\xa0\x80", 1, false),
    TEXT("\xed\xbf\xbf", 1, false),
    TEXT("\xce\xba\xe1\xbd\xb9\xed\xa0\x80"
         "ed",
         6, false),
    /* above U+10FFFF */
    TEXT("\xf4\x90\x80\x80", 1, false),
    TEXT("\xf5\x80\x80\x80", 0, true),
    TEXT("\xf8\x88\x80\x80\x80", 0, true),
    TEXT("\xfe", 0, true),
    TEXT("\xff", 0, true),
    /* cut short by something else */
    TEXT("\xc3(", 1, false),
    TEXT("\xc3\xc3", 1, false),
    TEXT("\xe2\x82(", 2, false),
    TEXT("\xe2\x82\xe2", 2, false),
    TEXT("\xf0\x90\x80(", 3, false),
    TEXT("\xe0\xa0\xc0", 2, false),
    TEXT("\xed\x80\xff", 2, false),
    TEXT("\xf4\x80\x7f", 2, false),
#undef TEXT
};
#define CASES (sizeof cases / sizeof cases[0])

static void whole_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct utf8 u = {0}, v = {0};
        assert_int_equal(utf8_check(&u, guard_copy(cases[i].text)), cases[i].bad);
        assert_int_equal(utf8_check(&v, guard_copy_front(cases[i].text)), cases[i].bad);
        if (cases[i].bad == cases[i].text.len) {
            assert_int_equal(utf8_complete(&u), cases[i].complete);
        }
    }
}

static void byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct utf8 u = {0};
        size_t at = 0;
        while (at < cases[i].text.len &&
               utf8_check(&u, guard_copy(span_of(cases[i].text.ptr + at, 1))) == 1) {
            at++;
        }
        assert_int_equal(at, cases[i].bad);
        assert_int_equal(utf8_complete(&u), cases[i].complete);
    }
}

static void split_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct span text = cases[i].text;
        for (size_t cut = 0; cut <= text.len; cut++) {
            struct utf8 u = {0};
            size_t fine = utf8_check(&u, guard_copy(span_of(text.ptr, cut)));
            if (fine == cut) {
                fine += utf8_check(&u, guard_copy(span_after(text, cut)));
            }
            assert_int_equal(fine, cases[i].bad);
        }
    }
}

/* All code points, and the three gaps, against the plain definition of the encoding. */
static void every_code_point(void **state)
{
    (void)state;
    for (uint32_t code = 0x80; code < 0x200000; code += code < 0x11000 ? 1 : 61) {
        uint8_t text[4];
        size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        for (size_t i = 0; i <= more; i++) {
            text[more - i] = (uint8_t)(0x80 | (code >> (6 * i) & 0x3F));
        }
        text[0] = (uint8_t)((0xFF00u >> (more + 1) & 0xFF) | code >> (6 * more));
        struct utf8 u = {0};
        bool fine = utf8_check(&u, span_of(text, more + 1)) == more + 1 && utf8_complete(&u);
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        if (fine != (code <= 0x10FFFF && !surrogate)) {
            fail_msg("U+%04X", (unsigned)code);
        }
    }
}

/* A bad octet at each place of a long text is found there, whatever the words of eight do. */
static void bad_octet_in_a_long_text(void **state)
{
    (void)state;
    for (size_t len = 1; len < 40; len++) {
        for (size_t bad = 0; bad < len; bad++) {
            uint8_t *room = guard_room(len);
            memset(room, 'a', len);
            room[bad] = 0xFF;
            struct utf8 u = {0};
            assert_int_equal(utf8_check(&u, span_of(room, len)), bad);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_texts),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(split_anywhere),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(bad_octet_in_a_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
