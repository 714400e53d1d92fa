#include "report/json.h"

#include <inttypes.h>

#include "base/status.h"
#include "report/writer.h"

/* A name, or null when there is nobody. */
static void put_target_name(struct writer *w, const char *key, const struct report *r, int index)
{
    if (index >= 0 && (unsigned)index < r->target_count)
        writer_text(w, key, r->targets[index].name);
    else
        writer_null(w, key);
}

/* ---- Statistics -------------------------------------------------------------------------- */

static void put_percentile(struct writer *w, const char *key, const struct histogram *h,
                           double percent)
{
    writer_count(w, key, histogram_percentile(h, percent));
}

static void put_histogram(struct writer *w, const char *key, const struct histogram *h)
{
    writer_open(w, key, '{');
    writer_count(w, "count", h->values.n);
    writer_count(w, "outside", h->outside);
    if (h->values.n > 0) {
        writer_number(w, "min_ns", h->values.min);
        put_percentile(w, "p50_ns", h, 50.0);
        put_percentile(w, "p90_ns", h, 90.0);
        put_percentile(w, "p99_ns", h, 99.0);
        if (h->values.n >= REPORT_TAIL_LEAST)
            put_percentile(w, "p999_ns", h, 99.9);
        else
            writer_null(w, "p999_ns");
        writer_number(w, "max_ns", h->values.max);
        writer_number(w, "mean_ns", h->values.mean);
        writer_number(w, "deviation_ns", histogram_deviation(h));
    }
    writer_close(w, '}');
}

static void put_running(struct writer *w, const char *key, const struct running *r)
{
    writer_open(w, key, '{');
    writer_count(w, "count", r->n);
    if (r->n > 0) {
        writer_number(w, "min_ns", r->min);
        writer_number(w, "mean_ns", r->mean);
        writer_number(w, "max_ns", r->max);
        writer_number(w, "deviation_ns", running_deviation(r));
    }
    writer_close(w, '}');
}

static void put_spread(struct writer *w, const struct spread *s)
{
    writer_count(w, "blocks", s->n);
    writer_number(w, "min", s->min);
    writer_number(w, "lower_quartile", s->low);
    writer_number(w, "median", s->median);
    writer_number(w, "upper_quartile", s->high);
    writer_number(w, "max", s->max);
}

/* In block order; null where a block did not measure it. */
static void put_blocks(struct writer *w, const struct summary *s, enum figure figure)
{
    unsigned last = 0;
    for (unsigned block = 0; block < BLOCKS_MOST; block++)
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
            put_spread(w, &spread);
            put_blocks(w, s, figure);
        }
        writer_close(w, '}');
    }
    writer_close(w, '}');
}

static void put_ratios(struct writer *w, const char *key, const struct report *r,
                       const struct report_target *t, enum scenario scenario, enum report_base base)
{
    const struct report_target *other = report_compared(r, t, base);
    if (other == NULL || other->summaries[scenario].blocks == 0)
        return;
    const struct summary *of = &t->summaries[scenario];
    const struct summary *to = &other->summaries[scenario];
    writer_open(w, key, '{');
    writer_text(w, "target", other->name);
    for (unsigned f = 0; f < FIGURE_COUNT; f++) {
        enum figure figure = (enum figure)f;
        struct spread spread = summary_ratio(of, to, figure);
        if (spread.n == 0 || summary_refused(of, figure) || summary_refused(to, figure))
            continue;
        writer_open(w, figure_key(figure), '{');
        put_spread(w, &spread);
        writer_close(w, '}');
    }
    writer_close(w, '}');
}

/* ---- One scenario of one target ---------------------------------------------------------- */

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
            put_histogram(w, phase_key((enum phase)phase), &t->phases[phase]);
    writer_close(w, '}');
}

static void put_send(struct writer *w, const struct trial *t)
{
    static const char *const proofs[] = {"none", "echoed", "final_ack", "unproven"};
    writer_open(w, "one_way", '{');
    writer_count(w, "accepted", t->accepted);
    writer_count(w, "accepted_over_ns", t->accepted_ns);
    writer_count(w, "proven", t->proven);
    writer_count(w, "proven_over_ns", t->proven_ns);
    writer_text(w, "proof", proofs[t->proof]);
    writer_close(w, '}');
}

static void put_plan(struct writer *w, const struct trial *t)
{
    writer_count(w, "trials", t->trials);
    writer_count(w, "clients_at_once", t->clients);
    writer_count(w, "depth", t->depth);
    writer_count(w, "frame_out_bytes", t->frame_size_out);
    writer_count(w, "frame_in_bytes", t->frame_size_in);
    writer_count(w, "clients_started", t->started);
    writer_count(w, "clients_ready", t->ready);
    writer_count(w, "clients_failed", t->failed);
    writer_count(w, "clients_lost", t->lost);
    writer_count(w, "cut_ns", t->cut_ns);
    writer_count(w, "window_ns", t->window_ns);
    writer_count(w, "vacant_ns", t->vacant_ns);
    writer_count(w, "early_ns", t->early_ns);
    writer_count(w, "elapsed_ns", t->elapsed_ns);
    writer_count(w, "outstanding_ns", t->outstanding_ns);
    writer_count(w, "client_cpu_ns", t->client_cpu_ns);
    writer_count(w, "server_cpu_ns", t->server_cpu_ns);
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

static void put_failures(struct writer *w, const struct failures *f)
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

static void put_scenario(struct writer *w, const struct report *r, const struct report_target *t,
                         enum scenario scenario)
{
    const struct summary *s = &t->summaries[scenario];
    writer_open(w, scenario_key(scenario), '{');
    put_figures(w, s);
    put_ratios(w, "ratio_to_floor", r, t, scenario, REPORT_FLOOR);
    put_ratios(w, "ratio_to_pair", r, t, scenario, REPORT_PAIR);
    put_plan(w, &s->pooled);
    put_tally(w, &s->pooled.tally);
    if (s->pooled.latency.values.n > 0 || s->pooled.latency.outside > 0)
        put_histogram(w, "latency", &s->pooled.latency);
    if (s->pooled.client_means.n > 0)
        put_running(w, "client_means", &s->pooled.client_means);
    put_phases(w, &s->pooled);
    if (scenario == SCENARIO_SEND)
        put_send(w, &s->pooled);
    put_broken(w, s);
    put_failures(w, &s->pooled.failures);
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
    writer_count(w, "payload_bytes", t->size);
    writer_bool(w, "binary", t->binary);
    put_target_name(w, "pair", r, t->pair);
    writer_open(w, "scenarios", '{');
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (t->summaries[s].blocks > 0)
            put_scenario(w, r, t, (enum scenario)s);
    writer_close(w, '}');
    put_failures(w, &t->failures);
    writer_close(w, '}');
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
    writer_bool(w, "loopback", e->loopback);
    if (e->sockets_known) {
        writer_bool(w, "tcp_nodelay", e->nodelay);
        writer_number(w, "receive_buffer_bytes", e->receive_buffer);
        writer_number(w, "send_buffer_bytes", e->send_buffer);
    }
    writer_close(w, '}');
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
    writer_text(w, "schema", "wsio-report-1");
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
    put_phase_list(&w);
    put_lists(&w, r);
    put_server(&w, &r->server);
    return writer_finish(&w);
}
