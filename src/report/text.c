#include "report/text.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "report/faults.h"
#include "report/layout.h"
#include "report/phases.h"
#include "report/tables.h"

static void put_title(FILE *out, const struct report *r)
{
    char title[REPORT_TEXT];
    char when[FORMAT_TEXT];
    format_time(when, r->environment.started_unix_ns);
    snprintf(title, sizeof title, "WSIO %s%s", r->scenario, r->partial ? "  (INTERRUPTED)" : "");
    layout_heading(out, title, when);
    if (r->partial)
        layout_paragraph(out, "Interrupted: the figures cover what was measured until then.");
}

/* ---- Targets ----------------------------------------------------------------------------- */

static void put_target(FILE *out, const struct report_target *t)
{
    char text[3 * REPORT_TEXT];
    char size[FORMAT_TEXT];
    bool told = t->address[0] == '\0' || strstr(t->url, t->address) != NULL;
    snprintf(text, sizeof text, "%s, %s%s%s", t->kind, t->url, told ? "" : " at ",
             told ? "" : t->address);
    layout_field(out, t->name, text);
    format_count(size, t->size);
    snprintf(text, sizeof text, "%s byte%s of %s, %s%s", size, t->size == 1 ? "" : "s",
             t->binary ? "binary" : "text",
             t->unchecked ? "replies NOT CHECKED, matched " : "matched ", t->matched);
    layout_field(out, "", text);
}

static void put_targets(FILE *out, const struct report *r)
{
    layout_heading(out, "TARGETS", r->options);
    for (unsigned i = 0; i < r->target_count; i++)
        put_target(out, &r->targets[i]);
}

/* ---- In short ---------------------------------------------------------------------------- */

typedef void format_number(char out[FORMAT_TEXT], double value);

static void put_cell(FILE *out, const struct summary *s, enum figure figure, format_number *format,
                     size_t width)
{
    char text[FORMAT_TEXT] = "-";
    struct spread spread = summary_figure(s, figure);
    if (spread.n > 0 && summary_refused(s, figure))
        snprintf(text, sizeof text, "refused");
    else if (spread.n > 0)
        format(text, spread.median);
    layout_right(out, text, width);
}

static void put_rate_ratio(FILE *out, const struct report *r, const struct report_target *t,
                           enum report_base base, size_t width)
{
    char text[FORMAT_TEXT] = "-";
    const struct report_target *other = report_compared(r, t, base);
    const struct summary *of = &t->summaries[SCENARIO_ROUNDTRIP];
    if (other != NULL) {
        const struct summary *to = &other->summaries[SCENARIO_ROUNDTRIP];
        if (summary_refused(of, FIGURE_RATE) || summary_refused(to, FIGURE_RATE))
            snprintf(text, sizeof text, "refused");
        else
            format_ratio(text, summary_ratio(of, to, FIGURE_RATE).median);
    }
    layout_right(out, text, width);
}

static const struct summary *ready_of(const struct report_target *t)
{
    enum scenario source = report_phase_source(t);
    return &t->summaries[source == SCENARIO_COUNT ? SCENARIO_CONNECT : source];
}

/* Two lines; the columns of ratios say against whom, or stay empty. */
static void put_short_head(FILE *out, const struct report *r)
{
    static const enum report_base bases[] = {REPORT_FLOOR, REPORT_PAIR};
    fprintf(out, "%-16s%10s%11s%13s", "", "until it", "a round", "round trips");
    for (unsigned i = 0; i < 2; i++)
        layout_right(out, layout_base_name(r, bases[i])[0] == '\0' ? "" : "rate vs", 9);
    fprintf(out, "%12s\n", "throughput");
    fprintf(out, "%-16s%10s%11s%13s", "", "may send", "trip", "per second");
    for (unsigned i = 0; i < 2; i++)
        layout_right(out, layout_base_name(r, bases[i]), 9);
    fprintf(out, "%12s\n", "messages/s");
}

static void put_short(FILE *out, const struct report *r)
{
    if (r->target_count < 2 || !report_has(r, SCENARIO_ROUNDTRIP))
        return;
    layout_heading(out, "IN SHORT", "medians");
    put_short_head(out, r);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct report_target *t = &r->targets[i];
        const struct summary *trips = &t->summaries[SCENARIO_ROUNDTRIP];
        fputs("  ", out);
        layout_left(out, t->name, 14);
        put_cell(out, ready_of(t), FIGURE_READY, format_ns, 10);
        put_cell(out, trips, FIGURE_P50, format_ns, 11);
        put_cell(out, trips, FIGURE_RATE, format_rate, 13);
        put_rate_ratio(out, r, t, REPORT_FLOOR, 9);
        put_rate_ratio(out, r, t, REPORT_PAIR, 9);
        put_cell(out, &t->summaries[SCENARIO_THROUGHPUT], FIGURE_RATE, format_rate, 12);
        fputc('\n', out);
    }
}

/* ---- Environment ------------------------------------------------------------------------- */

static void put_sockets(FILE *out, const struct environment *e)
{
    char text[REPORT_TEXT];
    char receive[FORMAT_TEXT];
    char send[FORMAT_TEXT];
    if (!e->sockets_known)
        return;
    format_memory(receive, (uint64_t)e->receive_buffer);
    format_memory(send, (uint64_t)e->send_buffer);
    snprintf(text, sizeof text, "TCP_NODELAY %s, receive buffer %s, send buffer %s",
             e->nodelay ? "on" : "OFF", receive, send);
    layout_field(out, "Sockets", text);
}

