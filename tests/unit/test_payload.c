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
static const struct payload pair = {NULL, 2, false};
static const struct payload_sender known = {.user = 0xabc, .start = 90 * 3 + 1, .step = 2};
static const struct payload_sender last = {.user = 0xabcdef, .start = UINT32_MAX, .step = 8092};

static struct payload_id id_of(const struct payload_sender *sender, uint64_t sequence)
{
    return (struct payload_id){sender, sequence};
}

static void assert_message(struct payload p, struct payload_id id, const char *expected)
{
    memset(message, 0, sizeof message);
    payload_fill(&p, id, 0, message, p.size);
    assert_string_equal((const char *)message, expected);
    assert_true(payload_match(&p, id, 0, message, p.size));
}

static void test_known_messages(void **state)
{
    (void)state;
    assert_message((struct payload){NULL, 1, false}, id_of(&known, 0), "i");
    assert_message((struct payload){NULL, 2, false}, id_of(&known, 0), "ik");
    assert_message((struct payload){NULL, 2, true}, id_of(&known, 1), "kk");
    assert_message((struct payload){NULL, 3, false}, id_of(&known, 0), "ikf");
    assert_message((struct payload){NULL, 5, false}, id_of(&known, 1), "kk011");
    assert_message((struct payload){NULL, 12, false}, id_of(&known, 1), "kk01100000cb");
    assert_message((struct payload){NULL, 16, true}, id_of(&known, 1), "kk01100000cba000");
    assert_message((struct payload){NULL, 18, false}, id_of(&known, 1), "kk01100000cba000xy");
    assert_message((struct payload){NULL, 16, false}, id_of(&last, 2), "YT10000000fedcba");
    assert_message((struct payload){"gr\xc3\xbc\xc3\x9f \"you\"", 12, false}, id_of(NULL, 7),
                   "gr\xc3\xbc\xc3\x9f \"you\"");
}

static void test_odds(void **state)
{
    (void)state;
    assert_int_equal(payload_odds(&(struct payload){NULL, 1, false}), 89);
    assert_int_equal(payload_odds(&pair), 8093);
    assert_int_equal(payload_odds(&(struct payload){NULL, 3, false}), 8093 * 16);
    assert_int_equal(payload_odds(&(struct payload){NULL, 10, false}), UINT64_C(8093) << 32);
    assert_int_equal(payload_odds(&(struct payload){NULL, 15, true}), UINT64_C(8093) << 32);
    assert_int_equal(payload_odds(&(struct payload){NULL, 16, false}), UINT64_MAX);
    assert_int_equal(payload_odds(&(struct payload){"0123456789abcdef", 16, false}), 1);
}

/* Two characters of one user come back after 8093 messages, and not before. */
static void test_no_duplicate_passes(void **state)
{
    static bool seen[1 << 16];
    struct payload_sender one = payload_choose_sender(0, 7);
    (void)state;
    memset(seen, 0, sizeof seen);
    for (uint64_t n = 0; n < 8093; n++) {
        payload_fill(&pair, id_of(&one, n), 0, message, 2);
        unsigned at = message[0] * 256u + message[1];
        assert_false(seen[at]);
        seen[at] = true;
        assert_true(payload_match(&pair, id_of(&one, n + 8093), 0, message, 2));
    }
}

/* What another user sent, or the same one in another run, passes for 1 message in 8093, whatever
 * the distance between their numbers. */
static void test_others_replies_pass_rarely(void **state)
{
    unsigned passed = 0;
    (void)state;
    for (uint32_t user = 1; user <= 20; user++) {
        struct payload_sender a = payload_choose_sender(1, 0);
        struct payload_sender b = payload_choose_sender(user % 2 + 1, user);
        unsigned here = 0;
        for (uint64_t n = 0; n < 8093; n++) {
            payload_fill(&pair, id_of(&b, n + user), 0, message, 2);
            here += payload_match(&pair, id_of(&a, n), 0, message, 2);
        }
        assert_int_equal(here, 1);
        passed += here;
    }
    assert_int_equal(passed, 20);
}

/* Each user's messages carry its number, so that they differ even where the keys do not. */
static void test_users_differ(void **state)
{
    struct payload_sender a = known, b = known;
    const struct payload whole = {NULL, 16, false};
    (void)state;
    b.user++;
    payload_fill(&whole, id_of(&a, 5), 0, message, 16);
    assert_false(payload_match(&whole, id_of(&b, 5), 0, message, 16));
    assert_false(payload_match(&whole, id_of(&a, 5 + 8093), 0, message, 16));
    assert_true(payload_match(&whole, id_of(&a, 5), 0, message, 16));
}

