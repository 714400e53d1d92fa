/* A line of users who wait for their turn: each stands in it once at most, and the first to come is
 * the first to go. */
#ifndef WSIO_CLIENT_QUEUE_H
#define WSIO_CLIENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct queue {
    uint32_t count;
    uint32_t first, last; /* where count > 0 */
    uint32_t *next;       /* by user: the one behind; QUEUE_OUTSIDE: not in line */
};

#define QUEUE_OUTSIDE UINT32_MAX

/* An empty line for users 0 to users - 1, with memory for a number of each. */
struct queue queue_of(uint32_t *next, uint32_t users);

/* To the end of the line, unless the user stands in it. */
void queue_join(struct queue *q, uint32_t user);

/* Takes the first user off. count > 0. */
uint32_t queue_take(struct queue *q);

#endif
