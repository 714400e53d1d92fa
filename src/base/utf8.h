/* Streaming UTF-8 validation (RFC 3629): fails at the first octet that cannot belong. */
#ifndef WSIO_BASE_UTF8_H
#define WSIO_BASE_UTF8_H

#include "base/bytes.h"

/* Where a text stands between two reads. All-zero is the start, and the only state in which the
 * text may end. */
struct utf8 {
    uint8_t due; /* continuation octets still to come, 0..3 */
    uint8_t low; /* range of the next one; meaningful while due > 0 */
    uint8_t high;
};

/* Checks the next piece. Returns the number of octets that are fine: s.len when all are; otherwise
 * the index of the first bad octet, and the state is spoilt. A piece may end inside a code point.
 */
size_t utf8_check(struct utf8 *u, struct span s);

/* True when no code point is half done. */
bool utf8_complete(const struct utf8 *u);

#endif
