/* The Engine.IO 4 session with Socket.IO 5 on it, in both roles: packets in, events and packets
 * out.
 *
 * A session outlives any one connection. It is fed whole packets, whatever transport brought them,
 * and puts its own packets through one pair of functions, where the transport's framing is added.
 * It has deadlines, and never reads a clock. The application puts its packets the same way. */
#ifndef WSIO_CONN_SESSION_H
#define WSIO_CONN_SESSION_H

#include "base/bytes.h"
#include "base/config.h"
#include "base/random.h"
#include "codec/eio.h"
#include "codec/sio.h"

/* Shared by all sessions of one loop; unchanged while they live. */
struct session_config {
    bool client;
    uint32_t ping_interval;   /* ms, server */
    uint32_t ping_timeout;    /* ms, server */
    uint32_t connect_timeout; /* ms from open to the first namespace joined, server */
    size_t max_payload;       /* bytes of one packet with its attachments, both roles */
    struct span auth;         /* client: JSON object for CONNECT, or absent */
    /* Server: the namespaces that exist, "/" first. Client: the one to join. */
    size_t namespace_count;
    char namespaces[NAMESPACES_MAX + 1][NAMESPACE_NAME_MAX];
};

enum session_state {
    SESSION_NONE, /* all-zero: the client's session waits for the open packet */
    SESSION_OPEN,
    SESSION_CLOSED,
};

struct session {
    enum session_state state;
    uint16_t joined;   /* a bit per namespace of the config */
    uint8_t parts_due; /* attachments still to come */
    uint8_t parts;     /* parts kept so far: the header text, then attachments */
    uint32_t part_length[1 + ATTACHMENTS_MAX];
    uint32_t ping_interval; /* ms, as agreed in the open packet */
    uint32_t ping_timeout;
    uint64_t ping_at;     /* ns; server: when to ping; client: 0 */
    uint64_t dead_at;     /* ns; when the peer has missed its heartbeat; 0 none */
    uint64_t connect_by;  /* ns; server: when a namespace must be joined; 0 joined */
    uint64_t max_payload; /* client: what the server accepts; UINT64_MAX: unknown */
    bool bare;            /* server: Engine.IO alone; messages are reported as they are */
    bool upgrades;        /* client: the server offers to go on by WebSocket */
    char sid[EIO_SID_MAX];
};

/* Where packets go, how they are framed and masked, and what time it is. */
struct session_io {
    const struct session_config *config;
    struct buf *out;       /* at least OUT_SLACK bytes of room before each call */
    struct random *random; /* sids; masks of the client */
    uint64_t now;          /* ns */
    bool polling;          /* packets are joined in a body, not framed */
};

enum session_kind {
    SESSION_NOTHING,
    SESSION_OPENED, /* client: the open packet came, CONNECT was put */
    SESSION_JOINED, /* nsp is joined; data: the auth object (server), the answer's object (client)
                     */
    SESSION_HEADER, /* a binary packet's text came: keep it, attachments are due */
    SESSION_EVENT,  /* packet, with its attachments if it is binary */
    SESSION_ACK,
    SESSION_LEFT,      /* the peer left nsp, or disconnected us from it */
    SESSION_REFUSED,   /* client: CONNECT_ERROR; data: its JSON */
    SESSION_HEARTBEAT, /* client: a ping came and its pong was put; server: a pong came */
    SESSION_TEXT,      /* bare: `message`, text or binary */
    SESSION_BINARY,
};

struct session_event {
    enum session_kind kind;
    unsigned nsp; /* index into the config's namespaces */
    struct json data;
    struct sio_packet packet; /* spans into the fed text, or into the held parts */
    unsigned attachments;
    struct span attachment[ATTACHMENTS_MAX];
    struct span message; /* of a bare session */
};

/* Server: a new session. Its sid is from the generator, with `number` (below 2^18) behind, by which
 * the owner finds it again: session_sid_number(). Puts the open packet; over polling
 * it offers the upgrade. */
void session_open(struct session *s, const struct session_io *io, uint32_t number);

/* Server, right after session_open(): the session carries Engine.IO alone. */
void session_bare(struct session *s);

/* One whole Engine.IO packet (with its type digit). STATUS_OK with an event, or why the session is
 * to be closed. SESSION_HEADER: the caller keeps the text as part 0 and each following binary
 * packet as the next part, each HOLD_HEADROOM bytes behind the one before, and feeds
 * session_feed_part(). */
int session_feed(struct session *s, const struct session_io *io, struct span packet,
                 struct session_event *event);

/* A whole binary packet of `len` bytes was kept as the next part of what begins at `held` (part 0
 * starts at held + HOLD_HEADROOM). STATUS_OK: SESSION_NOTHING while more are due, then the packet;
 * or STATUS_SIO_ATTACHMENT when none is due. */
int session_feed_part(struct session *s, const struct session_io *io, uint8_t *held, size_t len,
                      struct session_event *event);

/* A whole binary message that is no attachment. STATUS_OK, or STATUS_SIO_ATTACHMENT unless the
 * session is bare. */
int session_feed_binary(struct session *s, struct span data, struct session_event *event);

/* When session_tick() wants to be called; UINT64_MAX for never. */
uint64_t session_deadline(const struct session *s);

/* Pings when due. STATUS_OK, or STATUS_PING_TIMEOUT, STATUS_CONNECT_TIMEOUT: close it. */
int session_tick(struct session *s, const struct session_io *io);

/* Server: the transport is a WebSocket from now on. A ping that waits for its pong waits no more.
 */
void session_upgraded(struct session *s, const struct session_io *io);

/* Ends it: no packet is put. A client that leaves properly calls session_put_leave() before. */
void session_close(struct session *s);
void session_put_leave(struct session *s, const struct session_io *io);

/* Leaves one namespace, if it is joined; the session stays. A server so disconnects its client. */
void session_put_disconnect(struct session *s, const struct session_io *io, unsigned nsp);

/* Puts one packet of the application: begin, put the text with buf_put..., end. end() returns
 * STATUS_OK or STATUS_NO_ROOM with io->out as it was. */
size_t session_begin(const struct session_io *io);
int session_end(const struct session_io *io, size_t mark);

/* Puts one attachment, or any Engine.IO binary message. STATUS_OK or STATUS_NO_ROOM. */
int session_put_binary(const struct session_io *io, struct span data);

#endif
