/* The chunked transfer coding of HTTP/1.1 (RFC 9112 section 7.1), decoded in place as it arrives.
 */
#ifndef WSIO_CODEC_CHUNKED_H
#define WSIO_CODEC_CHUNKED_H

#include "base/bytes.h"

/* Where a body stands between two reads. All-zero is the start. */
struct chunked {
    uint64_t left;     /* bytes of the chunk still to come */
    uint32_t needless; /* bytes of extensions and trailers so far */
    uint8_t state;
    uint8_t digits;
    bool done; /* the last chunk and its trailer were read */
};

/* Decodes data[0..len), len >= 1, in place: the body's bytes move to the front, and *decoded is
 * their number. Returns the raw bytes used, all of them unless the body ended; or STATUS_HTTP_BAD
 * (also for more extensions and trailers than a sender has reason for). Extensions and trailers are
 * skipped. Not to be called when done. */
int chunked_feed(struct chunked *c, uint8_t *data, size_t len, size_t *decoded);

#endif
