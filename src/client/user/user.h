/* What one simulated user does: it opens, sends, closes, and is counted. Inner part of run. */
#ifndef WSIO_CLIENT_USER_H
#define WSIO_CLIENT_USER_H

#include "client/drivers/run.h"

/* ---- For the drivers --------------------------------------------------------------------- */

/* May another message be sent: ready, a place in the ring, and (where one connection is all there
 * is) nothing half-written or blocked. */
bool user_can_send(const struct run *r, const struct user *u);

/* The system has taken all bytes of all messages sent so far. */
bool user_flushed(const struct user *u);

/* Sends the next message; user_can_send() was true. In a callback of the driver, or between
 * user_begin() and user_end(). */
void user_send(struct run *r, struct user *u);

/* Starts to close; the user goes by itself. In the same. */
void user_close(struct run *r, struct user *u);

/* To act on a user outside of the driver's callbacks ready(), reply() and gone(). */
void user_begin(struct run *r, struct user *u);
void user_end(struct run *r, struct user *u);

/* The user fails at this time (ns) unless it is moved again; 0 never. */
void user_alarm(struct run *r, struct user *u, uint64_t at);

/* ---- For run.c, reply.c and transport.c -------------------------------------------------- */

/* Starts to connect. On failure it is gone at once: the driver was told. */
void user_open(struct run *r, struct user *u);

/* Ends it now, without a word. Outside of the loop's calls. */
void user_drop(struct run *r, struct user *u);

/* All its connections are closed: counts how it went, and tells the driver. */
void user_gone(struct run *r, struct user *u);

/* The alarm that fits to what is waited for now. */
void user_alarm_renew(struct run *r, struct user *u);

/* The phase under way ended now; `next` begins. */
void user_phase_end(struct run *r, struct user *u, enum phase next);

/* The first cause is kept, with the phase under way. */
void user_cause_note(struct user *u, int status, const char *detail);

/* Why a connection was closed, or what it told instead of what was asked for. */
void user_close_note(struct user *u, const struct conn_event *event);

/* What the session told, whatever brought it. */
void user_session_event(struct run *r, struct user *u, const struct session_event *event);

/* The upgrade is over: u->slot is the WebSocket. Between loop_begin() and loop_end() of that. */
void user_upgraded(struct run *r, struct user *u);

/* The form of message number `sequence`, and whether it asks for an ack. */
const struct message_form *user_form(const struct run *r, uint64_t sequence);
bool user_asks_ack(const struct run *r, uint64_t sequence);

/* Inner part: it may send; it leaves with the protocol's own words; something came on the one
 * connection of a user that has no more. */
void user_ready_reached(struct run *r, struct user *u);
void user_leave(struct run *r, struct user *u);
void user_direct_event(struct run *r, struct user *u, struct loop_slot *s,
                       struct conn_event *event);

/* The loop's calls; r is app.self. */
void user_loop_connected(struct loop *l, struct loop_slot *s);
void user_loop_event(struct loop *l, struct loop_slot *s, struct conn_event *event);
void user_loop_drained(struct loop *l, struct loop_slot *s);
void user_loop_alarm(struct loop *l, struct loop_slot *s);
void user_loop_ended(struct loop *l, struct loop_slot *s, int status);

#endif
