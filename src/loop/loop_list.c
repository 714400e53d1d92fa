#include "loop/loop_list.h"

void loop_list_append(struct loop *l, struct loop_list *list, struct loop_slot *s)
{
    s->list_next = LOOP_NO_SLOT;
    s->list_before = list->last;
    if (list->last == LOOP_NO_SLOT)
        list->first = s->index;
    else
        l->slots[list->last].list_next = s->index;
    list->last = s->index;
    list->count++;
}

void loop_list_remove(struct loop *l, struct loop_list *list, struct loop_slot *s)
{
    if (s->list_before == LOOP_NO_SLOT)
        list->first = s->list_next;
    else
        l->slots[s->list_before].list_next = s->list_next;
    if (s->list_next == LOOP_NO_SLOT)
        list->last = s->list_before;
    else
        l->slots[s->list_next].list_before = s->list_before;
    list->count--;
}
