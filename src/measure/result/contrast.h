/* Whether the ratio of two targets in one figure shows a difference on this machine. */
#ifndef WSIO_MEASURE_CONTRAST_H
#define WSIO_MEASURE_CONTRAST_H

#include "measure/result/figure.h"
#include "measure/result/interval.h"
#include "measure/result/summary.h"

enum contrast_result {
    CONTRAST_NONE, /* one of the two has no such figure, or the ratio or the noise is refused */
    CONTRAST_FEW,  /* not enough trials: fewer than INTERVAL_MIN blocks have both */
    CONTRAST_SAME, /* no difference shown */
    CONTRAST_LESS, /* the ratio is below 1 */
    CONTRAST_MORE, /* above */
};

/* Judges a ratio by its interval: a difference is shown only when that excludes 1. */
enum contrast_result contrast_judge(const struct interval *ratio);

/* The largest difference from 1 that the interval allows: 0.02 is 2 %. */
double contrast_allows(const struct interval *ratio);

/* In words, rounded up: "<= 2.1 %", "<= 12 %", "> 999 %". */
#define CONTRAST_ALLOWS 16
void contrast_format_allows(char out[CONTRAST_ALLOWS], double allows);

/* "no difference shown", "not enough trials", "lower", "higher"; "-" for CONTRAST_NONE. */
const char *contrast_text(enum contrast_result result);

/* JSON: "no_difference", "not_enough_trials", "lower", "higher"; "none" for CONTRAST_NONE. */
const char *contrast_key(enum contrast_result result);

#endif
