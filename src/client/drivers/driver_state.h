/* What each scenario keeps of the trial under way. A trial has one of them, all-zero at its start.
 */
#ifndef WSIO_CLIENT_DRIVER_STATE_H
#define WSIO_CLIENT_DRIVER_STATE_H

#include "client/drivers/queue.h"
#include "loop/loop.h"

/* ---- roundtrip and rate: see steady.h ------------------------------------------------------ */

enum steady_stage {
    STEADY_OPENING,   /* all users connect, and have one echo */
    STEADY_DUE,       /* that is done: the next tick begins the scenario's own part */
    STEADY_RUNNING,   /* the scenario's own part */
    STEADY_FINISHING, /* nothing more is sent, the last replies come */
    STEADY_CLOSING,   /* all users were asked to close */
};

struct steady {
    enum steady_stage stage;
    uint32_t first_echoes;         /* users that had theirs, or are gone */
    uint64_t from;                 /* ns, when the scenario's own part began */
    uint64_t window_from;          /* ns, when its warm-up is over */
    uint64_t window_until;         /* ns, when no more messages are begun */
    struct loop_counters counters; /* the loop's when it began */
};

/* ---- rate ---------------------------------------------------------------------------------- */

struct pacing {
    uint64_t scheduled;  /* messages, warm-up included */
    uint64_t next;       /* message of the schedule to be sent */
    uint64_t next_due;   /* ns, when it falls due */
    bool all_busy;       /* all users have as much outstanding as they may */
    uint64_t free_since; /* ns, when all_busy ended last */
    struct queue queue;  /* users that may take a message */
    uint64_t *dues;      /* ns, when a user's message n fell due, at user * depth + n % depth */
};

/* ---- send ---------------------------------------------------------------------------------- */

enum sending_stage {
    SENDING_OPENS,
    SENDING_RUNS,
    SENDING_ENDS, /* the last message is sent */
};

struct sending {
    enum sending_stage stage;
    bool drains;    /* the time is over, or the ring was full once */
    uint64_t from;  /* ns, before the first send */
    uint64_t until; /* ns, when the time for more messages is over */
};

#endif
