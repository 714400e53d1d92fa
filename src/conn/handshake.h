/* The opening handshake of RFC 6455 section 4, both sides of it. */
#ifndef WSIO_CONN_HANDSHAKE_H
#define WSIO_CONN_HANDSHAKE_H

#include "base/bytes.h"
#include "base/option.h"
#include "codec/http.h"
#include "codec/ws.h"

/* What a client asks with. The texts are the caller's and outlive every connection made with them.
 */
struct handshake_request {
    struct span target;      /* path and query, as sent */
    struct span host;        /* the Host field's value */
    struct span origin;      /* empty: not sent */
    struct span subprotocol; /* empty: not offered */
    struct span extra;       /* whole header lines with CRLF, may be empty */
};

/* Does the head ask for an upgrade to WebSocket at all (section 4.2.1, 3)? */
bool handshake_wanted(const struct http_head *head);

/* Server: 101 when all of section 4.2.1 holds, the subprotocols that are offered are tokens of at
 * most SUBPROTOCOL_MAX bytes, and no body is announced; otherwise the HTTP status to refuse with:
 * 400, 405 or 426. */
int handshake_check(const struct http_head *head);

/* Server: the subprotocol to choose for a checked head: the first one offered that is in `list`,
 * or, with an empty list or none, the first one offered. {NULL,0}: none. */
struct span handshake_choose(const struct http_head *head, const struct option_texts *list);

/* Server: the 101 for a checked head. No extension is ever accepted. `subprotocol` may be empty. */
int handshake_accept_put(struct buf *out, const struct http_head *head, struct span subprotocol);

/* Client: the request with this key. STATUS_OK or STATUS_NO_ROOM. */
int handshake_request_put(struct buf *out, const struct handshake_request *request,
                          const char key[WS_KEY_LENGTH + 1]);

/* Client: a plain request to `target`, with a body (a POST of text) or without (a GET). A body
 * without ptr gives the length alone: the caller puts the bytes behind. STATUS_OK or
 * STATUS_NO_ROOM. */
int handshake_plain_put(struct buf *out, const struct handshake_request *request,
                        struct span target, const struct span *body);

/* Client: does the response open the connection (section 4.1, the list at its end)? STATUS_OK,
 * STATUS_NOT_WEBSOCKET, STATUS_HTTP_STATUS (not 101), STATUS_BAD_ACCEPT, STATUS_NOT_OFFERED. */
int handshake_verify(const struct http_head *head, const struct handshake_request *request,
                     const char key[WS_KEY_LENGTH + 1]);

#endif
