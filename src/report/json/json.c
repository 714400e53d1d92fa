#include "report/json/json.h"

#include <inttypes.h>
#include <math.h>

#include "base/bytes.h"
#include "base/real.h"
#include "report/json/json_inner.h"

/* A name, or null when there is nobody. */
static void put_target_name(struct writer *w, const char *key, const struct result *r, int index)
{
    if (index >= 0 && (unsigned)index < r->target_count)
        writer_text(w, key, r->targets[index].name);
    else
        writer_null(w, key);
}

/* ---- Targets ------------------------------------------------------------------------------- */

static void put_ratios(struct writer *w, const char *key, const struct result *r,
                       const struct result_target *t, enum scenario scenario, enum result_base base)
{
    const struct result_target *other = result_compared(r, t, base);
    if (other != NULL)
        json_put_ratios(w, key, other->name, &t->summaries[scenario], &other->summaries[scenario]);
}

static void put_scenario(struct writer *w, const struct result *r, const struct result_target *t,
                         enum scenario scenario)
{
    writer_open(w, scenario_key(scenario), '{');
    json_put_summary(w, &t->summaries[scenario]);
    put_ratios(w, "ratio_to_baseline", r, t, scenario, RESULT_BASELINE);
    put_ratios(w, "ratio_to_pair", r, t, scenario, RESULT_PAIR);
    writer_close(w, '}');
}

#define TARGET_MEMBERS(X)                                                                          \
    X(result_target, name, "name", PLAIN)                                                          \
    X(result_target, url, "url", PLAIN)                                                            \
    X(result_target, kind, "kind", PLAIN)                                                          \
    X(result_target, address, "address", PLAIN)                                                    \
    X(result_target, matched, "matched", PLAIN)                                                    \
    X(result_target, unchecked, "unchecked", PLAIN)                                                \
    X(result_target, size, "payload_bytes", KNOWN)                                                 \
    X(result_target, binary, "binary", PLAIN)                                                      \
    X(result_target, server_peak_bytes, "server_peak_bytes", KNOWN)
static void put_target(struct writer *w, const struct result *r, const struct result_target *t)
{
    writer_open(w, NULL, '{');
    WRITER_MEMBERS(w, t, TARGET_MEMBERS);
    put_target_name(w, "pair", r, t->reference);
    writer_open(w, "scenarios", '{');
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (t->summaries[s].blocks > 0)
            put_scenario(w, r, t, (enum scenario)s);
    writer_close(w, '}');
    json_put_failures(w, &t->failures);
    writer_close(w, '}');
}

