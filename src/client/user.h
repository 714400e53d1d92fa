/* What one simulated user does on its connection: phases, messages, replies. Inner part of run. */
#ifndef WSIO_CLIENT_USER_H
#define WSIO_CLIENT_USER_H

#include "client/run.h"

/* Starts to connect. On failure it is gone at once: the driver was told. */
void user_open(struct run *r, struct user *u);

/* May another message be sent: ready, nothing half-written, not blocked, and a place in the ring.
 */
bool user_can_send(const struct run *r, const struct user *u);

/* Sends the next message; user_can_send() was true. Inside a callback of the loop, or between
 * loop_begin() and loop_end(). */
void user_send(struct run *r, struct user *u, bool ack);

/* Starts to close; the user goes by itself. Inside the same. */
void user_close(struct run *r, struct user *u);

/* The loop's calls; r is app.self. */
void user_loop_connected(struct loop *l, struct loop_slot *s);
void user_loop_event(struct loop *l, struct loop_slot *s, struct conn_event *event);
void user_loop_drained(struct loop *l, struct loop_slot *s);
void user_loop_alarm(struct loop *l, struct loop_slot *s);
void user_loop_ended(struct loop *l, struct loop_slot *s, int status);

#endif
