/* select: the second poller, for a comparison and for systems without a better one. */
#define _POSIX_C_SOURCE 200809L

#include <assert.h>
#include <errno.h>
#include <sys/select.h>

#include "private.h"

/* The watched sockets stand side by side, so that few sockets with high numbers cost little, and in
 * the order in which they were first watched: a peer's second connection does not overtake its
 * first one. */
struct watch {
    uint64_t token;
    int fd;
};

struct selector {
    fd_set read;
    fd_set write;
    int highest;  /* of all watched descriptors */
    size_t count; /* watches in use */
    size_t first; /* where the next round begins: behind the last one of a round that was cut off */
    struct watch watches[FD_SETSIZE];
    uint16_t place[FD_SETSIZE]; /* of a descriptor in `watches` */
};

static_assert(FD_SETSIZE <= UINT16_MAX, "a place fits");

static size_t find_most(void)
{
    return FD_SETSIZE;
}

static int open_poller(size_t sockets, void **state)
{
    *state = NULL;
    if (sockets > FD_SETSIZE)
        return STATUS_LIMIT;
    struct selector *p = port_region(sizeof *p);
    if (p == NULL)
        return STATUS_NO_MEMORY;
    FD_ZERO(&p->read);
    FD_ZERO(&p->write);
    p->highest = posix_stop_descriptor();
    FD_SET(p->highest, &p->read);
    *state = p;
    return STATUS_OK;
}

static void close_poller(void *state)
{
    port_region_release(state, sizeof(struct selector));
}

static void mark(struct selector *p, int fd, unsigned interest)
{
    FD_CLR(fd, &p->read);
    FD_CLR(fd, &p->write);
    if (interest & PORT_READ)
        FD_SET(fd, &p->read);
    if (interest & PORT_WRITE)
        FD_SET(fd, &p->write);
}

static void forget(struct selector *p, int fd)
{
    p->count--;
    for (size_t i = p->place[fd]; i < p->count; i++) {
        p->watches[i] = p->watches[i + 1];
        p->place[p->watches[i].fd] = (uint16_t)i;
    }
    p->first -= p->place[fd] < p->first;
    while (!FD_ISSET(p->highest, &p->read) && !FD_ISSET(p->highest, &p->write))
        p->highest--; /* ends at the stop descriptor at the latest */
}

static int set_interest(void *state, port_socket s, unsigned had, unsigned interest, uint64_t token)
{
    struct selector *p = state;
    int fd = (int)s;

    if (fd < 0 || fd >= FD_SETSIZE)
        return STATUS_LIMIT;
    if (had != interest)
        mark(p, fd, interest);
    if (interest == 0) {
        if (had != 0)
            forget(p, fd);
        return STATUS_OK;
    }
    if (had == 0)
        p->place[fd] = (uint16_t)p->count++;
    if (fd > p->highest)
        p->highest = fd;
    p->watches[p->place[fd]] = (struct watch){.token = token, .fd = fd};
    return STATUS_OK;
}

/* At most `left` descriptors are set, of which each watch may account for two. */
static int collect(struct selector *p, const fd_set *read, const fd_set *write, int left,
                   struct port_event *events, size_t cap)
{
    size_t rows = 0;
    size_t at = p->first;

    for (size_t i = 0; i < p->count && left > 0 && rows < cap; i++) {
        const struct watch *w = &p->watches[at];
        unsigned ready =
            (FD_ISSET(w->fd, read) ? PORT_READ : 0) | (FD_ISSET(w->fd, write) ? PORT_WRITE : 0);
        at = at + 1 < p->count ? at + 1 : 0;
        if (ready == 0)
            continue;
        left -= ready == (PORT_READ | PORT_WRITE) ? 2 : 1;
        events[rows++] = (struct port_event){.token = w->token, .ready = ready};
    }
    p->first = left > 0 ? at : 0;
    return (int)rows;
}

static int wait_for_rows(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns)
{
    struct selector *p = state;
    fd_set read = p->read;
    fd_set write = p->write;
    struct timespec timeout = posix_timespec(timeout_ns);
    int ready = pselect(p->highest + 1, &read, &write, NULL,
                        timeout_ns == PORT_FOREVER ? NULL : &timeout, NULL);

    if (ready < 0)
        return errno == EINTR ? 0 : posix_failure();
    if (ready > 0 && FD_ISSET(posix_stop_descriptor(), &read)) {
        posix_stop_drain();
        ready--;
    }
    return collect(p, &read, &write, ready, events, cap);
}

const struct port_poller posix_poller_select = {
    .name = "select",
    .open = open_poller,
    .set = set_interest,
    .wait = wait_for_rows,
    .close = close_poller,
    .most = find_most,
};
