#include "loop/pool.h"

#include <string.h>

#define LONG_RUN 8 /* blocks; from here on the low end is used */

static_assert(sizeof(struct lease) <= LEASE_HEAD, "a lease's administration fits its head");
static_assert(POOL_BLOCK_BYTES > LEASE_HEAD, "a block holds more than its administration");

size_t pool_blocks(size_t bytes)
{
    return (bytes + LEASE_HEAD + POOL_BLOCK_BYTES - 1) / POOL_BLOCK_BYTES;
}

static size_t count_map_words(size_t blocks)
{
    return (blocks + 63) / 64;
}

static size_t count_blocks(size_t bytes)
{
    return (bytes + POOL_BLOCK_BYTES - 1) / POOL_BLOCK_BYTES;
}

size_t pool_size(size_t bytes)
{
    size_t blocks = count_blocks(bytes);
    return blocks * POOL_BLOCK_BYTES + count_map_words(blocks) * sizeof(uint64_t);
}

void pool_init(struct pool *p, void *memory, size_t bytes)
{
    memset(p, 0, sizeof *p);
    p->blocks = p->free = count_blocks(bytes);
    p->base = memory;
    p->map = (uint64_t *)(void *)(p->base + p->blocks * POOL_BLOCK_BYTES);
}

static bool is_block_lent(const struct pool *p, size_t block)
{
    return (p->map[block / 64] >> (block % 64) & 1) != 0;
}

static void mark_blocks(struct pool *p, size_t first, size_t count, bool lent)
{
    for (size_t i = first; i < first + count; i++) {
        uint64_t bit = (uint64_t)1 << (i % 64);
        if (lent)
            p->map[i / 64] |= bit;
        else
            p->map[i / 64] &= ~bit;
    }
}

/* First run of `count` free blocks, seen from the low or the high end; p->blocks when there is
 * none. */
static size_t find_run(const struct pool *p, size_t count, bool high)
{
    size_t run = 0;
    for (size_t i = 0; i < p->blocks; i++) {
        size_t block = high ? p->blocks - 1 - i : i;
        run = is_block_lent(p, block) ? 0 : run + 1;
        if (run == count)
            return high ? block : block + 1 - count;
    }
    return p->blocks;
}

static struct lease *make_lease(struct pool *p, size_t first, size_t count)
{
    struct lease *lease = (struct lease *)(void *)(p->base + first * POOL_BLOCK_BYTES);
    memset(lease, 0, sizeof *lease);
    lease->data = (uint8_t *)lease + LEASE_HEAD;
    lease->cap = count * POOL_BLOCK_BYTES - LEASE_HEAD;
    lease->first = (uint32_t)first;
    lease->count = (uint32_t)count;
    mark_blocks(p, first, count, true);
    p->free -= count;
    if (p->blocks - p->free > p->most)
        p->most = p->blocks - p->free;
    if (p->blocks - p->free > p->lately)
        p->lately = p->blocks - p->free;
    return lease;
}

struct lease *pool_lease(struct pool *p, size_t bytes, size_t keep)
{
    size_t count = pool_blocks(bytes);
    if (count > p->free || p->free - count < keep)
        return NULL;
    size_t first = find_run(p, count, count < LONG_RUN);
    return first < p->blocks ? make_lease(p, first, count) : NULL;
}

struct lease *pool_lease_some(struct pool *p, size_t bytes, size_t keep)
{
    while (p->free > keep) {
        struct lease *lease = pool_lease(p, bytes, keep);
        if (lease != NULL)
            return lease;
        bytes = bytes > POOL_BLOCK_BYTES - LEASE_HEAD ? bytes / 2 : 0;
    }
    return NULL;
}

void pool_release(struct pool *p, struct lease *lease)
{
    if (lease == NULL)
        return;
    mark_blocks(p, lease->first, lease->count, false);
    p->free += lease->count;
}
