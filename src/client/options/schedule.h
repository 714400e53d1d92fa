/* When the messages of a fixed rate fall due: whole nanoseconds from exact fractions, so that the
 * last one is as right as the first. */
#ifndef WSIO_CLIENT_SCHEDULE_H
#define WSIO_CLIENT_SCHEDULE_H

#include <stdint.h>

/* When message number k (from 0) falls due, in ns after the start: k / rate, rounded down.
 * 1 <= rate <= 10^9, and the result fits. */
uint64_t schedule_due(uint64_t k, uint64_t rate);

/* How many messages fall due in the first `ns`: those with schedule_due() < ns. */
uint64_t schedule_count(uint64_t ns, uint64_t rate);

#endif
