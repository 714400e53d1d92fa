/* The fixed pool: blocks lent out in contiguous runs for half-built messages, and for output that a
 * peer is slow to take. Taken once at start; nothing else is ever allocated. */
#ifndef WSIO_LOOP_POOL_H
#define WSIO_LOOP_POOL_H

#include "base/bytes.h"
#include "base/config.h"

/* A run of blocks. Its administration stands at the front of its own memory. */
struct lease {
    struct lease *next; /* the holder's list */
    uint8_t *data;
    size_t cap; /* bytes at data */
    size_t off; /* output: bytes already sent */
    size_t len; /* output: where the bytes end */
    uint32_t first;
    uint32_t count; /* blocks */
};

#define LEASE_HEAD 64 /* bytes in front of data */

struct pool {
    uint8_t *base;
    uint64_t *map; /* a bit per block, set while lent; behind the blocks */
    size_t blocks;
    size_t free;   /* blocks not lent */
    size_t most;   /* the most that was ever lent, in blocks */
    size_t lately; /* the most that was lent since the caller set it to 0 */
};

/* Bytes of memory for a pool of at least `bytes`. */
size_t pool_size(size_t bytes);

/* Uses `memory`, zeroed, page-aligned, of pool_size(bytes) bytes, which outlives the pool. */
void pool_init(struct pool *p, void *memory, size_t bytes);

/* A run with at least `bytes` usable, lent only if `keep` blocks then stay free. Long runs come
 * from the low end and short ones from the high end, so that short ones don't cut up the space for
 * long ones. NULL when there is none. */
struct lease *pool_lease(struct pool *p, size_t bytes, size_t keep);

/* The same, but as long as it can be, at most `bytes`: a single free block is enough. */
struct lease *pool_lease_some(struct pool *p, size_t bytes, size_t keep);

/* NULL is allowed. */
void pool_release(struct pool *p, struct lease *lease);

/* Blocks that a lease of so many bytes takes. */
size_t pool_blocks(size_t bytes);

#endif
