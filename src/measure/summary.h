/* All trials of one scenario against one target: the figures of each block, and everything pooled.
 */
#ifndef WSIO_MEASURE_SUMMARY_H
#define WSIO_MEASURE_SUMMARY_H

#include <stdbool.h>

#include "base/config.h"
#include "measure/identity.h"
#include "measure/spread.h"
#include "measure/trial.h"

/* X(NAME, key). One number per block each, units in the key. */
#define FIGURE_LIST(X)                                                                             \
    X(RATE, "rate_per_s")                         /* trial_rate */                                 \
    X(RATE_OUTSTANDING, "rate_outstanding_per_s") /* throughput */                                 \
    X(BYTES, "payload_bytes_per_s")                                                                \
    X(P50, "p50_ns") /* of latency */                                                              \
    X(P90, "p90_ns")                                                                               \
    X(P99, "p99_ns")                                                                               \
    X(MEAN, "mean_ns")                                                                             \
    X(READY, "ready_p50_ns")                                                                       \
    X(FIRST_ECHO, "first_echo_p50_ns")                                                             \
    X(ACCEPTED, "accepted_per_s") /* send */                                                       \
    X(CLIENT_CPU, "client_cpu_ns_per_message")                                                     \
    X(SERVER_CPU, "server_cpu_ns_per_message")

enum figure {
#define X(name, key) FIGURE_##name,
    FIGURE_LIST(X)
#undef X
        FIGURE_COUNT
};

const char *figure_key(enum figure figure);

/* All-zero is valid and empty; about 350 KiB. */
struct summary {
    unsigned blocks;                           /* trials added */
    double figures[FIGURE_COUNT][BLOCKS_MOST]; /* by block; 0 or less: not measured in that block */
    struct trial pooled;
    unsigned broken[IDENTITY_COUNT];         /* trials that broke it */
    char why[IDENTITY_COUNT][IDENTITY_TEXT]; /* the first one's sentence */
};

void summary_reset(struct summary *s);

/* Adds the finished trial of that block (0 <= block < BLOCKS_MOST, each at most once) and checks
 * its identities. A trial that measured nothing still brings its tally, clients and failures. */
void summary_add(struct summary *s, unsigned block, const struct trial *t);

/* Over the blocks that measured it; n is 0 when none did. */
struct spread summary_figure(const struct summary *s, enum figure figure);

/* `of` divided by `to`, block by block, over the blocks that have both. */
struct spread summary_ratio(const struct summary *of, const struct summary *to, enum figure figure);

/* Some identity was broken: this figure must not be shown as a number. */
bool summary_refused(const struct summary *s, enum figure figure);
bool summary_refused_any(const struct summary *s);

#endif
