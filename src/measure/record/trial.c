#include "measure/record/trial.h"

#include <string.h>

#include "base/real.h"

const char *trial_proof_key(enum proof proof)
{
    static const char *const keys[] = {
        [PROOF_NONE] = "none",
        [PROOF_ECHOED] = "echoed",
        [PROOF_FINAL_ACK] = "final_ack",
        [PROOF_UNPROVEN] = "unproven",
    };
    return keys[proof];
}

void trial_reset(struct trial *t, enum scenario scenario)
{
    memset(t, 0, sizeof *t);
    t->scenario = scenario;
    t->trials = 1;
}

void trial_add_client(struct trial *t, const struct running *latencies)
{
    if (latencies->n > 0)
        running_add(&t->client_means, latencies->mean);
}

static void take_plan(struct trial *into, const struct trial *from)
{
    into->scenario = from->scenario;
    into->clients = from->clients;
    into->depth = from->depth;
    into->frame_size_out = from->frame_size_out;
    into->frame_size_in = from->frame_size_in;
    into->busy_polled = from->busy_polled;
}

static void add_counts(struct trial *into, const struct trial *from)
{
    into->trials += from->trials;
    into->started += from->started;
    into->ready += from->ready;
    into->failed += from->failed;
    into->lost += from->lost;
    into->planned += from->planned;
    into->planned_sent += from->planned_sent;
    into->planned_waited += from->planned_waited;
    into->replied += from->replied;
    into->accepted += from->accepted;
    into->proven += from->proven;
    if (from->proof > into->proof)
        into->proof = from->proof;
}

static void add_durations_and_costs(struct trial *into, const struct trial *from)
{
#define X(member) into->member += from->member;
    TRIAL_DURATION_LIST(X)
    TRIAL_COST_LIST(X)
#undef X
    into->paced_ns += from->paced_ns;
    into->accepted_ns += from->accepted_ns;
    into->proven_ns += from->proven_ns;
    if (from->worst_lag_ns > into->worst_lag_ns)
        into->worst_lag_ns = from->worst_lag_ns;
    if (from->longest_silence_ns > into->longest_silence_ns)
        into->longest_silence_ns = from->longest_silence_ns;
}

void trial_merge(struct trial *into, const struct trial *from)
{
    take_plan(into, from);
    add_counts(into, from);
    add_durations_and_costs(into, from);
    tally_merge(&into->tally, &from->tally);
    histogram_merge(&into->latency, &from->latency);
    histogram_merge(&into->plain, &from->plain);
    histogram_merge(&into->lag, &from->lag);
    histogram_merge(&into->arrival, &from->arrival);
    histogram_merge(&into->first_third, &from->first_third);
    histogram_merge(&into->last_third, &from->last_third);
    running_merge(&into->client_means, &from->client_means);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        histogram_merge(&into->phases[phase], &from->phases[phase]);
    placement_merge(&into->placement, &from->placement);
    failures_merge(&into->failures, &from->failures);
}

static double divide_by_time(uint64_t count, uint64_t ns)
{
    return ns == 0 ? 0.0 : real_of(count) * 1e9 / real_of(ns);
}

/* Round trips that came back, those too slow for the histogram included. */
static uint64_t count_answered(const struct trial *t)
{
    return t->latency.values.n + t->latency.outside;
}

/* Where all replies came after the window, half a reply stands for none: 0 would mean that nothing
 * was measured, and leave out the slowest trials. */
static double find_window_rate(const struct trial *t)
{
    bool late = t->replied == 0 && count_answered(t) > 0;
    return late ? divide_by_time(1, 2 * t->window_ns) : divide_by_time(t->replied, t->window_ns);
}

double trial_rate(const struct trial *t)
{
    switch (scenario_flow(t->scenario)) {
    case FLOW_CLOSED:
        return find_window_rate(t);
    case FLOW_OPEN:
        return divide_by_time(t->replied, t->paced_ns);
    case FLOW_WHOLE:
        return divide_by_time(count_answered(t), t->elapsed_ns);
    case FLOW_ONE_WAY:
        return divide_by_time(t->proven, t->proven_ns);
    case FLOW_FIRST_ECHO:
        break;
    }
    return 0.0;
}

double trial_rate_outstanding(const struct trial *t)
{
    bool whole = scenario_flow(t->scenario) == FLOW_WHOLE;
    return whole ? divide_by_time(count_answered(t), t->outstanding_ns) : 0.0;
}

double trial_accepted_rate(const struct trial *t)
{
    return divide_by_time(t->accepted, t->accepted_ns);
}

double trial_bytes_rate(const struct trial *t)
{
    if (t->tally.sent == 0)
        return 0.0;
    return trial_rate(t) * real_of(t->tally.payload_out) / real_of(t->tally.sent);
}

double trial_busy_share(const struct trial *t, uint64_t cpu_ns)
{
    uint64_t over = scenario_flow(t->scenario) == FLOW_WHOLE ? t->elapsed_ns : t->window_ns;
    return over == 0 ? 0.0 : real_of(cpu_ns) / real_of(over);
}
