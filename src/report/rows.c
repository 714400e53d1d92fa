#include "report/rows.h"

#include <stdio.h>

#include "base/real.h"
#include "report/phrases.h"

static const struct estimate *find_estimate(const struct row *row, const struct rows_cell *cell)
{
    return &cell->summary->estimates[row->figure];
}

/* True when "refused" or "n/a" was put. */
static bool put_instead(char *out, const struct estimate *e)
{
    const char *instead = phrases_instead(e);
    if (e->refusal == REFUSAL_NONE || instead == NULL || instead[0] == '-')
        return false;
    snprintf(out, FORMAT_TEXT, "%s", instead);
    return true;
}

/* ---- One figure over the blocks ------------------------------------------------------------ */

/* `value` 0 or less: not measured. */
static void put_number(char *out, const struct row *row, const struct estimate *e, double value,
                       bool beyond)
{
    if (put_instead(out, e) || value <= 0.0)
        return;
    row->format(out, value);
    phrases_mark_beyond(out, beyond);
}

void rows_fill_median(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    put_number(out, row, e, e->spread.median, e->spread.median_beyond);
}

/* Quartiles stand in where there are too few blocks for an interval. */
static bool has_quartiles(const struct estimate *e)
{
    return e->spread.n > 1 && e->spread.n < INTERVAL_MIN;
}

void rows_fill_quartile_low(char out[FORMAT_TEXT], const struct row *row,
                            const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    if (has_quartiles(e))
        put_number(out, row, e, e->spread.low, e->spread.low_beyond);
}

void rows_fill_quartile_high(char out[FORMAT_TEXT], const struct row *row,
                             const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    if (has_quartiles(e))
        put_number(out, row, e, e->spread.high, e->spread.high_beyond);
}

void rows_fill_interval_low(char out[FORMAT_TEXT], const struct row *row,
                            const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    if (e->interval.n >= INTERVAL_MIN)
        put_number(out, row, e, e->interval.low, e->interval.low_beyond);
}

void rows_fill_interval_high(char out[FORMAT_TEXT], const struct row *row,
                             const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    if (e->interval.n >= INTERVAL_MIN)
        put_number(out, row, e, e->interval.high, e->interval.high_beyond);
}

/* ---- Beside another target ----------------------------------------------------------------- */

/* NULL: the target has no such pair, or too few blocks have both. */
static const struct estimate *find_ratio(const struct row *row, const struct rows_cell *cell,
                                         size_t blocks)
{
    const struct pair *p = result_find_pair(cell->result, cell->target, row->base);
    if (p == NULL)
        return NULL;
    const struct estimate *ratio = &p->figures[cell->scenario][row->figure].ratio;
    return ratio->interval.n < blocks ? NULL : ratio;
}

void rows_fill_ratio(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    const struct estimate *ratio = find_ratio(row, cell, 1);
    if (ratio == NULL || put_instead(out, ratio))
        return;
    format_ratio(out, ratio->interval.middle);
    phrases_mark_beyond(out, ratio->interval.middle_beyond);
}

void rows_fill_ratio_interval(char out[FORMAT_TEXT], const struct row *row,
                              const struct rows_cell *cell)
{
    const struct estimate *ratio = find_ratio(row, cell, INTERVAL_MIN);
    if (ratio != NULL && !put_instead(out, ratio))
        phrases_range(out, &ratio->interval);
}

/* ---- All blocks pooled --------------------------------------------------------------------- */

static void put_value(char *out, const struct row *row, const struct rows_cell *cell,
                      const struct summary_value *v)
{
    if (v->scarce)
        snprintf(out, FORMAT_TEXT, "n/a");
    if (!v->known || put_instead(out, &cell->summary->estimates[FIGURE_MEAN]))
        return;
    row->format(out, v->ns);
    phrases_mark_beyond(out, v->beyond);
}

/* The least one, and how far they lie apart, are known only of those that came. */
static struct summary_value find_value(const struct summary *s, enum rows_statistic statistic)
{
    const struct histogram *h = &s->pooled.latency;
    switch (statistic) {
    case ROWS_MEAN:
        return s->mean;
    case ROWS_MAX:
        return s->max;
    case ROWS_P999:
        return s->p999;
    case ROWS_LAG_P50:
        return s->lag_p50;
    case ROWS_LAG_P99:
        return s->lag_p99;
    case ROWS_ARRIVAL_P50:
        return s->arrival_p50;
    case ROWS_ARRIVAL_P99:
        return s->arrival_p99;
    case ROWS_DEVIATION:
        return (struct summary_value){.known = h->values.n > 0 && !s->mean.beyond,
                                      .scarce = s->mean.beyond,
                                      .ns = histogram_deviation(h)};
    case ROWS_MIN:
        break;
    }
    return (struct summary_value){.known = h->values.n > 0, .ns = h->values.min};
}

void rows_fill_latency(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    struct summary_value v = find_value(cell->summary, row->statistic);
    put_value(out, row, cell, &v);
}

void rows_fill_arrival(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    struct summary_value v = find_value(cell->summary, row->statistic);
    bool unknown = !v.known && !v.scarce && cell->summary->mean.known;
    if (unknown && row->statistic == ROWS_ARRIVAL_P50)
        snprintf(out, FORMAT_TEXT, "not known");
    else
        put_value(out, row, cell, &v);
}

