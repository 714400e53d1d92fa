#include "measure/result/interval.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/config.h"
#include "base/random.h"
#include "base/real.h"
#include "measure/result/spread.h"
#include "measure/result/student.h"

#define SEED    0x7773696f /* of every interval: equal values give equal intervals */
#define MANY    20         /* ratios; of fewer, leaving out a fifth would cost too much */
#define OUTSIDE 0.05       /* the part of all reports in which some ratio lies beyond its ends */

/* Where the median of n draws from n sorted values lies: between these two values, or on one. */
struct place {
    uint8_t low;
    uint8_t high;
};

/* All resamples whose median lies in one place. */
struct drawn {
    struct place place;
    unsigned count;
};

#define PLACES_MAX (BLOCKS_MAX * (BLOCKS_MAX + 1) / 2) /* pairs with low <= high */

/* Counting what was drawn saves sorting it. */
static struct place draw_median(size_t n, uint64_t *generator)
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

static double find_median_at(const double *sorted, struct place place)
{
    return (sorted[place.low] + sorted[place.high]) / 2.0;
}

/* The resamples of n values, by the place of their median; `count` gets the number of places. They
 * are the same whatever the values are, and one result has a thousand intervals of one n: the last
 * ones are kept. They stand in the order of low + high, so that medians come almost sorted. */
static const struct drawn *draw_all(size_t n, size_t *count)
{
    static struct drawn all[PLACES_MAX];
    static size_t used;
    static size_t kept_n;
    static unsigned counts[BLOCKS_MAX][BLOCKS_MAX];
    *count = used;
    if (kept_n == n)
        return all;
    memset(counts, 0, sizeof counts);
    uint64_t generator = SEED;
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++) {
        struct place place = draw_median(n, &generator);
        counts[place.low][place.high]++;
    }
    used = 0;
    for (size_t sum = 0; sum < 2 * n; sum++)
        for (size_t low = sum < n ? 0 : sum - n + 1; 2 * low <= sum; low++)
            if (counts[low][sum - low] > 0)
                all[used++] =
                    (struct drawn){{(uint8_t)low, (uint8_t)(sum - low)}, counts[low][sum - low]};
    kept_n = n;
    *count = used;
    return all;
}

/* The part of the resamples beyond either end, where `outside` of all intervals may miss. Half of
 * that would be too much for few values: resamples of n vary less than samples do, by n - 1 over n,
 * and know nothing of the spread's own error. Student's quantile makes up for both: it is the
 * expanded percentile interval of Hesterberg (The American Statistician 69:4, 2015). */
static double find_tail(size_t n, double outside)
{
    double t = student_quantile(outside, (unsigned)n - 1);
    return erfc(t * sqrt(real_of(n) / real_of(n - 1) / 2.0)) / 2.0;
}

static void copy_sorted(double *sorted, const double *values, size_t n)
{
    assert(n <= BLOCKS_MAX);
    memcpy(sorted, values, n * sizeof *values);
    spread_sort(sorted, n);
}

/* Resamples with one median. */
struct weighted {
    double median;
    unsigned count;
};

/* Fast for what is almost in order. */
static void sort_weighted(struct weighted *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct weighted item = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1].median > item.median; at--)
            list[at] = list[at - 1];
        list[at] = item;
    }
}

/* The median of the resample with that rank, 0 for the least. */
static double find_rank(const struct weighted *sorted, size_t rank)
{
    size_t at = 0;
    for (size_t before = 0; before + sorted[at].count <= rank; at++)
        before += sorted[at].count;
    return sorted[at].median;
}

/* spread_quantile() of INTERVAL_RESAMPLES values. */
static double find_quantile(const struct weighted *sorted, double part)
{
    double position = part * real_of(INTERVAL_RESAMPLES - 1);
    size_t below = (size_t)position;
    double low = find_rank(sorted, below);
    if (below + 1 >= INTERVAL_RESAMPLES)
        return low;
    return low + (position - real_of(below)) * (find_rank(sorted, below + 1) - low);
}

struct interval interval_of(const double *values, size_t n)
{
    return interval_of_looks(values, n, 1);
}

