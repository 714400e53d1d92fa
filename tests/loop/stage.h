/* The server on its loop, over a network in memory and a clock that is wound by hand; and callers,
 * which send HTTP and WebSocket in raw bytes, and note what they receive as a text:
 *     200 {ok}101 T{3probe}B{..}<close 0>$
 * each answer with its body in braces, frames with their kind, $ for the end of the stream. The
 * open packet is noted as 0!, the answer to a Socket.IO CONNECT as 40!, since sids are random. */
#ifndef WSIO_TESTS_STAGE_H
#define WSIO_TESTS_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../port/scripted.h"
#include "base/status.h"
#include "codec/ws.h"
#include "conn/websocket.h"
#include "server/server.h"

#define MS        UINT64_C(1000000)
#define POLL_PATH "/socket.io/?EIO=4&transport=polling"
#define WEB_PATH  "/socket.io/?EIO=4&transport=websocket"
#define WEB_FIELDS                                                                                 \
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                   \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

#define CALLERS 48

struct caller {
    port_socket socket;
    bool deaf;                /* reads nothing */
    bool ended;               /* the server has ended the stream, or reset it */
    bool upgraded;            /* frames from here on */
    struct websocket machine; /* behind the 101 */
    uint64_t body_left;       /* of the answer being read */
    bool headless;            /* HEAD was asked: the answer has no body */
    char sid[EIO_SID_MAX];    /* of the last open packet heard */
    char head[2048];          /* of the last answer */
    uint8_t in[1 << 16];      /* not read yet */
    size_t in_len;
    char log[1 << 12];
    struct buf text;  /* over log */
    uint64_t letters; /* bytes of bodies and frames in all */
};

extern struct server server;
extern struct server_options options;

/* Starts the server with these options, ended by NULL, before its defaults: `--ping-interval 300`.
 */
void stage_open(const char *const *args);

/* All callers hang up; everything must have been given back. */
void stage_close(void);

/* Every caller and the server act until nothing moves; the clock stands still. */
void settle(void);
void advance(uint64_t ns);

struct caller *caller_new(void);
struct caller *caller_new_unseen(void); /* not accepted yet */
void hang_up(struct caller *c);

/* Hangs up, and connects anew, while neither the server nor another caller acts. */
void caller_drop(struct caller *c);
void caller_renew(struct caller *c);

/* Every caller and the server act once. Returns whether anything moved. */
bool stage_turn(void);

/* Sends, and lets all act. */
void say_bytes(struct caller *c, struct span bytes);
void say(struct caller *c, const char *text);

/* Sends, and nobody acts yet. All must fit. */
void send_at_once(struct caller *c, struct span bytes);

/* printf for requests and expectations; eight results live at once. */
const char *text(const char *format, ...);

/* What was heard since the last call. */
const char *heard(struct caller *c);
void expect_heard(struct caller *c, const char *want);

/* A new session by polling; its sid is in c->sid. */
void say_open(struct caller *c);
void say_get(struct caller *c, const char *sid);
void say_post(struct caller *c, const char *sid, const char *body);

/* Sends the WebSocket handshake for the session, or for a new one without sid. */
void say_upgrade(struct caller *c, const char *sid);
void say_frame(struct caller *c, uint8_t opcode, struct span payload);
void say_text(struct caller *c, const char *payload);

/* A new caller with a WebSocket on that path. */
struct caller *open_websocket(const char *path);

/* Puts a masked text frame behind the others. */
void add_frame(struct buf *to, const char *payload);

/* Expects that the session is gone: a poll for it is refused. Uses a caller of its own. */
void expect_unknown(const char *sid);

#endif
