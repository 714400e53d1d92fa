#include "measure/record/histogram.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/real.h"

#define LINEAR     256u /* values with a bin each */
#define PER_OCTAVE 128u /* bins of each octave above them */
#define FIRST_BITS 8u   /* LINEAR is 2 to this power */

static_assert(HISTOGRAM_BINS == LINEAR + PER_OCTAVE * (HISTOGRAM_OCTAVES - FIRST_BITS),
              "one bin range per octave");
static_assert(sizeof(double) == sizeof(uint64_t) && DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024 &&
                  HISTOGRAM_OCTAVES <= DBL_MANT_DIG,
              "doubles as in IEEE 754, and no value beyond their precision");

/* Position of the highest bit set, for 1 <= value < 2^53: the exponent that the value has as a
 * double. A search would branch at each step, and no processor predicts latencies. */
static unsigned find_highest_bit(uint64_t value)
{
    double exact = (double)value;
    uint64_t bits;
    memcpy(&bits, &exact, sizeof bits);
    return (unsigned)(bits >> (DBL_MANT_DIG - 1)) - (DBL_MAX_EXP - 1);
}

unsigned histogram_bin(uint64_t ns)
{
    if (ns < LINEAR)
        return (unsigned)ns;
    unsigned octave = find_highest_bit(ns) - FIRST_BITS;
    /* The eight highest bits, of which the first is always set: 128..255. */
    unsigned head = (unsigned)(ns >> (octave + 1));
    return LINEAR + octave * PER_OCTAVE + (head - PER_OCTAVE);
}

uint64_t histogram_bin_low(unsigned bin)
{
    if (bin < LINEAR)
        return bin;
    unsigned octave = (bin - LINEAR) / PER_OCTAVE;
    uint64_t head = (bin - LINEAR) % PER_OCTAVE + PER_OCTAVE;
    return head << (octave + 1);
}

uint64_t histogram_bin_high(unsigned bin)
{
    if (bin < LINEAR)
        return bin;
    unsigned octave = (bin - LINEAR) / PER_OCTAVE;
    return histogram_bin_low(bin) + (UINT64_C(1) << (octave + 1)) - 1;
}

void histogram_reset(struct histogram *h)
{
    memset(h, 0, sizeof *h);
}

bool histogram_record(struct histogram *h, uint64_t ns)
{
    if (ns > HISTOGRAM_MAX) {
        h->outside++;
        return false;
    }
    h->counts[histogram_bin(ns)]++;
    running_add(&h->values, real_of(ns));
    return true;
}

void histogram_miss(struct histogram *h, uint64_t ns, uint64_t count)
{
    if (count == 0)
        return;
    if (h->missing == 0 || ns < h->missing_after)
        h->missing_after = ns;
    h->missing += count;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (unsigned bin = 0; bin < HISTOGRAM_BINS; bin++)
        into->counts[bin] += from->counts[bin];
    into->outside += from->outside;
    histogram_miss(into, from->missing_after, from->missing);
    running_merge(&into->values, &from->values);
}

uint64_t histogram_total(const struct histogram *h)
{
    return h->values.n + h->outside + h->missing;
}

uint64_t histogram_bound(const struct histogram *h)
{
    uint64_t bound = HISTOGRAM_MAX;
    if (h->outside + h->missing == 0)
        return 0;
    if (h->missing > 0 && (h->outside == 0 || h->missing_after < bound))
        bound = h->missing_after;
    return h->values.n > 0 && h->values.max > real_of(bound) ? (uint64_t)h->values.max : bound;
}

/* How many of n values lie at or below that percentile: 1..n. */
static uint64_t find_rank(uint64_t n, double percent)
{
    /* Without the small step back, 99.9 % of 1000 would be rank 1000: neither number is exact. */
    double rank = ceil(percent / 100.0 * real_of(n) - 1e-6);
    if (rank < 1.0)
        return 1;
    return rank > real_of(n) ? n : (uint64_t)rank;
}

/* The bin of the value with that rank; `before` gets how many lie below the bin. */
static unsigned find_bin(const struct histogram *h, uint64_t rank, uint64_t *before)
{
    unsigned bin = 0;
    for (*before = 0; bin < HISTOGRAM_BINS - 1; bin++) {
        if (*before + h->counts[bin] >= rank)
            break;
        *before += h->counts[bin];
    }
    return bin;
}

static double clamp(double value, const struct running *range)
{
    return real_min(real_max(value, range->min), range->max);
}

bool histogram_is_beyond(const struct histogram *h, double percent)
{
    return find_rank(histogram_total(h), percent) > h->values.n && histogram_total(h) > 0;
}

bool histogram_supports(const struct histogram *h, double percent)
{
    uint64_t total = histogram_total(h);
    return total >= find_rank(total, percent) + HISTOGRAM_BEYOND;
}

enum histogram_lack histogram_find_lack(const struct histogram *h, double percent, bool of_clients)
{
    if (histogram_is_beyond(h, percent))
        return HISTOGRAM_LACKS_END;
    bool exempt = of_clients && percent <= 50.0;
    return exempt || histogram_supports(h, percent) ? HISTOGRAM_LACKS_NOTHING
                                                    : HISTOGRAM_LACKS_VALUES;
}

uint64_t histogram_percentile(const struct histogram *h, double percent)
{
    uint64_t before;
    if (histogram_total(h) == 0)
        return 0;
    if (histogram_is_beyond(h, percent))
        return histogram_bound(h);
    unsigned bin = find_bin(h, find_rank(histogram_total(h), percent), &before);
    return (uint64_t)clamp(real_of(histogram_bin_high(bin)), &h->values);
}

double histogram_between(const struct histogram *h, double percent)
{
    uint64_t before;
    if (histogram_total(h) == 0)
        return 0.0;
    if (histogram_is_beyond(h, percent))
        return real_of(histogram_bound(h));
    uint64_t rank = find_rank(histogram_total(h), percent);
    unsigned bin = find_bin(h, rank, &before);
    double low = real_of(histogram_bin_low(bin));
    double width = real_of(histogram_bin_high(bin)) - low;
    /* The rank's place among those of the bin: in the middle when it is alone. */
    double part = (real_of(rank - before) - 0.5) / real_of(h->counts[bin]);
    return clamp(low + part * width, &h->values);
}

double histogram_mean(const struct histogram *h)
{
    return h->values.mean;
}

double histogram_deviation(const struct histogram *h)
{
    return running_deviation(&h->values);
}
