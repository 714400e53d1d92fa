/* Base64 with padding (RFC 4648 section 4). */
#ifndef WSIO_BASE_BASE64_H
#define WSIO_BASE_BASE64_H

#include "base/bytes.h"

#define BASE64_LENGTH(bytes) (((bytes) + 2) / 3 * 4)

/* Appends the encoding of `data`; sets out->full if it does not fit. */
void base64_put(struct buf *out, struct span data);

/* Appends the decoded bytes. Strict: whole groups of four, padding only at the end and with zero
 * bits behind it. Returns STATUS_OK, STATUS_INVALID, or STATUS_NO_ROOM; on failure out is as
 * before. */
int base64_decode(struct buf *out, struct span text);

#endif
