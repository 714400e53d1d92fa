/* Spans, a bounded writer, and big-endian numbers: the three things every codec needs. */
#ifndef WSIO_BASE_BYTES_H
#define WSIO_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that belong to another. Valid as long as their owner documents; {NULL, 0} is "absent". */
struct span {
    const uint8_t *ptr;
    size_t len;
};

/* A writer into memory that the caller owns. It never overruns: a put that does not fit writes
 * nothing and sets `full`, and every later put does nothing. So a packet is put piece by piece, and
 * `full` is checked once, at the end: buf_finish() then restores what was there before. */
struct buf {
    uint8_t *ptr;
    size_t cap;
    size_t len;
    bool full;
};

#define SPAN(literal) ((struct span){(const uint8_t *)(literal), sizeof(literal) - 1})

static inline struct span span_of(const void *ptr, size_t len)
{
    return (struct span){ptr, len};
}

/* The rest behind `used` (<= s.len) bytes. To a NULL nothing may be added, not even 0. */
static inline struct span span_after(struct span s, size_t used)
{
    return used == 0 ? s : span_of(s.ptr + used, s.len - used);
}

static inline size_t buf_room(const struct buf *b)
{
    return b->cap - b->len;
}

static inline struct span buf_span(const struct buf *b)
{
    return span_of(b->ptr, b->len);
}

struct span span_text(const char *text); /* of a NUL-terminated string */
bool span_equal(struct span a, struct span b);
bool span_equal_text(struct span a, const char *text);
bool span_starts(struct span s, struct span prefix);

/* The same but for the case of ASCII letters. */
bool span_alike(struct span a, struct span b);
bool span_equal_nocase(struct span a, const char *text);
/* Copies as text: cut to cap - 1 bytes and terminated; control bytes become '?'. cap >= 1. */
void span_copy_text(struct span s, char *out, size_t cap);

/* Decimal digits only, at least one, the whole span; false on anything else or above UINT64_MAX. */
bool span_to_u64(struct span s, uint64_t *value);

/* The value of a hexadecimal digit in either case; -1 when it is none. */
int bytes_read_hex(uint8_t digit);

struct buf buf_over(void *ptr, size_t cap);
void buf_put(struct buf *b, const void *ptr, size_t len);
void buf_put_span(struct buf *b, struct span s);
void buf_put_text(struct buf *b, const char *text);
void buf_put_byte(struct buf *b, uint8_t byte);
void buf_put_u64(struct buf *b, uint64_t value); /* decimal */

/* Ends a packet that began when b->len was `mark`: STATUS_OK, or, if something did not fit,
 * STATUS_NO_ROOM with length and `full` restored as if nothing had been put. */
int buf_finish(struct buf *b, size_t mark);

uint16_t bytes_get_u16(const uint8_t *p); /* big-endian, any alignment */
uint64_t bytes_get_u64(const uint8_t *p);
void bytes_put_u16(uint8_t *p, uint16_t value);
void bytes_put_u64(uint8_t *p, uint64_t value);

#endif
