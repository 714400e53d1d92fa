/* The applications on Engine.IO and Socket.IO: what an event is answered with. */
#ifndef WSIO_SERVER_APP_H
#define WSIO_SERVER_APP_H

#include "server/guest.h"

/* Answers one event of a session into io->out: the guest's own output, or the memory that holds the
 * event. The guest, or the slot under way, may be gone afterwards. */
void app_answer(struct server *v, const struct session_io *io, struct guest *g,
                const struct session_event *event);

/* The conformance application: sends the first text that was put off, if its namespace is still
 * joined. The guest may be gone afterwards. */
void app_send_later(struct server *v, struct guest *g);

#endif
