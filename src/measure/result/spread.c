#include "measure/result/spread.h"

#include <assert.h>
#include <string.h>

#include "base/config.h"
#include "base/real.h"

/* Shell's sort with Ciura's gaps: for a handful as well as for ten thousand resamples. */
void spread_sort(double *values, size_t n)
{
    static const size_t gaps[] = {3548, 1577, 701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++) {
        size_t gap = gaps[g];
        for (size_t i = gap; i < n; i++) {
            double value = values[i];
            size_t place = i;
            for (; place >= gap && values[place - gap] > value; place -= gap)
                values[place] = values[place - gap];
            values[place] = value;
        }
    }
}

double spread_quantile(const double *sorted, size_t n, double part)
{
    double position = part * real_of(n - 1);
    size_t below = (size_t)position;
    if (below + 1 >= n)
        return sorted[n - 1];
    double rest = position - real_of(below);
    return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

#define RAISED 1e300 /* the sum of two is still a number */

size_t spread_raise(double *raised, const double *values, const bool *beyond, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        raised[i] = beyond[i] ? RAISED : values[i];
        count += beyond[i];
    }
    return count;
}

struct spread spread_of_bounds(const double *values, const bool *beyond, size_t n)
{
    double raised[BLOCKS_MAX];
    struct spread s = spread_of(values, n);
    if (spread_raise(raised, values, beyond, n) == 0)
        return s;
    struct spread most = spread_of(raised, n);
    s.min_beyond = most.min > SPREAD_KNOWN;
    s.low_beyond = most.low > SPREAD_KNOWN;
    s.median_beyond = most.median > SPREAD_KNOWN;
    s.high_beyond = most.high > SPREAD_KNOWN;
    s.max_beyond = most.max > SPREAD_KNOWN;
    return s;
}

struct spread spread_of(const double *values, size_t n)
{
    struct spread s = {0};
    double sorted[BLOCKS_MAX];
    assert(n <= BLOCKS_MAX);
    if (n == 0)
        return s;
    memcpy(sorted, values, n * sizeof *values);
    spread_sort(sorted, n);
    s.n = n;
    s.min = sorted[0];
    s.low = spread_quantile(sorted, n, 0.25);
    s.median = spread_quantile(sorted, n, 0.5);
    s.high = spread_quantile(sorted, n, 0.75);
    s.max = sorted[n - 1];
    return s;
}
