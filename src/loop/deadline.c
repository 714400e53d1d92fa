#include "loop/deadline.h"

#include <string.h>

size_t deadline_size(uint32_t ids)
{
    return ids * (sizeof(struct deadline_entry) + sizeof(uint32_t));
}

void deadline_init(struct deadline *d, void *memory, uint32_t ids)
{
    memset(d, 0, sizeof *d);
    d->heap = memory;
    d->place = (uint32_t *)(void *)(d->heap + ids);
}

static void put_entry(struct deadline *d, uint32_t index, struct deadline_entry entry)
{
    d->heap[index] = entry;
    d->place[entry.id] = index + 1;
}

static void raise_entry(struct deadline *d, uint32_t index, struct deadline_entry entry)
{
    while (index > 0 && d->heap[(index - 1) / 2].at > entry.at) {
        put_entry(d, index, d->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put_entry(d, index, entry);
}

static void sink_entry(struct deadline *d, uint32_t index, struct deadline_entry entry)
{
    for (;;) {
        uint32_t child = index * 2 + 1;
        if (child + 1 < d->count && d->heap[child + 1].at < d->heap[child].at)
            child++;
        if (child >= d->count || d->heap[child].at >= entry.at)
            break;
        put_entry(d, index, d->heap[child]);
        index = child;
    }
    put_entry(d, index, entry);
}

static void move_entry(struct deadline *d, uint32_t index, struct deadline_entry entry)
{
    if (index > 0 && d->heap[(index - 1) / 2].at > entry.at)
        raise_entry(d, index, entry);
    else
        sink_entry(d, index, entry);
}

static void remove_entry(struct deadline *d, uint32_t index)
{
    d->place[d->heap[index].id] = 0;
    d->count--;
    if (index < d->count)
        move_entry(d, index, d->heap[d->count]);
}

void deadline_set(struct deadline *d, uint32_t id, uint64_t at)
{
    struct deadline_entry entry = {at, id};
    uint32_t place = d->place[id];
    if (at == DEADLINE_NEVER) {
        if (place != 0)
            remove_entry(d, place - 1);
    } else if (place != 0) {
        move_entry(d, place - 1, entry);
    } else {
        raise_entry(d, d->count++, entry);
    }
}

uint64_t deadline_of(const struct deadline *d, uint32_t id)
{
    return d->place[id] != 0 ? d->heap[d->place[id] - 1].at : DEADLINE_NEVER;
}

uint64_t deadline_first(const struct deadline *d, uint32_t *id)
{
    if (d->count == 0)
        return DEADLINE_NEVER;
    *id = d->heap[0].id;
    return d->heap[0].at;
}
