#include "client/drivers/queue.h"

struct queue queue_of(uint32_t *next, uint32_t users)
{
    for (uint32_t i = 0; i < users; i++)
        next[i] = QUEUE_OUTSIDE;
    return (struct queue){.next = next};
}

void queue_join(struct queue *q, uint32_t user)
{
    if (q->next[user] != QUEUE_OUTSIDE)
        return;
    q->next[user] = user; /* the last one has none behind */
    if (q->count++ == 0)
        q->first = user;
    else
        q->next[q->last] = user;
    q->last = user;
}

uint32_t queue_take(struct queue *q)
{
    uint32_t user = q->first;
    q->first = q->next[user];
    q->next[user] = QUEUE_OUTSIDE;
    q->count--;
    return user;
}
