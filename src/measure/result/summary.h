/* All trials of one scenario against one target: the figures of each block, and everything pooled.
 */
#ifndef WSIO_MEASURE_SUMMARY_H
#define WSIO_MEASURE_SUMMARY_H

#include <stdbool.h>

#include "base/config.h"
#include "measure/result/figure.h"
#include "measure/record/identity.h"
#include "measure/result/interval.h"
#include "measure/result/spread.h"
#include "measure/record/trial.h"

/* All-zero is valid and empty; about 350 KiB. */
struct summary {
    unsigned blocks;                          /* trials added */
    unsigned broken[IDENTITY_COUNT];          /* trials that broke it */
    char why[IDENTITY_COUNT][IDENTITY_TEXT];  /* the first one's sentence */
    double figures[FIGURE_COUNT][BLOCKS_MAX]; /* by block; 0 or less: not measured in that block */
    struct trial pooled;
};

void summary_reset(struct summary *s);

/* Adds the finished trial of that block (0 <= block < BLOCKS_MAX, each at most once) and checks
 * its identities. A trial that measured nothing still brings its tally, clients and failures. */
void summary_add(struct summary *s, unsigned block, const struct trial *t);

/* Over the blocks that measured it; n is 0 when none did. */
struct spread summary_figure(const struct summary *s, enum figure figure);

/* `of` divided by `to`, block by block, over the blocks that have both. */
struct spread summary_ratio(const struct summary *of, const struct summary *to, enum figure figure);

/* The same with 95 % intervals. The ratio's values are the blocks' own ratios: what disturbed a
 * block disturbed both. */
struct interval summary_interval(const struct summary *s, enum figure figure);
struct interval summary_ratio_interval(const struct summary *of, const struct summary *to,
                                       enum figure figure);

/* Some identity was broken: this figure must not be shown as a number. */
bool summary_refused(const struct summary *s, enum figure figure);
bool summary_refused_any(const struct summary *s);

#endif
