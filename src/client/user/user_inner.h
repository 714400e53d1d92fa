/* What the files of user share. */
#ifndef WSIO_CLIENT_USER_INNER_H
#define WSIO_CLIENT_USER_INNER_H

#include "client/user/user.h"

/* Why the user ends. The first cause is kept, with its phase (PHASE_COUNT: the one under way). */
void user_note_cause(struct user *u, enum phase phase, int status, const char *detail);

/* The system has taken all that was queued for the peer. */
void user_note_drained(struct user *u);

/* All connections are closed: counts how it went, and reports it. */
void user_free(struct user *u);

/* What the transport reports. */
void user_receive(struct user *u, const struct transport_event *event);

#endif
