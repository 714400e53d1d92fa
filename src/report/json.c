#include "report/json.h"

#include <inttypes.h>

#include "report/json_inner.h"

/* A name, or null when there is nobody. */
static void put_target_name(struct writer *w, const char *key, const struct report *r, int index)
{
    if (index >= 0 && (unsigned)index < r->target_count)
        writer_text(w, key, r->targets[index].name);
    else
        writer_null(w, key);
}

/* ---- Targets ------------------------------------------------------------------------------- */

static void put_ratios(struct writer *w, const char *key, const struct report *r,
                       const struct report_target *t, enum scenario scenario, enum report_base base)
{
    const struct report_target *other = report_compared(r, t, base);
    if (other != NULL)
        json_put_ratios(w, key, other->name, &t->summaries[scenario], &other->summaries[scenario]);
}

static void put_scenario(struct writer *w, const struct report *r, const struct report_target *t,
                         enum scenario scenario)
{
    writer_open(w, scenario_key(scenario), '{');
    json_put_summary(w, &t->summaries[scenario]);
    put_ratios(w, "ratio_to_floor", r, t, scenario, REPORT_FLOOR);
    put_ratios(w, "ratio_to_pair", r, t, scenario, REPORT_PAIR);
    writer_close(w, '}');
}

static void put_target(struct writer *w, const struct report *r, const struct report_target *t)
{
    writer_open(w, NULL, '{');
    writer_text(w, "name", t->name);
    writer_text(w, "url", t->url);
    writer_text(w, "kind", t->kind);
    writer_text(w, "address", t->address);
    writer_text(w, "matched", t->matched);
    writer_bool(w, "unchecked", t->unchecked);
    writer_known(w, "payload_bytes", (double)t->size);
    writer_bool(w, "binary", t->binary);
    put_target_name(w, "pair", r, t->pair);
    writer_known(w, "server_peak_bytes", (double)t->server_peak_bytes);
    writer_open(w, "scenarios", '{');
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (t->summaries[s].blocks > 0)
            put_scenario(w, r, t, (enum scenario)s);
    writer_close(w, '}');
    json_put_failures(w, &t->failures);
    writer_close(w, '}');
}

/* The first target's second trial of each block, and what it says of this machine. */
static void put_again(struct writer *w, const struct report *r)
{
    bool any = false;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        any = any || r->again[s].blocks > 0;
    if (!any) {
        writer_null(w, "again");
        return;
    }
    writer_open(w, "again", '{');
    writer_text(w, "target", r->targets[0].name);
    writer_open(w, "scenarios", '{');
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        if (r->again[s].blocks == 0)
            continue;
        writer_open(w, scenario_key((enum scenario)s), '{');
        json_put_summary(w, &r->again[s]);
        json_put_ratios(w, "ratio_to_first", r->targets[0].name, &r->again[s],
                        &r->targets[0].summaries[s]);
        writer_close(w, '}');
    }
    writer_close(w, '}');
    writer_close(w, '}');
}

/* ---- What follows from it ------------------------------------------------------------------ */

static void put_found(struct writer *w, const char *key, const struct interval *i)
{
    if (i->n == 0) {
        writer_null(w, key);
        return;
    }
    writer_open(w, key, '{');
    writer_count(w, "blocks", i->n);
    writer_number(w, "median", i->median);
    json_put_interval(w, i);
    writer_close(w, '}');
}

static void put_contrast(struct writer *w, const struct report *r, const struct report_target *t,
                         enum report_base base)
{
    static const char *const words[] = {
        [CONTRAST_NONE] = "none",          [CONTRAST_FEW] = "not_enough_trials",
        [CONTRAST_SAME] = "no_difference", [CONTRAST_LESS] = "lower",
        [CONTRAST_MORE] = "higher",
    };
    const struct report_target *other = report_compared(r, t, base);
    struct contrast c = report_contrast(r, t, base, r->verdict_scenario, r->verdict_figure);
    if (other == NULL || c.result == CONTRAST_NONE || (base == REPORT_PAIR && t->pair == r->floor))
        return;
    writer_open(w, NULL, '{');
    writer_text(w, "target", t->name);
    writer_text(w, "to", other->name);
    writer_text(w, "result", words[c.result]);
    put_found(w, "ratio", &c.ratio);
    put_found(w, "noise", &c.noise);
    writer_close(w, '}');
}

