#include <math.h>

#include "base/bytes.h"
#include "base/status.h"
#include "measure/result/limit.h"
#include "report/json/json.h"
#include "report/json/json_inner.h"

/* ---- Statistics -------------------------------------------------------------------------- */

#define RUNNING_MEMBERS(X)                                                                         \
    X(running, min, "min_ns", PLAIN)                                                               \
    X(running, mean, "mean_ns", PLAIN)                                                             \
    X(running, max, "max_ns", PLAIN)
/* Opens an object, which is closed by the caller. */
static void open_running(struct writer *w, const char *key, const struct running *r)
{
    writer_open(w, key, '{');
    writer_count(w, "count", r->n);
    if (r->n == 0)
        return;
    WRITER_MEMBERS(w, r, RUNNING_MEMBERS);
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
        if (h->values.n >= RESULT_TAIL_MIN)
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

#define SPREAD_MEMBERS(X)                                                                          \
    X(spread, min, "min", PLAIN)                                                                   \
    X(spread, low, "lower_quartile", PLAIN)                                                        \
    X(spread, median, "median", PLAIN)                                                             \
    X(spread, high, "upper_quartile", PLAIN)                                                       \
    X(spread, max, "max", PLAIN)
static void put_spread(struct writer *w, const struct spread *s, const struct interval *i)
{
    writer_count(w, "blocks", s->n);
    WRITER_MEMBERS(w, s, SPREAD_MEMBERS);
    json_put_interval(w, i);
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

static void put_figures(struct writer *w, const struct summary *s)
{
    writer_open(w, "figures", '{');
    for (unsigned f = 0; f < FIGURE_COUNT; f++) {
        enum figure figure = (enum figure)f;
        struct spread spread = summary_figure(s, figure);
        if (spread.n == 0)
            continue;
        bool refused = summary_refused(s, figure);
        writer_open(w, figure_key(figure), '{');
        writer_bool(w, "refused", refused);
        if (!refused) {
            struct interval interval = summary_interval(s, figure);
            put_spread(w, &spread, &interval);
            put_blocks(w, s, figure);
        }
        writer_close(w, '}');
    }
    writer_close(w, '}');
}

void json_put_ratios(struct writer *w, const char *key, const char *name, const struct summary *of,
                     const struct summary *to)
{
    if (of->blocks == 0 || to->blocks == 0)
        return;
    writer_open(w, key, '{');
    writer_text(w, "target", name);
    for (unsigned f = 0; f < FIGURE_COUNT; f++) {
        enum figure figure = (enum figure)f;
        struct spread spread = summary_ratio(of, to, figure);
        if (spread.n == 0 || summary_refused(of, figure) || summary_refused(to, figure))
            continue;
        struct interval interval = summary_ratio_interval(of, to, figure);
        writer_open(w, figure_key(figure), '{');
        put_spread(w, &spread, &interval);
        writer_close(w, '}');
    }
    writer_close(w, '}');
}

/* ---- One scenario ------------------------------------------------------------------------ */

static void put_tally(struct writer *w, const struct tally *t)
{
#define TALLY_KEY(name)    #name "\0"
#define TALLY_MEMBER(name) WRITER_MEMBER(tally, name, , PLAIN)
    static const struct writer_member members[] = {TALLY_LIST(TALLY_MEMBER)};
    writer_open(w, "tally", '{');
    writer_put_members(w, t, TALLY_LIST(TALLY_KEY), members);
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

#define SEND_MEMBERS(X)                                                                            \
    X(trial, accepted, "accepted", PLAIN)                                                          \
    X(trial, accepted_ns, "accepted_over_ns", PLAIN)                                               \
    X(trial, proven, "proven", PLAIN)                                                              \
    X(trial, proven_ns, "proven_over_ns", PLAIN)
static void put_send(struct writer *w, const struct trial *t)
{
    writer_open(w, "one_way", '{');
    WRITER_MEMBERS(w, t, SEND_MEMBERS);
    writer_text(w, "proof", bytes_word("none\0echoed\0final_ack\0unproven\0", t->proof));
    writer_close(w, '}');
}

#define RATE_MEMBERS(X)                                                                            \
    X(trial, planned, "planned", PLAIN)                                                            \
    X(trial, planned_sent, "sent", PLAIN)                                                          \
    X(trial, planned_waited, "waited", PLAIN)                                                      \
    X(trial, worst_lag_ns, "worst_lag_ns", PLAIN)
static void put_rate(struct writer *w, const struct trial *t)
{
    writer_open(w, "open_loop", '{');
    WRITER_MEMBERS(w, t, RATE_MEMBERS);
    writer_count(w, "answered", t->latency.values.n + t->latency.outside);
    put_histogram(w, "from_send", &t->plain);
    writer_close(w, '}');
}

#define TRIAL_MEMBERS(X)                                                                           \
    X(trial, trials, "trials", PLAIN)                                                              \
    X(trial, clients, "clients_at_once", PLAIN)                                                    \
    X(trial, depth, "depth", PLAIN)                                                                \
    X(trial, frame_size_out, "frame_out_bytes", PLAIN)                                             \
    X(trial, frame_size_in, "frame_in_bytes", PLAIN)                                               \
    X(trial, started, "clients_started", PLAIN)                                                    \
    X(trial, ready, "clients_ready", PLAIN)                                                        \
    X(trial, failed, "clients_failed", PLAIN)                                                      \
    X(trial, lost, "clients_lost", PLAIN)                                                          \
    X(trial, cut_ns, "cut_ns", PLAIN)                                                              \
    X(trial, window_ns, "window_ns", PLAIN)                                                        \
    X(trial, vacant_ns, "vacant_ns", PLAIN)                                                        \
    X(trial, early_ns, "early_ns", PLAIN)                                                          \
    X(trial, elapsed_ns, "elapsed_ns", PLAIN)                                                      \
    X(trial, outstanding_ns, "outstanding_ns", PLAIN)                                              \
    X(trial, client_cpu_ns, "client_cpu_ns", PLAIN)                                                \
    X(trial, server_cpu_ns, "server_cpu_ns", PLAIN)                                                \
    X(trial, client_calls, "client_calls", PLAIN)                                                  \
    X(trial, server_calls, "server_calls", PLAIN)                                                  \
    X(trial, client_switches, "client_switches", PLAIN)                                            \
    X(trial, server_switches, "server_switches", PLAIN)                                            \
    X(trial, busy_polled, "busy_polled", PLAIN)
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
    put_figures(w, s);
    writer_text(w, "limit", limit_text(limit_of(s)));
    writer_bool(w, "drifting", result_drifts(s));
    WRITER_MEMBERS(w, t, TRIAL_MEMBERS);
    put_tally(w, &t->tally);
    if (t->latency.values.n > 0 || t->latency.outside > 0)
        put_histogram(w, "latency", &t->latency);
    if (t->client_means.n > 0) {
        open_running(w, "client_means", &t->client_means);
        writer_close(w, '}');
    }
    put_phases(w, t);
    if (t->scenario == SCENARIO_RATE)
        put_rate(w, t);
    if (t->scenario == SCENARIO_SEND)
        put_send(w, t);
    put_broken(w, s);
    json_put_failures(w, &t->failures);
}
