#include "report/hgrm.h"

#include <inttypes.h>

#include "base/real.h"
#include "base/status.h"

#define TICKS    5      /* lines for each halving of the distance to 100 % */
#define HALVINGS 52     /* a double has no value closer to 1 */
#define UNIT_NS  1000.0 /* a microsecond */

/* The state of the walk over the bins. */
struct place {
    unsigned end;   /* the first bin that was not visited yet */
    uint64_t count; /* the values in the bins before it */
};

static void advance(struct place *p, const struct histogram *h, uint64_t wanted)
{
    while (p->count == 0 || p->count < wanted)
        p->count += h->counts[p->end++];
}

static void put_line(FILE *out, const struct histogram *h, const struct place *p, double part)
{
    double value = real_of(histogram_bin_high(p->end - 1));
    if (value > h->values.max)
        value = h->values.max;
    fprintf(out, "%12.3f %14.12f %10" PRIu64, value / UNIT_NS, part, p->count);
    /* The last line would divide by 0: readers of this format expect three columns there. */
    if (part < 1.0)
        fprintf(out, " %14.2f", 1.0 / (1.0 - part));
    fputc('\n', out);
}

static void put_lines(FILE *out, const struct histogram *h)
{
    struct place place = {0};
    uint64_t n = histogram_total(h);
    for (unsigned i = 0; i < TICKS * HALVINGS && place.count < h->values.n; i++) {
        /* The part above this line is above / below: as integers, so that no rank is off by one. */
        uint64_t above = 2 * TICKS - i % TICKS;
        uint64_t below = (uint64_t)(2 * TICKS) << i / TICKS;
        uint64_t wanted = n - n * above / below;
        if (wanted > h->values.n)
            return; /* from here on nothing is known but that it is later */
        advance(&place, h, wanted);
        put_line(out, h, &place, 1.0 - real_of(above) / real_of(below));
    }
    if (n > 0 && h->values.n == n)
        put_line(out, h, &place, 1.0);
}

int hgrm_write(FILE *out, const char *title, const struct histogram *h)
{
    fprintf(out, "# %s, values in us\n", title);
    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    put_lines(out, h);
    fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", histogram_mean(h) / UNIT_NS,
            histogram_deviation(h) / UNIT_NS);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
            h->values.n > 0 ? h->values.max / UNIT_NS : 0.0, h->values.n);
    if (histogram_bound(h) > 0)
        fprintf(out, "#[Missing = %12" PRIu64 ", each later than %12.3f]\n",
                histogram_total(h) - h->values.n, real_of(histogram_bound(h)) / UNIT_NS);
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", HISTOGRAM_OCTAVES - 7, 256);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
