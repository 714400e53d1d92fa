/* Where a handful of numbers lie: one per block. */
#ifndef WSIO_MEASURE_SPREAD_H
#define WSIO_MEASURE_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

/* All 0 when n is 0. Quartiles and median interpolate between neighbours (type 7 of Hyndman and
 * Fan, as in R and NumPy). */
struct spread {
    size_t n;
    double min;
    double low; /* first quartile */
    double median;
    double high; /* third quartile */
    double max;
    /* Numbers that are only known to be greater than what stands there. */
    bool min_beyond;
    bool low_beyond;
    bool median_beyond;
    bool high_beyond;
    bool max_beyond;
};

/* n <= BLOCKS_MAX values in any order, which are not changed. */
struct spread spread_of(const double *values, size_t n);

/* The same of values of which those marked in `beyond` are lower bounds. */
struct spread spread_of_bounds(const double *values, const bool *beyond, size_t n);

/* What lies above this, or is computed from something that does, is not known. */
#define SPREAD_KNOWN 1e200

/* Copies n values, with each that is marked raised far above SPREAD_KNOWN: what a statistic of the
 * copy shows there is beyond. The number of those marked. */
size_t spread_raise(double *raised, const double *values, const bool *beyond, size_t n);

/* Sorts in place, ascending; and the quantile (0 <= part <= 1) of n >= 1 sorted values. */
void spread_sort(double *values, size_t n);
double spread_quantile(const double *sorted, size_t n, double part);

#endif
