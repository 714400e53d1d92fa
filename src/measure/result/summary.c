#include "measure/result/summary.h"

#include <assert.h>
#include <string.h>

#include "base/real.h"

void summary_reset(struct summary *s)
{
    memset(s, 0, sizeof *s);
}

static double percentile(const struct histogram *h, double percent)
{
    return histogram_between(h, percent);
}

/* Those that came about while CPU time and calls were counted. */
static uint64_t messages_of(const struct trial *t)
{
    if (t->scenario == SCENARIO_SEND)
        return t->accepted;
    return t->scenario == SCENARIO_RATE ? t->replied : t->latency.values.n;
}

/* What was counted over the window, for each of its messages. */
static double per_message(const struct trial *t, uint64_t count)
{
    uint64_t messages = messages_of(t);
    return messages == 0 ? 0.0 : real_of(count) / real_of(messages);
}

static double drift(const struct trial *t)
{
    double first = percentile(&t->first_third, 50.0);
    return first > 0.0 ? percentile(&t->last_third, 50.0) / first : 0.0;
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
    case FIGURE_P50:
        return percentile(&t->latency, 50.0);
    case FIGURE_P90:
        return percentile(&t->latency, 90.0);
    case FIGURE_P99:
        return percentile(&t->latency, 99.0);
    case FIGURE_MEAN:
        return histogram_mean(&t->latency);
    case FIGURE_READY:
        return percentile(&t->phases[PHASE_READY], 50.0);
    case FIGURE_FIRST_ECHO:
        return percentile(&t->phases[PHASE_FIRST_ECHO], 50.0);
    case FIGURE_ACCEPTED:
        return trial_accepted_rate(t);
    case FIGURE_CLIENT_CPU:
        return per_message(t, t->client_cpu_ns);
    case FIGURE_SERVER_CPU:
        return per_message(t, t->server_cpu_ns);
    case FIGURE_PLAIN_P50:
        return percentile(&t->plain, 50.0);
    case FIGURE_PLAIN_P99:
        return percentile(&t->plain, 99.0);
    case FIGURE_CLIENT_CALLS:
        return per_message(t, t->client_calls);
    case FIGURE_SERVER_CALLS:
        return t->tally.sent == 0 ? 0.0 : real_of(t->server_calls) / real_of(t->tally.sent);
    case FIGURE_CLIENT_SWITCHES:
        return per_message(t, t->client_switches);
    case FIGURE_SERVER_SWITCHES:
        return per_message(t, t->server_switches);
    case FIGURE_CLIENT_BUSY:
        return trial_busy_share(t, t->client_cpu_ns);
    case FIGURE_SERVER_BUSY:
        return trial_busy_share(t, t->server_cpu_ns);
    case FIGURE_DRIFT:
        return drift(t);
    case FIGURE_COUNT:
        break;
    }
    return 0.0;
}

static void check_identities(struct summary *s, const struct trial *t)
{
    char text[IDENTITY_TEXT];
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        if (identity_check((enum identity)i, t, text) != VERDICT_BROKEN)
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
    s->blocks++;
    trial_merge(&s->pooled, t);
    check_identities(s, t);
}

/* Into values[BLOCKS_MAX]; returns their number. */
static size_t figure_collect(const struct summary *s, enum figure figure, double *values)
{
    size_t n = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++)
        if (s->figures[figure][block] > 0.0)
            values[n++] = s->figures[figure][block];
    return n;
}

static size_t ratio_collect(const struct summary *of, const struct summary *to, enum figure figure,
                            double *ratios)
{
    size_t n = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++) {
        double above = of->figures[figure][block];
        double below = to->figures[figure][block];
        if (above > 0.0 && below > 0.0)
            ratios[n++] = above / below;
    }
    return n;
}

struct spread summary_figure(const struct summary *s, enum figure figure)
{
    double known[BLOCKS_MAX];
    return spread_of(known, figure_collect(s, figure, known));
}

struct spread summary_ratio(const struct summary *of, const struct summary *to, enum figure figure)
{
    double ratios[BLOCKS_MAX];
    return spread_of(ratios, ratio_collect(of, to, figure, ratios));
}

struct interval summary_interval(const struct summary *s, enum figure figure)
{
    double known[BLOCKS_MAX];
    return interval_of(known, figure_collect(s, figure, known));
}

struct interval summary_ratio_interval(const struct summary *of, const struct summary *to,
                                       enum figure figure)
{
    double ratios[BLOCKS_MAX];
    return interval_of(ratios, ratio_collect(of, to, figure, ratios));
}

/* What was due and never sent would be the latest of all: without it no percentile is true. */
static bool latencies_lack(const struct trial *t, enum figure figure)
{
    return t->planned_sent < t->planned && figure_is_latency(figure);
}

bool summary_refused(const struct summary *s, enum figure figure)
{
    /* Whoever lost count of the messages knows nothing else either. */
    if (s->broken[IDENTITY_BALANCE] > 0 || latencies_lack(&s->pooled, figure))
        return true;
    switch (figure) {
    case FIGURE_READY:
    case FIGURE_FIRST_ECHO: /* phases: their own clock marks, not the window's */
        return false;
    case FIGURE_BYTES:
        return s->broken[IDENTITY_LITTLE] > 0 || s->broken[IDENTITY_BYTES] > 0;
    default:
        return s->broken[IDENTITY_LITTLE] > 0;
    }
}

bool summary_refused_any(const struct summary *s)
{
    for (unsigned i = 0; i < IDENTITY_COUNT; i++)
        if (s->broken[i] > 0)
            return true;
    return false;
}
