#include "report/rows.h"

#include <stdio.h>

#include "base/real.h"

static const struct estimate *find_estimate(const struct row *row, const struct rows_cell *cell)
{
    return &cell->summary->estimates[row->figure];
}

/* True when "refused" was put. */
static bool put_refused(char *out, const struct estimate *e)
{
    if (e->refusal == REFUSAL_NONE)
        return false;
    snprintf(out, FORMAT_TEXT, "refused");
    return true;
}

/* ---- One figure over the blocks ------------------------------------------------------------ */

/* `value` 0 or less: not measured. */
static void put_number(char *out, const struct row *row, const struct estimate *e, double value)
{
    if (value > 0.0 && !put_refused(out, e))
        row->format(out, value);
}

void rows_fill_median(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    put_number(out, row, e, e->spread.median);
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
        put_number(out, row, e, e->spread.low);
}

void rows_fill_quartile_high(char out[FORMAT_TEXT], const struct row *row,
                             const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    if (has_quartiles(e))
        put_number(out, row, e, e->spread.high);
}

void rows_fill_interval_low(char out[FORMAT_TEXT], const struct row *row,
                            const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    if (e->interval.n >= INTERVAL_MIN)
        put_number(out, row, e, e->interval.low);
}

void rows_fill_interval_high(char out[FORMAT_TEXT], const struct row *row,
                             const struct rows_cell *cell)
{
    const struct estimate *e = find_estimate(row, cell);
    if (e->interval.n >= INTERVAL_MIN)
        put_number(out, row, e, e->interval.high);
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
    if (ratio != NULL && !put_refused(out, ratio))
        format_ratio(out, ratio->interval.middle);
}

void rows_fill_ratio_interval(char out[FORMAT_TEXT], const struct row *row,
                              const struct rows_cell *cell)
{
    const struct estimate *ratio = find_ratio(row, cell, INTERVAL_MIN);
    if (ratio != NULL && !put_refused(out, ratio))
        format_range(out, ratio->interval.low, ratio->interval.high);
}

/* ---- All blocks pooled --------------------------------------------------------------------- */

static double find_statistic(const struct running *r, enum rows_statistic statistic)
{
    switch (statistic) {
    case ROWS_MIN:
        return r->min;
    case ROWS_MEAN:
        return r->mean;
    case ROWS_MAX:
        return r->max;
    case ROWS_DEVIATION:
        break;
    }
    return running_deviation(r);
}

static void put_statistic(char *out, const struct row *row, const struct rows_cell *cell,
                          const struct running *r)
{
    if (r->n > 0 && !put_refused(out, &cell->summary->estimates[FIGURE_MEAN]))
        row->format(out, find_statistic(r, row->statistic));
}

void rows_fill_latency(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    put_statistic(out, row, cell, &cell->summary->pooled.latency.values);
}

void rows_fill_client_means(char out[FORMAT_TEXT], const struct row *row,
                            const struct rows_cell *cell)
{
    put_statistic(out, row, cell, &cell->summary->pooled.client_means);
}

void rows_fill_p999(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell)
{
    const struct summary *s = cell->summary;
    if (s->pooled.latency.values.n == 0)
        return;
    if (s->p999_ns <= 0.0)
        snprintf(out, FORMAT_TEXT, "n/a");
    else if (!put_refused(out, &s->estimates[FIGURE_MEAN]))
        row->format(out, s->p999_ns);
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
