#include "codec/chunked.h"

#include <string.h>

#include "base/status.h"

#define DIGITS_MAX   15 /* of a chunk's size: 60 bits */
#define NEEDLESS_MAX 65536

enum chunked_state {
    SIZE, /* hexadecimal digits */
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START, /* of a line: an empty one ends it all */
    TRAILER,
    TRAILER_LF,
    END_LF,
};

static int feed_size(struct chunked *c, uint8_t byte)
{
    int digit = bytes_read_hex(byte);
    if (digit >= 0) {
        c->left = c->left * 16 + (uint64_t)digit;
        return ++c->digits > DIGITS_MAX ? STATUS_HTTP_BAD : SIZE;
    }
    if (c->digits == 0)
        return STATUS_HTTP_BAD;
    if (byte == '\r')
        return SIZE_LF;
    return byte == ';' || byte == ' ' || byte == '\t' ? EXTENSION : STATUS_HTTP_BAD;
}

static int end_line(uint8_t byte, int next)
{
    return byte == '\n' ? next : STATUS_HTTP_BAD;
}

/* One byte that is not data: the next state, or the failure. */
static int feed_overhead(struct chunked *c, uint8_t byte)
{
    switch ((enum chunked_state)c->state) {
    case SIZE:
        return feed_size(c, byte);
    case EXTENSION:
        return byte == '\r' ? SIZE_LF : byte == '\n' ? STATUS_HTTP_BAD : EXTENSION;
    case SIZE_LF:
        return end_line(byte, c->left > 0 ? DATA : TRAILER_START);
    case DATA_CR:
        return byte == '\r' ? DATA_LF : STATUS_HTTP_BAD;
    case DATA_LF:
        c->digits = 0;
        return end_line(byte, SIZE);
    case TRAILER_START:
        return byte == '\r' ? END_LF : byte == '\n' ? STATUS_HTTP_BAD : TRAILER;
    case TRAILER:
        return byte == '\r' ? TRAILER_LF : byte == '\n' ? STATUS_HTTP_BAD : TRAILER;
    case TRAILER_LF:
        return end_line(byte, TRAILER_START);
    case END_LF:
        c->done = byte == '\n';
        return end_line(byte, END_LF);
    case DATA:
        break;
    }
    return STATUS_HTTP_BAD;
}

int chunked_feed(struct chunked *c, uint8_t *data, size_t len, size_t *decoded)
{
    size_t at = 0;
    *decoded = 0;
    while (at < len && !c->done) {
        if (c->state == DATA) {
            size_t take = c->left < len - at ? (size_t)c->left : len - at;
            memmove(data + *decoded, data + at, take);
            *decoded += take;
            at += take;
            c->left -= take;
            c->state = c->left > 0 ? DATA : DATA_CR;
            continue;
        }
        c->needless += c->state == EXTENSION || c->state >= TRAILER_START;
        int next = c->needless > NEEDLESS_MAX ? STATUS_HTTP_BAD : feed_overhead(c, data[at++]);
        if (next < 0)
            return next;
        c->state = (uint8_t)next;
    }
    return (int)at;
}
