#include <inttypes.h>

#include "base/real.h"
#include "measure/result/result.h"

#define KEPT_UP    0.95    /* of the rate, that an open loop must reach at least */
#define LOOKUP_MIN 10000.0 /* ns; an address needs no look-up, and its time means nothing */

/* ---- Phases -------------------------------------------------------------------------------- */

static bool has_phases(const struct trial *t)
{
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        if (t->phases[phase].values.n > 0)
            return true;
    return false;
}

static enum scenario find_phase_source(const struct result_target *t)
{
    /* One at a time says most about a phase; in throughput many connect at once. */
    static const enum scenario order[] = {SCENARIO_CONNECT, SCENARIO_THROUGHPUT, SCENARIO_ROUNDTRIP,
                                          SCENARIO_RATE, SCENARIO_SEND};
    static_assert(sizeof order / sizeof order[0] == SCENARIO_COUNT, "every scenario has phases");
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (has_phases(&t->summaries[order[i]].pooled))
            return order[i];
    return SCENARIO_COUNT;
}

static struct result_phase conclude_phase(const struct histogram *h, enum phase phase)
{
    struct result_phase p = {.count = h->values.n};
    if (p.count == 0)
        return p;
    p.p50_ns = real_of(histogram_percentile(h, 50.0));
    p.p95_ns = real_of(histogram_percentile(h, 95.0));
    p.has_p95 = histogram_supports(h, 95.0);
    p.shown = phase != PHASE_RESOLVE || h->values.max >= LOOKUP_MIN;
    return p;
}

static void conclude_phases(struct result_target *t)
{
    t->phase_source = find_phase_source(t);
    for (unsigned i = 0; i < PHASE_COUNT; i++) {
        t->phases[i] = (struct result_phase){0};
        if (t->phase_source != SCENARIO_COUNT)
            t->phases[i] =
                conclude_phase(&t->summaries[t->phase_source].pooled.phases[i], (enum phase)i);
    }
}

/* ---- Targets ------------------------------------------------------------------------------- */

static void conclude_summaries(struct result *r)
{
    for (unsigned i = 0; i < r->target_count; i++) {
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            summary_conclude(&r->targets[i].summaries[s]);
        for (unsigned p = 0; p < r->sweep.count; p++)
            summary_conclude(&r->sweep.points[i][p]);
    }
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        summary_conclude(&r->control[s]);
}

/* How many messages the kernel accepts in the time in which the target answers one. */
static double divide_accepted(const struct result_target *t)
{
    const struct estimate *trips = &t->summaries[SCENARIO_ROUNDTRIP].estimates[FIGURE_RATE];
    const struct estimate *accepted = &t->summaries[SCENARIO_SEND].estimates[FIGURE_ACCEPTED];
    if (trips->spread.n == 0 || trips->refusal != REFUSAL_NONE)
        return 0.0;
    return accepted->spread.median / trips->spread.median;
}

static void conclude_failures(struct result *r, unsigned target)
{
    struct result_target *t = &r->targets[target];
    t->all_failures = t->failures;
    t->failed = failures_count(&t->failures) > 0;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        failures_merge(&t->all_failures, &t->summaries[s].pooled.failures);
        t->failed = t->failed || t->summaries[s].failed;
    }
    for (unsigned s = 0; s < SCENARIO_COUNT && target == r->against; s++)
        failures_merge(&t->all_failures, &r->control[s].pooled.failures);
    for (unsigned p = 0; p < r->sweep.count; p++) {
        failures_merge(&t->all_failures, &r->sweep.points[target][p].pooled.failures);
        t->failed = t->failed || r->sweep.points[target][p].failed;
    }
}

static void conclude_targets(struct result *r)
{
    r->failed = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        struct result_target *t = &r->targets[i];
        conclude_phases(t);
        conclude_failures(r, i);
        t->accepted_per_roundtrip = divide_accepted(t);
        r->failed = r->failed || t->failed;
    }
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        r->failed = r->failed || r->control[s].failed;
}

