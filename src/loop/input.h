/* The way in: receive, feed the connection, report its events to the application. */
#ifndef WSIO_LOOP_INPUT_H
#define WSIO_LOOP_INPUT_H

#include "loop/loop.h"

/* The socket is readable: receives once and handles all of it, with a loop_begin() and loop_end()
 * of its own. */
void input_ready(struct loop *l, struct loop_slot *s);

/* Reports the event to the application, and takes back what conn no longer holds. Returns whether
 * the slot still lives. Between loop_begin() and loop_end(). */
bool input_report(struct loop *l, struct loop_slot *s, struct conn_event *event);

/* Feeds what was put aside behind a request, if that is answered by now and the peer takes answers.
 * Between loop_begin() and loop_end(). */
void input_unstash(struct loop *l, struct loop_slot *s);

/* The same for a slot whose work was cut, with a loop_begin() and loop_end() of its own. */
void input_go_on(struct loop *l, struct loop_slot *s);

/* Goes through the slots that wait for memory in order of arrival, some in each turn, and only when
 * memory came back. Each that finds enough goes on, also where one before it still has to wait. */
void input_serve_waiters(struct loop *l);

/* The wait for memory took too long: the peer is refused. Between loop_begin() and loop_end(). */
void input_refuse(struct loop *l, struct loop_slot *s);

#endif
