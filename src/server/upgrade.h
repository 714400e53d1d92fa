/* A session goes from polling to WebSocket: probe, upgrade, flush of what is queued. */
#ifndef WSIO_SERVER_UPGRADE_H
#define WSIO_SERVER_UPGRADE_H

#include "server/server_session.h"

/* A WebSocket handshake with a sid. One that cannot become the transport is accepted and closed at
 * once, as engine.io does it, and the session lives on. */
void upgrade_begin(struct server *v, struct loop_slot *s, struct server_session *session,
                   const struct http_head *head);

/* A frame came on the WebSocket that probes. */
void upgrade_feed(struct server *v, struct loop_slot *s, struct server_session *session,
                  const struct websocket_event *data);

#endif
