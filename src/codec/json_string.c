/* Strings of JSON: unescaped by the piece, compared without memory. */
#include "codec/json.h"

#include <string.h>

#include "base/status.h"

#define REPLACEMENT 0xFFFDu /* for a surrogate without its partner, which UTF-8 cannot express */

/* What stands between the quotes; nothing for another type. */
static struct span cut_quotes(const struct json *string)
{
    if (string->type != JSON_STRING || string->text.len < 2) {
        return (struct span){0};
    }
    return span_of(string->text.ptr + 1, string->text.len - 2);
}

static uint32_t read_hex4(const uint8_t *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t low = p[i] & 0x0Fu;
        value = value << 4 | (p[i] > '9' ? low + 9 : low); /* checked when it was parsed */
    }
    return value;
}

static bool is_high_surrogate(uint32_t c)
{
    return c >= 0xD800 && c <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t c)
{
    return c >= 0xDC00 && c <= 0xDFFF;
}

/* `p` is behind `\u`; a pair (RFC 8259 section 7) is one code point and uses six more. */
static size_t unescape_unicode(const uint8_t *p, size_t len, uint32_t *code)
{
    *code = read_hex4(p);
    if (is_high_surrogate(*code) && len >= 10 && p[4] == '\\' && p[5] == 'u') {
        uint32_t low = read_hex4(p + 6);
        if (is_low_surrogate(low)) {
            *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
            return 10;
        }
    }
    if (is_high_surrogate(*code) || is_low_surrogate(*code)) {
        *code = REPLACEMENT;
    }
    return 4;
}

static size_t encode_utf8(uint32_t code, uint8_t out[4])
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (uint8_t)(0xFF00u >> (more + 1) | code);
    return more + 1;
}

/* One escape at `rest`, which advances; returns the bytes in `out`. */
static size_t unescape(struct span *rest, uint8_t out[4])
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    uint8_t letter = rest->ptr[1];
    *rest = span_after(*rest, 2);
    if (letter == 'u') {
        uint32_t code;
        size_t used = unescape_unicode(rest->ptr, rest->len, &code);
        *rest = span_after(*rest, used);
        return encode_utf8(code, out);
    }
    const char *at = strchr(letters, letter);
    out[0] = at ? (uint8_t)meanings[at - letters] : letter;
    return 1;
}

/* The next piece of the unescaped string: a run that stands there as it is, or one escape, which is
 * built in `room`. */
static struct span next_piece(struct span *rest, uint8_t room[4])
{
    const uint8_t *from = rest->ptr;
    if (*from == '\\') {
        return span_of(room, unescape(rest, room));
    }
    const uint8_t *escape = memchr(from, '\\', rest->len);
    size_t len = escape ? (size_t)(escape - from) : rest->len;
    *rest = span_after(*rest, len);
    return span_of(from, len);
}

int json_string_copy(const struct json *string, struct buf *out)
{
    if (string->type != JSON_STRING) {
        return STATUS_JSON_TYPE;
    }
    struct span rest = cut_quotes(string);
    struct buf w = *out; /* given back only when all fits */
    uint8_t room[4];
    while (rest.len > 0 && !w.full) {
        buf_put_span(&w, next_piece(&rest, room));
    }
    if (w.full) {
        return STATUS_NO_ROOM;
    }
    *out = w;
    return STATUS_OK;
}

bool json_string_equal(const struct json *string, struct span plain)
{
    struct span rest = cut_quotes(string);
    uint8_t room[4];
    if (rest.len < plain.len) { /* an escape is never shorter than what it stands for */
        return false;
    }
    while (rest.len > 0) {
        struct span piece = next_piece(&rest, room);
        if (!span_starts(plain, piece)) {
            return false;
        }
        plain = span_after(plain, piece.len);
    }
    return string->type == JSON_STRING && plain.len == 0;
}
