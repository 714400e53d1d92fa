/* The fixed pool: blocks lent out in contiguous runs for half-built messages, and for output that a
 * peer is slow to take. Taken once at start; nothing else is ever allocated.
 *
 * Free runs are found without a search: they stand in lists by size, in tables beside the blocks,
 * so that free memory is not touched. A run that comes back joins its free neighbours. */
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
    bool is_room;   /* it is the room that is kept for one */
};

#define LEASE_HEAD 64 /* bytes in front of data */

/* Lists of free runs: one for each length up to POOL_EXACT - 1 blocks, then four for each power of
 * two. */
#define POOL_EXACT   32
#define POOL_CLASSES 128

/* What is noted of a block. */
struct pool_tag {
    uint32_t run;  /* at the first and the last block of a free run: its blocks; else 0 */
    uint32_t next; /* at the first one: its neighbours in the list of its class, + 1; 0: none */
    uint32_t before;
};

struct pool {
    uint8_t *base;
    size_t blocks;
    size_t free;        /* blocks not lent */
    size_t most;        /* the most that was ever lent, in blocks */
    size_t lately;      /* the most that was lent since the caller set it to 0 */
    uint64_t releases;  /* how often memory came back */
    struct lease *room; /* kept for one at a time, beside the blocks; NULL: none, or it is lent */
    struct pool_tag *tags; /* of each block, behind the blocks */
    uint32_t
        first[POOL_CLASSES]; /* of each class: the first block of its first run, + 1; 0: none */
    uint64_t used[POOL_CLASSES / 64]; /* a bit per class that has runs */
};

/* Bytes of memory for a pool of at least `bytes`, and one lease of at least `room` bytes beside
 * that (0: none). */
size_t pool_size(size_t bytes, size_t room);

/* Uses `memory`, zeroed, page-aligned, of pool_size(bytes, room) bytes, which outlives the pool. */
void pool_init(struct pool *p, void *memory, size_t bytes, size_t room);

/* The room, if it is free and has `bytes`; else NULL. It comes back with pool_release(). */
struct lease *pool_take_room(struct pool *p, size_t bytes);

/* A run with at least `bytes` usable, lent only if `keep` blocks then stay free. Long runs come
 * from the low end and short ones from the high end, so that short ones don't cut up the space for
 * long ones. NULL when there is none, or none was found in the bounded time that this takes. */
struct lease *pool_lease(struct pool *p, size_t bytes, size_t keep);

/* The same, but as long as it can be, at most `bytes`: a single free block is enough. */
struct lease *pool_lease_some(struct pool *p, size_t bytes, size_t keep);

/* Makes the lease hold at least `bytes` where it lies. False, and nothing changes, when what
 * follows it is not free, or `keep` blocks would not stay free. */
bool pool_grow(struct pool *p, struct lease *lease, size_t bytes, size_t keep);

/* Blocks of the free run, or of the lease, that begins at this block. */
size_t pool_run(const struct pool *p, size_t first);

/* NULL is allowed. */
void pool_release(struct pool *p, struct lease *lease);

/* Blocks that a lease of so many bytes takes. */
size_t pool_blocks(size_t bytes);

#endif
