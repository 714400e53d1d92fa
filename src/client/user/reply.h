/* What comes back to one simulated user: matched, counted, told to the driver. Inner part of run.
 */
#ifndef WSIO_CLIENT_REPLY_H
#define WSIO_CLIENT_REPLY_H

#include "client/drivers/run.h"

/* Raw TCP: one call may bring several replies. Stops when the user is gone. */
void reply_raw(struct run *r, struct user *u, struct span data);

/* A part of a WebSocket message. */
void reply_part(struct run *r, struct user *u, const struct websocket_event *part);

/* A Socket.IO event or ack. */
void reply_event(struct run *r, struct user *u, const struct session_event *event);

/* The first reply came while an upgrade was under way, which is over now: it is told to the driver.
 */
void reply_release(struct run *r, struct user *u);

#endif
