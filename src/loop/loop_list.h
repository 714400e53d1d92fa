/* Lists of slots, first come, first served. A slot is in one list at most. Inner part of the loop.
 */
#ifndef WSIO_LOOP_LOOP_LIST_H
#define WSIO_LOOP_LOOP_LIST_H

#include "loop/loop.h"

/* Puts the slot, which is in no list, at the end. */
void loop_list_append(struct loop *l, struct loop_list *list, struct loop_slot *s);

/* Takes the slot, which is in this list, out. */
void loop_list_remove(struct loop *l, struct loop_list *list, struct loop_slot *s);

#endif
