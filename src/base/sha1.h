/* SHA-1 (RFC 3174) for Sec-WebSocket-Accept only: it proves that the peer read the key, no more. */
#ifndef WSIO_BASE_SHA1_H
#define WSIO_BASE_SHA1_H

#include "base/bytes.h"

#define SHA1_BYTES 20

/* Digest of `data`, any length, in one call. */
void sha1_digest(struct span data, uint8_t out[SHA1_BYTES]);

#endif
