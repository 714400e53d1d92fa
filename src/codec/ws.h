/* RFC 6455 frames: heads, masks, close codes, and the key of the handshake. Pure functions. */
#ifndef WSIO_CODEC_WS_H
#define WSIO_CODEC_WS_H

#include "base/bytes.h"

enum ws_opcode {
    WS_CONTINUATION = 0x0,
    WS_TEXT = 0x1,
    WS_BINARY = 0x2,
    WS_CLOSE = 0x8,
    WS_PING = 0x9,
    WS_PONG = 0xA,
};

#define WS_HEAD_MAX      14  /* bytes: two, eight of length, four of mask */
#define WS_CONTROL_MAX   125 /* bytes of a control frame's payload, section 5.5 */
#define WS_KEY_LENGTH    24  /* characters of Sec-WebSocket-Key */
#define WS_ACCEPT_LENGTH 28

struct ws_head {
    bool fin;
    bool masked;
    uint8_t opcode; /* enum ws_opcode */
    uint8_t key[4]; /* zero when not masked */
    uint64_t length;
};

static inline bool ws_is_control(uint8_t opcode)
{
    return (opcode & 0x8) != 0;
}

/* Section 5.2. Returns bytes used; 0 need more; STATUS_WS_RESERVED_BITS, _OPCODE, _CONTROL, _MASK
 * or _LENGTH, each as soon as the bytes that show it are there. `masked`: what the sender's role
 * demands (true when a client sends). `head` is reset on entry. */
int ws_head_parse(struct span in, bool masked, struct ws_head *head);

/* Writes the head (section 5.2, shortest length form) and returns its length, 2..WS_HEAD_MAX. A key
 * makes it masked. `out` has WS_HEAD_MAX bytes. The only writer of heads in the program. */
size_t ws_head_write(uint8_t *out, bool fin, uint8_t opcode, uint64_t length, const uint8_t *key);
size_t ws_head_length(uint64_t length, bool masked);

/* Appends a whole frame with a copy of the payload, masked when key is not NULL. All or nothing:
 * STATUS_OK or STATUS_NO_ROOM. */
int ws_frame_put(struct buf *out, bool fin, uint8_t opcode, struct span payload,
                 const uint8_t *key);

/* Section 5.3: XOR with the key, in place. `offset` is where in the payload `data` starts. */
void ws_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t offset);

/* Section 7.4: may this code stand in a Close frame? 1000-1003, 1007-1014, 3000-4999. */
bool ws_close_code_valid(unsigned code);

/* The close code that section 7.4.1 wants for a failure found by a machine: 1002, 1007, 1009;
 * 1011 for what is not the peer's fault. */
unsigned ws_close_code_for(int status);

/* Section 4.2.2: base64 of the SHA-1 of key and GUID, terminated. */
void ws_accept_make(struct span key, char out[WS_ACCEPT_LENGTH + 1]);

/* Section 4.2.1: base64 of exactly 16 bytes. */
bool ws_key_valid(struct span key);

#endif
