/* A fixed table of rooms. A room belongs to one namespace and exists while it has
 * members; a member notes its rooms as bits. */
#ifndef WSIO_SERVER_ROOMS_H
#define WSIO_SERVER_ROOMS_H

#include "base/bytes.h"
#include "base/config.h"

/* One room. All-zero is free. */
struct room {
    uint32_t members;
    uint32_t serial; /* counts the rooms that had this place, to tell them apart */
    uint8_t nsp;
    uint8_t length; /* bytes of the name */
    uint8_t name[ROOM_NAME_MAX];
};

struct rooms {
    struct room table[ROOMS_MAX];
};

/* The number of the room; -1 when it has no members. */
int rooms_find(const struct rooms *r, unsigned nsp, struct span name);

/* Adds a member whose bits are `*member`, and opens the room if it is the first; twice is once.
 * `name` has 1..ROOM_NAME_MAX bytes. False when the table is full. */
bool rooms_join(struct rooms *r, uint32_t *member, unsigned nsp, struct span name);

/* The rooms that a member is in. */
unsigned rooms_count(uint32_t member);

/* Leaves one room, those of a namespace, or all. Nothing happens in rooms that were not joined. */
void rooms_leave(struct rooms *r, uint32_t *member, unsigned nsp, struct span name);
void rooms_leave_namespace(struct rooms *r, uint32_t *member, unsigned nsp);
void rooms_leave_all(struct rooms *r, uint32_t *member);

#endif
