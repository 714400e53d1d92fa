#include "server/addresses.h"

#include <string.h>

static size_t count_places(size_t connections)
{
    size_t places = 16;
    while (places < 2 * connections)
        places *= 2;
    return places;
}

size_t addresses_size(size_t connections)
{
    return count_places(connections) * sizeof(struct address_entry);
}

void addresses_init(struct addresses *a, void *memory, size_t connections, uint64_t seed)
{
    a->table = memory;
    a->places = count_places(connections);
    a->seed = seed;
}

/* FNV-1a over the text without the port, mixed with the seed. */
uint64_t addresses_key(const struct addresses *a, const char *text)
{
    uint64_t key = UINT64_C(0xcbf29ce484222325) ^ a->seed;
    const char *end = strrchr(text, ':');
    for (const char *at = text; *at != '\0' && at != end; at++)
        key = (key ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    key = (key ^ key >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return key != 0 ? key : 1;
}

/* The place of the key, or the free one where it belongs. */
static size_t find_place(const struct addresses *a, uint64_t key)
{
    size_t at = (size_t)(key >> 32) & (a->places - 1);
    while (a->table[at].key != 0 && a->table[at].key != key)
        at = (at + 1) & (a->places - 1);
    return at;
}

uint32_t addresses_add(struct addresses *a, uint64_t key)
{
    struct address_entry *entry = &a->table[find_place(a, key)];
    entry->key = key;
    return ++entry->count;
}

/* Entries that stand behind a place that became free move up, so that they are found. */
static void close_gap(struct addresses *a, size_t gap)
{
    size_t at = (gap + 1) & (a->places - 1);
    for (; a->table[at].key != 0; at = (at + 1) & (a->places - 1)) {
        struct address_entry entry = a->table[at];
        a->table[at] = (struct address_entry){0};
        a->table[find_place(a, entry.key)] = entry;
    }
}

void addresses_remove(struct addresses *a, uint64_t key)
{
    size_t at = find_place(a, key);
    if (a->table[at].key == 0 || --a->table[at].count > 0)
        return;
    a->table[at] = (struct address_entry){0};
    close_gap(a, at);
}
