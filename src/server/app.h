/* The applications on Engine.IO and Socket.IO (--app): they answer events. */
#ifndef WSIO_SERVER_APP_H
#define WSIO_SERVER_APP_H

#include "server/server_session.h"

/* Answers one event of a session into io->out: the session's own output, or the memory that holds
 * the event. The session, or the slot under way, may be gone afterwards. */
void app_answer(struct server *v, const struct session_io *io, struct server_session *session,
                const struct session_event *event);

/* The conformance application: sends the first text that was put off, if its namespace is still
 * joined. The session may be gone afterwards. */
void app_send_later(struct server *v, struct server_session *session);

#endif
