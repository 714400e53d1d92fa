/* What a WebSocket's data becomes, by the mode of the connection: parts as they come, frames,
 * messages, or whole packets of Socket.IO. Inner part of conn. */
#ifndef WSIO_CONN_ASSEMBLE_H
#define WSIO_CONN_ASSEMBLE_H

#include "conn/conn.h"

/* Takes one WEBSOCKET_DATA, and reports CONN_DATA, CONN_SESSION, CONN_HOLD, CONN_CLOSE or nothing.
 */
void assemble_part(struct conn *c, const struct conn_io *io, const struct websocket_event *data,
                   struct conn_event *event);

/* The head of a frame is there, but none of its payload: STATUS_OK, or STATUS_TOO_BIG. */
int assemble_head(const struct conn *c, const struct conn_io *io);

#endif
