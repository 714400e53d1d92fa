/* Proves SHA-1 by the RFC's vectors, by long texts, and at the edges of a block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/sha1.h"
#include "guard.h"

static void assert_digest(struct span data, const char *hex)
{
    uint8_t digest[SHA1_BYTES];
    char text[2 * SHA1_BYTES + 1];
    sha1_digest(data, digest);
    for (size_t i = 0; i < SHA1_BYTES; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    assert_string_equal(text, hex);
}

/* RFC 3174 section 7.3, and the digest of nothing. */
static void vectors_of_the_rfc(void **state)
{
    (void)state;
    assert_digest((struct span){0}, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert_digest(SPAN("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_digest(SPAN("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    assert_digest(SPAN("a"), "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8");
}

static void long_texts(void **state)
{
    (void)state;
    static uint8_t text[1000000];
    memset(text, 'a', sizeof text);
    assert_digest(span_of(text, sizeof text), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    for (size_t i = 0; i < 640; i++) {
        text[i] = (uint8_t)('0' + i % 8);
    }
    assert_digest(span_of(text, 640), "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

/* Around the lengths at which the padding needs one more block. Digests by coreutils' sha1sum. */
static void lengths_at_the_edge_of_a_block(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *hex;
    } cases[] = {
        {55, "cef734ba81a024479e09eb5a75b6ddae62e6abf1"},
        {56, "901305367c259952f4e7af8323f480d59f81335b"},
        {57, "025ecbd5d70f8fb3c5457cd96bab13fda305dc59"},
        {63, "0ddc4e0cccd9a12850deb5abb0853a4425559fec"},
        {64, "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163"},
        {65, "78c741ddc482e4cdf8c474a0876347a0905b6233"},
        {119, "4300320394f7ee239bcdce7d3b8bcee173a0cd5c"},
        {120, "ceb2821639c4b6dcb10bce0e522ca2e608ce056d"},
        {128, "150fa3fbdc899bd0b8f95a9fb6027f564d953762"},

    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *room = guard_room(cases[i].len);
        memset(room, 'x', cases[i].len);
        assert_digest(span_of(room, cases[i].len), cases[i].hex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfc),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(lengths_at_the_edge_of_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
