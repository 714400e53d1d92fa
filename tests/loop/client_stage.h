/* The client on its loop, over a network in memory and a clock that is wound by hand; and peers:
 * the connections that it opens, in their order, on which the test is the server.
 *
 * What the client sends on a connection is noted as a text:
 *   - `GET&sid=s`, `POST&sid=s {40|3}`: requests to POLL_PATH, with their body; RS is noted as |
 *   - `WS&sid=s T{2probe}B{..}<close 1000>`: the handshake for WEB_PATH, then frames
 *   - `$`: the end of stream */
#ifndef WSIO_TESTS_CLIENT_STAGE_H
#define WSIO_TESTS_CLIENT_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../port/scripted.h"
#include "base/status.h"
#include "client/drivers/run.h"
#include "codec/ws.h"
#include "conn/websocket.h"

#define MS        UINT64_C(1000000)
#define HOST      "localhost" /* whose port 80 is ours */
#define POLL_PATH "/socket.io/?EIO=4&transport=polling"
#define WEB_PATH  "/socket.io/?EIO=4&transport=websocket"

/* Open packets. They end with a hundred seconds, so that time may be wound without a ping. */
#define OPEN_OF(sid, upgrades, rest) "0{\"sid\":\"" sid "\",\"upgrades\":[" upgrades "]," rest "}"
#define OPEN                                                                                       \
    OPEN_OF("s", "\"websocket\"",                                                                  \
            "\"pingInterval\":60000,\"pingTimeout\":40000,\"maxPayload\":1000000")
#define JOINED "40{\"sid\":\"x\"}"
#define HI     "42[\"message\",\"hi\"]" /* what the client sends, and expects back */

struct peer {
    port_socket socket;
    bool deaf;                /* it reads nothing */
    bool ended;               /* the client has ended the stream, or reset it */
    bool upgraded;            /* frames from here on */
    struct websocket machine; /* of a server: every frame must be masked */
    struct buf welcome;       /* the 101 for its handshake */
    uint8_t welcome_bytes[512];
    char head[2048];    /* of the last request, raw */
    uint8_t in[400000]; /* not read yet */
    size_t in_len;
    char log[4096];
    struct buf text; /* over log */
};

extern struct run run;
extern struct trial trial;

/* ---- The client -------------------------------------------------------------------------- */

/* The command line, whose words end with NULL: the scenario, options, one target. Messages are
 * `hi` unless a --size is given. */
const struct client_options *client_parse(const char *const *words);

/* Starts a trial as the command line says, and lets the client act. */
void client_open(const char *const *words);

/* Ends it, whatever is going on; everything must have been given back. */
void client_close(void);

/* The trial is over by itself: one client, all that was sent answered; or with one failure. */
void client_expect_done(void);
void client_expect_failure(int status, enum phase phase, const char *detail);

/* ---- The network ------------------------------------------------------------------------- */

/* Listens; for a client that is not run by client_open(). */
void peers_open(void);
void peers_close(void);

/* The peers listen once. True: something moved. */
bool peers_turn(void);

/* The client acts, too, until nothing moves; the clock stands still. */
void peers_settle(void);

/* The same, after the clock was wound on by `ns`. */
void peers_advance(uint64_t ns);

/* The client's next connection, or proof that there is none. */
struct peer *peer_next(void);
void peer_expect_none(void);

/* What the client said on this connection since the last call. */
void peer_expect(struct peer *p, const char *want);

/* What the peer says; then the client acts. A body of characters is sent with its length. */
void peer_bytes(struct peer *p, struct span bytes);
void peer_respond(struct peer *p, int code, const char *body);
void peer_answer(struct peer *p, const char *body); /* 200 */
void peer_accept(struct peer *p);                   /* 101 */
void peer_frame(struct peer *p, uint8_t opcode, struct span payload);
void peer_text(struct peer *p, const char *payload);
void peer_hang_up(struct peer *p);

#endif
