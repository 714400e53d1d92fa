/* One connection of either role without a socket, as the loop and the application are around it:
 * fed what a test sends, with a clock that is wound by hand. What it puts is read back into a text:
 *     101 T{Hello}.<pong x>C{..}<close 1000 bye>
 * a status for each HTTP answer, frames with their kind, a full stop behind FIN. */
#ifndef WSIO_TESTS_WIRE_H
#define WSIO_TESTS_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "conn/conn.h"

#define SECOND UINT64_C(1000000000)
#define START  (5 * SECOND)

#define HANDSHAKE (10 * SECOND)
#define IDLE      (60 * SECOND)
#define MESSAGE   (30 * SECOND)
#define CLOSE     (2 * SECOND)

#define REQUEST_HEAD(path)                                                                         \
    "GET " path " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define ECHO     REQUEST_HEAD("/")
#define SOCKETIO REQUEST_HEAD("/socket.io/?EIO=4&transport=websocket")
#define ENGINEIO REQUEST_HEAD("/engine.io/?EIO=4&transport=websocket")
#define WHOLE    REQUEST_HEAD("/broadcast")

/* A span in a table. */
#define S(literal)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

extern const uint8_t key[4]; /* of a client's masks */
extern struct conn conn;
extern struct conn_config config;
extern struct handshake_request request;
extern struct session session;
extern struct buf out;
extern struct conn_io io;
extern uint8_t lent[1 << 20]; /* what conn holds */
extern size_t lent_bytes;     /* 0: nothing */
extern size_t most_lent;
extern bool refuses; /* there is no memory */

/* The events since the start. */
extern struct told {
    unsigned requests, upgrades, pings, pongs, sessions, closes;
    size_t raw_bytes;
    uint64_t data_bytes; /* of frames */
    unsigned messages;   /* messages that were reported to their end */
    int status;
    unsigned code;
    char reason[128];
} told;

/* Everything anew, but no connection yet. */
void start(bool client);
void start_server(void);

/* The client has put its request; response() answers that. */
void start_client(bool socketio);

/* The response to the key of this connection, with the extra lines, and frames behind it. */
struct span response(const char *status, const char *extra, struct span frames);

/* A WebSocket of plain frames, open: the server echoes them, the client takes them as they come. */
void start_open(bool client);

/* From the other side, masked as that has to: the first octet of the head is as given. */
void feed_frame(uint8_t first, struct span payload);

/* One read; and in pieces of so many bytes. */
void feed(struct span piece);
void feed_text(const char *text);
void feed_pieces(struct span all, size_t piece);
void feed_end(void);
void tick_at(uint64_t now);

/* What was put since the last call. */
const char *sent(void);

void expect_closed(int status, unsigned code, enum conn_ending ending);

/* Nothing happens until then; then the clock is wound to it. */
void expect_deadline(uint64_t at);

/* It has failed with a farewell; a peer that does not leave by itself is dropped. */
void expect_farewell(const char *want, int status);

#endif
