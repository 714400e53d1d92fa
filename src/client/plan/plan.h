/* What a run consists of, known before any time is spent: how much of a scenario one trial is, how
 * many trials there are, and what they need. */
#ifndef WSIO_CLIENT_PLAN_H
#define WSIO_CLIENT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/options/client_options.h"
#include "measure/machine/preflight.h"

#define PLAN_BLOCKS_MIN 6 /* of compare */

#define PLAN_CONNECTING_MAX 64 /* connects under way at once, where a scenario opens many */

/* How much of a scenario one trial is. */
struct plan {
    uint32_t clients;     /* in all */
    uint32_t concurrency; /* of these, open at once */
    uint32_t roundtrips;  /* messages of each client; 1 where the scenario does not count them */
    uint32_t depth;       /* messages outstanding of each client */
    uint64_t rate;        /* messages per second of all clients; 0: there is no schedule */
    uint64_t duration_ns; /* 0: until all clients are done */
    uint64_t warmup_ns;   /* cut from the start of the duration */
};

/* What the largest trial needs at once. */
struct plan_needs {
    uint32_t users;            /* simulated users */
    uint32_t connections_each; /* connections of one user */
    uint32_t depth;            /* messages outstanding of one user */
    bool schedule;             /* some trial has a rate */
};

/* One trial. `point` is the index of a value of --sweep, 0 without one. */
struct plan plan_of(const struct client_options *o, enum scenario scenario, uint32_t point);

/* The word of the command line that measures this scenario alone. */
enum client_scenario plan_find_command(enum scenario scenario);

/* Whether the run has this scenario at all. compare has every one, those of an open loop with
 * --rate only. */
bool plan_has(const struct client_options *o, enum scenario scenario);

/* Whether it has it for this target. compare measures only `connect` of a target that upgrades:
 * what comes behind is WebSocket, which another target stands for. */
bool plan_has_of(const struct client_options *o, const struct target *target,
                 enum scenario scenario);

/* ns that a trial takes at most, if its server answers everything just before its timeout. `size`:
 * bytes of a message. */
uint64_t plan_most_ns(const struct plan *plan, uint64_t timeout_ns, size_t size);

/* Values of --sweep, or 1: the trials of each target, scenario and block. */
uint32_t plan_points(const struct client_options *o);

/* Blocks that the run has at least, however short --time-limit is. */
unsigned plan_blocks_min(const struct client_options *o);

/* The target that all others are judged against, the reference of all: the first, or the one that
 * --against names. TARGETS_MAX: none has that name. */
uint32_t plan_find_against(const struct client_options *o, const struct target_list *targets);

/* Whether each block has a control: a second trial of that target. */
bool plan_has_control(const struct client_options *o);

/* The expected duration of the run in ns, where servers are near and fast. */
uint64_t plan_ns(const struct client_options *o, const struct target_list *targets);

/* Makes the run fit --time-limit: takes away blocks, of compare down to PLAN_BLOCKS_MIN, then
 * halves the duration of compare's trials as long as that leaves enough to measure. */
void plan_fit(struct client_options *o, const struct target_list *targets);

/* What the largest trial of all targets needs; with no targets, users have one connection each. */
struct plan_needs plan_find_needs(const struct client_options *o,
                                  const struct target_list *targets);

/* What a pre-flight compares with the machine. `poller_most` sockets can be watched at once;
 * `loopback`: every target is on this machine. */
struct preflight_plan plan_preflight(const struct client_options *o,
                                     const struct target_list *targets, uint64_t poller_most,
                                     bool loopback);

#endif
