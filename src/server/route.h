/* Decides what a request is for, from its head alone, in the order of engine.io's own checks. */
#ifndef WSIO_SERVER_ROUTE_H
#define WSIO_SERVER_ROUTE_H

#include "base/option.h"
#include "codec/eio.h"
#include "codec/http.h"

enum route_kind {
    ROUTE_REFUSE,    /* answer with code, type, extra, body */
    ROUTE_ECHO,      /* upgrade to WebSocket, echo */
    ROUTE_BROADCAST, /* upgrade to WebSocket, to all others there */
    ROUTE_SOCKETIO,  /* upgrade to WebSocket, a new session */
    ROUTE_UPGRADE,   /* upgrade to WebSocket, for a session that polls */
    ROUTE_OPEN,      /* a new session that polls */
    ROUTE_GET,       /* a poll */
    ROUTE_POST,      /* packets */
    ROUTE_HEALTH,
    ROUTE_STATS,
};

struct route {
    enum route_kind kind;
    int code;
    const char *type;
    const char *extra; /* header lines with CRLF */
    const char *body;
};

/* What is known of the session that a request names. */
enum route_sid {
    ROUTE_SID_NONE, /* it names none */
    ROUTE_SID_UNKNOWN,
    ROUTE_SID_POLLING,
    ROUTE_SID_WEBSOCKET, /* its transport is a WebSocket */
};

#define ROUTE_SOCKETIO_PATH  "/socket.io/"
#define ROUTE_ENGINEIO_PATH  "/engine.io/"
#define ROUTE_BROADCAST_PATH "/broadcast"

/* Is Host as HTTP wants it: there once (RFC 9112 section 3.2; HTTP/1.0 may leave it out)? And,
 * unless `hosts` is NULL, does it name the loopback or one of them, whatever its port? When not,
 * `refusal` is how to answer, 400 or 403. */
bool route_takes_host(const struct http_head *head, const struct option_texts *hosts,
                      struct route *refusal);

/* Is the request for Socket.IO, or for Engine.IO alone? Then its query is read. */
bool route_is_socketio(const struct http_head *head, struct eio_query *q);
bool route_is_engineio(const struct http_head *head, struct eio_query *q);

/* Decides on a request for Socket.IO. `origins`: the Origins that may connect; when
 * empty, one whose host and port equal Host. */
struct route route_socketio(const struct http_head *head, const struct eio_query *q,
                            enum route_sid sid, const struct option_texts *origins);

/* Decides on any other request. HEAD is routed as GET: the answer has no body then. */
struct route route_other(const struct http_head *head, const struct option_texts *origins);

/* May this Origin connect? No Origin at all may. */
bool route_origin_allowed(const struct http_head *head, const struct option_texts *origins);

/* Which entry of a list that is not empty allows the request's Origin: its number + 1; 0 none. */
unsigned route_origin_entry(const struct http_head *head, const struct option_texts *origins);

/* Puts the CORS lines for such an entry; nothing when there is no list. Preflight requests get
 * more. */
void route_put_cors(struct buf *out, const struct option_texts *origins, unsigned entry);
void route_put_preflight(struct buf *out, const struct http_head *head);

#endif
