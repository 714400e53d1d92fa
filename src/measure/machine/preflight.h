/* Before any time is spent: does this machine have what the planned run needs, and is it quiet
 * enough to say something? Every row names the number needed and the number found. */
#ifndef WSIO_MEASURE_PREFLIGHT_H
#define WSIO_MEASURE_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/machine/environment.h"

enum preflight_state {
    PREFLIGHT_FINE,
    PREFLIGHT_UNKNOWN, /* the system does not report it; `found` is "unknown" */
    PREFLIGHT_NOTE,    /* the run fits; its figures may suffer */
    PREFLIGHT_SHORT,   /* the run cannot fit: refused before it begins */
};

#define PREFLIGHT_ROWS   16
#define PREFLIGHT_NAME   24
#define PREFLIGHT_NUMBER 48
#define PREFLIGHT_ADVICE 160

struct preflight_row {
    char name[PREFLIGHT_NAME];     /* "open files" */
    char needed[PREFLIGHT_NUMBER]; /* "4 112"; "-" when nothing is needed */
    char found[PREFLIGHT_NUMBER];
    enum preflight_state state;
    char advice[PREFLIGHT_ADVICE]; /* what to change; "" when fine or unknown */
};

/* All-zero is empty. */
struct preflight {
    unsigned count;
    struct preflight_row rows[PREFLIGHT_ROWS];
};

/* What the client plans. */
struct preflight_plan {
    uint64_t files;       /* descriptors at once, of this process */
    uint64_t sockets;     /* connections at once, for the poller and the backlog */
    uint64_t poller_most; /* that the poller watches, SIZE_MAX without a limit */
    uint64_t connections; /* in all, to the target that gets most of them: ports used up */
    uint64_t duration_ns; /* of the run, expected */
    unsigned threads;     /* that should run at the same time: ours, and a local server's that is
                             not to share our core */
    bool placement_open;  /* nothing binds the two ends: the trials show where they ran */
    unsigned placed;      /* trials of which it is known; 0 before the run */
    unsigned shared;      /* of these, with both ends on one core, at times or always */
    bool loopback;        /* every target; unknown names count as not */
};

/* Fills the rows in a fixed order, from `e` alone. What was stolen is known only after
 * environment_finish(): call it a second time then. */
void preflight_check(struct preflight *p, const struct preflight_plan *plan,
                     const struct environment *e);

/* How many rows are in that state. */
unsigned preflight_count(const struct preflight *p, enum preflight_state state);

/* JSON: "fine", "unknown", "note", "short". */
const char *preflight_key(enum preflight_state state);

/* The first row that is PREFLIGHT_SHORT, or NULL. */
const struct preflight_row *preflight_short(const struct preflight *p);

#endif
