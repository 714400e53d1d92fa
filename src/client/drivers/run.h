/* Runs trials, one after the other, with memory that is taken once. For the campaign. */
#ifndef WSIO_CLIENT_RUN_H
#define WSIO_CLIENT_RUN_H

#include "client/drivers/course.h"
#include "measure/record/scenario.h"

/* What the largest trial needs. */
struct run_size {
    uint32_t users;
    uint32_t connections_each;
    uint32_t depth;    /* messages outstanding on each user */
    bool schedule;     /* there is a trial of rate */
    size_t user_bytes; /* of one user's half-received replies */
};

struct run {
    const struct client_options *options;

    /* To be set by the caller, before each trial. */
    struct environment *environment;               /* notes the options of sockets */
    int64_t server_pid;                            /* of the server; 0: its usage is not known */
    bool own_server;                               /* it is the sibling: frames have known sizes */
    uint64_t key;                                  /* of the trial's messages: see payload.h */
    uint64_t ends_at;                              /* ns, of the whole run; 0: any time */
    void (*progress)(struct run *r, uint64_t now); /* at each turn; NULL: none */
    void *owner;                                   /* of progress() */

    bool stopped; /* a signal ended it */
    struct course_memory memory;
    uint8_t *region; /* where all of that is, but the raw latencies */
    size_t region_bytes;
    struct course course; /* the trial under way, or the last one */
    struct loop_app app;
    struct loop loop;
};

/* Takes all memory, into an all-zero run. STATUS_OK or what was lacking. */
int run_open(struct run *r, const struct client_options *options, const struct port_poller *poller,
             const struct run_size *size);
void run_close(struct run *r);

/* Runs one trial to its end, to a signal, or to the deadline of its plan or of the run, at which
 * the users that are still there fail. The trial is reset, filled, and complete: nothing is
 * outstanding. */
void run_trial(struct run *r, struct destination *d, enum scenario scenario,
               const struct plan *plan, struct trial *trial);

/* The same in parts, for a caller that acts between its turns: begin, then step until
 * r->course.over (or less), then end. */
void run_begin(struct run *r, struct destination *d, enum scenario scenario,
               const struct plan *plan, struct trial *trial);
void run_step(struct run *r);
void run_end(struct run *r);

#endif
