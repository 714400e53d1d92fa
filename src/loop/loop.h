/* The loop: it moves bytes between sockets and connections, and owns all memory of the connections.
 * It knows sockets, buffers and deadlines, but no protocol. This header is what an application of
 * the loop uses; loop_memory.c, loop_slot.c, loop_act.c and loop_turn.c implement it.
 *
 * One receive buffer and one output buffer serve all connections. What must outlast a turn is kept
 * in leases of a pool, under rules by which no peer can stop the others:
 *   - A peer is received into the common buffer only while the pool could take all that may follow
 *     from it (LOOP_RESERVE). The rest of a half-built message is received into its own lease.
 *   - The lease for a message is taken at once for its whole declared length, and only from beyond
 *     the reserve. A peer for whose message there is no memory is not read, and is refused after
 *     LEASE_WAIT_MS. What it has sent already is put aside in memory kept for that.
 *   - A server does not read a peer that is slow to take its answers; a client always reads. */
#ifndef WSIO_LOOP_LOOP_H
#define WSIO_LOOP_LOOP_H

#include "base/bytes.h"
#include "base/config.h"
#include "base/random.h"
#include "conn/conn.h"
#include "loop/deadline.h"
#include "loop/pool.h"
#include "port.h"

/* Bytes of the pool that no message under way may use: for output that is not taken at once. */
#define LOOP_RESERVE (RECV_BYTES + OUT_BYTES)

/* Bytes beside that, for what had already come from peers that must wait for memory. */
#define LOOP_STASHES (16 * RECV_BYTES)

#define LOOP_LISTENERS 4
#define LOOP_EVENTS    256 /* rows of one wait */
#define LOOP_NO_SLOT   UINT32_MAX

/* Where the time of one message went, for the sampled ones. */
enum loop_stage {
    LOOP_RECEIVE,
    LOOP_DECODE,
    LOOP_HANDLE,
    LOOP_ENCODE,
    LOOP_SEND,
    LOOP_STAGES,
};

#define LOOP_SAMPLE_EVERY 32 /* receives, of which one is timed in stages */

/* One connection. The application uses `conn`, `tag`, `alarm_at`, and nothing else. */
struct loop_slot {
    port_socket socket; /* PORT_NO_SOCKET: free */
    uint32_t index;
    uint32_t generation; /* counts the connections in this slot, to tell late events apart */
    uint32_t tag;        /* the application's */

    /* The socket. */
    uint8_t interest; /* PORT_READ, PORT_WRITE as the poller has it */
    bool connecting;
    bool shut; /* our direction is ended */

    /* Input that waits. */
    bool waiting;         /* for memory, in the loop's list */
    bool stash_counts;    /* the stash belongs to LOOP_STASHES */
    uint32_t wait_next;   /* in that list, or in the chain of free slots; LOOP_NO_SLOT: none */
    uint32_t wait_before; /* in that list */

    /* Times in ns. */
    uint64_t wait_by;  /* when waiting for memory ends in refusal */
    uint64_t moved_at; /* when queued output last moved */
    uint64_t alarm_at; /* the application's own deadline; 0: none */

    /* Memory, in leases of the loop's pool. */
    struct lease *held;  /* what conn holds */
    struct lease *stash; /* input that came before there was memory to hold it */
    struct lease *out;   /* queued output: first and last lease, and bytes in all */
    struct lease *out_last;
    size_t out_bytes;

    struct conn conn;
};

struct loop;

/* What the application does. Calls come one at a time. A slot is the application's to use until
 * ended(), which may read its index and tag, and may connect anew, even in the same slot. The
 * functions of conn and session put output into loop->io.out; the loop sends it after each call.
 * Any of these may be NULL. */
struct loop_app {
    void *self;
    void (*accepted)(struct loop *l, struct loop_slot *s);  /* conn is started as a server's */
    void (*connected)(struct loop *l, struct loop_slot *s); /* to call conn_start_client() */
    void (*event)(struct loop *l, struct loop_slot *s, struct conn_event *event);
    void (*drained)(struct loop *l, struct loop_slot *s); /* queued output is all sent */
    void (*alarm)(struct loop *l, struct loop_slot *s);   /* alarm_at has come; it is 0 again */
    void (*ended)(struct loop *l, struct loop_slot *s, int status); /* the socket is closed */
    void (*sampled)(struct loop *l, const uint64_t ns[LOOP_STAGES]);
};

/* All-zero is the start. */
struct loop_counters {
    uint64_t receives; /* system calls */
    uint64_t sends;
    uint64_t waits;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t accepted;
    uint64_t turned_away; /* accepts that failed for lack of descriptors */
    uint64_t lease_waits; /* peers that had to wait for memory */
    uint64_t lease_refusals;
    uint64_t stalls;    /* peers dropped because they took nothing */
    uint64_t overflows; /* peers dropped because too much was queued for them */
};