/* The first target's second trial of each block, and what it says of this machine. */
static void put_control(struct writer *w, const struct result *r)
{
    bool any = false;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        any = any || r->control[s].blocks > 0;
    if (!any) {
        writer_null(w, "control");
        return;
    }
    writer_open(w, "control", '{');
    writer_text(w, "target", r->targets[0].name);
    writer_open(w, "scenarios", '{');
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        if (r->control[s].blocks == 0)
            continue;
        writer_open(w, scenario_key((enum scenario)s), '{');
        json_put_summary(w, &r->control[s]);
        json_put_ratios(w, "ratio_to_first", r->targets[0].name, &r->control[s],
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

static void put_contrast(struct writer *w, const struct result *r, const struct result_target *t,
                         enum result_base base)
{
    static const char words[] = "none\0not_enough_trials\0no_difference\0lower\0higher\0";
    const struct result_target *other = result_compared(r, t, base);
    struct contrast c = result_contrast(r, t, base, r->verdict_scenario, r->verdict_figure);
    if (other == NULL || c.result == CONTRAST_NONE ||
        (base == RESULT_PAIR && t->reference == r->baseline))
        return;
    writer_open(w, NULL, '{');
    writer_text(w, "target", t->name);
    writer_text(w, "to", other->name);
    writer_text(w, "result", bytes_word(words, c.result));
    put_found(w, "ratio", &c.ratio);
    put_found(w, "noise", &c.noise);
    writer_close(w, '}');
}

static void put_verdicts(struct writer *w, const struct result *r)
{
    writer_open(w, "verdicts", '{');
    writer_text(w, "scenario", scenario_key(r->verdict_scenario));
    writer_text(w, "figure", figure_key(r->verdict_figure));
    writer_open(w, "pairs", '[');
    for (unsigned i = 0; i < r->target_count; i++)
        for (int base = RESULT_BASELINE; base <= RESULT_PAIR; base++)
            put_contrast(w, r, &r->targets[i], (enum result_base)base);
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
        writer_text(w, "outcome", bytes_word("passed\0failed\0unsure\0", g->outcome));
        put_found(w, "found", &g->found);
        writer_number(w, "line", g->line);
        writer_text(w, "unit",
                    bytes_word("ns\0per_s\0bytes_per_s\0plain\0ratio\0", g->ratio ? 4 : g->unit));
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
        writer_known(w, "value", s->value);
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

/* ---- The whole --------------------------------------------------------------------------- */

#define ENVIRONMENT_MEMBERS(X)                                                                     \
    X(environment, cpu, "cpu", PLAIN)                                                              \
    X(environment, system, "system", PLAIN)                                                        \
    X(environment, poller, "poller", PLAIN)                                                        \
    X(environment, version, "version", PLAIN)                                                      \
    X(environment, commit, "commit", PLAIN)                                                        \
    X(environment, compiler, "compiler", PLAIN)                                                    \
    X(environment, flags, "flags", PLAIN)                                                          \
    X(environment, cores, "cores", PLAIN)                                                          \
    X(environment, cores_used, "cores_used", PLAIN)                                                \
    X(environment, threads, "threads_used", PLAIN)                                                 \
    X(environment, memory_bytes, "memory_bytes", PLAIN)                                            \
    X(environment, started_unix_ns, "started_unix_ns", PLAIN)                                      \
    X(environment, clock_resolution_ns, "clock_step_ns", PLAIN)                                    \
    X(environment, clock_cost_ns, "clock_read_cost_ns", PLAIN)                                     \
    X(environment, record_cost_ns, "record_cost_ns", PLAIN)                                        \
    X(environment, governor, "governor", PLAIN)                                                    \
    X(environment, quota_cores, "quota_cores", KNOWN)                                              \
    X(environment, steal_share, "steal_share", PLAIN)                                              \
    X(environment, files_most, "files_most", PLAIN)                                                \
    X(environment, ports_first, "ports_first", PLAIN)                                              \
    X(environment, ports_last, "ports_last", PLAIN)                                                \
    X(environment, ports_waiting, "ports_waiting", PLAIN)                                          \
    X(environment, backlog_most, "backlog_most", PLAIN)                                            \
    X(environment, virtual_machine, "virtual_machine", PLAIN)                                      \
    X(environment, loopback, "loopback", PLAIN)
#define SOCKET_MEMBERS(X)                                                                          \
    X(environment, nodelay, "tcp_nodelay", PLAIN)                                                  \
    X(environment, receive_buffer, "receive_buffer_bytes", PLAIN)                                  \
    X(environment, send_buffer, "send_buffer_bytes", PLAIN)
static void put_environment(struct writer *w, const struct environment *e)
{
    writer_open(w, "environment", '{');
    WRITER_MEMBERS(w, e, ENVIRONMENT_MEMBERS);
    writer_number(w, "load_before", e->load_before < 0.0 ? NAN : e->load_before);
    writer_number(w, "load_after", e->load_after < 0.0 ? NAN : e->load_after);
    if (e->sockets_known)
        WRITER_MEMBERS(w, e, SOCKET_MEMBERS);
    writer_close(w, '}');
}

#define PREFLIGHT_MEMBERS(X)                                                                       \
    X(preflight_row, name, "name", PLAIN)                                                          \
    X(preflight_row, needed, "needed", PLAIN)                                                      \
    X(preflight_row, found, "found", PLAIN)                                                        \
    X(preflight_row, advice, "advice", PLAIN)
static void put_preflight(struct writer *w, const struct preflight *p)
{
    writer_open(w, "preflight", '[');
    for (unsigned i = 0; i < p->count; i++) {
        const struct preflight_row *row = &p->rows[i];
        writer_open(w, NULL, '{');
        WRITER_MEMBERS(w, row, PREFLIGHT_MEMBERS);
        writer_text(w, "state", bytes_word("fine\0unknown\0note\0short\0", row->state));
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

#define SERVICE_MEMBERS(X)                                                                         \
    X(service_time, count, "count", PLAIN)                                                         \
    X(service_time, p50_ns, "p50_ns", PLAIN)                                                       \
    X(service_time, p99_ns, "p99_ns", PLAIN)                                                       \
    X(service_time, mean_ns, "mean_ns", PLAIN)
#define SERVER_MEMBERS(X)                                                                          \
    X(server_figures, connections, "connections", PLAIN)                                           \
    X(server_figures, messages, "messages", PLAIN)                                                 \
    X(server_figures, cpu_ns, "cpu_ns", PLAIN)                                                     \
    X(server_figures, calls, "system_calls", KNOWN)                                                \
    X(server_figures, peak_bytes, "peak_bytes", PLAIN)
static void put_server(struct writer *w, const struct server_figures *s)
{
    static const char stages[] =
#define X(name, key) key "\0"
        SERVICE_LIST(X)
#undef X
        ;
    if (!s->known) {
        writer_null(w, "server");
        return;
    }
    writer_open(w, "server", '{');
    WRITER_MEMBERS(w, s, SERVER_MEMBERS);
    writer_open(w, "service", '{');
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        if (s->service[i].count == 0)
            continue;
        writer_open(w, bytes_word(stages, i), '{');
        WRITER_MEMBERS(w, &s->service[i], SERVICE_MEMBERS);
        writer_close(w, '}');
    }
    writer_close(w, '}');
    writer_close(w, '}');
}

#define RUN_MEMBERS(X)                                                                             \
    X(result, command, "command", PLAIN)                                                           \
    X(result, scenario, "scenario", PLAIN)                                                         \
    X(result, options, "options", PLAIN)                                                           \
    X(result, blocks, "blocks", PLAIN)                                                             \
    X(result, planned_ns, "planned_ns", PLAIN)                                                     \
    X(result, took_ns, "took_ns", PLAIN)                                                           \
    X(result, partial, "partial", PLAIN)
static void put_run(struct writer *w, const struct result *r)
{
    char seed[24];
    /* Text: a seed has 64 bits, and most readers keep 53 of a number. */
    snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
    writer_text(w, "schema", REPORT_JSON_SCHEMA);
    writer_text(w, "seed", seed);
    WRITER_MEMBERS(w, r, RUN_MEMBERS);
    writer_known(w, "rate_per_s", real_of(r->rate));
    writer_bool(w, "failed", result_failed(r));
    put_target_name(w, "baseline", r, r->baseline);
}

static void put_lists(struct writer *w, const struct result *r)
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

int report_json_write(FILE *out, const struct result *r)
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
    put_control(&w, r);
    put_sweep(&w, r);
    put_steps(&w, r);
    put_server(&w, &r->server);
    return writer_finish(&w);
}
