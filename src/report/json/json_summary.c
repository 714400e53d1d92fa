#include <math.h>

#include "base/status.h"
#include "report/json/json.h"
#include "report/json/json_inner.h"

/* ---- Statistics -------------------------------------------------------------------------- */

/* Opens an object that the caller closes, after further members. */
static void open_running(struct writer *w, const char *key, const struct running *r)
{
    writer_open(w, key, '{');
    writer_count(w, "count", r->n);
    if (r->n == 0)
        return;
    writer_number(w, "min_ns", r->min);
    writer_number(w, "mean_ns", r->mean);
    writer_number(w, "max_ns", r->max);
    writer_number(w, "deviation_ns", running_deviation(r));
}

static void put_histogram(struct writer *w, const char *key, const struct histogram *h)
{
    open_running(w, key, &h->values);
    writer_count(w, "outside", h->outside);
    if (h->values.n > 0) {
        writer_count(w, "p50_ns", histogram_percentile(h, 50.0));
        writer_count(w, "p90_ns", histogram_percentile(h, 90.0));
        writer_count(w, "p99_ns", histogram_percentile(h, 99.0));
        if (h->values.n >= SUMMARY_TAIL_MIN)
            writer_count(w, "p999_ns", histogram_percentile(h, 99.9));
        else
            writer_null(w, "p999_ns");
    }
    writer_close(w, '}');
}

void json_put_interval(struct writer *w, const struct interval *i)
{
    bool few = i->n < INTERVAL_MIN;
    writer_number(w, "low_95", few ? NAN : i->low);
    writer_number(w, "high_95", few ? NAN : i->high);
}

static void put_estimate(struct writer *w, const struct estimate *e)
{
    writer_count(w, "blocks", e->spread.n);
    writer_number(w, "min", e->spread.min);
    writer_number(w, "lower_quartile", e->spread.low);
    writer_number(w, "median", e->spread.median);
    writer_number(w, "upper_quartile", e->spread.high);
    writer_number(w, "max", e->spread.max);
    json_put_interval(w, &e->interval);
}

/* In block order; null where a block did not measure it. */
static void put_blocks(struct writer *w, const struct summary *s, enum figure figure)
{
    unsigned last = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++)
        if (s->figures[figure][block] > 0.0)
            last = block + 1;
    writer_numbers(w, "by_block", s->figures[figure], last);
}

static void put_figure(struct writer *w, const struct summary *s, enum figure figure)
{
    const struct estimate *e = &s->estimates[figure];
    bool refused = e->refusal != REFUSAL_NONE;
    if (e->spread.n == 0)
        return;
    writer_open(w, figure_key(figure), '{');
    writer_bool(w, "refused", refused);
    if (!refused) {
        put_estimate(w, e);
        put_blocks(w, s, figure);
    }
    writer_close(w, '}');
}

void json_put_ratio(struct writer *w, enum figure figure, const struct estimate *ratio)
{
    if (ratio->spread.n == 0 || ratio->refusal != REFUSAL_NONE)
        return;
    writer_open(w, figure_key(figure), '{');
    writer_number(w, "value", ratio->interval.middle);
    put_estimate(w, ratio);
    writer_close(w, '}');
}

/* ---- One scenario ------------------------------------------------------------------------ */

static void put_tally(struct writer *w, const struct tally *t)
{
    writer_open(w, "tally", '{');
#define X(name) writer_count(w, #name, t->name);
    TALLY_LIST(X)
#undef X
    writer_close(w, '}');
}

static void put_phases(struct writer *w, const struct trial *t)
{
    writer_open(w, "phases", '{');
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        if (t->phases[phase].values.n > 0 || t->phases[phase].outside > 0)
            put_histogram(w, phase_key((enum phase)phase), &t->phases[phase]);
    writer_close(w, '}');
}

static void put_send(struct writer *w, const struct trial *t)
{
    writer_open(w, "one_way", '{');
    writer_count(w, "accepted", t->accepted);
    writer_count(w, "accepted_over_ns", t->accepted_ns);
    writer_count(w, "proven", t->proven);
    writer_count(w, "proven_over_ns", t->proven_ns);
    writer_text(w, "proof", trial_proof_key(t->proof));
    writer_close(w, '}');
}

