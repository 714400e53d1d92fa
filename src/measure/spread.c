#include "measure/spread.h"

#include <assert.h>
#include <string.h>

#include "base/config.h"

/* Insertion sort: there are at most BLOCKS_MOST. */
static void sort(double *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = values[i];
        size_t place = i;
        for (; place > 0 && values[place - 1] > value; place--)
            values[place] = values[place - 1];
        values[place] = value;
    }
}

static double quantile(const double *sorted, size_t n, double part)
{
    double position = part * (double)(n - 1);
    size_t below = (size_t)position;
    if (below + 1 >= n)
        return sorted[n - 1];
    double rest = position - (double)below;
    return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

struct spread spread_of(const double *values, size_t n)
{
    struct spread s = {0};
    double sorted[BLOCKS_MOST];
    assert(n <= BLOCKS_MOST);
    if (n == 0)
        return s;
    memcpy(sorted, values, n * sizeof *values);
    sort(sorted, n);
    s.n = n;
    s.min = sorted[0];
    s.low = quantile(sorted, n, 0.25);
    s.median = quantile(sorted, n, 0.5);
    s.high = quantile(sorted, n, 0.75);
    s.max = sorted[n - 1];
    return s;
}
