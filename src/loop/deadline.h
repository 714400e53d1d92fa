/* The deadlines of a table's entries, the soonest first: an indexed binary heap over caller's
 * memory. */
#ifndef WSIO_LOOP_DEADLINE_H
#define WSIO_LOOP_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEADLINE_NEVER UINT64_MAX

struct deadline_entry {
    uint64_t at; /* ns */
    uint32_t id;
};

struct deadline {
    struct deadline_entry *heap; /* by time */
    uint32_t *place;             /* of each id: its index in the heap + 1, 0 when it is not there */
    uint32_t count;
};

/* Bytes of memory for ids 0..ids-1. */
size_t deadline_size(uint32_t ids);

/* Uses `memory`, zeroed, aligned for 8 bytes, of that size. */
void deadline_init(struct deadline *d, void *memory, uint32_t ids);

/* Sets, moves, or with DEADLINE_NEVER removes the deadline of `id`. */
void deadline_set(struct deadline *d, uint32_t id, uint64_t at);

/* What is set for `id`; DEADLINE_NEVER when nothing is. */
uint64_t deadline_of(const struct deadline *d, uint32_t id);

/* The soonest, DEADLINE_NEVER when there is none; *id is its entry. */
uint64_t deadline_first(const struct deadline *d, uint32_t *id);

#endif
