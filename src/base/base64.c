#include "base/base64.h"

#include "base/status.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Four characters for one to three bytes. */
static void encode_group(uint8_t *to, const uint8_t *from, size_t len)
{
    uint32_t bits = (uint32_t)from[0] << 16;
    bits |= len > 1 ? (uint32_t)from[1] << 8 : 0;
    bits |= len > 2 ? from[2] : 0;
    to[0] = (uint8_t)alphabet[bits >> 18];
    to[1] = (uint8_t)alphabet[bits >> 12 & 63];
    to[2] = (uint8_t)(len > 1 ? alphabet[bits >> 6 & 63] : '=');
    to[3] = (uint8_t)(len > 2 ? alphabet[bits & 63] : '=');
}

void base64_put(struct buf *out, struct span data)
{
    /* Compared in groups: BASE64_LENGTH could overflow where size_t is small. */
    size_t groups = data.len / 3 + (data.len % 3 != 0);
    if (out->full || groups > buf_room(out) / 4) {
        out->full = true;
        return;
    }
    for (size_t at = 0; at < data.len; at += 3) {
        size_t left = data.len - at;
        encode_group(out->ptr + out->len, data.ptr + at, left < 3 ? left : 3);
        out->len += 4;
    }
}

/* 0..63, or 64 and more for a character outside the alphabet. */
static uint32_t find_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - (uint32_t)'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - (uint32_t)'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - (uint32_t)'0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* `bytes` (1..3) of four characters; false when they are not in the alphabet or bits are left over.
 */
static bool decode_group(uint8_t *to, const uint8_t *from, size_t bytes)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i <= bytes ? find_value(from[i]) : 0;
        if (value > 63) {
            return false;
        }
        bits = bits << 6 | value;
    }
    /* RFC 4648 section 3.5: the bits behind the last byte are zero, so each text is the only one.
     */
    if ((bits & (0xFFFFFFu >> (8 * bytes))) != 0) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(bits >> (16 - 8 * i));
    }
    return true;
}

static size_t count_padding(struct span text)
{
    if (text.len == 0 || text.ptr[text.len - 1] != '=') {
        return 0;
    }
    return text.ptr[text.len - 2] == '=' ? 2 : 1;
}

int base64_decode(struct buf *out, struct span text)
{
    if (text.len % 4 != 0) {
        return STATUS_INVALID;
    }
    size_t padding = count_padding(text);
    size_t total = text.len / 4 * 3 - padding;
    if (out->full || total > buf_room(out)) {
        return STATUS_NO_ROOM;
    }
    size_t done = 0;
    for (size_t at = 0; at < text.len; at += 4) {
        size_t bytes = total - done < 3 ? total - done : 3;
        if (!decode_group(out->ptr + out->len + done, text.ptr + at, bytes)) {
            return STATUS_INVALID;
        }
        done += bytes;
    }
    out->len += total;
    return STATUS_OK;
}
