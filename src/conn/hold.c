#include "conn/hold.h"

#include <string.h>

void hold_give(struct hold *h, uint8_t *ptr, size_t cap)
{
    h->ptr = ptr;
    h->cap = cap;
    h->start = h->len = HOLD_HEADROOM;
    h->over = false;
}

void hold_move(struct hold *h, uint8_t *ptr, size_t cap)
{
    h->ptr = ptr;
    h->cap = cap;
}

uint8_t *hold_take(struct hold *h)
{
    uint8_t *ptr = h->ptr;
    memset(h, 0, sizeof *h);
    return ptr;
}

bool hold_add(struct hold *h, const uint8_t *ptr, size_t len)
{
    if (len > h->cap - h->len)
        return false;
    if (len > 0 && ptr != h->ptr + h->len)
        memcpy(h->ptr + h->len, ptr, len);
    h->len += len;
    return true;
}

struct span hold_part(const struct hold *h)
{
    return span_of(h->ptr + h->start, h->len - h->start);
}

bool hold_next(struct hold *h)
{
    if (h->cap - h->len < HOLD_HEADROOM)
        return false;
    h->len += HOLD_HEADROOM;
    h->start = h->len;
    return true;
}

void hold_drop(struct hold *h)
{
    h->len = h->start - HOLD_HEADROOM;
}
