#define _GNU_SOURCE
#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE ((size_t)1 << 16) /* a multiple of every page size in use */

static uint8_t *area(void)
{
    static uint8_t *start;
    if (!start) {
        size_t whole = GUARD_BYTES + 2 * PAGE;
        start = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED || mprotect(start + PAGE, GUARD_BYTES, PROT_READ | PROT_WRITE)) {
            perror("guard");
            abort();
        }
    }
    return start + PAGE;
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