struct loop_setup {
    const struct conn_config *conn;
    const struct loop_app *app;
    const struct port_poller *poller;
    uint32_t slots;       /* connections at once */
    size_t pool_bytes;    /* beyond the reserve */
    size_t queue_limit;   /* bytes queued for one peer */
    size_t read_limit;    /* client: with more queued it does not read; 0: it always reads */
    size_t socket_buffer; /* bytes for each direction; 0: the system's */
    bool busy_poll;
};

/* A socket that accepts connections. */
struct loop_listener {
    port_socket socket;
    bool raw;     /* what it accepts is raw TCP, else HTTP */
    bool watched; /* the poller reports its connections */
};

struct loop {
    struct loop_setup setup;
    struct conn_io io;
    struct random random;

    /* The slots. */
    struct loop_slot *slots;
    uint32_t free_first; /* chain of free slots through wait_next */
    uint32_t used;       /* slots in use */
    uint32_t wait_first; /* list of slots that wait for memory */
    uint32_t wait_last;
    struct deadline deadline; /* when each is due */

    /* What is under way. */
    struct loop_slot *owner;     /* the slot for which `out` is filled; NULL outside of all calls */
    struct loop_slot *reporting; /* the slot whose event the application is handling */
    struct lease *orphan;        /* the memory of that event, if its slot was dropped meanwhile */

    /* Memory. */
    struct buf out;
    uint8_t *receive_buffer;
    struct pool pool;
    size_t stash_blocks; /* blocks of the pool that stashes use */
    uint8_t *region;     /* all memory of the loop */
    size_t region_bytes;

    /* Listeners. */
    struct loop_listener listeners[LOOP_LISTENERS];
    unsigned listener_count;
    uint64_t listen_again; /* ns; when listeners that rest are watched again; 0: at once */

    /* Counters, and the receive whose stages are being timed. */
    struct loop_counters counters;
    bool sampling;
    uint64_t stage_start; /* ns */
    uint64_t stage_ns[LOOP_STAGES];

    void *poller_state;
    struct port_event events[LOOP_EVENTS];
};

/* Takes all memory and opens the poller. `setup` is copied, what it points to must outlive the
 * loop. STATUS_OK, or what was lacking: STATUS_NO_MEMORY, STATUS_LIMIT, entropy's failure. */
int loop_open(struct loop *l, const struct loop_setup *setup);

/* Ends every connection at once and gives everything back. */
void loop_close(struct loop *l);

/* Connections made from now on follow this configuration and belong to this application. To be
 * called while no connection is open. */
void loop_configure(struct loop *l, const struct conn_config *conn, const struct loop_app *app);

/* Starts to connect. *out is the slot, or NULL with the failure as result; later failures come by
 * ended(). */
int loop_connect(struct loop *l, const struct port_address *a, uint32_t tag,
                 struct loop_slot **out);

/* Waits for at most until `until` (ns of port_clock; 0: only look) and handles what is ready and
 * what is due. STATUS_OK or the poller's failure. */
int loop_turn(struct loop *l, uint64_t until);

/* To act on a slot outside of its own callbacks: begin sets the time and the output, end sends it,
 * and closes what is to be closed. */
void loop_begin(struct loop *l, struct loop_slot *s);
void loop_end(struct loop *l, struct loop_slot *s);

/* To act on another slot than the one under way, whose output is sent first. Returns the slot that
 * loop_switch_back() takes as `back`. */
struct loop_slot *loop_switch(struct loop *l, struct loop_slot *to);
void loop_switch_back(struct loop *l, struct loop_slot *to, struct loop_slot *back);

/* Reads the clock anew, where a time is wanted and no slot is acted on. */
void loop_refresh(struct loop *l);

/* Closes at once and sends nothing: for peers that are given up. ended() is called with `status`.
 */
void loop_drop(struct loop *l, struct loop_slot *s, int status);

/* Ends a stage of the receive under way, if that is one of those that are timed. */
void loop_mark(struct loop *l, enum loop_stage stage);

/* Sets the application's deadline for this slot; 0 none. */
void loop_alarm(struct loop *l, struct loop_slot *s, uint64_t at);

/* The slot with that index, or NULL when it is free. index < setup.slots. */
static inline struct loop_slot *loop_slot_at(struct loop *l, uint32_t index)
{
    return l->slots[index].socket != PORT_NO_SOCKET ? &l->slots[index] : NULL;
}

/* Blocks of the pool that the lease of a message must leave free: the reserve, and what stashes
 * have not used of their part. */
size_t loop_reserve(const struct loop *l);

#endif
