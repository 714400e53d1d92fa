/* The server: what it does with connections, requests, messages and sessions. server.c answers the
 * loop's calls; server_start.c starts and stops it. */
#ifndef WSIO_SERVER_SERVER_H
#define WSIO_SERVER_SERVER_H

#include "loop/loop.h"
#include "server/addresses.h"
#include "server/rooms.h"
#include "server/server_options.h"
#include "server/stats.h"

/* What the server knows of one connection beside conn. */
struct server_peer {
    uint32_t session;   /* number of the session that it serves + 1; 0: none */
    bool crowded;       /* all places were taken when it came: see CROWD_SLOTS */
    bool broadcasts;    /* it is a WebSocket of /broadcast */
    uint8_t origin;     /* which entry of --origin allows its requests: number + 1; 0: none */
    bool counted_first; /* its first message has been seen */
    uint16_t sessions;  /* that it has opened, and that live */
    uint16_t opened;    /* in the second that began at opened_at */
    uint32_t opened_at; /* s */
    uint32_t queued;    /* bytes, for all of these */
    uint64_t mark;      /* ns; start of the phase that is going on */
    uint64_t closing;   /* ns; when the close began; 0: not yet */
};

struct server_session;

struct server {
    const struct server_options *options;
    struct conn_config conn;
    struct loop_app app;
    struct loop loop;
    struct stats stats;

    struct server_peer *peers;       /* one per slot */
    struct server_session *sessions; /* as many as slots */
    uint32_t session_free;           /* the first free one + 1, 0: none; the next in `opener` */
    uint32_t session_last;           /* the last free one + 1: taken after all others */
    struct deadline session_deadlines;
    struct rooms rooms;
    uint32_t crowd;             /* open connections that are `crowded` */
    struct addresses addresses; /* of open connections, with --max-per-address */
    uint64_t *address_keys;     /* of each slot; 0: it is not counted */
    uint32_t *memberships;      /* of each session: one bit per room of the table */

    /* Work for later turns, jobs.h. */
    struct lease *jobs;
    struct lease *jobs_last;
    uint32_t job_count;
    bool jobs_wait;           /* none could do anything in the last turn */
    struct loop_slot *sender; /* the slot whose input is being handled; NULL: none */

    /* Packets that no output takes now, before they are queued. */
    struct server_session *feeding; /* the session whose posted packets are being worked off */
    struct lease *spare_lease;      /* the memory of its body, if that was held */
    struct buf spare;               /* the room behind the body in spare_lease */
    struct buf staging;             /* used where there is no spare_lease */

    char lines[1024]; /* header lines of an answer being made */
    uint8_t page[STATS_JSON_MAX];
};

/* Sets v->app: what the server does when the loop calls. For server_open() alone. */
void server_set_calls(struct server *v);

/* Takes all memory and opens the loop. `options` outlives the server, `poller` too. STATUS_OK or
 * what was lacking. */
int server_open(struct server *v, const struct server_options *options,
                const struct port_poller *poller);

/* When server_serve() wants to be called, ns of port_clock. */
uint64_t server_due(const struct server *v);

/* Serves the deadlines of sessions that no connection carries, and stalls when that is asked for.
 */
void server_serve(struct server *v);

/* Ends every connection and gives everything back. */
void server_close(struct server *v);

/* Stops listening, and closes every connection (1001). */
void server_stop(struct server *v);

#endif
