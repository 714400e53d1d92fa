/* What the messages of a run contain: bytes that follow from a message's number alone, so that a
 * reply can be checked without keeping what was sent. */
#ifndef WSIO_CLIENT_PAYLOAD_H
#define WSIO_CLIENT_PAYLOAD_H

#include "base/bytes.h"

#define PAYLOAD_NUMBER_BYTES 8 /* decimal digits at the start of a numbered payload */

struct payload {
    const char *text; /* the same text for every message; NULL: a pattern is made */
    size_t size;      /* bytes of one message, >= 1; with `text`, its length */
    bool binary; /* the pattern has all octets; else printable ASCII that JSON need not escape */
};

/* Whether messages start with their number (modulo 10^8), so that reordering shows. Otherwise all
 * messages are equal. */
bool payload_numbered(const struct payload *p);

/* Writes bytes [offset, offset + len) of message `sequence`; offset + len <= p->size. */
void payload_fill(const struct payload *p, uint64_t sequence, size_t offset, uint8_t *out,
                  size_t len);

/* Whether `bytes` are those; false when they would reach beyond the end. */
bool payload_match(const struct payload *p, uint64_t sequence, size_t offset, const uint8_t *bytes,
                   size_t len);

#endif
