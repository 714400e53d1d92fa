/* A fixed-buffer histogram of durations: log-linear bins, integers only on the way in.
 *
 * Below 256 ns every value has its own bin; above, each octave has 128, so that a value read back
 * is at most 1/128 (0.79 %) above the one recorded and never below it. Count, minimum, maximum,
 * mean and deviation are exact: they come from the values, not from the bins. */
#ifndef WSIO_MEASURE_HISTOGRAM_H
#define WSIO_MEASURE_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/record/running.h"

#define HISTOGRAM_OCTAVES 36 /* values below 2^36 ns, about 68.7 s */
#define HISTOGRAM_MAX     ((UINT64_C(1) << HISTOGRAM_OCTAVES) - 1)
#define HISTOGRAM_BINS    (256 + 128 * (HISTOGRAM_OCTAVES - 8))

/* All-zero is empty. About 30 KiB: static memory, not the stack. */
struct histogram {
    struct running values;  /* ns; values.n is the count of what was recorded */
    uint64_t outside;       /* refused because above HISTOGRAM_MAX */
    uint64_t missing;       /* never came: messages that nobody answered */
    uint64_t missing_after; /* ns; each of these is greater; 0 when there are none */
    uint64_t counts[HISTOGRAM_BINS];
};

void histogram_reset(struct histogram *h);

/* 0..HISTOGRAM_MAX ns. A greater value is counted in `outside` alone, and false comes back. */
bool histogram_record(struct histogram *h, uint64_t ns);

/* Counts values that did not come within `ns` (> 0): they are greater than all recorded ones. */
void histogram_miss(struct histogram *h, uint64_t ns, uint64_t count);

/* As if every value of `from`, those outside and missing too, had been recorded in `into`. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* All values: recorded, outside, and missing. Percentiles are of these. */
uint64_t histogram_total(const struct histogram *h);

/* That percentile (0..100) lies among the values outside or missing: only a lower bound is known.
 * False when empty. */
bool histogram_is_beyond(const struct histogram *h, double percent);

/* ns; what the values outside and missing exceed: the least that is known of any, and no less than
 * the greatest one recorded. 0 when there are none. */
uint64_t histogram_bound(const struct histogram *h);

/* Ten values or more are greater than that percentile: with fewer it shows chance. */
#define HISTOGRAM_BEYOND 10
bool histogram_supports(const struct histogram *h, double percent);

/* Why a percentile must not be shown as a number. */
enum histogram_lack {
    HISTOGRAM_LACKS_NOTHING,
    HISTOGRAM_LACKS_VALUES, /* it is not supported */
    HISTOGRAM_LACKS_END,    /* it is beyond what is known */
};

/* `of_clients`: there is a value for each client, not for each message. Then the median is their
 * middle, however few they are. */
enum histogram_lack histogram_find_lack(const struct histogram *h, double percent, bool of_clients);

/* The value that `percent` (0..100) of all values do not exceed: the upper end of its bin, within
 * min..max. 100 gives the maximum, 0 the bin of the minimum. histogram_bound() when it is beyond.
 * 0 when empty. */
uint64_t histogram_percentile(const struct histogram *h, double percent);

/* The same value, if the values of its bin are spread evenly: at most 1/128 off to either side, and
 * without steps. For figures that are compared: histogram_percentile() of two that differ by a hair
 * is a whole bin apart, or equal. 0 when empty. */
double histogram_between(const struct histogram *h, double percent);

/* What is missing takes no part in these two. */
double histogram_mean(const struct histogram *h);      /* ns; 0 when empty */
double histogram_deviation(const struct histogram *h); /* ns; 0 below two values */

/* The bins, for writers of distributions: 0 <= bin < HISTOGRAM_BINS. */
unsigned histogram_bin(uint64_t ns); /* ns <= HISTOGRAM_MAX */
uint64_t histogram_bin_low(unsigned bin);
uint64_t histogram_bin_high(unsigned bin);

#endif