struct interval interval_of_looks(const double *values, size_t n, unsigned looks)
{
    static struct weighted medians[PLACES_MAX];
    double sorted[BLOCKS_MAX];
    if (n == 0)
        return (struct interval){0};
    copy_sorted(sorted, values, n);
    double median = spread_quantile(sorted, n, 0.5);
    if (n < INTERVAL_MIN)
        return (struct interval){n, median, sorted[0], sorted[n - 1]};
    size_t count;
    const struct drawn *drawn = draw_all(n, &count);
    for (size_t i = 0; i < count; i++)
        medians[i] = (struct weighted){find_median_at(sorted, drawn[i].place), drawn[i].count};
    sort_weighted(medians, count);
    double tail = find_tail(n, OUTSIDE / looks);
    return (struct interval){n, median, find_quantile(medians, tail),
                             find_quantile(medians, 1.0 - tail)};
}

/* ---- Ratios -------------------------------------------------------------------------------- */

/* The mean of sorted values without `trimmed` at either end. */
static double find_trimmed_mean(const double *sorted, size_t n, size_t trimmed)
{
    double sum = 0.0;
    for (size_t i = trimmed; i < n - trimmed; i++)
        sum += sorted[i];
    return sum / real_of(n - 2 * trimmed);
}

/* Its standard error: the deviation of the values with the trimmed ones moved to their neighbours,
 * by the part that was kept. */
static double find_trimmed_error(const double *sorted, size_t n, size_t trimmed)
{
    double moved[BLOCKS_MAX];
    double squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        size_t at = i < trimmed ? trimmed : i;
        moved[i] = sorted[at < n - trimmed ? at : n - trimmed - 1];
    }
    double mean = find_trimmed_mean(moved, n, 0);
    for (size_t i = 0; i < n; i++)
        squares += (moved[i] - mean) * (moved[i] - mean);
    double kept = real_of(n - 2 * trimmed) / real_of(n);
    return sqrt(squares / real_of(n - 1) / real_of(n)) / kept;
}

struct interval interval_of_ratios(const double *ratios, size_t n, unsigned claims)
{
    double logs[BLOCKS_MAX];
    size_t trimmed = n < MANY ? n / 10 : n / 5;
    if (n == 0)
        return (struct interval){0};
    for (size_t i = 0; i < n; i++)
        logs[i] = log(ratios[i]);
    spread_sort(logs, n);
    double mean = find_trimmed_mean(logs, n, trimmed);
    if (n < INTERVAL_MIN)
        return (struct interval){n, exp(mean), exp(logs[0]), exp(logs[n - 1])};
    double half =
        find_trimmed_error(logs, n, trimmed) *
        student_quantile(OUTSIDE / (claims > 0 ? claims : 1), (unsigned)(n - 2 * trimmed - 1));
    return (struct interval){n, exp(mean), exp(mean - half), exp(mean + half)};
}

/* ---- Two runs ------------------------------------------------------------------------------ */

struct interval interval_of_medians(const double *above, size_t n, const double *below, size_t m)
{
    static double resamples[INTERVAL_RESAMPLES];
    double tops[BLOCKS_MAX];
    double bottoms[BLOCKS_MAX];
    uint64_t generator = SEED;
    size_t fewer = n < m ? n : m;
    if (fewer == 0)
        return (struct interval){0};
    copy_sorted(tops, above, n);
    copy_sorted(bottoms, below, m);
    double ratio = spread_quantile(tops, n, 0.5) / spread_quantile(bottoms, m, 0.5);
    if (fewer < INTERVAL_MIN)
        return (struct interval){fewer, ratio, tops[0] / bottoms[m - 1], tops[n - 1] / bottoms[0]};
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++) {
        double top = find_median_at(tops, draw_median(n, &generator));
        resamples[i] = top / find_median_at(bottoms, draw_median(m, &generator));
    }
    spread_sort(resamples, INTERVAL_RESAMPLES);
    double tail = find_tail(fewer, OUTSIDE);
    return (struct interval){fewer, ratio, spread_quantile(resamples, INTERVAL_RESAMPLES, tail),
                             spread_quantile(resamples, INTERVAL_RESAMPLES, 1.0 - tail)};
}
