#include "base/bytes.h"

#include <string.h>

#include "base/status.h"

struct span span_text(const char *text)
{
    return span_of(text, strlen(text));
}

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_equal_text(struct span a, const char *text)
{
    return span_equal(a, span_text(text));
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool span_alike(struct span a, struct span b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool span_equal_nocase(struct span a, const char *text)
{
    return span_alike(a, span_text(text));
}

bool span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len && span_equal(span_of(s.ptr, prefix.len), prefix);
}

void span_copy_text(struct span s, char *out, size_t cap)
{
    size_t len = s.len < cap ? s.len : cap - 1;
    for (size_t i = 0; i < len; i++) {
        bool control = s.ptr[i] < 0x20 || s.ptr[i] == 0x7f;
        out[i] = control ? '?' : (char)s.ptr[i];
    }
    out[len] = '\0';
}

bool span_to_u64(struct span s, uint64_t *value)
{
    uint64_t sum = 0;
    *value = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)s.ptr[i] - '0';
        if (digit > 9 || sum > (UINT64_MAX - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    if (s.len == 0) {
        return false;
    }
    *value = sum;
    return true;
}

int bytes_read_hex(uint8_t digit)
{
    uint8_t letter = digit | 0x20;
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

struct buf buf_over(void *ptr, size_t cap)
{
    return (struct buf){.ptr = ptr, .cap = cap};
}

void buf_put(struct buf *b, const void *ptr, size_t len)
{
    if (b->full || len > buf_room(b)) {
        b->full = true;
        return;
    }
    if (len > 0) { /* memcpy from or to NULL is undefined even for no bytes */
        memcpy(b->ptr + b->len, ptr, len);
        b->len += len;
    }
}

void buf_put_span(struct buf *b, struct span s)
{
    buf_put(b, s.ptr, s.len);
}

void buf_put_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

void buf_put_byte(struct buf *b, uint8_t byte)
{
    buf_put(b, &byte, 1);
}

void buf_put_u64(struct buf *b, uint64_t value)
{
    char digits[20]; /* UINT64_MAX has 20 */
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_put(b, digits + at, sizeof digits - at);
}

int buf_finish(struct buf *b, size_t mark)
{
    if (!b->full) {
        return STATUS_OK;
    }
    b->len = mark;
    b->full = false;
    return STATUS_NO_ROOM;
}

uint16_t bytes_get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint64_t bytes_get_u64(const uint8_t *p)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

void bytes_put_u16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void bytes_put_u64(uint8_t *p, uint64_t value)
{
    for (int i = 7; i >= 0; i--) {
        p[i] = (uint8_t)value;
        value >>= 8;
    }
}
