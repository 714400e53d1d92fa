/* What a slot holds of the loop's pool: a message that is being put together, input that waits for
 * memory or for its turn, queued output; and the list of slots that wait for memory. Inner part of
 * the loop: nothing here sends, receives or calls the application. */
#ifndef WSIO_LOOP_LOOP_MEMORY_H
#define WSIO_LOOP_LOOP_MEMORY_H

#include "loop/loop.h"

/* Bytes of the pool: what the application asked for, the reserve, and the stashes. */
size_t loop_memory_pool_bytes(const struct loop_setup *setup);

/* Blocks of the pool that nothing but receiving may use: a peer is read only while they are free.
 */
size_t loop_memory_reserve(const struct loop *l);

/* ---- The list of slots that wait for memory, first come, first ---- */

void loop_memory_add_waiter(struct loop *l, struct loop_slot *s);
void loop_memory_remove_waiter(struct loop *l, struct loop_slot *s);

/* ---- The message that conn holds ---- */

/* Leases memory for what conn asked for, and puts `part` there; `follows` bytes have come behind
 * it. What a peer declares costs nothing: a server's lease begins with what has come, and grows.
 * False when there is no memory. */
bool loop_memory_hold(struct loop *l, struct loop_slot *s, struct span part, size_t follows);

/* Makes room for `more` bytes in what is held, which may move. False when there is no memory. */
bool loop_memory_grow(struct loop *l, struct loop_slot *s, size_t more);

/* conn_hold_tail(), for which memory is made if there is some. */
uint8_t *loop_memory_tail(struct loop *l, struct loop_slot *s, size_t *len);

/* Takes back what conn holds. If the application is handling an event of this slot, which may lie
 * there, the memory is released after that. */
void loop_memory_release_held(struct loop *l, struct loop_slot *s);

/* ---- Input that is put aside: the stash, at most one per slot ---- */

/* Puts aside `part`, for which there is no memory now, and `rest` behind it. The slot then waits in
 * the list. False when the room for stashes (LOOP_STASHES) is used up. */
bool loop_memory_stash(struct loop *l, struct loop_slot *s, struct span part, struct span rest);

/* Puts aside what is not to be handled now: it stands behind a request that is not answered yet, or
 * others have to have their turn before. From beyond the reserve if there is memory, else from the
 * room for stashes. False when there is none. */
bool loop_memory_stash_rest(struct loop *l, struct loop_slot *s, struct span rest);

/* Takes the stash off the slot; NULL when there is none. The caller releases it. */
struct lease *loop_memory_take_stash(struct loop *l, struct loop_slot *s);

/* Was the request before the stash answered by now, and can the peer be answered again? */
static inline bool loop_memory_may_unstash(const struct loop_slot *s)
{
    return s->stash != NULL && !s->waiting && !s->paused && conn_takes(&s->conn) && s->out == NULL;
}

/* To be called once in a turn: gives a part of the pool back to the system, if that is due. */
void loop_memory_trim(struct loop *l, uint64_t now);

/* ---- The end ---- */

/* Gives back everything that the slot holds for its input. */
void loop_memory_discard_input(struct loop *l, struct loop_slot *s);

/* Gives back the first lease of the queued output, or all of them. */
void loop_memory_pop_output(struct loop *l, struct loop_slot *s);
void loop_memory_discard_output(struct loop *l, struct loop_slot *s);

#endif
