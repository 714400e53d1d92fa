#include "measure/result/summary.h"

#include <math.h>

#include <assert.h>
#include <string.h>

#include "base/real.h"
#include "base/status.h"

void summary_reset(struct summary *s)
{
    memset(s, 0, sizeof *s);
}

/* Messages that were exchanged while CPU time and calls were counted. */
static uint64_t count_messages(const struct trial *t)
{
    switch (scenario_flow(t->scenario)) {
    case FLOW_ONE_WAY:
        return t->accepted;
    case FLOW_OPEN:
    case FLOW_CLOSED:
        return t->replied;
    case FLOW_FIRST_ECHO:
    case FLOW_WHOLE:
        break;
    }
    return t->latency.values.n;
}

/* The share that one message of the window has in a count. */
static double divide_by_messages(const struct trial *t, uint64_t count)
{
    uint64_t messages = count_messages(t);
    return messages == 0 ? 0.0 : real_of(count) / real_of(messages);
}

static double measure_drift(const struct trial *t)
{
    double first = histogram_between(&t->first_third, 50.0);
    return first > 0.0 ? histogram_between(&t->last_third, 50.0) / first : 0.0;
}

static struct summary_value measure_percentile(const struct histogram *h, double percent)
{
    if (histogram_total(h) == 0)
        return (struct summary_value){.known = false};
    return (struct summary_value){.known = histogram_supports(h, percent),
                                  .scarce = !histogram_supports(h, percent),
                                  .beyond = histogram_is_beyond(h, percent),
                                  .ns = histogram_between(h, percent)};
}

/* As if what is missing had come at the earliest possible time. */
static struct summary_value measure_mean(const struct histogram *h)
{
    double all = real_of(histogram_total(h));
    double n = real_of(h->values.n);
    if (all <= 0.0)
        return (struct summary_value){.known = false};
    return (struct summary_value){.known = true,
                                  .beyond = n < all,
                                  .ns = histogram_mean(h) * (n / all) +
                                        real_of(histogram_bound(h)) * (1.0 - n / all)};
}

static struct summary_value measure_max(const struct histogram *h)
{
    return (struct summary_value){.known = histogram_total(h) > 0,
                                  .beyond = histogram_is_beyond(h, 100.0),
                                  .ns = real_of(histogram_percentile(h, 100.0))};
}

static double measure_rate(const struct trial *t, enum figure figure)
{
    switch (figure) {
    case FIGURE_RATE:
        return trial_rate(t);
    case FIGURE_RATE_OUTSTANDING:
        return trial_rate_outstanding(t);
    case FIGURE_BYTES:
        return trial_bytes_rate(t);
    default:
        return trial_accepted_rate(t);
    }
}

static double measure_cost(const struct trial *t, enum figure figure)
{
    switch (figure) {
    case FIGURE_CLIENT_CPU:
        return divide_by_messages(t, t->client_cpu_ns);
    case FIGURE_SERVER_CPU:
        return divide_by_messages(t, t->server_cpu_ns);
    case FIGURE_CLIENT_CALLS:
        return divide_by_messages(t, t->client_calls);
    case FIGURE_SERVER_CALLS:
        return t->tally.sent == 0 ? 0.0 : real_of(t->server_calls) / real_of(t->tally.sent);
    case FIGURE_CLIENT_SWITCHES:
        return divide_by_messages(t, t->client_switches);
    case FIGURE_SERVER_SWITCHES:
        return divide_by_messages(t, t->server_switches);
    case FIGURE_CLIENT_BUSY:
        return trial_busy_share(t, t->client_cpu_ns);
    case FIGURE_SERVER_BUSY:
        return trial_busy_share(t, t->server_cpu_ns);
    default:
        return 0.0;
    }
}

static struct summary_value measure(const struct trial *t, enum figure figure)
{
    struct summary_value m = {.known = true};
    switch (figure) {
    case FIGURE_P50:
        return measure_percentile(&t->latency, 50.0);
    case FIGURE_P90:
        return measure_percentile(&t->latency, 90.0);
    case FIGURE_P99:
        return measure_percentile(&t->latency, 99.0);
    case FIGURE_PLAIN_P50:
        return measure_percentile(&t->plain, 50.0);
    case FIGURE_PLAIN_P99:
        return measure_percentile(&t->plain, 99.0);
    case FIGURE_MEAN:
        return measure_mean(&t->latency);
    case FIGURE_RATE:
    case FIGURE_RATE_OUTSTANDING:
    case FIGURE_BYTES:
    case FIGURE_ACCEPTED:
        m.ns = measure_rate(t, figure);
        break;
    case FIGURE_READY:
        m.ns = histogram_between(&t->phases[PHASE_READY], 50.0);
        break;
    case FIGURE_FIRST_ECHO:
        m.ns = histogram_between(&t->phases[PHASE_FIRST_ECHO], 50.0);
        break;
    case FIGURE_DRIFT:
        m.ns = measure_drift(t);
        break;
    case FIGURE_CLIENT_CPU:
    case FIGURE_SERVER_CPU:
    case FIGURE_CLIENT_CALLS:
    case FIGURE_SERVER_CALLS:
    case FIGURE_CLIENT_SWITCHES:
    case FIGURE_SERVER_SWITCHES:
    case FIGURE_CLIENT_BUSY:
    case FIGURE_SERVER_BUSY:
        m.ns = measure_cost(t, figure);
        break;
    case FIGURE_COUNT:
        break;
    }
    return m;
}

