/* The WebSocket message machine of both roles (RFC 6455 sections 5 to 7): bytes in, parts of
 * messages and control frames out. It knows frames, fragments, text and close codes; it owns no
 * memory beyond itself and writes nothing by itself. */
#ifndef WSIO_CONN_WEBSOCKET_H
#define WSIO_CONN_WEBSOCKET_H

#include "base/bytes.h"
#include "base/random.h"
#include "base/utf8.h"
#include "codec/ws.h"

/* One per connection. All-zero is a server's machine at the start; set `client` for the other role.
 */
struct websocket {
    uint64_t done; /* payload bytes of the current frame already given out */
    struct ws_head head;
    struct utf8 utf8;
    bool client;
    bool in_frame;   /* head is valid, its payload not finished */
    uint8_t message; /* opcode of the message in progress, 0 between messages */
    uint8_t spill_len;
    uint8_t spill[WS_HEAD_MAX]; /* a head cut by the end of a read */
    uint8_t control[WS_CONTROL_MAX];
};

enum websocket_kind {
    WEBSOCKET_NOTHING, /* all bytes used, no event yet */
    WEBSOCKET_DATA,
    WEBSOCKET_PING,
    WEBSOCKET_PONG,
    WEBSOCKET_CLOSE,
};

struct websocket_event {
    enum websocket_kind kind;
    /* DATA: unmasked bytes inside the fed data; text is checked as far as it goes. PING, PONG: the
     * body; CLOSE: the reason. Those three point into the machine, valid until the next feed. */
    uint8_t *ptr;
    size_t len;
    uint64_t frame_length; /* DATA: payload bytes of the whole frame */
    uint8_t opcode;        /* DATA: WS_TEXT or WS_BINARY, of the message */
    bool message_first;    /* DATA: first part of the message */
    bool message_last;     /* DATA: last part of the message */
    bool frame_first;      /* DATA: first part of its frame */
    bool frame_last;
    bool fin;      /* DATA: the frame carries FIN */
    unsigned code; /* CLOSE: 1005 when the frame had no body */
};

/* Takes 1..len bytes (len >= 1) and reports at most one event; call again with the rest. The data
 * is unmasked in place. Returns bytes used, or the failure to be answered with ws_close_code_for():
 * STATUS_WS_*, STATUS_UTF8 as soon as the octet that shows it is there. After a failure the machine
 * must not be fed again. */
int websocket_feed(struct websocket *w, uint8_t *data, size_t len, struct websocket_event *event);

/* Writes one frame, whose length need not be known before: begin, put the payload, end with the
 * mark that begin() returned. `random` gives a client the mask (section 5.3), fresh for each frame;
 * it is NULL for a server. end() returns STATUS_OK, or STATUS_NO_ROOM with `out` as it was before
 * begin(). */
size_t websocket_begin(struct buf *out, bool client);
int websocket_end(struct buf *out, size_t mark, uint8_t opcode, struct random *random);

/* A whole frame; `random` as above. STATUS_OK or STATUS_NO_ROOM. */
int websocket_put(struct buf *out, uint8_t opcode, struct span payload, struct random *random);

/* A Close frame; code 0 writes an empty body. */
int websocket_put_close(struct buf *out, unsigned code, const char *reason, struct random *random);

#endif
