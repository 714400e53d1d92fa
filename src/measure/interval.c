#include "measure/interval.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/config.h"
#include "base/random.h"
#include "measure/spread.h"

#define SEED 0x7773696f /* of every interval: equal values, equal interval */

static double resamples[INTERVAL_RESAMPLES];

/* The median of n draws from sorted values: with the counts of what was drawn nothing needs to be
 * sorted again. */
static double resample_median(const double *sorted, size_t n, uint64_t *generator)
{
    uint8_t drawn[BLOCKS_MOST] = {0};
    for (size_t i = 0; i < n; i++)
        /* The bias of n <= BLOCKS_MOST in 2^32 is far below what 10 000 resamples resolve. */
        drawn[(random_next_repeatable(generator) >> 32) * n >> 32]++;
    size_t seen = 0;
    size_t at = 0;
    while ((seen += drawn[at]) < (n + 1) / 2)
        at++;
    if (n % 2 != 0 || seen > n / 2)
        return sorted[at];
    size_t next = at + 1;
    while (drawn[next] == 0)
        next++;
    return (sorted[at] + sorted[next]) / 2.0;
}

/* The part of the resamples beyond either end. 2.5 % would be too much for few values: resamples of
 * n vary less than samples do, by n - 1 over n, and know nothing of the spread's own error.
 * Student's quantile in its asymptotic series (Abramowitz and Stegun, 26.7.5) makes up for both: it
 * is the expanded percentile interval of Hesterberg (The American Statistician 69:4, 2015). */
static double tail_of(size_t n)
{
    double freedom = (double)n - 1.0;
    double t = 1.95996 + (2.3723 + (2.8225 + 2.5556 / freedom) / freedom) / freedom;
    return erfc(t * sqrt((double)n / freedom / 2.0)) / 2.0;
}

/* n: of the values, of the fewer ones if there are two kinds. */
static struct interval interval_close(double median, size_t n)
{
    double tail = tail_of(n);
    spread_sort(resamples, INTERVAL_RESAMPLES);
    return (struct interval){.n = n,
                             .median = median,
                             .low = spread_quantile(resamples, INTERVAL_RESAMPLES, tail),
                             .high = spread_quantile(resamples, INTERVAL_RESAMPLES, 1.0 - tail)};
}

static void sorted_copy(double *sorted, const double *values, size_t n)
{
    assert(n <= BLOCKS_MOST);
    memcpy(sorted, values, n * sizeof *values);
    spread_sort(sorted, n);
}

struct interval interval_of(const double *values, size_t n)
{
    double sorted[BLOCKS_MOST];
    uint64_t generator = SEED;
    if (n == 0)
        return (struct interval){0};
    sorted_copy(sorted, values, n);
    double median = spread_quantile(sorted, n, 0.5);
    if (n < INTERVAL_LEAST)
        return (struct interval){n, median, sorted[0], sorted[n - 1]};
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++)
        resamples[i] = resample_median(sorted, n, &generator);
    return interval_close(median, n);
}

struct interval interval_of_medians(const double *above, size_t n, const double *below, size_t m)
{
    double tops[BLOCKS_MOST];
    double bottoms[BLOCKS_MOST];
    uint64_t generator = SEED;
    size_t least = n < m ? n : m;
    if (least == 0)
        return (struct interval){0};
    sorted_copy(tops, above, n);
    sorted_copy(bottoms, below, m);
    double ratio = spread_quantile(tops, n, 0.5) / spread_quantile(bottoms, m, 0.5);
    if (least < INTERVAL_LEAST)
        return (struct interval){least, ratio, tops[0] / bottoms[m - 1], tops[n - 1] / bottoms[0]};
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++) {
        double top = resample_median(tops, n, &generator);
        resamples[i] = top / resample_median(bottoms, m, &generator);
    }
    return interval_close(ratio, least);
}
