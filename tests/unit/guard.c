#include "guard.h"

#include <string.h>

#include "../system/system.h"

#define MARGIN ((size_t)1 << 16) /* a multiple of every page size in use */

static uint8_t *area(void)
{
    static uint8_t *start;

    if (start == NULL)
        start = system_fenced(GUARD_BYTES, MARGIN);
    return start;
}

uint8_t *guard_room(size_t len)
{
    return area() + (GUARD_BYTES - len);
}

uint8_t *guard_room_front(size_t len)
{
    (void)len;
    return area();
}

static struct span copy_to(uint8_t *room, struct span s)
{
    if (s.len > 0) {
        memcpy(room, s.ptr, s.len);
    }
    return span_of(room, s.len);
}

struct span guard_copy(struct span s)
{
    return copy_to(guard_room(s.len), s);
}

struct span guard_copy_front(struct span s)
{
    return copy_to(guard_room_front(s.len), s);
}
