#include "report/cells.h"

#include "measure/limit.h"

static bool refused(const struct summary *s, enum figure figure, char *out)
{
    if (!summary_refused(s, figure))
        return false;
    snprintf(out, FORMAT_TEXT, "refused");
    return true;
}

/* ---- Of one figure over the blocks --------------------------------------------------------- */

/* `value` 0 or less: not measured. */
static void put_number(const struct layout_cell *c, double value, char *out)
{
    if (value > 0.0 && !refused(c->summary, c->row->figure, out))
        c->row->format(out, value);
}

static struct spread spread(const struct layout_cell *c)
{
    return summary_figure(c->summary, c->row->figure);
}

void cells_median(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    put_number(c, spread(c).median, out);
}

static bool few(const struct spread *s)
{
    return s->n > 1 && s->n < INTERVAL_LEAST;
}

void cells_quartile_low(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    struct spread s = spread(c);
    if (few(&s))
        put_number(c, s.low, out);
}

void cells_quartile_high(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    struct spread s = spread(c);
    if (few(&s))
        put_number(c, s.high, out);
}

static struct interval interval(const struct layout_cell *c)
{
    return summary_interval(c->summary, c->row->figure);
}

void cells_from(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    struct interval i = interval(c);
    if (i.n >= INTERVAL_LEAST)
        put_number(c, i.low, out);
}

void cells_to(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    struct interval i = interval(c);
    if (i.n >= INTERVAL_LEAST)
        put_number(c, i.high, out);
}

/* ---- Beside another target ------------------------------------------------------------------- */

/* The ratio with its interval, or with `range` false the median alone. */
static void put_ratio(const struct layout_cell *c, enum report_base base, bool range, char *out)
{
    enum figure figure = c->row->figure;
    const struct report_target *other = report_compared(c->report, c->target, base);
    if (other == NULL)
        return;
    const struct summary *below = &other->summaries[c->summary->pooled.scenario];
    struct interval i = summary_ratio_interval(c->summary, below, figure);
    if (i.n < (range ? INTERVAL_LEAST : 1))
        return;
    if (refused(c->summary, figure, out) || refused(below, figure, out))
        return;
    if (range)
        format_range(out, i.low, i.high);
    else
        format_ratio(out, i.median);
}

void cells_ratio_floor(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    put_ratio(c, REPORT_FLOOR, false, out);
}

void cells_ratio_pair(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    put_ratio(c, REPORT_PAIR, false, out);
}

void cells_interval_floor(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    put_ratio(c, REPORT_FLOOR, true, out);
}

void cells_interval_pair(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    put_ratio(c, REPORT_PAIR, true, out);
}

/* ---- Of all blocks pooled ------------------------------------------------------------------ */

static const struct histogram *latency(const struct layout_cell *c)
{
    return &c->summary->pooled.latency;
}

static const struct tally *tally(const struct layout_cell *c)
{
    return &c->summary->pooled.tally;
}

static void put_pooled(const struct layout_cell *c, double ns, char *out)
{
    if (latency(c)->values.n > 0 && !refused(c->summary, FIGURE_MEAN, out))
        c->row->format(out, ns);
}

static void put_any(uint64_t count, char *out)
{
    if (count > 0)
        format_count(out, count);
}

/* CELL(name, expression over c and out): a cell is one line. */
#define CELL(name, expression)                                                                     \
    void name(const struct layout_cell *c, char out[FORMAT_TEXT])                                  \
    {                                                                                              \
        expression;                                                                                \
    }

CELL(cells_least, put_pooled(c, latency(c)->values.min, out))
CELL(cells_mean, put_pooled(c, latency(c)->values.mean, out))
CELL(cells_most, put_pooled(c, latency(c)->values.max, out))
CELL(cells_deviation, put_pooled(c, histogram_deviation(latency(c)), out))
CELL(cells_samples, format_count(out, latency(c)->values.n))
CELL(cells_outside, put_any(latency(c)->outside, out))
CELL(cells_sent, format_count(out, tally(c)->sent))
CELL(cells_answered, format_count(out, tally(c)->answered))
CELL(cells_wrong, format_count(out, tally(c)->wrong))
CELL(cells_unanswered, put_any(tally(c)->unanswered, out))
CELL(cells_unexpected, put_any(tally(c)->unexpected, out))

void cells_p999(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    const struct histogram *h = latency(c);
    if (h->values.n > 0 && h->values.n < REPORT_TAIL_LEAST)
        snprintf(out, FORMAT_TEXT, "n/a");
    else
        put_pooled(c, (double)histogram_percentile(h, 99.9), out);
}

void cells_wire(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    const struct tally *t = tally(c);
    if (t->frame_bytes_out == 0 || t->frame_bytes_in == 0)
        return;
    if (c->summary->broken[IDENTITY_BYTES] > 0)
        snprintf(out, FORMAT_TEXT, "refused");
    else
        snprintf(out, FORMAT_TEXT, "%.0f + %.0f",
                 (double)t->frame_bytes_out / (double)t->frames_out,
                 (double)t->frame_bytes_in / (double)t->frames_in);
}

void cells_limit(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    static const char *const words[] = {
        [LIMIT_UNKNOWN] = "",  [LIMIT_CLIENT] = "THE CLIENT", [LIMIT_SERVER] = "the server",
        [LIMIT_BOTH] = "BOTH", [LIMIT_LATENCY] = "latency",
    };
    snprintf(out, FORMAT_TEXT, "%s", words[limit_of(&c->summary->pooled)]);
}
