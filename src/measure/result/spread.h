/* Where a handful of numbers lie: one per block. */
#ifndef WSIO_MEASURE_SPREAD_H
#define WSIO_MEASURE_SPREAD_H

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
};

/* Of n <= BLOCKS_MAX values in any order; they stay as they are. */
struct spread spread_of(const double *values, size_t n);

/* Its two parts, for others: ascending order in place, and a quantile (0 <= part <= 1) of n >= 1
 * values in that order. */
void spread_sort(double *values, size_t n);
double spread_quantile(const double *sorted, size_t n, double part);

#endif
