#include "report/text/cells.h"

#include <stddef.h>

#include "base/bytes.h"
#include "base/real.h"
#include "measure/result/limit.h"

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
        format_number(out, c->row->format, value);
}

/* Quartiles stand in where there are too few blocks for an interval. */
static void put_quartile(const struct layout_cell *c, bool high, char *out)
{
    struct spread s = summary_figure(c->summary, c->row->figure);
    if (s.n > 1 && s.n < INTERVAL_MIN)
        put_number(c, high ? s.high : s.low, out);
}

static void put_bound(const struct layout_cell *c, bool high, char *out)
{
    struct interval i = summary_interval(c->summary, c->row->figure);
    if (i.n >= INTERVAL_MIN)
        put_number(c, high ? i.high : i.low, out);
}

static void put_median(const struct layout_cell *c, char *out)
{
    put_number(c, summary_figure(c->summary, c->row->figure).median, out);
}

/* ---- Beside another target ------------------------------------------------------------------- */

/* The ratio with its interval, or with `range` false the median alone. */
static void put_ratio(const struct layout_cell *c, enum result_base base, bool range, char *out)
{
    enum figure figure = c->row->figure;
    const struct result_target *other = result_compared(c->report, c->target, base);
    if (other == NULL)
        return;
    const struct summary *below = &other->summaries[c->summary->pooled.scenario];
    struct interval i = summary_ratio_interval(c->summary, below, figure);
    if (i.n < (range ? INTERVAL_MIN : 1))
        return;
    if (refused(c->summary, figure, out) || refused(below, figure, out))
        return;
    if (range)
        format_range(out, i.low, i.high);
    else
        format_ratio(out, i.median);
}

/* ---- Of all blocks pooled ------------------------------------------------------------------ */

/* Durations, of all blocks pooled: of messages, or of the clients' means. */
static double pooled_of(const struct running *r, enum cells_kind kind)
{
    switch (kind) {
    case CELLS_MIN:
    case CELLS_CLIENT_MIN:
        return r->min;
    case CELLS_MEAN:
    case CELLS_CLIENT_MEAN:
        return r->mean;
    case CELLS_MAX:
    case CELLS_CLIENT_MAX:
        return r->max;
    default:
        return running_deviation(r);
    }
}

static void put_pooled(const struct layout_cell *c, const struct running *r, enum cells_kind kind,
                       char *out)
{
    if (r->n > 0 && !refused(c->summary, FIGURE_MEAN, out))
        format_number(out, c->row->format, pooled_of(r, kind));
}

static void put_p999(const struct layout_cell *c, char *out)
{
    const struct histogram *h = &c->summary->pooled.latency;
    if (h->values.n > 0 && h->values.n < RESULT_TAIL_MIN)
        snprintf(out, FORMAT_TEXT, "n/a");
    else if (h->values.n > 0 && !refused(c->summary, FIGURE_MEAN, out))
        format_number(out, c->row->format, real_of(histogram_percentile(h, 99.9)));
}

static unsigned mean_of(uint64_t bytes, uint64_t frames)
{
    return (unsigned)((bytes + frames / 2) / frames);
}

static void put_wire(const struct layout_cell *c, char *out)
{
    const struct tally *t = &c->summary->pooled.tally;
    if (t->frame_bytes_out == 0 || t->frame_bytes_in == 0)
        return;
    if (c->summary->broken[IDENTITY_BYTES] > 0)
        snprintf(out, FORMAT_TEXT, "refused");
    else
        snprintf(out, FORMAT_TEXT, "%u + %u", mean_of(t->frame_bytes_out, t->frames_out),
                 mean_of(t->frame_bytes_in, t->frames_in));
}

static void put_limit(const struct layout_cell *c, char *out)
{
    static const char words[] = "\0THE CLIENT\0the server\0BOTH\0latency\0";
    snprintf(out, FORMAT_TEXT, "%s", bytes_word(words, limit_of(c->summary)));
}

/* ---- One-way sends ------------------------------------------------------------------------- */

static void put_proof(const struct layout_cell *c, char *out)
{
    static const char words[] = "\0echoes\0final ack\0unproven\0";
    snprintf(out, FORMAT_TEXT, "%s", bytes_word(words, c->summary->pooled.proof));
}

static void put_proven_rate(const struct layout_cell *c, char *out)
{
    if (c->summary->pooled.proof == PROOF_UNPROVEN)
        put_proof(c, out);
    else
        put_median(c, out);
}

/* The true figure of the same target, beside what was only sent. */
static void put_true_rate(const struct layout_cell *c, char *out)
{
    struct layout_cell other = *c;
    other.summary = &c->target->summaries[SCENARIO_ROUNDTRIP];
    put_median(&other, out);
}

