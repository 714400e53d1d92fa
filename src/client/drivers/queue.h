/* A queue of users that wait for their turn: each is in it once at most, first in, first out. */
#ifndef WSIO_CLIENT_QUEUE_H
#define WSIO_CLIENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct queue {
    uint32_t count;
    uint32_t first, last; /* where count > 0 */
    uint32_t *next;       /* by user: the one behind; QUEUE_OUTSIDE: not queued */
};

#define QUEUE_OUTSIDE UINT32_MAX

/* An empty queue for users 0 to users - 1, with memory for a number of each. */
struct queue queue_of(uint32_t *next, uint32_t users);

/* Puts a user at the end, unless it is queued. */
void queue_join(struct queue *q, uint32_t user);

/* Takes the first user off the queue. count > 0. */
uint32_t queue_take(struct queue *q);

#endif
