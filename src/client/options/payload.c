#include "client/options/payload.h"

#include <assert.h>
#include <string.h>

#include "base/random.h"

/* The periods of the patterns are prime, so that bytes which slip by a block or a buffer do not
 * fit. */
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

/* ---- Identity ---------------------------------------------------------------------------- */

/* Printable, and JSON need not escape them; < and > are left out, as some encoders do. */
#define LETTERS      90
#define PAIRS        8093 /* a prime, so that every step leads through all of them */
#define PAIR_BYTES   2
#define NUMBER_BYTES 8
#define USER_BYTES   6

static const char letters[] = "hijklmnopqrstuvwxyzabcdefgABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "!#$%&'()*+,-./:;=?@[]^_`{|}~";

static_assert(sizeof letters - 1 == LETTERS && PAIRS <= LETTERS * LETTERS, "a pair for each");
static_assert(PAIR_BYTES + NUMBER_BYTES + USER_BYTES == PAYLOAD_IDENTITY_BYTES, "the whole");

struct payload_sender payload_choose_sender(uint64_t key, uint32_t user)
{
    uint64_t state = key + user;
    uint64_t random = random_next_repeatable(&state);
    return (struct payload_sender){.user = user,
                                   .start = (uint32_t)random,
                                   .step = 1 + (uint32_t)(random >> 32) % (PAIRS - 1)};
}

uint64_t payload_odds(const struct payload *p)
{
    size_t digits = p->size > PAIR_BYTES ? p->size - PAIR_BYTES : 0;
    if (p->text != NULL)
        return 1;
    if (p->size >= PAYLOAD_IDENTITY_BYTES)
        return UINT64_MAX;
    if (p->size < PAIR_BYTES)
        return PAIRS / LETTERS;
    return (uint64_t)PAIRS << 4 * (digits < NUMBER_BYTES ? digits : NUMBER_BYTES);
}

static void put_digits(uint8_t *out, int count, uint32_t value)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < count; i++, value >>= 4)
        out[i] = (uint8_t)digits[value & 15];
}

/* Only what the message has of it: two characters are most messages, and are to cost little. */
static void write_identity(const struct payload *p, struct payload_id id,
                           uint8_t out[PAYLOAD_IDENTITY_BYTES])
{
    const struct payload_sender *from = id.sender;
    uint32_t pair = (uint32_t)((from->start + id.sequence * from->step) % PAIRS);
    out[0] = (uint8_t)letters[pair % LETTERS];
    out[1] = (uint8_t)letters[pair / LETTERS];
    if (p->size <= PAIR_BYTES)
        return;
    put_digits(out + PAIR_BYTES, NUMBER_BYTES, (uint32_t)id.sequence + from->start);
    put_digits(out + PAIR_BYTES + NUMBER_BYTES, USER_BYTES, from->user);
}

/* What is no digit counts as 0: the caller compares the whole. */
static uint32_t read_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - (uint32_t)'0';
    return c >= 'a' && c <= 'f' ? c - (uint32_t)'a' + 10 : 0;
}

uint64_t payload_read_sequence(const struct payload_sender *sender, uint64_t sent,
                               const uint8_t identity[PAYLOAD_IDENTITY_BYTES])
{
    uint32_t number = 0;
    for (int i = NUMBER_BYTES; i-- > 0;)
        number = number << 4 | read_digit(identity[PAIR_BYTES + i]);
    uint32_t back = (uint32_t)sent - 1 - (number - sender->start);
    return back < sent ? sent - 1 - back : UINT64_MAX;
}

/* ---- Bytes ------------------------------------------------------------------------------- */

/* The bytes of the message from `offset` on, as far as they lie together in one of the sources.
 * `offset` < p->size; never empty. It may be longer than the rest of the message. */
static struct span find_piece(const struct payload *p, struct payload_id id,
                              uint8_t identity[PAYLOAD_IDENTITY_BYTES], size_t offset)
{
    if (p->text != NULL)
        return span_of(p->text + offset, p->size - offset);
    if (offset < PAYLOAD_IDENTITY_BYTES) {
        write_identity(p, id, identity);
        return span_of(identity + offset, PAYLOAD_IDENTITY_BYTES - offset);
    }
    if (p->binary)
        return span_after(span_of(binary_pattern, BINARY_PERIOD), offset % BINARY_PERIOD);
    return span_after(span_of(text_pattern, sizeof text_pattern - 1), offset % TEXT_PERIOD);
}

static size_t find_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void payload_fill(const struct payload *p, struct payload_id id, size_t offset, uint8_t *out,
                  size_t len)
{
    uint8_t identity[PAYLOAD_IDENTITY_BYTES];
    for (size_t done = 0; done < len;) {
        struct span piece = find_piece(p, id, identity, offset + done);
        size_t count = find_least(piece.len, len - done);
        memcpy(out + done, piece.ptr, count);
        done += count;
    }
}

bool payload_match(const struct payload *p, struct payload_id id, size_t offset,
                   const uint8_t *bytes, size_t len)
{
    uint8_t identity[PAYLOAD_IDENTITY_BYTES];
    if (offset > p->size || len > p->size - offset)
        return false;
    for (size_t done = 0; done < len;) {
        struct span piece = find_piece(p, id, identity, offset + done);
        size_t count = find_least(piece.len, len - done);
        if (memcmp(bytes + done, piece.ptr, count) != 0)
            return false;
        done += count;
    }
    return true;
}