static void check_identities(struct summary *s, const struct trial *t)
{
    char text[IDENTITY_TEXT];
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        if (identity_check((enum identity)i, t, text) != IDENTITY_BROKEN)
            continue;
        if (s->broken[i]++ == 0)
            memcpy(s->why[i], text, sizeof text);
    }
}

#define SILENT_SHARE 0.05 /* of the window: more is worth a word */

static bool is_silent(const struct trial *t)
{
    return real_of(t->silent_ns) > SILENT_SHARE * real_of(t->window_ns);
}

void summary_add(struct summary *s, unsigned block, const struct trial *t)
{
    assert(block < BLOCKS_MAX);
    for (unsigned f = 0; f < FIGURE_COUNT; f++) {
        struct summary_value m = measure(t, (enum figure)f);
        /* Without those that have few messages, the slowest would be left out. */
        s->figures[f][block] = m.scarce && t->stopped ? 0.0 : m.ns;
        s->beyond[f][block] = m.beyond;
        s->scarce[f] += m.scarce && !t->stopped;
    }
    s->silent_blocks += is_silent(t);
    s->placements[block] = t->placement;
    placement_count_add(&s->placement, placement_find(&t->placement));
    s->blocks++;
    trial_merge(&s->pooled, t);
    check_identities(s, t);
}

/* ---- Over the blocks ------------------------------------------------------------------------ */

/* What the blocks have measured, one after the other. */
struct collected {
    size_t n;
    double values[BLOCKS_MAX];
    bool beyond[BLOCKS_MAX];
    bool unknown; /* a ratio to a lower bound */
};

static void collect(struct collected *c, double value, bool beyond)
{
    c->values[c->n] = value;
    c->beyond[c->n++] = beyond;
}

static void collect_figure(struct collected *c, const struct summary *s, enum figure figure)
{
    *c = (struct collected){.n = 0};
    for (unsigned block = 0; block < BLOCKS_MAX; block++)
        if (s->figures[figure][block] > 0.0)
            collect(c, s->figures[figure][block], s->beyond[figure][block]);
}

/* What was measured in one block; 0: nothing. */
struct measured {
    double value;
    bool beyond;
};

/* Where a target has two trials in the block, their geometric mean counts. */
static struct measured find_measured(struct summary_trials t, enum figure figure, unsigned block)
{
    struct measured m = {t.first->figures[figure][block], t.first->beyond[figure][block]};
    double second = t.second == NULL ? 0.0 : t.second->figures[figure][block];
    if (m.value <= 0.0 || second <= 0.0)
        return m;
    return (struct measured){sqrt(m.value * second), m.beyond || t.second->beyond[figure][block]};
}

/* The ratios of blocks that have both. */
static void collect_ratios(struct collected *c, struct summary_trials of, struct summary_trials to,
                           enum figure figure)
{
    *c = (struct collected){.n = 0};
    for (unsigned block = 0; block < BLOCKS_MAX; block++) {
        struct measured above = find_measured(of, figure, block);
        struct measured below = find_measured(to, figure, block);
        if (above.value <= 0.0 || below.value <= 0.0)
            continue;
        collect(c, above.value / below.value, above.beyond);
        c->unknown = c->unknown || below.beyond;
    }
}

static struct estimate estimate(const struct collected *c, enum refusal refusal)
{
    return (struct estimate){.refusal = refusal,
                             .spread = spread_of_bounds(c->values, c->beyond, c->n),
                             .interval = interval_of_bounds(c->values, c->beyond, c->n, 1)};
}

/* ---- What must not be shown --------------------------------------------------------------- */

static enum refusal refuse_if(bool broken, enum refusal why)
{
    return broken ? why : REFUSAL_NONE;
}

