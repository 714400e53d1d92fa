/* The deadlines of sessions: heartbeats while no WebSocket carries the session, probes, noops, and
 * what is to be sent at the end of a turn. */
#ifndef WSIO_SERVER_SERVER_DEADLINES_H
#define WSIO_SERVER_SERVER_DEADLINES_H

#include "server/server_session.h"

/* Serves all deadlines that have come. Not while a slot is under way. */
void server_deadlines_serve(struct server *v);

/* Serves those of this session, by the loop's time. The session may end. Whenever something is sent
 * on another slot, the output of the slot under way is sent before, which may drop it. */
void server_deadlines_serve_session(struct server *v, struct server_session *session);

#endif