static void put_accepted_per_true(const struct layout_cell *c, char *out)
{
    const struct summary *other = &c->target->summaries[SCENARIO_ROUNDTRIP];
    double below = summary_figure(other, FIGURE_RATE).median;
    if (below > 0.0 && !summary_refused(other, FIGURE_RATE))
        format_ratio(out, summary_figure(c->summary, FIGURE_ACCEPTED).median / below);
}

/* ---- All of them --------------------------------------------------------------------------- */

/* Where the counts lie, in the order of their kinds. */
static const uint32_t counts[] = {
    [CELLS_STARTED - CELLS_STARTED] = offsetof(struct trial, started),
    [CELLS_ANSWERED - CELLS_STARTED] = offsetof(struct trial, tally.answered),
    [CELLS_WRONG - CELLS_STARTED] = offsetof(struct trial, tally.wrong),
    [CELLS_SAMPLES - CELLS_STARTED] = offsetof(struct trial, latency.values.n),
    [CELLS_OUTSIDE - CELLS_STARTED] = offsetof(struct trial, latency.outside),
    [CELLS_CLIENTS - CELLS_STARTED] = offsetof(struct trial, client_means.n),
    [CELLS_SENT - CELLS_STARTED] = offsetof(struct trial, tally.sent),
    [CELLS_UNANSWERED - CELLS_STARTED] = offsetof(struct trial, tally.unanswered),
    [CELLS_UNEXPECTED - CELLS_STARTED] = offsetof(struct trial, tally.unexpected),
    [CELLS_PLANNED - CELLS_STARTED] = offsetof(struct trial, planned),
    [CELLS_PLANNED_SENT - CELLS_STARTED] = offsetof(struct trial, planned_sent),
    [CELLS_PLANNED_WAITED - CELLS_STARTED] = offsetof(struct trial, planned_waited),
    [CELLS_ACCEPTED - CELLS_STARTED] = offsetof(struct trial, accepted),
    [CELLS_PROVEN - CELLS_STARTED] = offsetof(struct trial, proven),
};

/* Of all blocks. */
static uint64_t count_of(const struct trial *t, enum cells_kind kind)
{
    if (kind == CELLS_PLANNED_ANSWERED)
        return t->planned == 0 ? 0 : t->latency.values.n + t->latency.outside;
    const void *at = (const char *)t + counts[kind - CELLS_STARTED];
    return *(const uint64_t *)at;
}

static void put_count(const struct layout_cell *c, enum cells_kind kind, char *out)
{
    uint64_t count = count_of(&c->summary->pooled, kind);
    if (count > 0 || kind <= CELLS_ALWAYS)
        format_count(out, count);
}

static void fill_figure(const struct layout_cell *c, enum cells_kind kind, char *out)
{
    switch (kind) {
    case CELLS_MEDIAN:
        put_median(c, out);
        break;
    case CELLS_QUARTILE_LOW:
    case CELLS_QUARTILE_HIGH:
        put_quartile(c, kind == CELLS_QUARTILE_HIGH, out);
        break;
    case CELLS_FROM:
    case CELLS_TO:
        put_bound(c, kind == CELLS_TO, out);
        break;
    case CELLS_RATIO_FLOOR:
    case CELLS_INTERVAL_FLOOR:
        put_ratio(c, RESULT_BASELINE, kind == CELLS_INTERVAL_FLOOR, out);
        break;
    default:
        put_ratio(c, RESULT_PAIR, kind == CELLS_INTERVAL_PAIR, out);
        break;
    }
}

static void fill_word(const struct layout_cell *c, enum cells_kind kind, char *out)
{
    const struct trial *t = &c->summary->pooled;
    switch (kind) {
    case CELLS_P999:
        put_p999(c, out);
        break;
    case CELLS_WORST_LAG:
        if (t->planned > 0)
            format_ns(out, real_of(t->worst_lag_ns));
        break;
    case CELLS_PROOF:
        put_proof(c, out);
        break;
    case CELLS_PROVEN_RATE:
        put_proven_rate(c, out);
        break;
    case CELLS_TRUE_RATE:
        put_true_rate(c, out);
        break;
    case CELLS_ACCEPTED_PER_TRUE:
        put_accepted_per_true(c, out);
        break;
    case CELLS_WIRE:
        put_wire(c, out);
        break;
    default:
        put_limit(c, out);
        break;
    }
}

void cells_fill(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    enum cells_kind kind = c->row->cell;
    const struct trial *t = &c->summary->pooled;
    if (kind <= CELLS_INTERVAL_PAIR)
        fill_figure(c, kind, out);
    else if (kind <= CELLS_DEVIATION)
        put_pooled(c, &t->latency.values, kind, out);
    else if (kind <= CELLS_CLIENT_DEVIATION)
        put_pooled(c, &t->client_means, kind, out);
    else if (kind <= CELLS_COUNTS)
        put_count(c, kind, out);
    else
        fill_word(c, kind, out);
}
