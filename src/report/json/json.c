#include "report/json/json.h"

#include <inttypes.h>
#include <math.h>

#include "base/real.h"
#include "report/json/json_inner.h"

/* The name of the target with that index, or null when the index is -1. */
static void put_target_name(struct writer *w, const char *key, const struct result *r, int index)
{
    if (index >= 0 && (unsigned)index < r->target_count)
        writer_text(w, key, r->targets[index].name);
    else
        writer_null(w, key);
}

/* ---- Targets ------------------------------------------------------------------------------- */

static void put_ratios(struct writer *w, const char *key, const struct result *r,
                       const struct result_target *t, enum pair_base base, enum scenario scenario)
{
    const struct pair *p = result_find_pair(r, t, base);
    if (p == NULL || r->targets[p->other].summaries[scenario].blocks == 0)
        return;
    writer_open(w, key, '{');
    writer_text(w, "target", r->targets[p->other].name);
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        json_put_ratio(w, (enum figure)f, &p->figures[scenario][f].ratio);
    writer_close(w, '}');
}

static void put_scenario(struct writer *w, const struct result *r, const struct result_target *t,
                         enum scenario scenario)
{
    writer_open(w, scenario_key(scenario), '{');
    json_put_summary(w, &t->summaries[scenario]);
    put_ratios(w, "ratio_to_baseline", r, t, PAIR_BASELINE, scenario);
    put_ratios(w, "ratio_to_reference", r, t, PAIR_REFERENCE, scenario);
    writer_close(w, '}');
}

static void put_target(struct writer *w, const struct result *r, const struct result_target *t)
{
    writer_open(w, NULL, '{');
    writer_text(w, "name", t->name);
    writer_text(w, "url", t->url);
    writer_text(w, "kind", t->kind);
    writer_text(w, "address", t->address);
    writer_text(w, "matched", t->matched);
    writer_bool(w, "unchecked", t->unchecked);
    writer_known_count(w, "false_reply_odds", t->unchecked || t->odds == UINT64_MAX ? 0 : t->odds);
    writer_known_count(w, "payload_bytes", t->size);
    writer_bool(w, "binary", t->binary);
    writer_known_count(w, "server_peak_bytes", t->server_peak_bytes);
    put_target_name(w, "reference", r, t->reference);
    writer_open(w, "scenarios", '{');
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (t->summaries[s].blocks > 0)
            put_scenario(w, r, t, (enum scenario)s);
    writer_close(w, '}');
    json_put_failures(w, &t->failures);
    writer_close(w, '}');
}

static bool has_control(const struct result *r)
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (r->control[s].blocks > 0)
            return true;
    return false;
}

/* The ratio to its own target is the noise of this machine. */
static void put_noise(struct writer *w, const struct result *r, enum scenario scenario)
{
    if (r->targets[r->against].summaries[scenario].blocks == 0)
        return;
    writer_open(w, "ratio_to_first", '{');
    writer_text(w, "target", r->targets[r->against].name);
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        json_put_ratio(w, (enum figure)f, &r->noise[scenario][f]);
    writer_close(w, '}');
}

static void put_control_scenario(struct writer *w, const struct result *r, enum scenario scenario)
{
    writer_open(w, scenario_key(scenario), '{');
    json_put_summary(w, &r->control[scenario]);
    put_noise(w, r, scenario);
    writer_close(w, '}');
}

/* The second trial of the reference in each block. */
static void put_control(struct writer *w, const struct result *r)
{
    if (!has_control(r)) {
        writer_null(w, "control");
        return;
    }
    writer_open(w, "control", '{');
    writer_text(w, "target", r->targets[r->against].name);
    writer_open(w, "scenarios", '{');
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (r->control[s].blocks > 0)
            put_control_scenario(w, r, (enum scenario)s);
    writer_close(w, '}');
    writer_close(w, '}');
}

