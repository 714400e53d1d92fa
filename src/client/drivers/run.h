/* One trial: simulated users against one destination, driven by a scenario.
 *
 * The way of a message: a driver calls user_send(); message_put() writes it; the loop sends it.
 * With long polling transport.c stands between, which makes requests of messages. What comes back
 * goes loop -> conn -> (transport.c ->) user.c -> reply.c, where it is matched and counted, and
 * then to the driver's reply(). */
#ifndef WSIO_CLIENT_RUN_H
#define WSIO_CLIENT_RUN_H

#include "client/options/client_options.h"
#include "client/user/destination.h"
#include "client/user/message.h"
#include "client/plan/plan.h"
#include "client/user/transport.h"
#include "loop/loop.h"
#include "measure/machine/environment.h"
#include "measure/record/trial.h"

#define RUN_CONNECTING_MAX 64 /* connects under way at once, where a scenario opens many */

enum user_state {
    USER_FREE,
    USER_CONNECTING,
    USER_OPENING, /* handshakes */
    USER_READY,   /* may send */
    USER_CLOSING,
};

/* One simulated user. */
struct user {
    enum user_state state;
    enum phase phase; /* under way; PHASE_COUNT: exchanging messages */
    uint32_t index;
    uint32_t number;      /* of this user in the trial, from 0 */
    size_t address;       /* of the destination's, the one that is tried or in use */
    uint32_t outstanding; /* messages sent and not answered */
    int cause;            /* why it ends, once known; STATUS_OK: properly */
    uint64_t started;     /* ns, before connect() */
    uint64_t mark;        /* ns, end of the last phase */
    uint64_t closing;     /* ns, before the first closing byte */
    uint64_t alarm_at;    /* ns, when waiting is over; 0 never */
    uint64_t sent;        /* messages: the next one's sequence number */
    uint64_t written;     /* likewise, of those that were begun to be put */
    uint64_t matched;     /* by order: the next reply's sequence number */
    uint64_t *starts;     /* ns, when sequence number n was sent, at n % depth; 0 answered */
    uint64_t replied;     /* the message whose reply the driver is told of */
    uint64_t *dues;       /* rate: ns, when they fell due, likewise; else NULL */
    uint32_t line_next;   /* rate: who stands in line behind this one */
    bool in_line;
    struct message_out out;
    struct message_in in;
    struct running latencies; /* ns, those that count for the trial */
    bool echoed;              /* the driver was told of the first reply */
    bool held;                /* and will be told of it when the upgrade is over */
    uint64_t held_latency;    /* ns */
    struct loop_slot *slot;   /* of TRANSPORT_DIRECT */
    struct session session;
    struct transport transport;
    char detail[FAILURE_TEXT]; /* of the cause */
};

struct run;

/* What makes a scenario. ready() comes when a message may be sent, which is during an upgrade; then
 * only one is sent, and its reply() waits until the upgrade is over. reply() comes after counting;
 * gone() when the user is free again. */
struct driver {
    bool ready_settled; /* ready() also waits for the upgrade */
    void (*start)(struct run *r);
    void (*ready)(struct run *r, struct user *u);
    void (*reply)(struct run *r, struct user *u, uint64_t latency_ns);
    void (*gone)(struct run *r, struct user *u);
    /* When tick() is wanted at the latest, ns; PORT_FOREVER: never, 0: at each turn. May be NULL.
     */
    uint64_t (*due)(const struct run *r);
    void (*tick)(struct run *r, uint64_t now);
};

