#include "loop/pool.h"

#include <string.h>

#define LONG_RUN 8  /* blocks; from here on the low end is used */
#define LOOKS    64 /* runs that are looked at in a list whose runs may be too short */

static_assert(sizeof(struct lease) <= LEASE_HEAD, "a lease's administration fits its head");
static_assert(POOL_BLOCK_BYTES > LEASE_HEAD, "a block holds more than its administration");

size_t pool_blocks(size_t bytes)
{
    return (bytes + LEASE_HEAD + POOL_BLOCK_BYTES - 1) / POOL_BLOCK_BYTES;
}

static size_t count_blocks(size_t bytes)
{
    return (bytes + POOL_BLOCK_BYTES - 1) / POOL_BLOCK_BYTES;
}

size_t pool_size(size_t bytes, size_t room)
{
    size_t blocks = count_blocks(bytes);
    size_t beside = room > 0 ? pool_blocks(room) : 0;
    return (blocks + beside) * POOL_BLOCK_BYTES + blocks * sizeof(struct pool_tag);
}

/* ---- Classes ----------------------------------------------------------------------------- */

static unsigned find_log2(size_t n)
{
    unsigned log = 0;
    while (n >>= 1)
        log++;
    return log;
}

/* The class of a run of so many blocks, at least 1. */
static unsigned find_class(size_t count)
{
    if (count < POOL_EXACT)
        return (unsigned)count;
    unsigned log = find_log2(count);
    unsigned quarter = (unsigned)(count >> (log - 2)) & 3;
    unsigned class = POOL_EXACT + (log - 5) * 4 + quarter;
    return class < POOL_CLASSES ? class : POOL_CLASSES - 1;
}

/* The first class from `from` on that has runs; POOL_CLASSES when there is none. */
static unsigned find_used_class(const struct pool *p, unsigned from)
{
    while (from < POOL_CLASSES) {
        uint64_t bits = p->used[from / 64] >> (from % 64);
        if ((bits & 1) != 0)
            return from;
        from = bits == 0 ? (from / 64 + 1) * 64 : from + 1;
    }
    return POOL_CLASSES;
}

/* ---- Free runs --------------------------------------------------------------------------- */

static void add_run(struct pool *p, size_t first, size_t count)
{
    if (count == 0)
        return;
    unsigned class = find_class(count);
    struct pool_tag *tag = &p->tags[first];
    tag->before = 0;
    tag->next = p->first[class];
    if (tag->next != 0)
        p->tags[tag->next - 1].before = (uint32_t)first + 1;
    p->first[class] = (uint32_t)first + 1;
    p->used[class / 64] |= UINT64_C(1) << (class % 64);
    tag->run = p->tags[first + count - 1].run = (uint32_t)count;
}

static void remove_run(struct pool *p, size_t first)
{
    struct pool_tag *tag = &p->tags[first];
    size_t count = tag->run;
    unsigned class = find_class(count);
    if (tag->before != 0)
        p->tags[tag->before - 1].next = tag->next;
    else
        p->first[class] = tag->next;
    if (tag->next != 0)
        p->tags[tag->next - 1].before = tag->before;
    if (p->first[class] == 0)
        p->used[class / 64] &= ~(UINT64_C(1) << (class % 64));
    tag->run = p->tags[first + count - 1].run = 0;
}

/* A free run of at least `count` blocks, as short as the lists tell; p->blocks when there is none.
 * All runs of higher classes are long enough; those of its own class may be. */
static size_t find_run(const struct pool *p, size_t count)
{
    unsigned class = find_class(count);
    uint32_t at = p->first[class];
    for (int looks = 0; at != 0 && looks < LOOKS; looks++) {
        if (p->tags[at - 1].run >= count)
            return at - 1;
        at = p->tags[at - 1].next;
    }
    class = find_used_class(p, class + 1);
    return class < POOL_CLASSES ? p->first[class] - 1 : p->blocks;
}

/* ---- Leases ------------------------------------------------------------------------------ */

static void count_lent(struct pool *p, size_t count)
{
    p->free -= count;
    size_t lent = p->blocks - p->free;
    p->most = lent > p->most ? lent : p->most;
    p->lately = lent > p->lately ? lent : p->lately;
}

