/* The budget of a turn, and the work that is left over for later ones. Inner part of the loop.
 *
 * A server handles what is ready in order, until the turn has lasted LOOP_TURN_NS. What is then
 * left waits in two lists: that of slots which cost little so far, and that of slots which cost
 * much of late (LOOP_HEAVY_NS). Each turn serves the first list before the second, and at least one
 * slot of each, so none starves and a cheap peer waits for one expensive one at most. A client
 * has no budget: it measures, and handles what came at once.
 *
 * A poller that scans many sockets may take longer than a turn. Then several turns follow one look,
 * or most of the time would go into looks. */
#ifndef WSIO_LOOP_LOOP_WORK_H
#define WSIO_LOOP_LOOP_WORK_H

#include "loop/loop.h"

/* All lists are empty. */
void loop_work_init(struct loop *l);

/* Has this turn lasted as long as a turn may? By the clock as last read. Never in a client. */
bool loop_work_is_over(const struct loop *l);

/* What one slot or job may take now, ns. Each list is served a little when the turn is over, too;
 * what it gets then is short, so that all of them together do not make the turn much longer. */
uint64_t loop_work_slice(const struct loop *l);

/* Is anything left over from earlier? */
bool loop_work_is_left(const struct loop *l);

/* A look at the poller took so many ns (0: it may have slept) and gave so many rows. If looks are
 * slow, as many slots are to be handled before the next one. Two in a row show that: one may be
 * slow because others had the processor. */
void loop_work_owe(struct loop *l, uint64_t took, int rows);

/* Are some of these slots still to be handled? Each has a slice, so that takes 256 of them at most.
 */
bool loop_work_is_owed(const struct loop *l);

/* Must this slot, which is ready, wait until others had their turn? */
bool loop_work_must_wait(const struct loop *l, const struct loop_slot *s);

/* Puts the slot at the end of the work that is left over, or does nothing if it is there. */
void loop_work_add(struct loop *l, struct loop_slot *s);

/* Takes the slot off, or does nothing if it is not there. */
void loop_work_remove(struct loop *l, struct loop_slot *s);

/* The work that is left over as this turn finds it. */
struct loop_work_share {
    uint32_t left; /* slots that were there, and were not served yet */
    bool served;   /* one was */
};

/* The next slot that is to be served in this turn, which is taken off; NULL when there is none, or
 * the budget is used up. A slot whose work is cut again waits for the next turn. */
struct loop_slot *loop_work_next(struct loop *l, struct loop_work_share share[LOOP_WORKS]);

/* The turn before is over, with all that the caller did in it: its length is noted, and its CPU
 * time if work was cut or left over in one of the last turns. That takes two system calls, which a
 * turn without such work does not cost. */
void loop_work_note(struct loop *l);

/* The wait is over, a turn begins. */
void loop_work_begin(struct loop *l);

/* A slot begins to be handled (NULL: none does) at l->io.now: the one before it is over, and is
 * charged with the time since, if it did enough to have taken it. */
void loop_work_charge(struct loop *l, const struct loop_slot *s);

#endif
