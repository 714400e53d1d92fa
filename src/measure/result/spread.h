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

/* n <= BLOCKS_MAX values in any order, which are not changed. */
struct spread spread_of(const double *values, size_t n);

/* Sorts in place, ascending; and the quantile (0 <= part <= 1) of n >= 1 sorted values. */
void spread_sort(double *values, size_t n);
double spread_quantile(const double *sorted, size_t n, double part);

#endif
