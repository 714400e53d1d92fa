/* How many connections each address has open (--max-per-address): an open hash table over caller's
 * memory. */
#ifndef WSIO_SERVER_ADDRESSES_H
#define WSIO_SERVER_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_entry {
    uint64_t key;   /* a keyed hash of the address without its port; 0: free */
    uint32_t count; /* connections */
};

struct addresses {
    struct address_entry *table;
    size_t places; /* a power of two, twice the connections at least */
    uint64_t seed;
};

/* Bytes of memory for so many connections. */
size_t addresses_size(size_t connections);

/* Uses `memory`, zeroed, aligned for 8 bytes, of that size. The seed is random. */
void addresses_init(struct addresses *a, void *memory, size_t connections, uint64_t seed);

/* The key of a peer's address, never 0. `text` is the address, then a colon and the port, which
 * does not count. */
uint64_t addresses_key(const struct addresses *a, const char *text);

/* One connection more, or less. add returns how many there are now. */
uint32_t addresses_add(struct addresses *a, uint64_t key);
void addresses_remove(struct addresses *a, uint64_t key);

#endif
