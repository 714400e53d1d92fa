/* select: here a set is a list of sockets, whatever their numbers are. */
#include "private.h"

#include <assert.h>

#define SOCKETS_MAX (FD_SETSIZE - 1) /* the stop socket is in the list too */
#define SLOTS       (2 * FD_SETSIZE)

/* Nanoseconds. The system ends a select at a tick of its timer, up to some milliseconds late: the
 * last of a timeout is looked at instead of slept through. And the longest select. */
#define FINE_NS   UINT64_C(2000000)
#define COARSE_NS UINT64_C(3600000000000)

struct watch {
    uint64_t token;
    SOCKET socket;
    uint8_t interest;
    uint8_t ready; /* found in this round */
};

/* The watches stand side by side, in the order in which they were first watched: a peer's second
 * connection does not overtake its first one. A hash table, probed one by one, leads from a socket
 * to its own. */
struct selector {
    size_t count; /* watches in use */
    size_t first; /* where the next round begins: behind the last one of a round that was cut off */
    struct watch watches[SOCKETS_MAX];
    uint16_t slots[SLOTS]; /* 1 + place in `watches`; 0: empty */
    fd_set read;
    fd_set write;
    fd_set failed; /* connects that did: such a socket is in no other set */
};

static_assert(SOCKETS_MAX < UINT16_MAX, "a place fits");

static size_t find_most(void)
{
    return SOCKETS_MAX;
}

static int open_poller(size_t sockets, void **state)
{
    *state = NULL;
    if (sockets > SOCKETS_MAX)
        return STATUS_LIMIT;
    *state = port_region(sizeof(struct selector));
    return *state == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static void close_poller(void *state)
{
    port_region_release(state, sizeof(struct selector));
}

/* Where the socket is in the table, or the empty slot where it would be. */
static size_t find_slot(const struct selector *p, SOCKET s)
{
    size_t slot = (s >> 2) % SLOTS; /* handles are multiples of four */

    while (p->slots[slot] != 0 && p->watches[p->slots[slot] - 1].socket != s)
        slot = (slot + 1) % SLOTS;
    return slot;
}

/* Those behind it may have been pushed on by it: each is put where it is found now. */
static void clear(struct selector *p, size_t slot)
{
    p->slots[slot] = 0;
    for (;;) {
        slot = (slot + 1) % SLOTS;
        uint16_t moved = p->slots[slot];
        if (moved == 0)
            return;
        p->slots[slot] = 0;
        p->slots[find_slot(p, p->watches[moved - 1].socket)] = moved;
    }
}

static void forget(struct selector *p, size_t slot)
{
    size_t gap = p->slots[slot] - 1u;

    clear(p, slot);
    p->count--;
    for (size_t i = gap; i < p->count; i++) {
        p->slots[find_slot(p, p->watches[i + 1].socket)] = (uint16_t)(i + 1);
        p->watches[i] = p->watches[i + 1];
    }
    p->first -= gap < p->first;
}

static int set_interest(void *state, port_socket s, unsigned had, unsigned interest, uint64_t token)
{
    struct selector *p = state;
    size_t slot = find_slot(p, (SOCKET)s);
    bool known = p->slots[slot] != 0;

    (void)had;
    if (interest == 0) {
        if (known)
            forget(p, slot);
        return STATUS_OK;
    }
    if (!known && p->count == SOCKETS_MAX)
        return STATUS_LIMIT;
    if (!known)
        p->slots[slot] = (uint16_t)++p->count;
    p->watches[p->slots[slot] - 1] =
        (struct watch){.token = token, .socket = (SOCKET)s, .interest = (uint8_t)interest};
    return STATUS_OK;
}

static void add(fd_set *set, SOCKET s)
{
    set->fd_array[set->fd_count++] = s; /* FD_SET would search for it first */
}

static void fill(struct selector *p)
{
    p->read.fd_count = p->write.fd_count = p->failed.fd_count = 0;
    add(&p->read, win32_stop_socket());
    for (size_t i = 0; i < p->count; i++) {
        struct watch *w = &p->watches[i];
        w->ready = 0;
        if (w->interest & PORT_READ)
            add(&p->read, w->socket);
        if (w->interest & PORT_WRITE) {
            add(&p->write, w->socket);
            add(&p->failed, w->socket);
        }
    }
}

/* One select, which ends before what is `left` does. As select: how many, 0 or SOCKET_ERROR. */
static int look(struct selector *p, uint64_t left)
{
    uint64_t us = (left < FINE_NS ? 0 : left < COARSE_NS ? left - FINE_NS : COARSE_NS) / 1000;
    struct timeval timeout = {.tv_sec = (long)(us / 1000000), .tv_usec = (long)(us % 1000000)};

    fill(p);
    return select(0, &p->read, &p->write, &p->failed, &timeout);
}

static int await(struct selector *p, uint64_t timeout_ns)
{
    uint64_t start = port_clock();
    uint64_t left = timeout_ns;
    int found;

    while ((found = look(p, left)) == 0) {
        uint64_t elapsed = port_clock() - start;
        if (elapsed >= timeout_ns)
            return 0;
        left = timeout_ns - elapsed;
        if (left < FINE_NS)
            SwitchToThread();
    }
    return found;
}

/* Notes at the watches what select has left in the set; returns how many had nothing noted yet. */
static size_t note(struct selector *p, const fd_set *set, uint8_t ready)
{
    size_t fresh = 0;

    for (u_int i = 0; i < set->fd_count; i++) {
        SOCKET s = set->fd_array[i];
        if (s == win32_stop_socket()) {
            win32_stop_drain();
            continue;
        }
        struct watch *w = &p->watches[p->slots[find_slot(p, s)] - 1];
        fresh += w->ready == 0;
        w->ready |= ready;
    }
    return fresh;
}

static int collect(struct selector *p, size_t left, struct port_event *events, size_t cap)
{
    size_t rows = 0;
    size_t at = p->first;

    while (left > 0 && rows < cap) {
        const struct watch *w = &p->watches[at];
        at = at + 1 < p->count ? at + 1 : 0;
        if (w->ready == 0)
            continue;
        events[rows++] = (struct port_event){.token = w->token, .ready = w->ready};
        left--;
    }
    p->first = left > 0 ? at : 0;
    return (int)rows;
}

static int wait_for_rows(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns)
{
    struct selector *p = state;
    int found = await(p, timeout_ns);

    if (found == SOCKET_ERROR)
        return win32_status((DWORD)WSAGetLastError());
    if (found == 0)
        return 0;
    size_t ready = note(p, &p->read, PORT_READ);
    ready += note(p, &p->write, PORT_WRITE);
    ready += note(p, &p->failed, PORT_WRITE);
    return collect(p, ready, events, cap);
}

const struct port_poller win32_poller_select = {
    .name = "select",
    .open = open_poller,
    .set = set_interest,
    .wait = wait_for_rows,
    .close = close_poller,
    .most = find_most,
};
