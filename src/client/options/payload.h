/* What the messages of a run contain: bytes that follow from the message's user and number alone,
 * so that a reply can be checked without keeping what was sent. */
#ifndef WSIO_CLIENT_PAYLOAD_H
#define WSIO_CLIENT_PAYLOAD_H

#include "base/bytes.h"

/* A message begins with its identity, or with as much of it as fits:
 *   - 2 characters of a sequence that is keyed: each user has its own. A user's number n and
 *     n + 1 ... n + 8092 have different ones; those of two users are equal by chance, 1 in 8093
 *   - 8 hexadecimal digits, lowest first: the message's number, counted from a keyed start
 *   - 6 hexadecimal digits, lowest first: the number of the user */
#define PAYLOAD_IDENTITY_BYTES 16

struct payload {
    const char *text; /* the same text for every message; NULL: identity, then a pattern */
    size_t size;      /* bytes of one message, >= 1; with `text`, its length */
    bool binary; /* the pattern has all octets; else printable ASCII that JSON need not escape */
};

/* Whose messages these are, and where its sequences begin and how they go on. */
struct payload_sender {
    uint32_t user;
    uint32_t start; /* keyed */
    uint32_t step;  /* keyed, 1..8092 */
};

/* The user's message number `sequence`, from 0. */
struct payload_id {
    const struct payload_sender *sender; /* may be NULL where the payload is a text */
    uint64_t sequence;                   /* below 2^50 */
};

/* `user` < 2^24. The same key and user give the same messages. */
struct payload_sender payload_choose_sender(uint64_t key, uint32_t user);

/* N: a reply that is not the message's own equals it with a chance of 1 in N at the most. 1: all
 * messages are equal. UINT64_MAX: the message has its whole identity. */
uint64_t payload_odds(const struct payload *p);

/* The number of the last message before number `sent` whose number stands in these bytes; not less
 * than `sent`: there is none. The rest of the identity is not looked at. */
uint64_t payload_read_sequence(const struct payload_sender *sender, uint64_t sent,
                               const uint8_t identity[PAYLOAD_IDENTITY_BYTES]);

/* Writes bytes [offset, offset + len) of the message; offset + len <= p->size. */
void payload_fill(const struct payload *p, struct payload_id id, size_t offset, uint8_t *out,
                  size_t len);

/* Whether `bytes` are those; false when they would reach beyond the end. */
bool payload_match(const struct payload *p, struct payload_id id, size_t offset,
                   const uint8_t *bytes, size_t len);

#endif
