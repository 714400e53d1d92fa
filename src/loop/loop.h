/* The loop: it moves bytes between sockets and connections, and owns all memory of the connections.
 * It knows sockets, buffers and deadlines, but no protocol. This header is what an application of
 * the loop uses; loop_memory.c, loop_slot.c, loop_act.c and loop_turn.c implement it.
 *
 * One receive buffer and one output buffer serve all connections. What must outlast a turn is kept
 * in leases of a pool, under rules by which no peer can stop the others:
 *   - A peer is received into the common buffer only while the pool could take all that may follow
 *     from it (LOOP_RESERVE). The rest of a half-built message is received into its own lease.
 *   - A server's lease for a message grows as its bytes arrive, and only from beyond the reserve;
 * one message can always finish, in a room kept for it. A peer for whose message there is no memory
 * is not read, and is refused after LEASE_WAIT_MS. What it has sent already is put aside in memory
 *     kept for that.
 *   - What is queued for one owner has a share of what is free, and never takes the reserve.
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

/* What a turn of a server may last before what is left waits for the next one, and what one peer
 * may take of it. Measured (NOTES, "Turns"): an echo costs 1 to 4 us with its system calls, so a
 * turn is over after some hundred of them; a frame of one byte costs 60 ns, so a slice is one
 * receive of 4 KiB. */
#define LOOP_TURN_NS     700000
#define LOOP_SLICE_NS    200000
#define LOOP_LAST_NS     50000  /* of one that is served though the turn is over */
#define LOOP_SLICE_STEPS 1024   /* events, where the clock stands still */
#define LOOP_HEAVY_NS    100000 /* a slot that took so long at once is expensive, */
#define LOOP_SMALL_BYTES 1024   /* if it moved so many bytes, */
#define LOOP_SMALL_SENDS 3      /* or sent so often */
#define LOOP_HEAVY_BYTES 32768  /* so is one that holds so much of a message */

/* What ends so much late shows that this process did not run. A client looks at the clock so often
 * also where it waits for long: a pause of its own must not pass as the server's. */
#define LOOP_PAUSE_NS 100000000
#define LOOP_LOOK_NS  50000000

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

#define LOOP_STAMP_EVERY  4  /* receives, of which one is asked when it came to this system */
#define LOOP_SAMPLE_EVERY 32 /* receives, of which one is timed in stages */

/* The slots of a list, linked through list_next and list_before; LOOP_NO_SLOT: none. */
struct loop_list {
    uint32_t first;
    uint32_t last;
    uint32_t count;
};

/* The lists of work that is left over, and the mark of a slot that is in none. */
enum loop_work {
    LOOP_CHEAP,
    LOOP_HEAVY,
    LOOP_WORKS,
    LOOP_IDLE = LOOP_WORKS,
};

/* In a round each slot has its chance to be read, so that its deadline may be judged. */
struct loop_round {
    uint64_t from;             /* ns; what had come by then is read when the round is over */
    uint32_t looks;            /* at the poller that may still report such slots; 0: all were */
    uint32_t left[LOOP_WORKS]; /* slots that were left over then, and were not served since */
};

/* One connection. The application uses `conn`, `tag`, `alarm_at`, and nothing else. */
struct loop_slot {
    port_socket socket; /* PORT_NO_SOCKET: free */
    uint32_t index;
    uint32_t generation; /* counts the connections in this slot, to tell late events apart */
    uint32_t tag;        /* the application's */

    /* The socket. */
    uint8_t interest; /* PORT_READ, PORT_WRITE as the poller has it */
    bool connecting;
    bool shut;   /* our direction is ended */
    bool denied; /* too much was queued: a Close ends the queue, and nothing follows it */

    /* Input that waits. */
    bool waiting;         /* for memory, in the loop's list */
    bool paused;          /* by the application: loop_pause() */
    bool stash_counts;    /* the stash belongs to LOOP_STASHES */
    uint8_t work;         /* enum loop_work: the list of work left over that it is in */
    uint8_t ready;        /* PORT_READ, PORT_WRITE as reported while it was there */
    uint8_t receive_size; /* bytes of its next receive: RECEIVE_LEAST times two to this power */
    uint32_t list_next;   /* in its list, or in the chain of free slots; LOOP_NO_SLOT: none */
    uint32_t list_before; /* in its list */

    /* Times in ns. */
    uint64_t wait_by;     /* when waiting for memory ends in refusal */
    uint64_t moved_at;    /* when queued output last moved */
    uint64_t alarm_at;    /* the application's own deadline; 0: none */
    uint64_t heavy_until; /* until then it is an expensive one */

