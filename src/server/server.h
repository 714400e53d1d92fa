/* The server: what it does with connections, requests, messages and sessions. */
#ifndef WSIO_SERVER_SERVER_H
#define WSIO_SERVER_SERVER_H

#include "loop/loop.h"
#include "server/server_options.h"
#include "server/stats.h"

/* What the server knows of one connection beside conn. */
struct server_peer {
    uint64_t mark;      /* ns; start of the phase that is going on */
    uint64_t closing;   /* ns; when the close began, 0 not yet */
    bool counted_first; /* its first message was seen */
    bool joined;
};

struct server {
    const struct server_options *options;
    struct conn_config conn;
    struct loop_app app;
    struct loop loop;
    struct session *sessions;  /* one per slot */
    struct server_peer *peers; /* one per slot */
    struct stats stats;
    uint8_t page[STATS_JSON_MOST];
};

/* Takes all memory and opens the loop. `options` outlives the server, `poller` too. STATUS_OK or
 * what was lacking. */
int server_open(struct server *v, const struct server_options *options,
                const struct port_poller *poller);

/* Ends every connection and gives everything back. */
void server_close(struct server *v);

/* Accepts nobody any more, and asks every peer to go (1001). */
void server_stop(struct server *v);

#endif
