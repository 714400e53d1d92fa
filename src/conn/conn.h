/* One TCP connection of either role, without a socket: raw bytes, HTTP, WebSocket, and the session
 * on it. It is fed what arrived and the time; it yields events, output, and a deadline.
 * conn_state.c, assemble.c, exchange.c and conn_feed.c implement it.
 *
 * The caller owns all memory. Data lies in the caller's receive buffer, is changed in place, and
 * every span in an event is valid until the next call. An unfinished unit that must be kept (an
 * HTTP head, a held frame, a Socket.IO message) is asked for with CONN_HOLD, when its length is
 * known or bounded. */
#ifndef WSIO_CONN_CONN_H
#define WSIO_CONN_CONN_H

#include "base/bytes.h"
#include "base/random.h"
#include "codec/chunked.h"
#include "codec/http.h"
#include "conn/handshake.h"
#include "conn/hold.h"
#include "conn/session.h"
#include "conn/websocket.h"

enum conn_state {
    CONN_IDLE,   /* all-zero: not started; client: between a response and the next request */
    CONN_RAW,    /* bytes as they come */
    CONN_HEAD,   /* a request (server) or the response to ours (client) is awaited */
    CONN_BODY,   /* its body is being received */
    CONN_ANSWER, /* server: a request was reported, and is not answered yet */
    CONN_WEBSOCKET,
    CONN_CLOSING, /* our Close is out, or raw TCP is shut: the peer's part is awaited */
    CONN_CLOSED,  /* nothing more to say: what still comes is dropped */
};

/* What the loop has to do with the socket once the output is written. */
enum conn_ending {
    CONN_STAYS,
    CONN_SHUTS, /* end our direction, go on reading until the peer ends its own */
    CONN_ENDS,  /* close */
};

/* How the end of a body is known. CONN_BODY is a state and an event. */
enum conn_framing {
    CONN_BODY_NONE,
    CONN_BODY_LENGTH,
    CONN_BODY_CHUNKED,
    CONN_BODY_TO_END, /* of stream; responses only */
};

/* How data of a WebSocket is wanted. */
enum conn_mode {
    CONN_PARTS,    /* as it arrives */
    CONN_FRAMES,   /* frames up to ECHO_WHOLE whole, longer ones as they arrive */
    CONN_WHOLE,    /* whole messages, of at most the session config's max_payload */
    CONN_MESSAGES, /* Socket.IO: whole packets for the session */
};

/* Limits and texts that all connections of a loop share. */
struct conn_config {
    bool client;
    size_t max_head;            /* bytes of an HTTP head */
    uint64_t handshake_timeout; /* ns, from start to the end of the head */
    uint64_t idle_timeout;      /* ns without a byte from the peer; 0 never */
    uint64_t silent_timeout;    /* server: ns without any data of raw TCP or CONN_FRAMES; 0 never */
    uint64_t message_timeout;   /* ns from the first byte of a held message to its last */
    uint64_t close_timeout;     /* ns that the peer has for its part of a close */
    const struct handshake_request *request; /* client: what to ask for; NULL for raw TCP */
    struct session_config session;           /* namespace_count 0: no Socket.IO */
};

struct conn {
    enum conn_state state;
    enum conn_ending ending;
    enum conn_mode mode;
    uint32_t tag;            /* the application's */
    struct session *session; /* of CONN_MESSAGES */

    /* Times in ns; UINT64_MAX: never. */
    uint64_t started;
    uint64_t heard;    /* when the peer last sent something */
    uint64_t deadline; /* of the state */
    uint64_t hold_by;  /* when the held unit must be complete */

    /* HTTP. */
    bool keep_alive; /* another request may follow this one */
    bool upgrading;  /* client: a WebSocket handshake's response is awaited */

    /* Client: what is put when the application's frame is complete; see conn_settle(). */
    bool mid_frame; /* the application is in the middle of a frame */
    bool beat_owed; /* the answer to Engine.IO's ping */
    bool pong_owed;
    uint8_t pong_length;
    uint16_t close_owed; /* the code; 0: none */

