#include "measure/result/interval.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/config.h"
#include "base/random.h"
#include "base/real.h"
#include "measure/result/spread.h"

#define SEED 0x7773696f /* of every interval: equal values, equal interval */

static double resamples[INTERVAL_RESAMPLES];

/* Where the median of n draws from n sorted values lies: between these two of them, or on one. */
struct place {
    uint8_t low;
    uint8_t high;
};

/* With the counts of what was drawn nothing needs to be sorted. */
static struct place draw(size_t n, uint64_t *generator)
{
    uint8_t drawn[BLOCKS_MAX] = {0};
    for (size_t i = 0; i < n; i++)
        /* The bias of n <= BLOCKS_MAX in 2^32 is far below what 10 000 resamples resolve. */
        drawn[(random_next_repeatable(generator) >> 32) * n >> 32]++;
    size_t seen = 0;
    size_t at = 0;
    while ((seen += drawn[at]) < (n + 1) / 2)
        at++;
    size_t next = at;
    if (n % 2 == 0 && seen == n / 2)
        do
            next++;
        while (drawn[next] == 0);
    return (struct place){(uint8_t)at, (uint8_t)next};
}

static double median_at(const double *sorted, struct place place)
{
    return (sorted[place.low] + sorted[place.high]) / 2.0;
}

/* The draws of n are the same whatever the values are, and a report has a thousand intervals of one
 * n. They are kept in the order of their places, so that the medians come almost sorted. */
static const struct place *draws_of(size_t n)
{
    static struct place places[INTERVAL_RESAMPLES];
    static size_t of;
    uint64_t generator = SEED;
    if (of == n)
        return places;
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++) {
        struct place place = draw(n, &generator);
        resamples[i] = 256.0 * (place.low + place.high) + place.low;
    }
    spread_sort(resamples, INTERVAL_RESAMPLES);
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++) {
        unsigned key = (unsigned)resamples[i];
        places[i].low = (uint8_t)(key % 256);
        places[i].high = (uint8_t)(key / 256 - key % 256);
    }
    of = n;
    return places;
}

/* The part of the resamples beyond either end. 2.5 % would be too much for few values: resamples of
 * n vary less than samples do, by n - 1 over n, and know nothing of the spread's own error.
 * Student's quantile in its asymptotic series (Abramowitz and Stegun, 26.7.5) makes up for both: it
 * is the expanded percentile interval of Hesterberg (The American Statistician 69:4, 2015). */
static double tail_of(size_t n)
{
    double freedom = real_of(n) - 1.0;
    double t = 1.95996 + (2.3723 + (2.8225 + 2.5556 / freedom) / freedom) / freedom;
    return erfc(t * sqrt(real_of(n) / freedom / 2.0)) / 2.0;
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
    assert(n <= BLOCKS_MAX);
    memcpy(sorted, values, n * sizeof *values);
    spread_sort(sorted, n);
}

struct interval interval_of(const double *values, size_t n)
{
    double sorted[BLOCKS_MAX];
    if (n == 0)
        return (struct interval){0};
    sorted_copy(sorted, values, n);
    double median = spread_quantile(sorted, n, 0.5);
    if (n < INTERVAL_MIN)
        return (struct interval){n, median, sorted[0], sorted[n - 1]};
    const struct place *places = draws_of(n);
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++)
        resamples[i] = median_at(sorted, places[i]);
    return interval_close(median, n);
}

struct interval interval_of_medians(const double *above, size_t n, const double *below, size_t m)
{
    double tops[BLOCKS_MAX];
    double bottoms[BLOCKS_MAX];
    uint64_t generator = SEED;
    size_t least = n < m ? n : m;
    if (least == 0)
        return (struct interval){0};
    sorted_copy(tops, above, n);
    sorted_copy(bottoms, below, m);
    double ratio = spread_quantile(tops, n, 0.5) / spread_quantile(bottoms, m, 0.5);
    if (least < INTERVAL_MIN)
        return (struct interval){least, ratio, tops[0] / bottoms[m - 1], tops[n - 1] / bottoms[0]};
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++) {
        double top = median_at(tops, draw(n, &generator));
        resamples[i] = top / median_at(bottoms, draw(m, &generator));
    }
    return interval_close(ratio, least);
}
