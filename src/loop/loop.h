/* The pump: it moves bytes between the poller and the machines, and owns all memory of the
 * connections. It knows sockets, buffers and deadlines, but no protocol.
 *
 * One receive buffer and one output buffer serve all connections. What must outlast a round is kept
 * in leases of a pool, under rules that let everybody go on:
 *   - a peer is received into the common buffer only while the pool could take all that may follow
 *     from it (LOOP_RESERVE); a peer with a half-built message is received into its own lease;
 *   - the lease for a message is taken at once for its whole declared length, and only from beyond
 *     the reserve; who finds no memory is not read, and refused after LEASE_WAIT_MS. What came from
 *     him already is put aside in memory of its own, so that the others don't notice;
 *   - a server does not read a peer that is slow to take its answers; a client always reads. */
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
#define LOOP_NOBODY    LOOP_NO_SLOT /* its former name; to go once nothing uses it */

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
    uint32_t generation;
    uint32_t tag;     /* the application's */
    uint8_t interest; /* PORT_READ, PORT_WRITE as the poller has it */
    bool connecting;
    bool shut;                       /* our direction is ended */
    bool waiting;                    /* for memory; in the list */
    bool stash_counts;               /* the stash belongs to LOOP_STASHES */
    uint32_t wait_next, wait_before; /* LOOP_NOBODY: none */
    uint64_t wait_by;                /* ns; when waiting for memory ends in refusal */
    uint64_t moved_at;               /* ns; when queued output last moved */
    uint64_t alarm_at;               /* ns; the application's own deadline, 0 none */
    struct lease *held;              /* what conn holds */
    struct lease *stash;             /* what came before there was memory to hold it */
    struct lease *out, *out_last;    /* queued output */
    size_t out_bytes;
    struct conn conn;
};

struct loop;

/* What the application does. Calls come one at a time; a slot is the application's to use until
 * ended(), which may read its index and tag, and may connect anew, even in the same slot. Output is
 * put into loop->io.out by the functions of conn and session; the loop sends it after each call.
 * Any of them may be NULL. */
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
    uint64_t turned_away; /* accepts that failed: descriptors, table full */
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
    size_t socket_buffer; /* bytes for each direction, 0: the system's */
    bool busy_poll;
};

struct loop {
    struct loop_setup setup;
    struct conn_io io;
    struct loop_slot *slots;
    uint32_t free_first; /* chain of free slots through wait_next */
    uint32_t used;       /* slots in use */
    uint32_t wait_first, wait_last;
    struct buf out;
    struct loop_slot *owner;     /* for whom `out` is being filled; NULL outside of all calls */
    struct loop_slot *reporting; /* the slot whose event the application is handling */
    struct lease *orphan;        /* what that event lies in, if its slot was dropped meanwhile */
    uint8_t *receive_buffer;
    struct pool pool;
    size_t stash_blocks; /* of the pool, in use by stashes */
    struct deadline deadline;
    bool listening;        /* the listeners are watched */
    uint64_t listen_again; /* ns; when a listener that ran out of descriptors is watched again */
    struct {
        port_socket socket;
        bool raw;
    } listeners[LOOP_LISTENERS];
    unsigned listener_count;
    void *poller_state;
    uint8_t *region; /* all memory of the loop */
    size_t region_bytes;
    struct loop_counters counters;
    bool sampling;
    uint64_t stage_start;
    uint64_t stage_ns[LOOP_STAGES];
    struct random random;
    struct port_event events[LOOP_EVENTS];
};

/* Takes all memory and opens the poller. `setup` is copied, what it points to must outlive the
 * loop. STATUS_OK, or what was lacking: STATUS_NO_MEMORY, STATUS_LIMIT, entropy's failure. */
int loop_open(struct loop *l, const struct loop_setup *setup);

/* Ends every connection at once and gives everything back. */
void loop_close(struct loop *l);

/* Connections made from now on follow this configuration and belong to this application. No
 * connection is open. */
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

/* Closes now, without a word: for peers that are given up. ended() is called with `status`. */
void loop_drop(struct loop *l, struct loop_slot *s, int status);

/* Ends the stage of the message being timed, if this one is. */
void loop_mark(struct loop *l, enum loop_stage stage);

/* Sets the application's deadline for this slot; 0 none. */
void loop_alarm(struct loop *l, struct loop_slot *s, uint64_t at);

/* The slot with that index, or NULL when it is free. index < setup.slots. */
struct loop_slot *loop_slot_at(struct loop *l, uint32_t index);

/* Blocks of the pool that a message's lease must leave free: the reserve, and what is left of the
 * stashes' part. */
size_t loop_reserve(const struct loop *l);

#endif
