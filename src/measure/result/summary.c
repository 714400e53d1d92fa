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
        return t->replied;
    case FLOW_FIRST_ECHO:
    case FLOW_CLOSED:
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

static double measure_latency(const struct trial *t, enum figure figure)
{
    switch (figure) {
    case FIGURE_P50:
        return histogram_between(&t->latency, 50.0);
    case FIGURE_P90:
        return histogram_between(&t->latency, 90.0);
    case FIGURE_P99:
        return histogram_between(&t->latency, 99.0);
    case FIGURE_PLAIN_P50:
        return histogram_between(&t->plain, 50.0);
    case FIGURE_PLAIN_P99:
        return histogram_between(&t->plain, 99.0);
    case FIGURE_MEAN:
        return histogram_mean(&t->latency);
    case FIGURE_READY:
        return histogram_between(&t->phases[PHASE_READY], 50.0);
    case FIGURE_FIRST_ECHO:
        return histogram_between(&t->phases[PHASE_FIRST_ECHO], 50.0);
    default:
        return 0.0;
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

static double measure(const struct trial *t, enum figure figure)
{
    switch (figure) {
    case FIGURE_RATE:
        return trial_rate(t);
    case FIGURE_RATE_OUTSTANDING:
        return trial_rate_outstanding(t);
    case FIGURE_BYTES:
        return trial_bytes_rate(t);
    case FIGURE_ACCEPTED:
        return trial_accepted_rate(t);
    case FIGURE_DRIFT:
        return measure_drift(t);
    case FIGURE_P50:
    case FIGURE_P90:
    case FIGURE_P99:
    case FIGURE_MEAN:
    case FIGURE_PLAIN_P50:
    case FIGURE_PLAIN_P99:
    case FIGURE_READY:
    case FIGURE_FIRST_ECHO:
        return measure_latency(t, figure);
    case FIGURE_CLIENT_CPU:
    case FIGURE_SERVER_CPU:
    case FIGURE_CLIENT_CALLS:
    case FIGURE_SERVER_CALLS:
    case FIGURE_CLIENT_SWITCHES:
    case FIGURE_SERVER_SWITCHES:
    case FIGURE_CLIENT_BUSY:
    case FIGURE_SERVER_BUSY:
        return measure_cost(t, figure);
    case FIGURE_COUNT:
        break;
    }
    return 0.0;
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

void summary_add(struct summary *s, unsigned block, const struct trial *t)
{
    assert(block < BLOCKS_MAX);
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        s->figures[f][block] = measure(t, (enum figure)f);
    s->placements[block] = t->placement;
    placement_count_add(&s->placement, placement_find(&t->placement));
    s->blocks++;
    trial_merge(&s->pooled, t);
    check_identities(s, t);
}

/* ---- Over the blocks ------------------------------------------------------------------------ */

/* Puts the blocks that measured it into values[BLOCKS_MAX]; returns their number. */
static size_t collect_figure(const struct summary *s, enum figure figure, double *values)
{
    size_t n = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++)
        if (s->figures[figure][block] > 0.0)
            values[n++] = s->figures[figure][block];
    return n;
}

/* 0: not measured in that block. */
static double find_value(struct summary_trials t, enum figure figure, unsigned block)
{
    double first = t.first->figures[figure][block];
    double second = t.second == NULL ? 0.0 : t.second->figures[figure][block];
    return first > 0.0 && second > 0.0 ? sqrt(first * second) : first;
}

/* The ratios of blocks that have both. */
static size_t collect_ratios(struct summary_trials of, struct summary_trials to, enum figure figure,
                             double *ratios)
{
    size_t n = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++) {
        double above = find_value(of, figure, block);
        double below = find_value(to, figure, block);
        if (above > 0.0 && below > 0.0)
            ratios[n++] = above / below;
    }
    return n;
}

/* ---- What must not be shown --------------------------------------------------------------- */

static enum refusal refuse_if(bool broken, enum refusal why)
{
    return broken ? why : REFUSAL_NONE;
}

static enum refusal find_refusal(const struct summary *s, enum figure figure)
{
    const struct trial *t = &s->pooled;
    if (s->broken[IDENTITY_BALANCE] > 0)
        return REFUSAL_BALANCE;
    if (figure_is_latency(figure) && t->planned_sent < t->planned)
        return REFUSAL_UNSENT;
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
    double values[BLOCKS_MAX];
    for (unsigned i = 0; i < FIGURE_COUNT; i++) {
        enum figure figure = (enum figure)i;
        size_t n = collect_figure(s, figure, values);
        s->estimates[i] = (struct estimate){.refusal = find_refusal(s, figure),
                                            .spread = spread_of(values, n),
                                            .interval = interval_of(values, n)};
    }
    s->p999_ns = 0.0;
    if (s->pooled.latency.values.n >= SUMMARY_TAIL_MIN)
        s->p999_ns = real_of(histogram_percentile(&s->pooled.latency, 99.9));
    s->limit = find_limit(s);
    s->drifting = is_drifting(s);
    s->failed = has_failed(s);
}

struct interval summary_find_interval(const struct summary *s, enum figure figure, unsigned looks)
{
    double values[BLOCKS_MAX];
    if (s->estimates[figure].refusal != REFUSAL_NONE)
        return (struct interval){0};
    return interval_of_looks(values, collect_figure(s, figure, values), looks);
}

static enum refusal find_first_refusal(struct summary_trials t, enum figure figure)
{
    enum refusal first = t.first->estimates[figure].refusal;
    return first != REFUSAL_NONE || t.second == NULL ? first : t.second->estimates[figure].refusal;
}

struct estimate summary_compare(struct summary_trials of, struct summary_trials to,
                                enum figure figure, unsigned claims)
{
    double ratios[BLOCKS_MAX];
    size_t n = collect_ratios(of, to, figure, ratios);
    enum refusal refusal = find_first_refusal(of, figure);
    return (struct estimate){.refusal =
                                 refusal != REFUSAL_NONE ? refusal : find_first_refusal(to, figure),
                             .spread = spread_of(ratios, n),
                             .interval = interval_of_ratios(ratios, n, claims)};
}