static void put_verdicts(struct writer *w, const struct report *r)
{
    writer_open(w, "verdicts", '{');
    writer_text(w, "scenario", scenario_key(r->verdict_scenario));
    writer_text(w, "figure", figure_key(r->verdict_figure));
    writer_open(w, "pairs", '[');
    for (unsigned i = 0; i < r->target_count; i++)
        for (int base = REPORT_FLOOR; base <= REPORT_PAIR; base++)
            put_contrast(w, r, &r->targets[i], (enum report_base)base);
    writer_close(w, ']');
    writer_close(w, '}');
}

static void put_gates(struct writer *w, const struct report *r)
{
    static const char *const units[] = {"ns", "per_s", "bytes_per_s", "plain"};
    static const char *const outcomes[] = {"passed", "failed", "unsure"};
    writer_open(w, "gates", '[');
    for (unsigned i = 0; i < r->gate_count; i++) {
        const struct report_gate *g = &r->gates[i];
        writer_open(w, NULL, '{');
        writer_text(w, "fail_if", g->text);
        writer_text(w, "outcome", outcomes[g->outcome]);
        put_found(w, "found", &g->found);
        writer_number(w, "line", g->line);
        writer_text(w, "unit", g->ratio ? "ratio" : units[g->unit]);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

/* ---- Sweep and steps ----------------------------------------------------------------------- */

static void put_points(struct writer *w, const struct report *r, unsigned target)
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

static void put_sweep(struct writer *w, const struct report *r)
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

static void put_steps(struct writer *w, const struct report *r)
{
    writer_open(w, "steps", '[');
    for (unsigned i = 0; i < r->step_count; i++) {
        const struct report_step *s = &r->steps[i];
        writer_open(w, NULL, '{');
        writer_count(w, "at_ns", s->at_ns);
        writer_count(w, "block", s->block);
        put_target_name(w, "target", r, s->target);
        writer_bool(w, "again", s->again);
        writer_known(w, "value", s->value);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

/* ---- The whole --------------------------------------------------------------------------- */

static void put_load(struct writer *w, const char *key, double load)
{
    if (load < 0.0)
        writer_null(w, key);
    else
        writer_number(w, key, load);
}

static void put_environment(struct writer *w, const struct environment *e)
{
    writer_open(w, "environment", '{');
    writer_text(w, "cpu", e->cpu);
    writer_text(w, "system", e->system);
    writer_text(w, "poller", e->poller);
    writer_text(w, "version", e->version);
    writer_text(w, "commit", e->commit);
    writer_text(w, "compiler", e->compiler);
    writer_text(w, "flags", e->flags);
    writer_count(w, "cores", e->cores);
    writer_count(w, "cores_used", e->cores_used);
    writer_count(w, "threads_used", e->threads);
    writer_count(w, "memory_bytes", e->memory_bytes);
    put_load(w, "load_before", e->load_before);
    put_load(w, "load_after", e->load_after);
    writer_count(w, "started_unix_ns", e->started_unix_ns);
    writer_count(w, "clock_step_ns", e->clock_resolution_ns);
    writer_number(w, "clock_read_cost_ns", e->clock_cost_ns);
    writer_number(w, "record_cost_ns", e->record_cost_ns);
    writer_text(w, "governor", e->governor);
    writer_known(w, "quota_cores", e->quota_cores);
    writer_number(w, "steal_share", e->steal_share);
    writer_count(w, "files_most", e->files_most);
    writer_count(w, "ports_first", e->ports_first);
    writer_count(w, "ports_last", e->ports_last);
    writer_count(w, "ports_waiting", e->ports_waiting);
    writer_count(w, "backlog_most", e->backlog_most);
    writer_bool(w, "virtual_machine", e->virtual_machine);
    writer_bool(w, "loopback", e->loopback);
    if (e->sockets_known) {
        writer_bool(w, "tcp_nodelay", e->nodelay);
        writer_number(w, "receive_buffer_bytes", e->receive_buffer);
        writer_number(w, "send_buffer_bytes", e->send_buffer);
    }
    writer_close(w, '}');
}

static void put_preflight(struct writer *w, const struct preflight *p)
{
    static const char *const states[] = {"fine", "unknown", "note", "short"};
    writer_open(w, "preflight", '[');
    for (unsigned i = 0; i < p->count; i++) {
        const struct preflight_row *row = &p->rows[i];
        writer_open(w, NULL, '{');
        writer_text(w, "name", row->name);
        writer_text(w, "needed", row->needed);
        writer_text(w, "found", row->found);
        writer_text(w, "state", states[row->state]);
        writer_text(w, "advice", row->advice);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

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

static void put_service(struct writer *w, const char *key, const struct service_time *t)
{
    if (t->count == 0)
        return;
    writer_open(w, key, '{');
    writer_count(w, "count", t->count);
    writer_number(w, "p50_ns", t->p50_ns);
    writer_number(w, "p99_ns", t->p99_ns);
    writer_number(w, "mean_ns", t->mean_ns);
    writer_close(w, '}');
}

static void put_server(struct writer *w, const struct server_figures *s)
{
    if (!s->known) {
        writer_null(w, "server");
        return;
    }
    writer_open(w, "server", '{');
    writer_count(w, "connections", s->connections);
    writer_count(w, "messages", s->messages);
    writer_count(w, "cpu_ns", s->cpu_ns);
    writer_known(w, "system_calls", (double)s->calls);
    writer_count(w, "peak_bytes", s->peak_bytes);
    writer_open(w, "service", '{');
#define X(name, key) put_service(w, key, &s->service[SERVICE_##name]);
    SERVICE_LIST(X)
#undef X
    writer_close(w, '}');
    writer_close(w, '}');
}

static void put_run(struct writer *w, const struct report *r)
{
    char seed[24];
    /* Text: a seed has 64 bits, and most readers keep 53 of a number. */
    snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
    writer_text(w, "schema", REPORT_JSON_SCHEMA);
    writer_text(w, "command", r->command);
    writer_text(w, "scenario", r->scenario);
    writer_text(w, "options", r->options);
    writer_text(w, "seed", seed);
    writer_count(w, "blocks", r->blocks);
    writer_count(w, "planned_ns", r->planned_ns);
    writer_count(w, "took_ns", r->took_ns);
    writer_bool(w, "partial", r->partial);
    writer_bool(w, "failed", report_failed(r));
    put_target_name(w, "floor", r, r->floor);
    writer_known(w, "rate_per_s", (double)r->rate);
}

static void put_lists(struct writer *w, const struct report *r)
{
    writer_open(w, "targets", '[');
    for (unsigned i = 0; i < r->target_count; i++)
        put_target(w, r, &r->targets[i]);
    writer_close(w, ']');
    writer_open(w, "sizes", '[');
    for (unsigned i = 0; i < r->size_count; i++) {
        writer_open(w, NULL, '{');
        writer_text(w, "name", r->sizes[i].name);
        writer_count(w, "bytes", r->sizes[i].bytes);
        writer_close(w, '}');
    }
    writer_close(w, ']');
    writer_open(w, "notes", '[');
    for (unsigned i = 0; i < r->note_count; i++)
        writer_text(w, NULL, r->notes[i]);
    writer_close(w, ']');
}

int report_json_write(FILE *out, const struct report *r)
{
    struct writer w;
    writer_start(&w, out);
    put_run(&w, r);
    put_environment(&w, &r->environment);
    put_preflight(&w, &r->preflight);
    put_phase_list(&w);
    put_verdicts(&w, r);
    put_gates(&w, r);
    put_lists(&w, r);
    put_again(&w, r);
    put_sweep(&w, r);
    put_steps(&w, r);
    put_server(&w, &r->server);
    return writer_finish(&w);
}
