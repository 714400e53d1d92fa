/* What the parts of conn share: how a connection ends, and how memory is asked for. Inner part of
 * conn; conn_fail() and conn_refuse() of conn.h are here, too. */
#ifndef WSIO_CONN_CONN_STATE_H
#define WSIO_CONN_CONN_STATE_H

#include "conn/conn.h"

/* The generator of masks: NULL for a server, which masks nothing. */
struct random *conn_state_masks(const struct conn_io *io);

/* What the functions of session want, from what those of conn have. */
struct session_io conn_state_session_io(const struct conn_io *io);

/* Asks for `wanted` bytes of memory, in which `part` is to be kept: CONN_HOLD. */
void conn_state_ask(struct conn *c, struct conn_event *event, size_t wanted, struct span part);

/* Reports CONN_CLOSE, and closes the session. `code` is the peer's close code; 0: none. */
void conn_state_report_close(struct conn *c, int status, unsigned code, struct conn_event *event);

/* CONN_CLOSED from here on. The peer has the config's close_timeout for its part. */
void conn_state_end(struct conn *c, const struct conn_io *io, enum conn_ending ending);

#endif