static void assert_plain(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_in_range(bytes[i], '!', '~');
        assert_int_not_equal(bytes[i], '"');
        assert_int_not_equal(bytes[i], '\\');
    }
}

static void test_text_needs_no_escapes(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 8093; n++) {
        payload_fill(&pair, id_of(&known, n), 0, other, 2);
        assert_plain(other, 2);
    }
    payload_fill(&text, id_of(&known, 1), 0, message, LARGE);
    assert_plain(message, LARGE);
    assert_int_equal(message[16 + 89], message[16]);
}

static void test_binary_has_all_octets(void **state)
{
    bool seen[256] = {false};
    (void)state;
    payload_fill(&binary, id_of(&known, 1), 0, message, LARGE);
    for (size_t i = 16; i < 16 + 257; i++)
        seen[message[i]] = true;
    for (size_t i = 0; i < 256; i++)
        assert_true(seen[i]);
    assert_int_equal(message[16 + 257], message[16]);
}

/* Any cut of a message is the same bytes, and each byte of it counts. */
static void check_cuts(const struct payload *p)
{
    payload_fill(p, id_of(&known, 42), 0, message, p->size);
    for (size_t cut = 0; cut <= p->size; cut++) {
        memset(other, 0, sizeof other);
        payload_fill(p, id_of(&known, 42), 0, other, cut);
        payload_fill(p, id_of(&known, 42), cut, other + cut, p->size - cut);
        assert_memory_equal(other, message, p->size);
        assert_true(payload_match(p, id_of(&known, 42), 0, message, cut));
        assert_true(payload_match(p, id_of(&known, 42), cut, message + cut, p->size - cut));
    }
    for (size_t i = 0; i < p->size; i++) {
        message[i] ^= 1;
        assert_false(payload_match(p, id_of(&known, 42), 0, message, p->size));
        assert_false(payload_match(p, id_of(&known, 42), i, message + i, 1));
        message[i] ^= 1;
    }
}

static void test_cuts(void **state)
{
    (void)state;
    check_cuts(&text);
    check_cuts(&binary);
    check_cuts(&(struct payload){NULL, 12, false});
    check_cuts(&(struct payload){"some text", 9, false});
}

static void test_order_and_slips_show(void **state)
{
    static const size_t slips[] = {1, 8, 64, 128, 256, 512, 1024, 2048};
    (void)state;
    payload_fill(&text, id_of(&known, 7), 0, message, LARGE);
    assert_false(payload_match(&text, id_of(&known, 8), 0, message, LARGE));
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        assert_false(payload_match(&text, id_of(&known, 7), 16 + slips[i], message + 16, 16));
    payload_fill(&binary, id_of(&known, 7), 0, message, LARGE);
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        assert_false(payload_match(&binary, id_of(&known, 7), 16 + slips[i], message + 16, 16));
    for (size_t size = 1; size <= 17; size++) {
        struct payload p = {NULL, size, false};
        payload_fill(&p, id_of(&known, 7), 0, message, size);
        assert_false(payload_match(&p, id_of(&known, 8), 0, message, size));
    }
}

static void test_beyond_the_end(void **state)
{
    (void)state;
    payload_fill(&text, id_of(&known, 1), 0, message, LARGE);
    memset(other, 'h', sizeof other);
    assert_true(payload_match(&text, id_of(&known, 1), LARGE, other, 0));
    assert_false(payload_match(&text, id_of(&known, 1), LARGE, other, 1));
    assert_false(payload_match(&text, id_of(&known, 1), LARGE + 1, other, 0));
    assert_false(payload_match(&text, id_of(&known, 1), 1, message + 1, LARGE));
    assert_false(payload_match(&text, id_of(&known, 1), 8, message + 8, SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_messages),
        cmocka_unit_test(test_odds),
        cmocka_unit_test(test_no_duplicate_passes),
        cmocka_unit_test(test_others_replies_pass_rarely),
        cmocka_unit_test(test_users_differ),
        cmocka_unit_test(test_text_needs_no_escapes),
        cmocka_unit_test(test_binary_has_all_octets),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_order_and_slips_show),
        cmocka_unit_test(test_beyond_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
