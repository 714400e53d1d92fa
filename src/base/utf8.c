#include "base/utf8.h"

#include <string.h>

#define HIGH_BITS 0x8080808080808080u

/* How many octets at the start are ASCII, eight at a time; may stop up to seven short of the truth
 * only where one of the eight is not ASCII. */
static size_t skip_ascii_words(const uint8_t *p, size_t len)
{
    size_t i = 0;
    for (; len - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        if ((word & HIGH_BITS) != 0) {
            break;
        }
    }
    return i;
}

/* RFC 3629 section 4: the first octet says how many follow; four of them narrow the range of the
 * second, which shuts out overlong forms, surrogates, and everything above U+10FFFF. */
static bool begin(struct utf8 *u, uint8_t octet)
{
    if (octet < 0xC2 || octet > 0xF4) {
        return false;
    }
    u->due = octet < 0xE0 ? 1 : octet < 0xF0 ? 2 : 3;
    u->low = octet == 0xE0 ? 0xA0 : octet == 0xF0 ? 0x90 : 0x80;
    u->high = octet == 0xED ? 0x9F : octet == 0xF4 ? 0x8F : 0xBF;
    return true;
}

size_t utf8_check(struct utf8 *u, struct span s)
{
    struct utf8 now = *u; /* a copy, because octets may alias *u as far as the compiler knows */
    size_t i = 0;
    while (i < s.len) {
        uint8_t octet = s.ptr[i];
        if (now.due > 0) {
            if (octet < now.low || octet > now.high) {
                break;
            }
            now.due--;
            now.low = 0x80;
            now.high = 0xBF;
        } else if (octet < 0x80) {
            size_t run = skip_ascii_words(s.ptr + i, s.len - i);
            i += run > 0 ? run : 1;
            continue;
        } else if (!begin(&now, octet)) {
            break;
        }
        i++;
    }
    *u = now;
    return i;
}

bool utf8_complete(const struct utf8 *u)
{
    return u->due == 0;
}
