/* 95 % intervals over blocks: the block is what repeats, never the message. */
#ifndef WSIO_MEASURE_INTERVAL_H
#define WSIO_MEASURE_INTERVAL_H

#include <stddef.h>

#define INTERVAL_RESAMPLES 10000
/* Fewer blocks than this cannot show anything: even if all agree, the two-sided chance of that is
 * 2 / 2^5 > 5 %. */
#define INTERVAL_MIN 6

/* n is 0 when nothing was measured. Below INTERVAL_MIN values, low and high are the minimum and the
 * maximum, and nothing follows from them. */
struct interval {
    size_t n;
    double middle; /* the median of the values; interval_of_ratios() says what it is there */
    double low;
    double high;
};

/* Percentile bootstrap of the median of n <= BLOCKS_MAX values (type 7 quantiles, as in spread.h),
 * with thinner tails for fewer values: it misses the true median in 1.5 % to 6.6 % of all cases for
 * any n, in 4 % for 10. The generator is fixed: equal values give equal intervals. */
struct interval interval_of(const double *values, size_t n);

/* The same for values that are looked at up to `looks` times while they are collected: wider, so
 * that all looks together hold with a probability of 95 %. */
struct interval interval_of_looks(const double *values, size_t n, unsigned looks);

/* The interval of the ratio between two targets, from the ratios of n <= BLOCKS_MAX blocks, all
 * > 0. `claims` (0 is 1) is the number of ratios that are judged together, times that of looks: all
 * their intervals hold with a probability of 95 %, so that each is as much wider (Bonferroni).
 *
 * The middle is the geometric mean of the ratios without those at either end: a tenth of them
 * (rounded down), from 20 on a fifth. The interval is Student's of a trimmed mean (Tukey and
 * McLaughlin 1963): it finds a small difference in few blocks, and from 10 blocks on a block that
 * was disturbed says nothing.
 * Below INTERVAL_MIN the middle is that mean, with the minimum and the maximum.
 * tests/bench/power.c counts how often it is right. */
struct interval interval_of_ratios(const double *ratios, size_t n, unsigned claims);

/* The interval of median(above) / median(below), both resampled on their own: for runs whose blocks
 * do not belong together. All values > 0. Its n is the lesser of the two counts. */
struct interval interval_of_medians(const double *above, size_t n, const double *below, size_t m);

#endif