static enum refusal find_refusal(const struct summary *s, enum figure figure)
{
    if (s->broken[IDENTITY_BALANCE] > 0)
        return REFUSAL_BALANCE;
    if (s->scarce[figure] > 0 && 2 * s->scarce[figure] >= s->blocks)
        return REFUSAL_FEW;
    switch (figure) {
    case FIGURE_READY:
    case FIGURE_FIRST_ECHO: /* phases have their own clock marks, and need no window */
        return REFUSAL_NONE;
    case FIGURE_BYTES:
        if (s->broken[IDENTITY_BYTES] > 0)
            return REFUSAL_BYTES;
        return refuse_if(s->broken[IDENTITY_LITTLE] > 0, REFUSAL_LITTLE);
    default:
        return refuse_if(s->broken[IDENTITY_LITTLE] > 0, REFUSAL_LITTLE);
    }
}

static bool has_broken_identity(const struct summary *s)
{
    for (unsigned i = 0; i < IDENTITY_COUNT; i++)
        if (s->broken[i] > 0)
            return true;
    return false;
}

/* ---- Conclusions --------------------------------------------------------------------------- */

#define DRIFT_MIN 0.05

static bool is_drifting(const struct summary *s)
{
    const struct estimate *e = &s->estimates[FIGURE_DRIFT];
    const struct interval *drift = &e->interval;
    double off = drift->middle < 1.0 ? 1.0 - drift->middle : drift->middle - 1.0;
    if (drift->n == 0 || off <= DRIFT_MIN || e->refusal != REFUSAL_NONE)
        return false;
    return drift->n < INTERVAL_MIN || drift->low > 1.0 || drift->high < 1.0;
}

/* By the medians of the two shares, which is what stands beside it in a report. */
static enum limit find_limit(const struct summary *s)
{
    if (s->pooled.busy_polled)
        return LIMIT_UNKNOWN;
    return limit_judge(s->estimates[FIGURE_CLIENT_BUSY].spread.median,
                       s->estimates[FIGURE_SERVER_BUSY].spread.median, &s->placement);
}

/* Clients that were stopped with the run did not fail. */
static uint64_t count_stopped(const struct failures *f)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < f->used; i++)
        if (f->list[i].status == STATUS_STOPPED)
            count += f->list[i].count;
    return count;
}

static bool has_failed(const struct summary *s)
{
    const struct trial *t = &s->pooled;
    uint64_t stopped = count_stopped(&t->failures);
    return t->failed + t->lost > stopped || t->tally.wrong > 0 || t->tally.unexpected > 0 ||
           failures_count(&t->failures) > stopped || has_broken_identity(s);
}

void summary_conclude(struct summary *s)
{
    struct collected c;
    const struct trial *t = &s->pooled;
    for (unsigned i = 0; i < FIGURE_COUNT; i++) {
        collect_figure(&c, s, (enum figure)i);
        s->estimates[i] = estimate(&c, find_refusal(s, (enum figure)i));
    }
    s->mean = measure_mean(&t->latency);
    s->max = measure_max(&t->latency);
    s->p999 = measure_percentile(&t->latency, 99.9);
    s->lag_p50 = measure_percentile(&t->lag, 50.0);
    s->lag_p99 = measure_percentile(&t->lag, 99.0);
    s->arrival_p50 = measure_percentile(&t->arrival, 50.0);
    s->arrival_p99 = measure_percentile(&t->arrival, 99.0);
    s->silent_share = t->window_ns == 0 ? 0.0 : real_of(t->silent_ns) / real_of(t->window_ns);
    s->limit = find_limit(s);
    s->drifting = is_drifting(s);
    s->failed = has_failed(s);
}

struct interval summary_find_interval(const struct summary *s, enum figure figure, unsigned looks)
{
    struct collected c;
    if (s->estimates[figure].refusal != REFUSAL_NONE)
        return (struct interval){0};
    collect_figure(&c, s, figure);
    return interval_of_bounds(c.values, c.beyond, c.n, looks);
}

static enum refusal find_first_refusal(struct summary_trials t, enum figure figure)
{
    enum refusal first = t.first->estimates[figure].refusal;
    return first != REFUSAL_NONE || t.second == NULL ? first : t.second->estimates[figure].refusal;
}

struct estimate summary_compare(struct summary_trials of, struct summary_trials to,
                                enum figure figure, unsigned claims)
{
    struct collected c;
    collect_ratios(&c, of, to, figure);
    enum refusal refusal = find_first_refusal(of, figure);
    if (refusal == REFUSAL_NONE)
        refusal = find_first_refusal(to, figure);
    if (refusal == REFUSAL_NONE && c.unknown)
        refusal = REFUSAL_MISSING;
    return (struct estimate){.refusal = refusal,
                             .spread = spread_of_bounds(c.values, c.beyond, c.n),
                             .interval = interval_of_ratio_bounds(c.values, c.beyond, c.n, claims)};
}
