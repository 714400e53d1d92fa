#include "client/options/payload.h"

#include <assert.h>
#include <string.h>

/* The periods of the patterns are prime, so that bytes which slip by a block or a buffer do not
 * fit. Both patterns begin with "hi", the shortest message that people send. */
#define TEXT_PERIOD   89
#define BINARY_PERIOD 257
#define TEXT_REPEATED 3 /* so that pieces are longer when they are copied or compared */

#define TEXT_PATTERN                                                                               \
    "hijklmnopqrstuvwxyzabcdefgABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+,-./:;=?@[]^_`{|}~"

static const char text_pattern[] = TEXT_PATTERN TEXT_PATTERN TEXT_PATTERN;

#define FROM(n)       (uint8_t)((n)&0xff)
#define FOUR(n)       FROM(n), FROM((n) + 1), FROM((n) + 2), FROM((n) + 3)
#define SIXTEEN(n)    FOUR(n), FOUR((n) + 4), FOUR((n) + 8), FOUR((n) + 12)
#define SIXTY_FOUR(n) SIXTEEN(n), SIXTEEN((n) + 16), SIXTEEN((n) + 32), SIXTEEN((n) + 48)

static const uint8_t binary_pattern[] = {SIXTY_FOUR('h'), SIXTY_FOUR('h' + 64),
                                         SIXTY_FOUR('h' + 128), SIXTY_FOUR('h' + 192), 0};

static_assert(sizeof text_pattern - 1 == (size_t)TEXT_PERIOD * TEXT_REPEATED, "the text's period");
static_assert(sizeof binary_pattern == BINARY_PERIOD, "the binary pattern's period");

bool payload_numbered(const struct payload *p)
{
    return p->text == NULL && p->size >= PAYLOAD_NUMBER_BYTES;
}

static void write_number(const struct payload *p, uint64_t sequence,
                         uint8_t digits[PAYLOAD_NUMBER_BYTES])
{
    if (!payload_numbered(p))
        return; /* they are not read, and the divisions would be half the cost of a short message */
    for (size_t i = PAYLOAD_NUMBER_BYTES; i-- > 0; sequence /= 10)
        digits[i] = (uint8_t)('0' + sequence % 10);
}

/* The bytes of the message from `offset` on, as far as they lie together in one of the sources.
 * `offset` < p->size; never empty. It may be longer than the rest of the message. */
static struct span find_piece(const struct payload *p, const uint8_t digits[PAYLOAD_NUMBER_BYTES],
                              size_t offset)
{
    if (p->text != NULL)
        return span_of(p->text + offset, p->size - offset);
    if (offset < PAYLOAD_NUMBER_BYTES && payload_numbered(p))
        return span_of(digits + offset, PAYLOAD_NUMBER_BYTES - offset);
    if (p->binary)
        return span_after(span_of(binary_pattern, BINARY_PERIOD), offset % BINARY_PERIOD);
    return span_after(span_of(text_pattern, sizeof text_pattern - 1), offset % TEXT_PERIOD);
}

static size_t find_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void payload_fill(const struct payload *p, uint64_t sequence, size_t offset, uint8_t *out,
                  size_t len)
{
    uint8_t digits[PAYLOAD_NUMBER_BYTES];
    write_number(p, sequence, digits);
    for (size_t done = 0; done < len;) {
        struct span piece = find_piece(p, digits, offset + done);
        size_t count = find_least(piece.len, len - done);
        memcpy(out + done, piece.ptr, count);
        done += count;
    }
}

bool payload_match(const struct payload *p, uint64_t sequence, size_t offset, const uint8_t *bytes,
                   size_t len)
{
    uint8_t digits[PAYLOAD_NUMBER_BYTES];
    if (offset > p->size || len > p->size - offset)
        return false;
    write_number(p, sequence, digits);
    for (size_t done = 0; done < len;) {
        struct span piece = find_piece(p, digits, offset + done);
        size_t count = find_least(piece.len, len - done);
        if (memcmp(bytes + done, piece.ptr, count) != 0)
            return false;
        done += count;
    }
    return true;
}