static void put_load(FILE *out, const struct environment *e)
{
    char text[REPORT_TEXT];
    if (e->load_before < 0.0)
        return;
    if (e->load_after < 0.0)
        snprintf(text, sizeof text, "%.2f before, over one minute", e->load_before);
    else
        snprintf(text, sizeof text, "%.2f before, %.2f after, over one minute", e->load_before,
                 e->load_after);
    layout_field(out, "Load", text);
}

static void put_build(FILE *out, const struct environment *e)
{
    char text[3 * REPORT_TEXT];
    snprintf(text, sizeof text, "wsio %s, commit %s, %s, %s", e->version, e->commit, e->compiler,
             e->flags);
    layout_field(out, "Build", text);
}

static void put_clock(FILE *out, const struct environment *e)
{
    char text[REPORT_TEXT];
    char step[FORMAT_TEXT];
    char read[FORMAT_TEXT];
    char record[FORMAT_TEXT];
    format_ns(step, (double)e->clock_resolution_ns);
    format_ns(read, e->clock_cost_ns);
    format_ns(record, e->record_cost_ns);
    snprintf(text, sizeof text, "step %s; a reading costs %s, recording a value %s", step, read,
             record);
    layout_field(out, "Clock", text);
}

static void put_machine(FILE *out, const struct environment *e)
{
    char text[REPORT_TEXT];
    layout_field(out, "CPU", e->cpu);
    snprintf(text, sizeof text, "%u used of %u; %u thread%s used to measure", e->cores_used,
             e->cores, e->threads, e->threads == 1 ? "" : "s");
    layout_field(out, "Cores", text);
    format_memory(text, e->memory_bytes);
    layout_field(out, "Memory", text);
    layout_field(out, "System", e->system);
}

static void put_run(FILE *out, const struct report *r)
{
    char text[REPORT_TEXT];
    snprintf(text, sizeof text, "%u block%s, seed %" PRIu64 ", took %.1f s", r->blocks,
             r->blocks == 1 ? "" : "s in random order", r->seed, (double)r->took_ns / 1e9);
    layout_field(out, "Run", text);
    if (r->command[0] != '\0')
        layout_field(out, "Command", r->command);
}

static void put_environment(FILE *out, const struct report *r)
{
    const struct environment *e = &r->environment;
    layout_heading(out, "ENVIRONMENT", "");
    put_machine(out, e);
    layout_field(out, "Poller", e->poller);
    put_build(out, e);
    put_sockets(out, e);
    layout_field(out, "Network",
                 e->loopback ? "loopback: no network card, and both ends share this machine"
                             : "not loopback only");
    put_clock(out, e);
    put_load(out, e);
    put_run(out, r);
}

/* ---- The sibling, sizes, notes ----------------------------------------------------------- */

static void put_service(FILE *out, const struct server_figures *s)
{
    static const char *const stages[SERVICE_COUNT] = {
#define X(name, key) key,
        SERVICE_LIST(X)
#undef X
    };
    char text[FORMAT_TEXT];
    bool headed = false;
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        const struct service_time *t = &s->service[i];
        if (t->count == 0)
            continue;
        if (!headed)
            fprintf(out, "  %-12s%14s%12s%12s%12s\n", "service time", "samples", "p50", "p99",
                    "mean");
        headed = true;
        fprintf(out, "    %-10s", stages[i]);
        format_count(text, t->count);
        layout_right(out, text, 14);
        format_ns(text, t->p50_ns);
        layout_right(out, text, 12);
        format_ns(text, t->p99_ns);
        layout_right(out, text, 12);
        format_ns(text, t->mean_ns);
        layout_right(out, text, 12);
        fputc('\n', out);
    }
}

static void put_server(FILE *out, const struct report *r)
{
    const struct server_figures *s = &r->server;
    char text[REPORT_TEXT];
    char a[FORMAT_TEXT];
    char b[FORMAT_TEXT];
    if (!s->known)
        return;
    layout_heading(out, "SERVER", "its own figures, since its start");
    format_count(a, s->messages);
    format_count(b, s->connections);
    snprintf(text, sizeof text, "%s messages answered on %s connections", a, b);
    layout_field(out, "Work", text);
    format_ns(a, (double)s->cpu_ns);
    format_memory(b, s->peak_bytes);
    snprintf(text, sizeof text, "%s of CPU time, at most %s of memory", a, b);
    layout_field(out, "Cost", text);
    put_service(out, s);
}

static void put_sizes(FILE *out, const struct report *r)
{
    char text[FORMAT_TEXT];
    if (r->size_count == 0)
        return;
    layout_heading(out, "MEMORY", "bytes of our own for each");
    for (unsigned i = 0; i < r->size_count; i++) {
        fputs("  ", out);
        layout_left(out, r->sizes[i].name, REPORT_NAME);
        format_count(text, r->sizes[i].bytes);
        layout_right(out, text, 14);
        fputc('\n', out);
    }
}

static void put_notes(FILE *out, const struct report *r)
{
    if (r->note_count == 0)
        return;
    layout_heading(out, "NOTES", "");
    for (unsigned i = 0; i < r->note_count; i++)
        layout_paragraph(out, r->notes[i]);
}

int report_text_write(FILE *out, const struct report *r)
{
    put_title(out, r);
    put_targets(out, r);
    put_short(out, r);
    put_environment(out, r);
    phases_write(out, r);
    tables_write_roundtrip(out, r);
    tables_write_throughput(out, r);
    tables_write_send(out, r);
    put_server(out, r);
    put_sizes(out, r);
    put_notes(out, r);
    faults_write(out, r);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
