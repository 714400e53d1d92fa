/* Engine.IO protocol 4: packets, polling bodies, the open packet, the query of a request. */
#ifndef WSIO_CODEC_EIO_H
#define WSIO_CODEC_EIO_H

#include "base/bytes.h"

#define EIO_SEPARATOR 0x1e /* between the packets of a polling body */
#define EIO_SID_MAX   64   /* bytes of the longest sid that is accepted, with its NUL */

enum eio_type {
    EIO_OPEN,
    EIO_CLOSE,
    EIO_PING,
    EIO_PONG,
    EIO_MESSAGE,
    EIO_UPGRADE,
    EIO_NOOP,
};

struct eio_packet {
    enum eio_type type;
    struct span data; /* behind the type digit */
};

enum eio_transport {
    EIO_TRANSPORT_UNKNOWN, /* absent or another word */
    EIO_TRANSPORT_POLLING,
    EIO_TRANSPORT_WEBSOCKET,
};

/* The open packet's object. Written by a server, read by a client. */
struct eio_open {
    char sid[EIO_SID_MAX];
    bool upgrade_websocket; /* "upgrades" contains "websocket" */
    uint32_t ping_interval; /* ms */
    uint32_t ping_timeout;  /* ms */
    uint64_t max_payload;   /* bytes; 0: not given */
};

/* What an Engine.IO request asks for, from its query, percent-decoded. */
struct eio_query {
    enum eio_transport transport;
    bool version_known;    /* an EIO parameter is there */
    bool version_4;        /* and it is "4" */
    bool has_sid;          /* an empty sid counts as absent */
    char sid[EIO_SID_MAX]; /* a sid that is too long or malformed is "?" : never known */
};

/* One text packet. Returns its length (>= 1), or STATUS_EIO_PACKET for an empty text or an unknown
 * digit. */
int eio_packet_parse(struct span text, struct eio_packet *packet);

/* The next packet text of a polling body, split at 0x1e: 1 and *text, 0 at the end,
 * STATUS_EIO_PACKET for an empty segment. `*body` advances. Start with `*first` true. */
int eio_payload_next(struct span *body, bool *first, struct span *text);

/* Data of an open packet. STATUS_OK or STATUS_EIO_OPEN: not an object, no sid of 1 to EIO_SID_MAX -
 * 1 visible ASCII characters, no positive intervals. Order and unknown keys do not matter;
 * maxPayload may be missing. `open` is reset. */
int eio_open_parse(struct span json, struct eio_open *open);

/* The object with exactly the five keys in socket.io's order, without the packet's digit. */
void eio_open_put(struct buf *out, const struct eio_open *open);

void eio_query_parse(struct span query, struct eio_query *q);

/* Whether a payload is of an older revision (EIO=3 and before), whose packets begin with their
 * length: 96:0{... */
bool eio_payload_is_old(struct span body);

#endif
