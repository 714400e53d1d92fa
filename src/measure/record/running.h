/* Count, minimum, mean, maximum and standard deviation of numbers as they come, without keeping
 * them. */
#ifndef WSIO_MEASURE_RUNNING_H
#define WSIO_MEASURE_RUNNING_H

#include <stdint.h>

/* All-zero is empty. Meaningful while n > 0. Exact up to the precision of a double (Welford). */
struct running {
    uint64_t n;
    double min;
    double max;
    double mean;
    double m2; /* sum of the squared distances from the mean */
};

void running_add(struct running *r, double value);

/* As if every value of `from` had been added to `into` (Chan, Golub and LeVeque). */
void running_merge(struct running *into, const struct running *from);

/* Standard deviation of the sample, divided by n - 1; 0 when n < 2. */
double running_deviation(const struct running *r);

#endif
