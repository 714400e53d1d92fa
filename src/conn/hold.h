/* Lent memory in which an unfinished unit is put together: an HTTP head, a frame, or the parts of a
 * Socket.IO packet. In front of each part HOLD_HEADROOM bytes stay free, so that the answer can be
 * written where the question stands. */
#ifndef WSIO_CONN_HOLD_H
#define WSIO_CONN_HOLD_H

#include "base/bytes.h"
#include "base/config.h"

/* All-zero: no memory is lent. */
struct hold {
    uint8_t *ptr;
    size_t cap;   /* bytes at ptr */
    size_t len;   /* bytes used, headrooms included */
    size_t start; /* where the current part starts */
    bool over;    /* the content has been reported: to be given back after the event */
};

/* Starts with an empty first part. cap > HOLD_HEADROOM. */
void hold_give(struct hold *h, uint8_t *ptr, size_t cap);

/* What is held was copied to other memory, of `cap` bytes, or its memory has grown. */
void hold_move(struct hold *h, uint8_t *ptr, size_t cap);

/* Takes the memory back; NULL when there is none. */
uint8_t *hold_take(struct hold *h);

/* Appends to the current part: a copy, unless the bytes were received right there. False, and
 * nothing added, when they do not fit. */
bool hold_add(struct hold *h, const uint8_t *ptr, size_t len);

/* The current part so far. */
struct span hold_part(const struct hold *h);

/* Starts the next part behind the current one; false when there is no room for its headroom. */
bool hold_next(struct hold *h);

/* Drops the current part, so that the one before it is the last again. */
void hold_drop(struct hold *h);

#endif
