/* HTTP requests and responses with their bodies, in both roles. Inner part of conn. */
#ifndef WSIO_CONN_EXCHANGE_H
#define WSIO_CONN_EXCHANGE_H

#include "codec/chunked.h"
#include "conn/conn.h"

/* Bytes of a head: reports CONN_REQUEST, CONN_UPGRADED, CONN_RESPONSE, CONN_HOLD, CONN_CLOSE or
 * nothing. Returns the bytes used. */
size_t exchange_feed_head(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                          struct conn_event *event);

/* Bytes of a body: reports CONN_BODY_WHOLE, CONN_RESPONSE, CONN_HOLD, CONN_CLOSE or nothing. */
size_t exchange_feed_body(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                          struct conn_event *event);

/* The first bytes of what an HTTP server says instead of a WebSocket handshake, or none in time:
 * reports CONN_CLOSE with STATUS_HTTP_STATUS and these bytes as `part`. */
void exchange_report_refusal(struct conn *c, const struct conn_io *io, struct span body,
                             struct conn_event *event);

/* See conn_accept_body(). */
int exchange_accept_body(struct conn *c, const struct conn_io *io, const struct http_head *head,
                         size_t limit, size_t spare);

/* The end of stream ends a response without a known length: CONN_RESPONSE, and true. */
bool exchange_feed_end(struct conn *c, struct conn_event *event);

#endif
