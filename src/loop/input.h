/* The way in: receive, feed the machine, tell the application; and who waits for memory meanwhile.
 */
#ifndef WSIO_LOOP_INPUT_H
#define WSIO_LOOP_INPUT_H

#include "loop/loop.h"

/* The socket has something: receives once and handles all of it. Between loop_begin() and
 * loop_end() of the caller no call is needed: it makes its own. */
void input_ready(struct loop *l, struct loop_slot *s);

/* Tells the application, and takes back what conn no longer holds. Returns whether the slot still
 * lives. */
bool input_report(struct loop *l, struct loop_slot *s, struct conn_event *event);

/* Feeds it, if so. */
void input_unstash(struct loop *l, struct loop_slot *s);

/* Serves those who wait for memory, in order, as far as it goes. */
void input_serve_waiters(struct loop *l);

/* The wait for memory took too long: the peer is refused. Between loop_begin() and loop_end(). */
void input_refuse(struct loop *l, struct loop_slot *s);

#endif