static struct lease *make_lease(struct pool *p, size_t first, size_t count)
{
    struct lease *lease = (struct lease *)(void *)(p->base + first * POOL_BLOCK_BYTES);
    memset(lease, 0, sizeof *lease);
    lease->data = (uint8_t *)lease + LEASE_HEAD;
    lease->cap = count * POOL_BLOCK_BYTES - LEASE_HEAD;
    lease->first = (uint32_t)first;
    lease->count = (uint32_t)count;
    count_lent(p, count);
    return lease;
}

/* The administration of the room lies in its own memory, which is touched when it is lent. */
static struct lease *describe_room(struct lease *lease, size_t first, size_t count)
{
    *lease = (struct lease){.data = (uint8_t *)lease + LEASE_HEAD,
                            .cap = count * POOL_BLOCK_BYTES - LEASE_HEAD,
                            .first = (uint32_t)first,
                            .count = (uint32_t)count,
                            .is_room = true};
    return lease;
}

void pool_init(struct pool *p, void *memory, size_t bytes, size_t room)
{
    memset(p, 0, sizeof *p);
    p->blocks = p->free = count_blocks(bytes);
    p->base = memory;
    size_t beside = room > 0 ? pool_blocks(room) : 0;
    p->tags = (struct pool_tag *)(void *)(p->base + (p->blocks + beside) * POOL_BLOCK_BYTES);
    add_run(p, 0, p->blocks);
    if (beside > 0)
        p->room = describe_room((struct lease *)(void *)(p->base + p->blocks * POOL_BLOCK_BYTES),
                                p->blocks, beside);
}

struct lease *pool_take_room(struct pool *p, size_t bytes)
{
    struct lease *lease = p->room;
    if (lease == NULL || bytes > lease->cap)
        return NULL;
    p->room = NULL;
    return describe_room(lease, lease->first, lease->count);
}

struct lease *pool_lease(struct pool *p, size_t bytes, size_t keep)
{
    size_t count = pool_blocks(bytes);
    if (count > p->free || p->free - count < keep)
        return NULL;
    size_t first = find_run(p, count);
    if (first == p->blocks)
        return NULL;
    size_t left = p->tags[first].run - count;
    remove_run(p, first);
    if (count >= LONG_RUN) {
        add_run(p, first + count, left);
        return make_lease(p, first, count);
    }
    add_run(p, first, left);
    return make_lease(p, first + left, count);
}

struct lease *pool_lease_some(struct pool *p, size_t bytes, size_t keep)
{
    while (p->free > keep) {
        struct lease *lease = pool_lease(p, bytes, keep);
        if (lease != NULL)
            return lease;
        if (bytes == 0)
            return NULL;
        bytes = bytes > POOL_BLOCK_BYTES - LEASE_HEAD ? bytes / 2 : 0;
    }
    return NULL;
}

bool pool_grow(struct pool *p, struct lease *lease, size_t bytes, size_t keep)
{
    size_t count = pool_blocks(bytes);
    size_t end = lease->first + (size_t)lease->count;
    if (count <= lease->count)
        return true;
    size_t more = count - lease->count;
    if (end >= p->blocks || p->tags[end].run < more || p->free < keep + more)
        return false;
    size_t left = p->tags[end].run - more;
    remove_run(p, end);
    add_run(p, end + more, left);
    count_lent(p, more);
    lease->count = (uint32_t)count;
    lease->cap = count * POOL_BLOCK_BYTES - LEASE_HEAD;
    return true;
}

size_t pool_run(const struct pool *p, size_t first)
{
    const struct lease *lease =
        (const struct lease *)(const void *)(p->base + first * POOL_BLOCK_BYTES);
    return p->tags[first].run > 0 ? p->tags[first].run : lease->count;
}

void pool_release(struct pool *p, struct lease *lease)
{
    if (lease == NULL)
        return;
    size_t first = lease->first;
    size_t end = first + lease->count;
    p->releases++;
    if (lease->is_room) {
        p->room = lease;
        return;
    }
    p->free += lease->count;
    if (end < p->blocks && p->tags[end].run > 0) {
        size_t more = p->tags[end].run;
        remove_run(p, end);
        end += more;
    }
    if (first > 0 && p->tags[first - 1].run > 0) {
        first -= p->tags[first - 1].run;
        remove_run(p, first);
    }
    add_run(p, first, end - first);
}
