/* Socket.IO protocol 5 packets (what socket.io v3 and v4 speak), as texts inside Engine.IO
 * messages. */
#ifndef WSIO_CODEC_SIO_H
#define WSIO_CODEC_SIO_H

#include "base/bytes.h"
#include "codec/json.h"

enum sio_type {
    SIO_CONNECT,
    SIO_DISCONNECT,
    SIO_EVENT,
    SIO_ACK,
    SIO_CONNECT_ERROR,
    SIO_BINARY_EVENT,
    SIO_BINARY_ACK,
};

/* One packet. All spans point into the parsed text. */
struct sio_packet {
    enum sio_type type;
    unsigned attachments; /* 0, or 1..ATTACHMENTS_MAX for the binary types */
    struct span nsp;      /* "/" when the text names none */
    bool has_id;
    uint64_t id;
    struct json data; /* the JSON behind the header; JSON_NONE when there is none */
    struct json name; /* of an event: the first element, a string or number */
    struct span args; /* of an event: the raw text behind the name's comma, without the brackets,
                         {NULL,0} without arguments; of an ack: all elements, likewise */
};

/* `text` is what stands behind Engine.IO's '4'. Returns its length, or STATUS_SIO_PACKET (header or
 * payload of the wrong kind, reserved event name), STATUS_SIO_ATTACHMENT (a count that is 0, above
 * ATTACHMENTS_MAX, or a placeholder number out of range), STATUS_JSON_SYNTAX, STATUS_JSON_DEPTH.
 * `server` is the receiver's role: CONNECT data is an object or absent; a server refuses
 * CONNECT_ERROR, a client takes an object or a string there; DISCONNECT has no data (a client
 * accepts it with data, as python-socketio sends it). An event or ack without any JSON is accepted
 * as socket.io does and has data JSON_NONE: it does nothing. */
int sio_packet_parse(struct span text, bool server, struct sio_packet *packet);

/* May an event have this name? A string or a number, and none of those that a peer fires itself. */
bool sio_name_allowed(const struct json *name);

/* Whether this text is one of the event names that a peer fires itself, such as "disconnect". */
bool sio_name_is_reserved(struct span name);

/* Puts '4' and the packet's header, so that the caller adds the JSON: `42`, `451-/nsp,17`. `nsp`
 * "/" or empty is left out. */
void sio_head_put(struct buf *out, enum sio_type type, unsigned attachments, struct span nsp,
                  bool has_id, uint64_t id);

#endif
