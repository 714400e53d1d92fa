/* What a run consists of: how much of a scenario one trial is, how many there are, and what they
 * need, known before any time is spent. */
#ifndef WSIO_CLIENT_PLAN_H
#define WSIO_CLIENT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "client/options/client_options.h"
#include "measure/machine/preflight.h"

#define PLAN_BLOCKS_MIN 6 /* of compare, whatever --time-limit says */

/* How much of a scenario one trial is. */
struct plan {
    uint32_t clients;
    uint32_t concurrency;
    uint32_t roundtrips;
    uint32_t depth;
    uint64_t rate; /* messages per second of all clients; 0 without a schedule */
    uint64_t duration_ns;
    uint64_t warmup_ns;
};

/* One trial; `point` is the index of a value of --sweep, 0 without one. */
struct plan plan_of(const struct client_options *o, enum scenario scenario, uint32_t point);

/* Whether the run has this scenario at all, and of this target: after an upgrade the transport is
 * WebSocket, which compare has in a column of its own. */
bool plan_has(const struct client_options *o, enum scenario scenario);
bool plan_has_of(const struct client_options *o, const struct target *target,
                 enum scenario scenario);

/* Values of --sweep, or 1: the trials of each target, scenario and block. */
uint32_t plan_points(const struct client_options *o);

/* compare measures its first target twice in each block. */
bool plan_has_control(const struct client_options *o);

/* About how long all of it takes where nothing is far away, ns. */
uint64_t plan_ns(const struct client_options *o, const struct target_list *targets);

/* Where that passes --time-limit, first blocks go, down to PLAN_BLOCKS_MIN, then the trials with
 * a duration get shorter. */
void plan_fit(struct client_options *o, const struct target_list *targets);

/* Of the largest trial: simulated users at once, sockets open at once, and descriptors with what is
 * needed beside them. */
uint32_t plan_users(const struct client_options *o);
uint32_t plan_sockets(const struct client_options *o, const struct target_list *targets);
uint32_t plan_files(const struct client_options *o, const struct target_list *targets);

/* All that a pre-flight wants to know; `poller_most` sockets are watched, `loopback` is known. */
struct preflight_plan plan_preflight(const struct client_options *o,
                                     const struct target_list *targets, uint64_t poller_most,
                                     bool loopback);

#endif
