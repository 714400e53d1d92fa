/* The deadlines of sessions: heartbeats while no WebSocket carries the session, probes, noops, and
 * what is to be sent at the end of a turn. */
#ifndef WSIO_SERVER_SERVER_DEADLINES_H
#define WSIO_SERVER_SERVER_DEADLINES_H

#include "server/server_session.h"

/* Serves all deadlines that have come. Not while a slot is under way. */
void server_deadlines_serve(struct server *v);

/* Is something due to this session by the loop's time? */
bool server_deadlines_are_due(const struct server *v, const struct server_session *session);

/* Serves what is due to it, by which the session may end. Sends on other slots than the one under
 * way, whose own output is to be empty. */
void server_deadlines_serve_session(struct server *v, struct server_session *session);

#endif
