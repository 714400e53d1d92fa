/* The way out: the common buffer is sent at once; what the system does not take is kept in leases,
 * in order, until it does. */
#ifndef WSIO_LOOP_OUTPUT_H
#define WSIO_LOOP_OUTPUT_H

#include "loop/loop.h"

/* Sends what is in loop->out; afterwards the buffer is empty. May drop the slot: a failed send, or
 * more queued than setup.queue_limit or its share; a server's WebSocket is then closed with 1013
 * behind what is queued, where that can be. Returns whether it still lives. */
bool output_flush(struct loop *l, struct loop_slot *s);

/* May a frame of so many bytes, which goes in pieces, be queued for a peer that is slow already?
 * Else a server's WebSocket is closed with 1013 before it. Returns whether the slot still lives. */
bool output_admit(struct loop *l, struct loop_slot *s, size_t bytes);

/* Puts bytes into loop->out, which is sent whenever it is full. Returns whether the slot still
 * lives. */
bool output_copy(struct loop *l, struct loop_slot *s, struct span bytes);

/* Sends bytes [from, to) of the memory that conn holds (an answer written in place), after what is
 * in loop->out. The memory is the queue's from now on. Returns whether the slot still lives. */
bool output_send_held(struct loop *l, struct loop_slot *s, size_t from, size_t to);

/* Sends a lease of the caller's, bytes [off, len), after what is in loop->out; it is the queue's
 * from now on. Returns whether the slot still lives. */
bool output_send_lease(struct loop *l, struct loop_slot *s, struct lease *lease);

/* The socket takes bytes again. Returns whether the slot still lives. */
bool output_resume(struct loop *l, struct loop_slot *s);

/* Queued output waits for the peer. */
static inline bool output_blocked(const struct loop_slot *s)
{
    return s->out != NULL;
}

/* When a peer that takes none of its queued output is given up, ns; DEADLINE_NEVER: none waits. */
uint64_t output_stall_deadline(const struct loop *l, const struct loop_slot *s);

/* When that is to be looked at again: its share may have become smaller by then. */
uint64_t output_look_deadline(const struct loop *l, const struct loop_slot *s);

#endif
