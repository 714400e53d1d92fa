/* The server: what it does with connections, requests, messages and sessions. */
#ifndef WSIO_SERVER_SERVER_H
#define WSIO_SERVER_SERVER_H

#include "loop/loop.h"
#include "server/rooms.h"
#include "server/server_options.h"
#include "server/stats.h"

/* What the server knows of one connection beside conn. */
struct server_peer {
    uint64_t mark;      /* ns; start of the phase that is going on */
    uint64_t closing;   /* ns; when the close began, 0 not yet */
    bool counted_first; /* its first message was seen */
    bool broadcasts;    /* it is one of /broadcast */
    uint8_t origin;     /* which entry of --origin allows its requests: number + 1, 0 none */
    uint32_t guest;     /* index of its session + 1, 0 none */
};

struct guest;

struct server {
    const struct server_options *options;
    struct conn_config conn;
    struct loop_app app;
    struct loop loop;
    struct guest *guests;      /* as many as slots */
    struct server_peer *peers; /* one per slot */
    uint32_t guest_free;       /* where the search for a free one begins */
    struct deadline guest_deadlines;
    struct guest *feeding;     /* whose posted packets are being worked off */
    struct buf staging;        /* packets that no output takes now, before they are queued */
    struct buf spare;          /* of `feeding`, behind the body that is held, in its own memory */
    struct lease *spare_lease; /* that memory; NULL: staging is in use */
    struct rooms rooms;
    struct stats stats;
    uint8_t page[STATS_JSON_MAX];
    char lines[1024]; /* header lines of an answer being made */
};

/* Takes all memory and opens the loop. `options` outlives the server, `poller` too. STATUS_OK or
 * what was lacking. */
int server_open(struct server *v, const struct server_options *options,
                const struct port_poller *poller);

/* When server_serve() wants to be called, ns. */
uint64_t server_due(const struct server *v);

/* Serves the deadlines of sessions that no connection carries, and stalls when that is asked for.
 */
void server_serve(struct server *v);

/* Ends every connection and gives everything back. */
void server_close(struct server *v);

/* Accepts nobody any more, and asks every peer to go (1001). */
void server_stop(struct server *v);

#endif