static double find_mean_of_clients(const struct running *r, enum rows_statistic statistic)
{
    switch (statistic) {
    case ROWS_MIN:
        return r->min;
    case ROWS_MEAN:
        return r->mean;
    case ROWS_MAX:
        return r->max;
    default:
        return running_deviation(r);
    }
}

void rows_fill_client_means(char out[FORMAT_TEXT], const struct row *row,
                            const struct rows_cell *cell)
{
    const struct running *r = &cell->summary->pooled.client_means;
    struct summary_value v = {.known = r->n > 0, .ns = find_mean_of_clients(r, row->statistic)};
    put_value(out, row, cell, &v);
}

static uint64_t find_count(const struct trial *t, enum rows_count count)
{
    switch (count) {
    case ROWS_SAMPLES:
        return t->latency.values.n;
    case ROWS_OUTSIDE:
        return t->latency.outside;
    case ROWS_CLIENTS:
        return t->client_means.n;
    case ROWS_STARTED:
        return t->started;
    case ROWS_SENT:
        return t->tally.sent;
    case ROWS_ANSWERED:
        return t->tally.answered;
    case ROWS_WRONG:
        return t->tally.wrong;
    case ROWS_UNANSWERED:
        return t->tally.unanswered;
    case ROWS_UNEXPECTED:
        return t->tally.unexpected;
    case ROWS_IGNORED:
        return t->tally.ignored;
    case ROWS_PLANNED:
        return t->planned;
    case ROWS_PLANNED_SENT:
        return t->planned_sent;
    case ROWS_PLANNED_ANSWERED:
        return t->latency.values.n + t->latency.outside;
    case ROWS_PLANNED_WAITED:
        return t->planned_waited;
    case ROWS_ACCEPTED:
        return t->accepted;
    case ROWS_PROVEN:
        break;
    }
    return t->proven;
}

void rows_fill_count(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    uint64_t count = find_count(&cell->summary->pooled, row->count);
    if (count > 0 || row->always)
        format_count(out, count);
}

void rows_fill_worst_lag(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    (void)row;
    if (cell->summary->pooled.planned > 0)
        format_ns(out, real_of(cell->summary->pooled.worst_lag_ns));
}

static unsigned find_mean(uint64_t bytes, uint64_t frames)
{
    return (unsigned)((bytes + frames / 2) / frames);
}

void rows_fill_wire(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    const struct tally *t = &cell->summary->pooled.tally;
    (void)row;
    if (t->frame_bytes_out == 0 || t->frame_bytes_in == 0 || t->ignored > 0)
        return; /* what was ignored is among the bytes */
    if (cell->summary->broken[IDENTITY_BYTES] > 0)
        snprintf(out, FORMAT_TEXT, "refused");
    else
        snprintf(out, FORMAT_TEXT, "%u + %u", find_mean(t->frame_bytes_out, t->frames_out),
                 find_mean(t->frame_bytes_in, t->frames_in));
}

void rows_fill_placement(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    const struct placement_count *seen = &cell->summary->placement;
    enum placement common = placement_count_common(seen);
    (void)row;
    out[0] = '\0';
    if (placement_count_differs(seen))
        snprintf(out, FORMAT_TEXT, "DIFFERS");
    else if (common != PLACEMENT_UNKNOWN)
        snprintf(out, FORMAT_TEXT, "%s", placement_words(common));
}

void rows_fill_limit(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    static const char *const words[LIMIT_COUNT] = {
        [LIMIT_UNKNOWN] = "",  [LIMIT_CLIENT] = "THE CLIENT", [LIMIT_SERVER] = "the server",
        [LIMIT_BOTH] = "BOTH", [LIMIT_CORE] = "the core",     [LIMIT_LATENCY] = "latency",
    };
    (void)row;
    snprintf(out, FORMAT_TEXT, "%s", words[cell->summary->limit]);
}

/* ---- One-way sends ------------------------------------------------------------------------- */

void rows_fill_proof(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    static const char *const words[] = {
        [PROOF_NONE] = "",
        [PROOF_ECHOED] = "echoes",
        [PROOF_FINAL_ACK] = "final ack",
        [PROOF_UNPROVEN] = "unproven",
    };
    (void)row;
    snprintf(out, FORMAT_TEXT, "%s", words[cell->summary->pooled.proof]);
}

void rows_fill_proven_rate(char out[FORMAT_TEXT], const struct row *row,
                           const struct rows_cell *cell)
{
    if (cell->summary->pooled.proof == PROOF_UNPROVEN)
        rows_fill_proof(out, row, cell);
    else
        rows_fill_median(out, row, cell);
}

void rows_fill_roundtrip_rate(char out[FORMAT_TEXT], const struct row *row,
                              const struct rows_cell *cell)
{
    struct rows_cell other = *cell;
    other.scenario = SCENARIO_ROUNDTRIP;
    other.summary = &cell->target->summaries[SCENARIO_ROUNDTRIP];
    rows_fill_median(out, row, &other);
}

void rows_fill_accepted_per_roundtrip(char out[FORMAT_TEXT], const struct row *row,
                                      const struct rows_cell *cell)
{
    (void)row;
    if (cell->target->accepted_per_roundtrip > 0.0)
        format_ratio(out, cell->target->accepted_per_roundtrip);
}
