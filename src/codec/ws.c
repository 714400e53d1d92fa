#include "codec/ws.h"

#include <string.h>

#include "base/base64.h"
#include "base/sha1.h"
#include "base/status.h"

#define FIN           0x80
#define RESERVED_BITS 0x70
#define OPCODE_BITS   0x0F
#define MASKED        0x80
#define LENGTH_BITS   0x7F
#define LENGTH_16     126 /* two more bytes hold the length */
#define LENGTH_64     127 /* eight more bytes do */
#define KEY_BYTES     4
#define GUID          "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* section 1.3 */
#define RAW_KEY_BYTES 16

static int check_first(uint8_t byte)
{
    uint8_t opcode = byte & OPCODE_BITS;
    if ((byte & RESERVED_BITS) != 0) {
        return STATUS_WS_RESERVED_BITS;
    }
    if (opcode > WS_PONG || (opcode > WS_BINARY && opcode < WS_CLOSE)) {
        return STATUS_WS_OPCODE;
    }
    if (ws_is_control(opcode) && (byte & FIN) == 0) { /* section 5.5 */
        return STATUS_WS_CONTROL;
    }
    return STATUS_OK;
}

static int check_second(uint8_t first, uint8_t byte, bool masked)
{
    if (((byte & MASKED) != 0) != masked) { /* section 5.1 */
        return STATUS_WS_MASK;
    }
    if (ws_is_control(first) && (byte & LENGTH_BITS) > WS_CONTROL_MAX) {
        return STATUS_WS_CONTROL;
    }
    return STATUS_OK;
}

/* Section 5.2: the shortest form only, and 63 bits at most; judged by the bytes that are there. */
static int check_length(struct span field, size_t width)
{
    if (width == 2) {
        bool short_enough = field.len == 2 && bytes_get_u16(field.ptr) <= WS_CONTROL_MAX;
        return short_enough ? STATUS_WS_LENGTH : STATUS_OK;
    }
    if (field.len > 0 && (field.ptr[0] & 0x80) != 0) {
        return STATUS_WS_LENGTH;
    }
    static const uint8_t zeros[6];
    bool fits_16 = field.len >= 6 && memcmp(field.ptr, zeros, 6) == 0;
    return fits_16 ? STATUS_WS_LENGTH : STATUS_OK;
}

static size_t find_length_width(uint8_t second)
{
    uint8_t length = second & LENGTH_BITS;
    return length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
}

static int check_head(struct span in, bool masked)
{
    int status = in.len > 0 ? check_first(in.ptr[0]) : STATUS_OK;
    if (status == STATUS_OK && in.len > 1) {
        status = check_second(in.ptr[0], in.ptr[1], masked);
    }
    if (status == STATUS_OK && in.len > 2) {
        size_t width = find_length_width(in.ptr[1]);
        size_t there = in.len - 2 < width ? in.len - 2 : width;
        status = width > 0 ? check_length(span_of(in.ptr + 2, there), width) : STATUS_OK;
    }
    return status;
}

int ws_head_parse(struct span in, bool masked, struct ws_head *head)
{
    *head = (struct ws_head){0};
    int status = check_head(in, masked);
    if (status != STATUS_OK) {
        return status;
    }
    size_t width = in.len > 1 ? find_length_width(in.ptr[1]) : 0;
    size_t used = 2 + width + (masked ? KEY_BYTES : 0);
    if (in.len < used) {
        return 0;
    }
    head->fin = (in.ptr[0] & FIN) != 0;
    head->opcode = in.ptr[0] & OPCODE_BITS;
    head->masked = masked;
    head->length = width == 8   ? bytes_get_u64(in.ptr + 2)
                   : width == 2 ? bytes_get_u16(in.ptr + 2)
                                : in.ptr[1] & LENGTH_BITS;
    if (masked) {
        memcpy(head->key, in.ptr + 2 + width, KEY_BYTES);
    }
    return (int)used;
}