/* ---- Verdicts and gates -------------------------------------------------------------------- */

static void put_found(struct writer *w, const char *key, const struct interval *i)
{
    if (i->n == 0) {
        writer_null(w, key);
        return;
    }
    writer_open(w, key, '{');
    writer_count(w, "blocks", i->n);
    writer_number(w, "value", i->middle_beyond ? NAN : i->middle);
    json_put_interval(w, i);
    writer_close(w, '}');
}

static void put_pair(struct writer *w, const struct result *r, const struct pair *p)
{
    const struct comparison *c = &p->figures[r->verdict_scenario][r->verdict_figure];
    if (c->result == CONTRAST_NONE)
        return;
    writer_open(w, NULL, '{');
    writer_text(w, "target", r->targets[p->target].name);
    writer_text(w, "to", r->targets[p->other].name);
    writer_text(w, "result", contrast_key(c->result));
    writer_number(w, "allows", c->result == CONTRAST_SAME ? p->verdict.allows : NAN);
    put_found(w, "ratio", &c->ratio.interval);
    put_found(w, "noise", &c->noise);
    writer_close(w, '}');
}

static void put_until(struct writer *w, const struct result_until *until)
{
    if (until->looks == 0) {
        writer_null(w, "until_decided");
        return;
    }
    writer_open(w, "until_decided", '{');
    writer_count(w, "looks", until->looks);
    writer_number(w, "within", until->within);
    writer_bool(w, "decided", !until->undecided);
    writer_close(w, '}');
}

static void put_verdicts(struct writer *w, const struct result *r)
{
    writer_open(w, "verdicts", '{');
    writer_text(w, "scenario", scenario_key(r->verdict_scenario));
    writer_text(w, "figure", figure_key(r->verdict_figure));
    put_until(w, &r->until);
    writer_open(w, "pairs", '[');
    for (unsigned i = 0; i < r->pair_count; i++)
        put_pair(w, r, &r->pairs[i]);
    writer_close(w, ']');
    writer_close(w, '}');
}

