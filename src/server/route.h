/* What a request is for: a pure decision over its head, in the order of engine.io's own checks. */
#ifndef WSIO_SERVER_ROUTE_H
#define WSIO_SERVER_ROUTE_H

#include "base/option.h"
#include "codec/http.h"

enum route_kind {
    ROUTE_REFUSE,   /* answer with code, type, extra, body */
    ROUTE_ECHO,     /* upgrade to WebSocket, echo */
    ROUTE_SOCKETIO, /* upgrade to WebSocket, a new session */
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

#define ROUTE_SOCKETIO_PATH "/socket.io/"

/* `origins`: who may connect from a browser; empty: an Origin whose host and port equal Host. */
struct route route_decide(const struct http_head *head, const struct option_texts *origins);

/* May this Origin connect? No Origin at all may. */
bool route_origin_allowed(const struct http_head *head, const struct option_texts *origins);

#endif