/* What is used most stands first, what is large last: short offsets make short code. */
struct run {
    /* Of the trial under way. */
    struct trial *trial;
    struct destination *destination;
    const struct driver *driver;
    struct user *users;
    uint32_t user_count;      /* capacity */
    uint32_t open;            /* users that are not free */
    uint32_t opened;          /* connects begun */
    uint32_t connecting;      /* users not ready yet */
    uint32_t outstanding;     /* messages, of all users */
    uint32_t next_free;       /* where the search for a free user begins */
    uint32_t failed_in_a_row; /* users that were not ready in the end, since the last that was */
    bool over;
    bool filling;         /* run_fill() is at work */
    bool silence_allowed; /* a reply that does not come in time is a result, not a failure */
    /* roundtrip, rate and send: the steady part */
    bool steady;
    bool finishing;     /* nothing more is sent */
    bool finishing_due; /* send: no more is begun */
    bool steady_due;    /* begins at the next tick */
    bool closing;       /* everybody was asked to close */
    bool window_open;
    bool nobody_free;      /* rate: all have as much outstanding as they may */
    uint32_t first_echoes; /* users that had theirs, or are gone */
    uint64_t steady_from;  /* ns */
    uint64_t window_from;
    uint64_t window_until;
    uint64_t last_reply;
    uint64_t last_sent;
    struct plan plan;
    uint64_t outstanding_since;
    uint64_t reply_timeout; /* ns; 0: replies are not waited for one by one */
    uint64_t last_sequence; /* of `send`: the message that is different; UINT64_MAX none */
    uint64_t began;         /* ns, before the first connect() */
    uint64_t ended;         /* ns, when the last user was gone */
    uint64_t looked_ns;     /* in the window, in turns that only looked for what falls due */
    uint64_t looks;         /* such turns */
    uint64_t window_calls;  /* at the window's start, as both of these */
    struct port_usage usage_client;
    struct port_usage usage_server;
    /* rate */
    uint64_t next;                              /* message of the schedule to be sent */
    uint64_t next_due;                          /* ns, when that falls due */
    uint64_t scheduled;                         /* messages, warm-up included */
    uint64_t free_since;                        /* ns, when nobody_free ended last */
    uint32_t line_first, line_last, line_count; /* users who may take a message */

    struct loop_counters counters; /* at the trial's start */
    struct loop_counters counters_steady;

    /* --log: latencies in ns, `roundtrips` per client of the trial, 0 where there is none. NULL:
     * none kept. */
    uint64_t *raw;
    size_t raw_count;

    /* Of all trials. */
    const struct client_options *options;
    struct environment *environment; /* for the socket options, as read back */
    int64_t server_pid;              /* of the next trial's server; 0: its usage is not known */
    bool own_server;                 /* the target is the sibling's: frames have known sizes */
    bool stopped;                    /* a signal ended it */
    uint32_t depth_most;             /* of each user's rings */
    uint32_t rings;                  /* `starts`, and with a schedule `dues` */
    uint32_t work_first, work_last;  /* users for whom transport.c has something to do */
    void *owner;                     /* of progress() */
    void (*progress)(struct run *r, uint64_t now); /* at each turn; NULL: none */
    struct loop_app app;
    struct loop loop;
    struct message_form last_form;                         /* of `send`: the last message's */
    uint8_t url[DESTINATION_TEXT_BYTES + 4 * EIO_SID_MAX]; /* of a request being put */
};

/* What a run needs at once, at the most. */
struct run_size {
    uint32_t users;
    uint32_t connections_each;
    uint32_t depth;    /* messages outstanding on each user */
    bool schedule;     /* when they fell due is kept */
    size_t user_bytes; /* of one user's half-received replies */
};

/* Takes all memory. STATUS_OK or what was lacking. */
int run_open(struct run *r, const struct client_options *options, const struct port_poller *poller,
             const struct run_size *size);
void run_close(struct run *r);

/* Runs one trial to its end, or to a signal. The trial is reset, filled, and complete: nothing is
 * outstanding. */
void run_trial(struct run *r, struct destination *d, const struct driver *driver,
               enum scenario scenario, const struct plan *plan, struct trial *trial);

/* The same in parts, for who does something between its turns: begin, then step until r->over (or
 * less), then end. */
void run_begin(struct run *r, struct destination *d, const struct driver *driver,
               enum scenario scenario, const struct plan *plan, struct trial *trial);
void run_step(struct run *r);
void run_end(struct run *r);

/* The CPU times so far, to be taken at a window's start and end. */
void run_window_begin(struct run *r);
void run_window_end(struct run *r);

/* ---- For the drivers --------------------------------------------------------------------- */

/* No connection comes about any more, and enough were tried. */
bool run_hopeless(const struct run *r);

/* Opens users while there are fewer than `total` so far, `open` at once, `connecting` not ready
 * yet. What fails at once calls the driver's gone() from within; a call from there returns at once,
 * and this one goes on. */
void run_fill(struct run *r, uint32_t total, uint32_t open, uint32_t connecting);

/* Connects one more user. Never NULL while r->open < plan.concurrency; its failure comes by gone().
 */
void run_open_user(struct run *r);

#endif