    /* The close. */
    uint16_t peer_code; /* of a Close that came in mid-frame, 1005 without one; 0: none came */
    bool spoke;         /* data came: a byte of raw TCP, or of a frame */
    bool late;          /* the peer did not end its part of a close in time */

    /* The unit that is held: an HTTP head or body, a frame, a message. */
    bool frame_held;        /* CONN_FRAMES: the frame under way is held, not streamed */
    bool frame_opens;       /* and it is the first of its message */
    size_t wanted;          /* bytes asked for by CONN_HOLD; 0: none */
    uint64_t message_bytes; /* CONN_MESSAGES: payload of the packet, declared or received */
    struct hold hold;
    union { /* what HTTP needs is over when frames begin */
        struct websocket ws;
        struct {
            uint64_t body_left; /* CONN_BODY_LENGTH: bytes still to come */
            size_t body_limit;  /* bytes that a body may have */
            size_t body_spare;  /* bytes that the application wants behind a held body */
            unsigned code;      /* client: status of the response under way */
            enum conn_framing body_framing;
            struct chunked chunked;
            char key[WS_KEY_LENGTH + 1]; /* client: of the handshake */
        };
    };
};

/* Where output goes and what time it is; one per loop, `now` and `out` set before each call. `out`
 * has at least OUT_SLACK bytes of room before each call. */
struct conn_io {
    const struct conn_config *config;
    struct buf *out;
    struct random *random;
    uint64_t now; /* ns */
};

enum conn_kind {
    CONN_NOTHING,    /* no event; feed the rest */
    CONN_HOLD,       /* keep `part`: conn_hold_give() before anything else is fed */
    CONN_REQUEST,    /* server: `head`; to be answered with conn_accept() or conn_respond(), now or
                        later, or to be followed by conn_accept_body() */
    CONN_BODY_WHOLE, /* server: `part` is the body that was accepted, if `status` is STATUS_OK; it
                        is STATUS_TOO_BIG as soon as the limit is passed; to be answered */
    CONN_RESPONSE, /* client: `code` and the body as `part`; the connection is CONN_IDLE or ends */
    CONN_UPGRADED, /* client: 101 verified */
    CONN_DATA,     /* `data`: raw bytes, or a part as the mode wants it */
    CONN_PING,     /* its pong was put */
    CONN_PONG,
    CONN_SESSION, /* `session` */
    CONN_CLOSE,   /* it is over: `status` is the reason, `code` the peer's close code (0: none) */
};

/* Only what belongs to the kind is set. */
struct conn_event {
    enum conn_kind kind;
    int status;       /* CLOSE: STATUS_OK after a proper close; else the failure; BODY_WHOLE */
    unsigned code;    /* CLOSE: the peer's close code, 1005 without one, 0 without a Close;
                         with STATUS_HTTP_STATUS: the HTTP status */
    struct span part; /* HOLD: used bytes that must be kept; CLOSE: the peer's reason */
    struct websocket_event data; /* DATA; raw TCP sets ptr and len only */
    struct session_event session;
    struct http_head head; /* REQUEST */
};

/* Server: `raw` echo connections have no protocol. Sets the deadlines. */
void conn_start_server(struct conn *c, const struct conn_io *io, bool raw);

/* Client, connected: puts the upgrade request, if the config has one. `session` is given for
 * Socket.IO. */
void conn_start_client(struct conn *c, const struct conn_io *io, struct session *session);

/* Client: puts a plain request on a connection that is CONN_IDLE; its CONN_RESPONSE comes. `target`
 * is path and query; a body makes it a POST; one without ptr is put behind it by the caller. The
 * config's request gives Host and the other fields. */
void conn_start_exchange(struct conn *c, const struct conn_io *io, struct span target,
                         const struct span *body);