static void put_rate(struct writer *w, const struct trial *t)
{
    writer_open(w, "open_loop", '{');
    writer_count(w, "planned", t->planned);
    writer_count(w, "sent", t->planned_sent);
    writer_count(w, "waited", t->planned_waited);
    writer_count(w, "worst_lag_ns", t->worst_lag_ns);
    writer_count(w, "answered", t->latency.values.n + t->latency.outside);
    put_histogram(w, "from_send", &t->plain);
    writer_close(w, '}');
}

static void put_plan(struct writer *w, const struct trial *t)
{
    writer_count(w, "trials", t->trials);
    writer_count(w, "clients_at_once", t->clients);
    writer_count(w, "depth", t->depth);
    writer_count(w, "frame_out_bytes", t->frame_size_out);
    writer_count(w, "frame_in_bytes", t->frame_size_in);
}

static void put_clients(struct writer *w, const struct trial *t)
{
    writer_count(w, "clients_started", t->started);
    writer_count(w, "clients_ready", t->ready);
    writer_count(w, "clients_failed", t->failed);
    writer_count(w, "clients_lost", t->lost);
}

static void put_durations_and_costs(struct writer *w, const struct trial *t)
{
#define X(member) writer_count(w, #member, t->member);
    TRIAL_DURATION_LIST(X)
    TRIAL_COST_LIST(X)
#undef X
    writer_bool(w, "busy_polled", t->busy_polled);
}

static void put_placements(struct writer *w, const struct summary *s)
{
    writer_open(w, "placements", '[');
    for (unsigned block = 0; block < s->blocks && block < BLOCKS_MAX; block++) {
        const struct placement_samples *seen = &s->placements[block];
        writer_open(w, NULL, '{');
        writer_text(w, "placement", placement_key(placement_find(seen)));
        writer_count(w, "samples", seen->taken);
        writer_number(w, "same_core_share", seen->taken > 0 ? placement_same_share(seen) : NAN);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

static void put_broken(struct writer *w, const struct summary *s)
{
    writer_open(w, "broken_identities", '[');
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        if (s->broken[i] == 0)
            continue;
        writer_open(w, NULL, '{');
        writer_text(w, "identity", identity_key((enum identity)i));
        writer_count(w, "trials", s->broken[i]);
        writer_text(w, "why", s->why[i]);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

void json_put_failures(struct writer *w, const struct failures *f)
{
    writer_open(w, "failures", '[');
    for (unsigned i = 0; i < f->used; i++) {
        const struct failure *row = &f->list[i];
        writer_open(w, NULL, '{');
        writer_text(w, "phase", row->phase == PHASE_COUNT ? "messages" : phase_key(row->phase));
        writer_text(w, "status", status_name(row->status));
        writer_text(w, "cause", status_text(row->status));
        writer_text(w, "detail", row->text);
        writer_count(w, "count", row->count);
        writer_close(w, '}');
    }
    writer_close(w, ']');
    writer_count(w, "failures_of_other_kinds", f->more);
}

void json_put_summary(struct writer *w, const struct summary *s)
{
    const struct trial *t = &s->pooled;
    writer_open(w, "figures", '{');
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        put_figure(w, s, (enum figure)f);
    writer_close(w, '}');
    writer_text(w, "limit", limit_text(s->limit));
    writer_bool(w, "drifting", s->drifting);
    put_plan(w, t);
    put_clients(w, t);
    put_durations_and_costs(w, t);
    put_placements(w, s);
    put_tally(w, &t->tally);
    if (t->latency.values.n > 0 || t->latency.outside > 0)
        put_histogram(w, "latency", &t->latency);
    if (t->client_means.n > 0) {
        open_running(w, "client_means", &t->client_means);
        writer_close(w, '}');
    }
    put_phases(w, t);
    if (scenario_flow(t->scenario) == FLOW_OPEN)
        put_rate(w, t);
    if (scenario_flow(t->scenario) == FLOW_ONE_WAY)
        put_send(w, t);
    put_broken(w, s);
    json_put_failures(w, &t->failures);
}
