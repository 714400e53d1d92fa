/* All trials of one scenario against one target: the figures of each block, and everything pooled.
 */
#ifndef WSIO_MEASURE_SUMMARY_H
#define WSIO_MEASURE_SUMMARY_H

#include <stdbool.h>

#include "base/config.h"
#include "measure/record/identity.h"
#include "measure/record/trial.h"
#include "measure/result/figure.h"
#include "measure/result/interval.h"
#include "measure/result/limit.h"
#include "measure/result/spread.h"

/* Why a figure must not be shown as a number. */
enum refusal {
    REFUSAL_NONE,
    REFUSAL_BALANCE, /* the messages do not add up: then no figure is known */
    REFUSAL_LITTLE,  /* rate and latency contradict each other */
    REFUSAL_BYTES,   /* bytes and frames contradict each other */
    REFUSAL_FEW,     /* in half of the trials or more, fewer than ten messages lie beyond it */
    REFUSAL_MISSING, /* a ratio to something of which only a lower bound is known */
};

/* A figure, or the ratio of two, over the blocks. `spread` and `interval` are filled in even when
 * the figure is refused: their n says how many blocks measured it, 0 for none. */
struct estimate {
    enum refusal refusal;
    struct spread spread;
    struct interval interval;
};

/* A number of all messages of one scenario and target, ns. */
struct summary_value {
    bool known;
    bool scarce; /* not known, as fewer than ten messages lie beyond it */
    bool beyond; /* the true one is greater: messages are missing */
    double ns;
};

/* All-zero is valid and empty; about 500 KiB. */
struct summary {
    unsigned blocks;                          /* trials added */
    unsigned broken[IDENTITY_COUNT];          /* trials that broke the identity */
    char why[IDENTITY_COUNT][IDENTITY_TEXT];  /* the first one's sentence */
    double figures[FIGURE_COUNT][BLOCKS_MAX]; /* by block; 0 or less: not measured in that block */
    bool beyond[FIGURE_COUNT][BLOCKS_MAX];    /* that is a lower bound: messages are missing */
    unsigned scarce[FIGURE_COUNT];            /* trials of which too few messages lie beyond it */
    unsigned silent_blocks;                   /* trials that were silent for too long */
    struct placement_samples placements[BLOCKS_MAX]; /* by block: where its ends ran */
    struct placement_count placement;                /* how many of the trials saw which */
    struct trial pooled;

    /* By summary_conclude(). */
    struct estimate estimates[FIGURE_COUNT];
    struct summary_value mean; /* of all blocks pooled, like those below */
    struct summary_value max;
    struct summary_value p999;
    struct summary_value lag_p50; /* rate: of sends */
    struct summary_value lag_p99;
    struct summary_value arrival_p50; /* sampled: not known where the system does not stamp */
    struct summary_value arrival_p99;
    double silent_share; /* of the windows of all blocks: see struct trial */
    enum limit limit;
    bool drifting; /* no steady state: p50 of the window's last third lies more than 5 % off that of
                    * its first, and from INTERVAL_MIN blocks on the ratio's interval excludes 1 */
    bool failed;   /* worth exit status 1: a client failed or was lost other than by the
                    * interruption, a reply was wrong, an identity is broken */
};

void summary_reset(struct summary *s);

/* Adds the finished trial of that block (0 <= block < BLOCKS_MAX, each at most once) and checks
 * its identities. A trial that measured nothing still brings its tally, clients and failures. */
void summary_add(struct summary *s, unsigned block, const struct trial *t);

/* Computes what follows from the trials. To be called anew after further changes. */
void summary_conclude(struct summary *s);

/* The interval of a figure that is looked at up to `looks` times while blocks are added; n is 0
 * where it was not measured, or is refused. */
struct interval summary_find_interval(const struct summary *s, enum figure figure, unsigned looks);

/* What was measured of one target. */
struct summary_trials {
    const struct summary *first;
    const struct summary *second; /* its second trials in the same blocks; NULL: there are none */
};

/* The figure of `of` divided by the same one of `to`, block by block, over the blocks that have
 * both: what disturbed a block disturbed both. Where a target has two trials in a block, their
 * geometric mean counts. Refused when a figure is; all are concluded. The interval is that of
 * interval_of_ratios() with so many claims. */
struct estimate summary_compare(struct summary_trials of, struct summary_trials to,
                                enum figure figure, unsigned claims);

#endif
