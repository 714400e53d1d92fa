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

static const struct {
    const char *key;
    double percent;
} percentiles[] = {
    {"p50_ns", 50.0}, {"p90_ns", 90.0}, {"p95_ns", 95.0}, {"p99_ns", 99.0}, {"p999_ns", 99.9}};

#define PERCENTILES (sizeof percentiles / sizeof percentiles[0])

/* Why that percentile is no number; NULL: it is one. */
static const char *find_reason(const struct histogram *h, double percent, bool of_clients)
{
    static const char *const reasons[] = {
        [HISTOGRAM_LACKS_NOTHING] = NULL,
        [HISTOGRAM_LACKS_VALUES] = "few",
        [HISTOGRAM_LACKS_END] = "unanswered",
    };
    return reasons[histogram_find_lack(h, percent, of_clients)];
}

static void put_extent(struct writer *w, const struct histogram *h)
{
    bool whole = !histogram_is_beyond(h, 100.0);
    writer_number(w, "min_ns", h->values.n > 0 ? h->values.min : NAN);
    writer_number(w, "mean_ns", whole ? h->values.mean : NAN);
    writer_number(w, "max_ns", whole ? h->values.max : NAN);
    writer_number(w, "deviation_ns", whole ? histogram_deviation(h) : NAN);
}

static void put_reasons(struct writer *w, const struct histogram *h, bool of_clients)
{
    static const char *const others[] = {"mean_ns", "max_ns", "deviation_ns"};
    writer_open(w, "reasons", '{');
    for (size_t i = 0; i < PERCENTILES; i++) {
        const char *reason = find_reason(h, percentiles[i].percent, of_clients);
        if (reason != NULL)
            writer_text(w, percentiles[i].key, reason);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (histogram_is_beyond(h, 100.0))
            writer_text(w, others[i], "unanswered");
    writer_close(w, '}');
}

/* `of_clients`: a value for each client, not for each message. */
static void put_histogram(struct writer *w, const char *key, const struct histogram *h,
                          bool of_clients)
{
    writer_open(w, key, '{');
    writer_count(w, "count", h->values.n);
    writer_count(w, "outside", h->outside);
    writer_count(w, "missing", h->missing);
    if (histogram_total(h) == 0) {
        writer_close(w, '}');
        return;
    }
    writer_known_count(w, "missing_after_ns", histogram_bound(h));
    put_extent(w, h);
    for (size_t i = 0; i < PERCENTILES; i++)
        if (find_reason(h, percentiles[i].percent, of_clients) == NULL)
            writer_count(w, percentiles[i].key, histogram_percentile(h, percentiles[i].percent));
        else
            writer_null(w, percentiles[i].key);
    put_reasons(w, h, of_clients);
    writer_close(w, '}');
}

static void put_number(struct writer *w, const char *key, double value, bool beyond)
{
    writer_number(w, key, beyond ? NAN : value);
}

/* The lower end is one, even where no more than a lower bound is known of it. */
void json_put_interval(struct writer *w, const struct interval *i)
{
    bool few = i->n < INTERVAL_MIN;
    writer_number(w, "low_95", few ? NAN : i->low);
    put_number(w, "high_95", i->high, few || i->high_beyond);
    if (i->high_beyond)
        writer_text(w, "reason", "unanswered");
    else
        writer_null(w, "reason");
    writer_number(w, "above", i->middle_beyond ? i->middle : NAN);
}

static void put_estimate(struct writer *w, const struct estimate *e)
{
    const struct spread *s = &e->spread;
    writer_count(w, "blocks", s->n);
    put_number(w, "min", s->min, s->min_beyond);
    put_number(w, "lower_quartile", s->low, s->low_beyond);
    put_number(w, "median", s->median, s->median_beyond);
    put_number(w, "upper_quartile", s->high, s->high_beyond);
    put_number(w, "max", s->max, s->max_beyond);
    json_put_interval(w, &e->interval);
}

/* In block order; null where a block did not measure it, or knows a lower bound only. */
static void put_blocks(struct writer *w, const struct summary *s, enum figure figure)
{
    double values[BLOCKS_MAX];
    unsigned last = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++) {
        values[block] = s->beyond[figure][block] ? 0.0 : s->figures[figure][block];
        if (s->figures[figure][block] > 0.0)
            last = block + 1;
    }
    writer_numbers(w, "by_block", values, last);
}

static const char *const refusal_keys[] = {
    [REFUSAL_NONE] = NULL,     [REFUSAL_BALANCE] = "balance", [REFUSAL_LITTLE] = "little",
    [REFUSAL_BYTES] = "bytes", [REFUSAL_FEW] = "few",         [REFUSAL_MISSING] = "unanswered",
};

static void put_figure(struct writer *w, const struct summary *s, enum figure figure)
{
    const struct estimate *e = &s->estimates[figure];
    bool refused = e->refusal != REFUSAL_NONE;
    if (e->spread.n == 0 && e->refusal != REFUSAL_FEW)
        return;
    writer_open(w, figure_key(figure), '{');
    writer_bool(w, "refused", refused);
    if (refused) {
        writer_text(w, "reason", refusal_keys[e->refusal]);
    } else {
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
            put_histogram(w, phase_key((enum phase)phase), &t->phases[phase], true);
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
    put_histogram(w, "lag", &t->lag, false);
    put_histogram(w, "from_send", &t->plain, false);
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
    X(longest_silence_ns)
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
    writer_count(w, "silent_trials", s->silent_blocks);
    put_plan(w, t);
    put_clients(w, t);
    put_durations_and_costs(w, t);
    put_placements(w, s);
    put_tally(w, &t->tally);
    if (histogram_total(&t->latency) > 0)
        put_histogram(w, "latency", &t->latency, false);
    if (t->arrival.values.n > 0)
        put_histogram(w, "arrival", &t->arrival, false);
    else
        writer_null(w, "arrival");
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