    /* Memory, in leases of the loop's pool. */
    size_t wanted;       /* bytes that conn asked for; `held` may have less as yet */
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
    /* While loop->stamping: what was received waited in this system for so long, ns. It is called
     * for every LOOP_STAMP_EVERY-th receive, if its socket has stamps (port_stamp()). */
    void (*arrived)(struct loop *l, uint64_t ns);
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
    uint64_t stalls;       /* peers dropped because they took nothing */
    uint64_t overflows;    /* peers dropped because too much was queued for them */
    uint64_t over_share;   /* owners that had more queued than their share of the pool */
    uint64_t cuts;         /* receives whose work was continued in a later turn */
    uint64_t longest_turn; /* ns of wall time, from the first slot that was acted on to the last */
    uint64_t longest_work; /* ns of CPU time, from wait to wait, of turns under load; 0: none was */
    uint64_t pauses;       /* waits and turns that ended LOOP_PAUSE_NS late or more */
    uint64_t paused;       /* ns, in all of these */
};

struct loop_setup {
    const struct conn_config *conn;
    const struct loop_app *app;
    const struct port_poller *poller;
    uint32_t slots;       /* connections at once */
    size_t pool_bytes;    /* beyond the reserve */
    size_t room;          /* server: bytes of the largest message, for which memory is kept */
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
    bool stamping; /* the application's to set: arrived() is wanted */
    struct conn_io io;
    struct random random;

    /* The slots. */
    struct loop_slot *slots;
    uint32_t free_first;      /* chain of free slots through list_next */
    uint32_t used;            /* slots in use */
    struct loop_list waiters; /* for memory */
    uint32_t wait_look;       /* the one to look at next; LOOP_NO_SLOT: a round is over */
    uint64_t wait_began;      /* pool.releases when that round began, */
    uint64_t wait_releases;   /* and when the last whole one did */
    struct deadline deadline; /* when each is due */

    /* Time and work, loop_work.h. */
    uint64_t turn_start; /* ns; when the first thing of this turn was handled; 0: nothing was yet */
    uint64_t looked_at;  /* ns; when the last turn ended: what had come by then is read by now */
    uint64_t judge_by;   /* ns; deadlines up to here may be judged */
    struct loop_round round;
    uint64_t slow_look;  /* ns; the last look at the poller while work was left, */
    uint32_t owed;       /* and slots to handle before the next one, if looks are slow */
    uint64_t turn_cpu;   /* ns of the thread's CPU time when it began; while `watched` */
    uint32_t watched;    /* turns whose CPU time is still to be read */
    uint64_t cuts_noted; /* counters.cuts at the end of the turn before */
    struct loop_list work[LOOP_WORKS];
    uint32_t charged;       /* the slot that is being handled, LOOP_NO_SLOT: none */
    uint64_t charged_at;    /* ns; since when */
    uint64_t charged_bytes; /* bytes_in + bytes_out by then, */
    uint64_t charged_sends; /* and sends */

    /* What is under way. */
    struct loop_slot *owner;     /* the slot for which `out` is filled; NULL outside of all calls */
    struct loop_slot *reporting; /* the slot whose event the application is handling */
    struct lease *orphan;        /* the memory of that event, if its slot was dropped meanwhile */

    /* Memory. */
    struct buf out;
    bool inside; /* `out` begins in the middle of what output_copy() puts */
    uint8_t *receive_buffer;
    struct pool pool;
    size_t stash_blocks; /* blocks of the pool that stashes use */
    uint64_t trim_at;    /* ns; when the pool may be given back to the system; 0: nothing to give */
    size_t trimmed;      /* blocks of it that were given back already */
    uint8_t *region;     /* all memory of the loop */
    size_t region_bytes;

    /* Listeners. */
    struct loop_listener listeners[LOOP_LISTENERS];
    unsigned listener_count;
    bool address_wanted; /* by the application: `accepted_from` is set before accepted() */
    struct port_address accepted_from;
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

/* The slot's input stops after the event that is being handled, until loop_resume(): it is not
 * read, and what had come is put aside. */
void loop_pause(struct loop_slot *s);
void loop_resume(struct loop *l, struct loop_slot *s);

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

/* Bytes that an owner may have queued now, at least SHARE_LEAST. */
size_t loop_share(const struct loop *l);

/* A lease of the pool for `bytes` of an owner that has `owned` bytes queued already, or with `some`
 * for a part of them; never from the reserve. NULL when that is more than its share, or there is no
 * memory. */
struct lease *loop_lease_queue(struct loop *l, size_t owned, size_t bytes, bool some);

/* Blocks of the pool that the lease of a message, or of a large queue, must leave free: the
 * reserve, what stashes have not used of their part, and SHARE_ROOM. */
size_t loop_reserve(const struct loop *l);

#endif