static void put_gates(struct writer *w, const struct result *r)
{
    writer_open(w, "gates", '[');
    for (unsigned i = 0; i < r->gate_count; i++) {
        const struct gate_result *g = &r->gates[i];
        writer_open(w, NULL, '{');
        writer_text(w, "fail_if", g->text);
        writer_text(w, "outcome", gate_outcome_key(g->outcome));
        put_found(w, "found", &g->found);
        writer_number(w, "line", g->line);
        writer_text(w, "unit", gate_unit_key(g));
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

/* ---- Sweep and steps ----------------------------------------------------------------------- */

static void put_points(struct writer *w, const struct result *r, unsigned target)
{
    writer_open(w, NULL, '{');
    writer_text(w, "name", r->targets[target].name);
    writer_open(w, "points", '[');
    for (unsigned p = 0; p < r->sweep.count; p++) {
        writer_open(w, NULL, '{');
        writer_count(w, "value", r->sweep.values[p]);
        json_put_summary(w, &r->sweep.points[target][p]);
        writer_close(w, '}');
    }
    writer_close(w, ']');
    writer_close(w, '}');
}

static void put_sweep(struct writer *w, const struct result *r)
{
    if (r->sweep.count == 0) {
        writer_null(w, "sweep");
        return;
    }
    writer_open(w, "sweep", '{');
    writer_text(w, "key", r->sweep.key);
    writer_text(w, "scenario", scenario_key(r->sweep.scenario));
    writer_open(w, "targets", '[');
    for (unsigned i = 0; i < r->target_count; i++)
        put_points(w, r, i);
    writer_close(w, ']');
    writer_close(w, '}');
}

static void put_steps(struct writer *w, const struct result *r)
{
    writer_open(w, "steps", '[');
    for (unsigned i = 0; i < r->step_count; i++) {
        const struct result_step *s = &r->steps[i];
        writer_open(w, NULL, '{');
        writer_count(w, "at_ns", s->at_ns);
        writer_count(w, "block", s->block);
        put_target_name(w, "target", r, s->target);
        writer_bool(w, "control", s->control);
        writer_known_number(w, "value", s->value);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

/* ---- The whole --------------------------------------------------------------------------- */

static void put_phase_list(struct writer *w)
{
    writer_open(w, "phases", '[');
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++) {
        writer_open(w, NULL, '{');
        writer_text(w, "key", phase_key((enum phase)phase));
        writer_text(w, "starts", phase_starts((enum phase)phase));
        writer_text(w, "ends", phase_ends((enum phase)phase));
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

static void put_run(struct writer *w, const struct result *r)
{
    char seed[24];
    /* Text: a seed has 64 bits, and most readers keep 53 of a number. */
    snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
    writer_text(w, "schema", REPORT_JSON_SCHEMA);
    writer_text(w, "seed", seed);
    writer_text(w, "command", r->command);
    writer_text(w, "scenario", r->scenario);
    writer_text(w, "options", r->options);
    writer_count(w, "blocks", r->blocks);
    writer_count(w, "planned_ns", r->planned_ns);
    writer_count(w, "took_ns", r->took_ns);
    writer_bool(w, "partial", r->partial);
    writer_known_number(w, "rate_per_s", real_of(r->rate));
    writer_bool(w, "failed", r->failed);
    put_target_name(w, "baseline", r, r->baseline);
}

static void put_core(struct writer *w, const char *key, int core)
{
    if (core == RESULT_NO_CORE)
        writer_null(w, key);
    else
        writer_count(w, key, (uint64_t)core);
}

static void put_placement(struct writer *w, const struct result_placement *p)
{
    writer_open(w, "placement", '{');
    writer_text(w, "asked", p->asked);
    put_core(w, "client_core", p->client_core);
    put_core(w, "server_core", p->server_core);
    writer_open(w, "trials", '{');
    for (unsigned i = 0; i < PLACEMENT_COUNT; i++)
        writer_count(w, placement_key((enum placement)i), p->all.trials[i]);
    writer_close(w, '}');
    writer_bool(w, "differs", p->differs);
    writer_open(w, "warnings", '[');
    for (unsigned i = 0; i < p->warning_count; i++)
        writer_text(w, NULL, p->warnings[i]);
    writer_close(w, ']');
    writer_close(w, '}');
}

static void put_targets(struct writer *w, const struct result *r)
{
    writer_open(w, "targets", '[');
    for (unsigned i = 0; i < r->target_count; i++)
        put_target(w, r, &r->targets[i]);
    writer_close(w, ']');
}

static void put_sizes(struct writer *w, const struct result *r)
{
    writer_open(w, "sizes", '[');
    for (unsigned i = 0; i < r->size_count; i++) {
        writer_open(w, NULL, '{');
        writer_text(w, "name", r->sizes[i].name);
        writer_count(w, "bytes", r->sizes[i].bytes);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

static void put_notes(struct writer *w, const struct result *r)
{
    writer_open(w, "notes", '[');
    for (unsigned i = 0; i < r->note_count; i++)
        writer_text(w, NULL, r->notes[i]);
    writer_close(w, ']');
}

int report_json_write(FILE *out, const struct result *r)
{
    struct writer w;
    writer_start(&w, out);
    put_run(&w, r);
    json_put_environment(&w, &r->environment);
    json_put_preflight(&w, &r->preflight);
    put_phase_list(&w);
    put_placement(&w, &r->placement);
    put_verdicts(&w, r);
    put_gates(&w, r);
    put_targets(&w, r);
    put_sizes(&w, r);
    put_notes(&w, r);
    put_control(&w, r);
    put_sweep(&w, r);
    put_steps(&w, r);
    json_put_server(&w, &r->server);
    return writer_finish(&w);
}