/* May it be fed? Not while a request is unanswered: what comes behind it waits its turn. */
bool conn_takes(const struct conn *c);

/* Takes 1..len bytes (len >= 1), reports at most one event, and puts what the protocol itself
 * answers (pongs, closes, heartbeats). Returns the bytes used; feed the rest again. A failure of
 * the peer becomes CONN_CLOSE with the right close code or HTTP status put. Not to be called while
 * `wanted` > 0, nor in CONN_ANSWER. */
size_t conn_feed(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                 struct conn_event *event);

/* The peer's end of stream. Reports CONN_CLOSE, unless that was reported before. */
void conn_feed_end(struct conn *c, const struct conn_io *io, struct conn_event *event);

/* Gives the memory that CONN_HOLD asked for, `wanted` bytes at least, and puts `part` there. It is
 * the caller's again when hold.over is set, or when the connection ends. */
void conn_hold_give(struct conn *c, const struct conn_io *io, uint8_t *memory, size_t cap,
                    struct span part);

/* Where the rest of a held frame can be received directly, and in *len how much of it (0: use the
 * common buffer). What was received there is fed like any other data. */
uint8_t *conn_hold_tail(const struct conn *c, size_t *len);

/* There is no memory for what CONN_HOLD asked for: refuses the peer with 1013 or 503. */
void conn_refuse(struct conn *c, const struct conn_io *io, struct conn_event *event);

/* The peer failed, or there is no going on with it: says so in the protocol's way (a close code, an
 * HTTP status), and is done. Reports CONN_CLOSE. */
void conn_fail(struct conn *c, const struct conn_io *io, int status, struct conn_event *event);

/* Server, in CONN_ANSWER: upgrades to WebSocket (the head passed handshake_check()). With a session
 * it is opened, and its packet put. */
void conn_accept(struct conn *c, const struct conn_io *io, const struct http_head *head,
                 enum conn_mode mode, struct session *session, uint32_t number);

/* An open WebSocket that had no session carries this one from now on.
 * `parts` is lent memory with what came of a binary packet by another way, or all-zero. */
void conn_carry(struct conn *c, const struct conn_io *io, struct session *session,
                const struct hold *parts);

/* Server, in CONN_ANSWER and before anything else is fed: the request has a body of at most `limit`
 * bytes to be received. 1: CONN_BODY_WHOLE will report it; 0: it has none; STATUS_TOO_BIG,
 * STATUS_HTTP_BAD: answer that, the connection will end. A body that must be held gets `spare`
 * bytes of memory more, behind it. */
int conn_accept_body(struct conn *c, const struct conn_io *io, const struct http_head *head,
                     size_t limit, size_t spare);

/* Server, in CONN_ANSWER: a whole response; `body` must fit the output. */
void conn_respond(struct conn *c, const struct conn_io *io, int code, const char *content_type,
                  const char *extra, struct span body);

/* The head of a response whose body of `length` bytes the caller sends behind it. */
void conn_respond_head(struct conn *c, const struct conn_io *io, int code, const char *content_type,
                       const char *extra, size_t length);

/* Starts to close from our side: Socket.IO leaves its namespace first, WebSocket sends Close, raw
 * TCP shuts. code 0: an empty Close. Does nothing when a close is under way. */
void conn_close(struct conn *c, const struct conn_io *io, unsigned code);

/* Client: a frame that the application puts in pieces (mid_frame was set) is complete. What the
 * protocol had to say meanwhile, and could not inside of the frame (RFC 6455 section 5.5), is put
 * now: the newest pong, the heartbeat, a close. */
void conn_settle(struct conn *c, const struct conn_io *io);

/* When conn_tick() wants to be called; UINT64_MAX never. */
uint64_t conn_deadline(const struct conn *c, const struct conn_config *config);

/* Deadlines that have passed: heartbeats are put; what has failed becomes CONN_CLOSE. */
void conn_tick(struct conn *c, const struct conn_io *io, struct conn_event *event);

#endif
