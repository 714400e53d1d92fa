#include "server/rooms.h"

#include <string.h>

int rooms_find(const struct rooms *r, unsigned nsp, struct span name)
{
    for (int i = 0; i < ROOMS_MAX; i++) {
        const struct room *room = &r->table[i];
        if (room->members > 0 && room->nsp == nsp &&
            span_equal(span_of(room->name, room->length), name))
            return i;
    }
    return -1;
}

static int open_room(struct rooms *r, unsigned nsp, struct span name)
{
    for (int i = 0; i < ROOMS_MAX; i++) {
        struct room *room = &r->table[i];
        if (room->members > 0)
            continue;
        room->serial++;
        room->nsp = (uint8_t)nsp;
        room->length = (uint8_t)name.len;
        memcpy(room->name, name.ptr, name.len);
        return i;
    }
    return -1;
}

bool rooms_join(struct rooms *r, uint32_t *member, unsigned nsp, struct span name)
{
    int i = rooms_find(r, nsp, name);
    if (i < 0)
        i = open_room(r, nsp, name);
    if (i < 0)
        return false;
    uint32_t bit = UINT32_C(1) << i;
    r->table[i].members += (*member & bit) == 0;
    *member |= bit;
    return true;
}

unsigned rooms_count(uint32_t member)
{
    unsigned count = 0;
    for (; member != 0; member &= member - 1)
        count++;
    return count;
}

static void leave_room(struct rooms *r, uint32_t *member, int i)
{
    uint32_t bit = UINT32_C(1) << i;
    r->table[i].members -= (*member & bit) != 0;
    *member &= ~bit;
}

void rooms_leave(struct rooms *r, uint32_t *member, unsigned nsp, struct span name)
{
    int i = rooms_find(r, nsp, name);
    if (i >= 0)
        leave_room(r, member, i);
}

void rooms_leave_namespace(struct rooms *r, uint32_t *member, unsigned nsp)
{
    for (int i = 0; i < ROOMS_MAX; i++)
        if (r->table[i].nsp == nsp)
            leave_room(r, member, i);
}

void rooms_leave_all(struct rooms *r, uint32_t *member)
{
    for (int i = 0; i < ROOMS_MAX; i++)
        leave_room(r, member, i);
}