/* ---- Pairs --------------------------------------------------------------------------------- */

static struct summary_trials find_trials(const struct result *r, unsigned target,
                                         enum scenario scenario)
{
    bool twice = target == r->against && r->control[scenario].blocks > 0;
    return (struct summary_trials){&r->targets[target].summaries[scenario],
                                   twice ? &r->control[scenario] : NULL};
}

static void conclude_noise(struct result *r)
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        for (unsigned f = 0; f < FIGURE_COUNT; f++)
            r->noise[s][f] =
                summary_compare((struct summary_trials){&r->control[s], NULL},
                                (struct summary_trials){&r->targets[r->against].summaries[s], NULL},
                                (enum figure)f, 1);
}

static bool has_both(const struct result *r, const struct pair *p, unsigned scenario)
{
    return r->targets[p->target].summaries[scenario].blocks > 0 &&
           r->targets[p->other].summaries[scenario].blocks > 0;
}

/* How many pairs a scenario judges. */
static unsigned count_claims(const struct result *r, unsigned scenario)
{
    unsigned count = 0;
    for (unsigned i = 0; i < r->pair_count; i++)
        count += has_both(r, &r->pairs[i], scenario);
    return count;
}

static unsigned count_looks(const struct result *r)
{
    return r->until.looks > 0 ? r->until.looks : 1;
}

static void compare_pair(const struct result *r, struct pair *p,
                         const unsigned claims[SCENARIO_COUNT])
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        for (unsigned f = 0; f < FIGURE_COUNT; f++)
            p->figures[s][f] = pair_compare(find_trials(r, p->target, (enum scenario)s),
                                            find_trials(r, p->other, (enum scenario)s),
                                            &r->noise[s][f], (enum figure)f, claims[s]);
    const struct comparison *c = &p->figures[r->verdict_scenario][r->verdict_figure];
    p->verdict = verdict_find(&c->ratio, c->result, r->verdict_figure);
}

/* A verdict needs a pair of which both were run. */
static void count_judged(struct result *r, const struct pair *p)
{
    enum scenario scenario = r->verdict_scenario;
    r->judged = r->judged || has_both(r, p, scenario);
    result_count_blocks(&r->judged_blocks, p->figures[scenario][r->verdict_figure].ratio.spread.n);
}

static void conclude_pairs(struct result *r)
{
    enum pair_protocol protocols[TARGETS_MAX];
    int references[TARGETS_MAX];
    unsigned claims[SCENARIO_COUNT];
    for (unsigned i = 0; i < r->target_count; i++) {
        protocols[i] = r->targets[i].protocol;
        references[i] = r->targets[i].reference;
    }
    r->pair_count =
        pair_list(r->pairs, protocols, r->baseline, references, r->against, r->target_count);
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        claims[s] = count_claims(r, s) * count_looks(r);
    for (unsigned base = 0; base < PAIR_BASES; base++)
        r->common[base] = pair_common(r->pairs, r->pair_count, (enum pair_base)base);
    r->judged = false;
    r->judged_blocks = (struct result_blocks){0, 0};
    for (unsigned i = 0; i < r->pair_count; i++) {
        compare_pair(r, &r->pairs[i], claims);
        count_judged(r, &r->pairs[i]);
    }
    r->judged = r->judged && r->blocks > 1;
}

/* ---- The whole ----------------------------------------------------------------------------- */

static void conclude_subject(struct result *r)
{
    static const enum scenario others[] = {SCENARIO_ROUNDTRIP, SCENARIO_RATE, SCENARIO_THROUGHPUT,
                                           SCENARIO_CONNECT, SCENARIO_SEND};
    static_assert(sizeof others / sizeof others[0] == SCENARIO_COUNT, "any can be the subject");
    size_t i = 0;
    r->subject = r->verdict_scenario;
    r->subject_figure = r->verdict_figure;
    while (!result_has(r, r->subject) && i < sizeof others / sizeof others[0]) {
        r->subject = others[i++];
        r->subject_figure = figure_deciding(r->subject);
    }
    if (!result_has(r, r->subject))
        r->subject = SCENARIO_COUNT;
}