size_t ws_head_length(uint64_t length, bool masked)
{
    size_t width = length > UINT16_MAX ? 8 : length > WS_CONTROL_MAX ? 2 : 0;
    return 2 + width + (masked ? KEY_BYTES : 0);
}

size_t ws_head_write(uint8_t *out, bool fin, uint8_t opcode, uint64_t length, const uint8_t *key)
{
    size_t used = ws_head_length(length, false);
    out[0] = (uint8_t)((fin ? FIN : 0) | opcode);
    out[1] = key ? MASKED : 0;
    if (used == 2) {
        out[1] = (uint8_t)(out[1] | length);
    } else if (used == 4) {
        out[1] |= LENGTH_16;
        bytes_put_u16(out + 2, (uint16_t)length);
    } else {
        out[1] |= LENGTH_64;
        bytes_put_u64(out + 2, length);
    }
    if (key) {
        memcpy(out + used, key, KEY_BYTES);
        used += KEY_BYTES;
    }
    return used;
}

int ws_frame_put(struct buf *out, bool fin, uint8_t opcode, struct span payload, const uint8_t *key)
{
    size_t head = ws_head_length(payload.len, key != NULL);
    size_t room = buf_room(out);
    if (out->full || room < head || room - head < payload.len) {
        return STATUS_NO_ROOM;
    }
    uint8_t *to = out->ptr + out->len;
    (void)ws_head_write(to, fin, opcode, payload.len, key);
    if (payload.len > 0) {
        memcpy(to + head, payload.ptr, payload.len);
    }
    if (key) {
        ws_mask(to + head, payload.len, key, 0);
    }
    out->len += head + payload.len;
    return STATUS_OK;
}

void ws_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t offset)
{
    uint8_t turned[8]; /* the key as it meets data[0], twice: bytes in memory, so any byte order */
    uint64_t word;
    size_t i = 0;
    for (unsigned k = 0; k < 8; k++) {
        turned[k] = key[(offset + k) % KEY_BYTES];
    }
    memcpy(&word, turned, 8);
    /* Two words at a time: with one, speed depends on where the linker puts this loop. */
    for (; len - i >= 16; i += 16) {
        uint64_t two[2];
        memcpy(two, data + i, 16);
        two[0] ^= word;
        two[1] ^= word;
        memcpy(data + i, two, 16);
    }
    for (; i < len; i++) {
        data[i] ^= turned[i % 8];
    }
}

bool ws_close_code_valid(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

unsigned ws_close_code_for(int status)
{
    if (status == STATUS_UTF8) {
        return 1007;
    }
    if (status == STATUS_TOO_BIG) {
        return 1009;
    }
    bool frame = status <= STATUS_WS_RESERVED_BITS && status >= STATUS_WS_CLOSE_LENGTH;
    bool packet = status <= STATUS_JSON_SYNTAX && status > STATUS_QUEUE_FULL;
    return frame || packet ? 1002 : 1011;
}

void ws_accept_make(struct span key, char out[WS_ACCEPT_LENGTH + 1])
{
    uint8_t text[WS_KEY_LENGTH + sizeof GUID];
    uint8_t digest[SHA1_BYTES];
    struct buf joined = buf_over(text, sizeof text);
    struct buf accept = buf_over(out, WS_ACCEPT_LENGTH);
    buf_put_span(&joined, key);
    buf_put_text(&joined, GUID);
    sha1_digest(buf_span(&joined), digest);
    base64_put(&accept, span_of(digest, sizeof digest));
    out[WS_ACCEPT_LENGTH] = '\0';
}

bool ws_key_valid(struct span key)
{
    uint8_t raw[RAW_KEY_BYTES];
    struct buf out = buf_over(raw, sizeof raw);
    return key.len == WS_KEY_LENGTH && base64_decode(&out, key) == STATUS_OK &&
           out.len == RAW_KEY_BYTES;
}
