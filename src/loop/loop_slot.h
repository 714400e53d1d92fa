/* The table of slots: taking one, watching its socket, and giving it back (loop_drop() of loop.h is
 * here, too). Inner part of the loop. */
#ifndef WSIO_LOOP_LOOP_SLOT_H
#define WSIO_LOOP_LOOP_SLOT_H

#include "loop/loop.h"

/* Makes all slots free. Memory is zeroed. */
void loop_slot_chain(struct loop *l);

/* A free slot, of which there is one, for this socket. */
struct loop_slot *loop_slot_take(struct loop *l, port_socket socket);

/* Makes the slot free; its socket is closed and holds no memory. */
void loop_slot_free(struct loop *l, struct loop_slot *s);

/* Has the poller watch for PORT_READ, PORT_WRITE, both or neither. STATUS_OK or its failure. */
int loop_slot_watch(struct loop *l, struct loop_slot *s, unsigned interest);

#endif