static void count_blocks(struct result *r)
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        r->blocks_of[s] = (struct result_blocks){0, 0};
        for (unsigned i = 0; i < r->target_count; i++)
            result_count_blocks(&r->blocks_of[s],
                                r->targets[i].summaries[s].estimates[FIGURE_RATE].spread.n);
    }
}

/* A figure that is refused is no number in the order of trials either. */
static void refuse_steps(struct result *r)
{
    enum scenario scenario = r->verdict_scenario;
    for (unsigned i = 0; i < r->step_count; i++) {
        struct result_step *step = &r->steps[i];
        const struct summary *s =
            step->control ? &r->control[scenario] : &r->targets[step->target].summaries[scenario];
        if (s->estimates[r->verdict_figure].refusal != REFUSAL_NONE)
            step->value = 0.0;
    }
}

void result_conclude(struct result *r)
{
    conclude_summaries(r);
    conclude_targets(r);
    conclude_noise(r);
    conclude_pairs(r);
    conclude_subject(r);
    count_blocks(r);
    refuse_steps(r);
    result_placement_conclude(r);
}

/* ---- Afterwards ---------------------------------------------------------------------------- */

static void note_overload(struct result *r, const char *target, const struct summary *s)
{
    const struct trial *t = &s->pooled;
    double achieved = s->estimates[FIGURE_RATE].spread.median;
    if (t->planned_sent < t->planned)
        result_add_note(r,
                        "%s: %" PRIu64 " of %" PRIu64 " messages that were due could not be sent: "
                        "they count as later than all others. Lower --rate.",
                        target, t->planned - t->planned_sent, t->planned);
    else if (achieved > 0.0 && achieved < KEPT_UP * real_of(r->rate))
        result_add_note(r,
                        "%s: %.0f/s achieved of %" PRIu64 "/s: it did not keep up. Lower --rate.",
                        target, achieved, r->rate);
}

void result_note_overloads(struct result *r)
{
    for (unsigned i = 0; i < r->target_count; i++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            if (scenario_flow((enum scenario)s) == FLOW_OPEN)
                note_overload(r, r->targets[i].name, &r->targets[i].summaries[s]);
}

/* n is 0: not measured, or refused. */
static struct interval find_gated(const struct result *r, const struct gate *g)
{
    if (g->to < 0)
        return summary_find_interval(&r->targets[g->of].summaries[g->scenario], g->figure,
                                     count_looks(r));
    struct estimate e =
        summary_compare(find_trials(r, (unsigned)g->of, g->scenario),
                        find_trials(r, (unsigned)g->to, g->scenario), g->figure, count_looks(r));
    return e.refusal == REFUSAL_NONE ? e.interval : (struct interval){0};
}

void result_judge_gates(struct result *r, const struct gate_list *gates)
{
    r->gate_count = 0;
    for (unsigned i = 0; i < gates->count; i++) {
        struct interval found = find_gated(r, &gates->item[i]);
        r->gates[r->gate_count++] = gate_judge(&gates->item[i], &found);
    }
}

/* What has no figure, or one that is refused, no further block decides. */
static bool is_open(const struct verdict *v, const struct interval *ratio, double within)
{
    bool known = v->stated && !v->refused;
    bool narrow = v->result == CONTRAST_SAME && contrast_allows(ratio) <= within;
    return known && !narrow && (v->result == CONTRAST_SAME || v->result == CONTRAST_FEW);
}

bool result_is_decided(const struct result *r)
{
    for (unsigned i = 0; i < r->pair_count; i++) {
        const struct pair *p = &r->pairs[i];
        const struct comparison *c = &p->figures[r->verdict_scenario][r->verdict_figure];
        if (is_open(&p->verdict, &c->ratio.interval, r->until.within))
            return false;
    }
    for (unsigned i = 0; i < r->gate_count; i++)
        if (r->gates[i].outcome == GATE_UNSURE && r->gates[i].found.n > 0)
            return false;
    return true;
}
