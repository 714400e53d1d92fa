#include "loop/loop_slot.h"

#include <string.h>

#include "loop/loop_memory.h"
#include "loop/loop_work.h"

void loop_slot_chain(struct loop *l)
{
    for (uint32_t i = 0; i < l->setup.slots; i++) {
        l->slots[i].socket = PORT_NO_SOCKET;
        l->slots[i].index = i;
        l->slots[i].list_next = i + 1 < l->setup.slots ? i + 1 : LOOP_NO_SLOT;
    }
    l->free_first = 0;
    l->waiters = (struct loop_list){LOOP_NO_SLOT, LOOP_NO_SLOT, 0};
    l->wait_look = LOOP_NO_SLOT;
    loop_work_init(l);
}

struct loop_slot *loop_slot_take(struct loop *l, port_socket socket)
{
    struct loop_slot *s = &l->slots[l->free_first];
    uint32_t index = s->index;
    uint32_t generation = s->generation + 1;
    l->free_first = s->list_next;
    l->used++;
    memset(s, 0, sizeof *s);
    s->index = index;
    s->generation = generation;
    s->socket = socket;
    s->work = LOOP_IDLE;
    s->receive_size = RECEIVE_FIRST;
    s->conn.deadline = DEADLINE_NEVER;
    return s;
}

void loop_slot_free(struct loop *l, struct loop_slot *s)
{
    s->socket = PORT_NO_SOCKET;
    s->generation++; /* rows of this round that still name it are outdated */
    s->list_next = l->free_first;
    l->free_first = s->index;
    l->used--;
}

int loop_slot_watch(struct loop *l, struct loop_slot *s, unsigned interest)
{
    uint64_t token = (uint64_t)s->generation << 32 | s->index;
    if (interest == s->interest)
        return STATUS_OK;
    int status = l->setup.poller->set(l->poller_state, s->socket, s->interest, interest, token);
    if (status >= 0)
        s->interest = (uint8_t)interest;
    return status;
}

void loop_drop(struct loop *l, struct loop_slot *s, int status)
{
    loop_slot_watch(l, s, 0);
    port_close(s->socket);
    loop_work_remove(l, s);
    loop_memory_discard_input(l, s);
    loop_memory_discard_output(l, s);
    deadline_set(&l->deadline, s->index, DEADLINE_NEVER);
    if (l->owner == s)
        l->out.len = 0; /* what was put for a peer that is gone */
    loop_slot_free(l, s);
    if (l->setup.app->ended != NULL)
        l->setup.app->ended(l, s, s->denied ? STATUS_QUEUE_FULL : status);
}
