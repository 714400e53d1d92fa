/* Proves that generated payloads are the same on every call, whole or in pieces, and that a lost or
 * swapped message shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "client/options/payload.h"

#define LARGE 3000 /* beyond several periods of both patterns */

static uint8_t message[LARGE];
static uint8_t other[LARGE];

static const struct payload text = {NULL, LARGE, false};
static const struct payload binary = {NULL, LARGE, true};

static void assert_message(struct payload p, uint64_t sequence, const char *expected)
{
    memset(message, 0, sizeof message);
    payload_fill(&p, sequence, 0, message, p.size);
    assert_string_equal((const char *)message, expected);
    assert_true(payload_match(&p, sequence, 0, message, p.size));
}

static void test_known_messages(void **state)
{
    static const uint8_t octets[] = {'0', '0', '0', '0', '0', '0', '0', '9', 'p', 'q'};
    struct payload p = {NULL, sizeof octets, true};
    (void)state;
    assert_message((struct payload){NULL, 1, false}, 5, "h");
    assert_message((struct payload){NULL, 2, false}, 5, "hi");
    assert_message((struct payload){NULL, 2, true}, 5, "hi");
    assert_message((struct payload){NULL, 7, false}, 5, "hijklmn");
    assert_message((struct payload){NULL, 8, false}, 5, "00000005");
    assert_message((struct payload){NULL, 12, false}, 12345678, "12345678pqrs");
    assert_message((struct payload){NULL, 9, false}, UINT64_MAX, "09551615p");
    assert_message((struct payload){"gr\xc3\xbc\xc3\x9f \"you\"", 12, false}, 7,
                   "gr\xc3\xbc\xc3\x9f \"you\"");
    payload_fill(&p, 9, 0, message, sizeof octets);
    assert_memory_equal(message, octets, sizeof octets);
}

static void test_numbered(void **state)
{
    (void)state;
    assert_false(payload_numbered(&(struct payload){NULL, 7, false}));
    assert_true(payload_numbered(&(struct payload){NULL, 8, true}));
    assert_false(payload_numbered(&(struct payload){"12345678", 8, false}));
}

static void test_text_needs_no_escapes(void **state)
{
    (void)state;
    payload_fill(&text, 1, 0, message, LARGE);
    for (size_t i = 0; i < LARGE; i++) {
        assert_in_range(message[i], '!', '~');
        assert_int_not_equal(message[i], '"');
        assert_int_not_equal(message[i], '\\');
    }
    assert_int_equal(message[8 + 89], message[8]);
}

static void test_binary_has_all_octets(void **state)
{
    bool seen[256] = {false};
    (void)state;
    payload_fill(&binary, 1, 0, message, LARGE);
    for (size_t i = 8; i < 8 + 257; i++)
        seen[message[i]] = true;
    for (size_t i = 0; i < 256; i++)
        assert_true(seen[i]);
    assert_int_equal(message[8 + 257], message[8]);
}

/* Any cut of a message is the same bytes, and each byte of it counts. */
static void check_cuts(const struct payload *p)
{
    payload_fill(p, 42, 0, message, p->size);
    for (size_t cut = 0; cut <= p->size; cut++) {
        memset(other, 0, sizeof other);
        payload_fill(p, 42, 0, other, cut);
        payload_fill(p, 42, cut, other + cut, p->size - cut);
        assert_memory_equal(other, message, p->size);
        assert_true(payload_match(p, 42, 0, message, cut));
        assert_true(payload_match(p, 42, cut, message + cut, p->size - cut));
    }
    for (size_t i = 0; i < p->size; i++) {
        message[i] ^= 1;
        assert_false(payload_match(p, 42, 0, message, p->size));
        assert_false(payload_match(p, 42, i, message + i, 1));
        message[i] ^= 1;
    }
}

static void test_cuts(void **state)
{
    (void)state;
    check_cuts(&text);
    check_cuts(&binary);
    check_cuts(&(struct payload){NULL, 7, false});
    check_cuts(&(struct payload){"some text", 9, false});
}

static void test_order_and_slips_show(void **state)
{
    static const size_t slips[] = {1, 8, 64, 128, 256, 512, 1024, 2048};
    const struct payload small = {NULL, 2, false};
    (void)state;
    payload_fill(&text, 7, 0, message, LARGE);
    assert_false(payload_match(&text, 8, 0, message, LARGE));
    assert_true(payload_match(&text, 7 + UINT64_C(100000000), 0, message, LARGE));
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        assert_false(payload_match(&text, 7, 8 + slips[i], message + 8, 16));
    payload_fill(&binary, 7, 0, message, LARGE);
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        assert_false(payload_match(&binary, 7, 8 + slips[i], message + 8, 16));
    payload_fill(&small, 7, 0, message, 2);
    assert_true(payload_match(&small, 8, 0, message, 2));
}

static void test_beyond_the_end(void **state)
{
    (void)state;
    payload_fill(&text, 1, 0, message, LARGE);
    memset(other, 'h', sizeof other);
    assert_true(payload_match(&text, 1, LARGE, other, 0));
    assert_false(payload_match(&text, 1, LARGE, other, 1));
    assert_false(payload_match(&text, 1, LARGE + 1, other, 0));
    assert_false(payload_match(&text, 1, 1, message + 1, LARGE));
    assert_false(payload_match(&text, 1, 8, message + 8, SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_messages),
        cmocka_unit_test(test_numbered),
        cmocka_unit_test(test_text_needs_no_escapes),
        cmocka_unit_test(test_binary_has_all_octets),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_order_and_slips_show),
        cmocka_unit_test(test_beyond_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
