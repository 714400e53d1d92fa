#include "report/surroundings.h"

#include <inttypes.h>
#include <string.h>

#include "report/layout.h"

/* ---- Environment ------------------------------------------------------------------------- */

static void put_sockets(FILE *out, const struct environment *e, surroundings_field *put)
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
    put(out, "Sockets", text);
}

static void put_load(FILE *out, const struct environment *e, surroundings_field *put)
{
    char text[REPORT_TEXT];
    if (e->load_before < 0.0)
        return;
    if (e->load_after < 0.0)
        snprintf(text, sizeof text, "%.2f before, over one minute", e->load_before);
    else
        snprintf(text, sizeof text, "%.2f before, %.2f after, over one minute", e->load_before,
                 e->load_after);
    put(out, "Load", text);
}

static void put_build(FILE *out, const struct environment *e, surroundings_field *put)
{
    char text[3 * REPORT_TEXT];
    snprintf(text, sizeof text, "wsio %s, commit %s, %s, %s", e->version, e->commit, e->compiler,
             e->flags);
    put(out, "Build", text);
}

static void put_clock(FILE *out, const struct environment *e, surroundings_field *put)
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
    put(out, "Clock", text);
}

static void put_machine(FILE *out, const struct environment *e, surroundings_field *put)
{
    char text[REPORT_TEXT];
    put(out, "CPU", e->cpu);
    snprintf(text, sizeof text, "%u used of %u; %u thread%s used to measure", e->cores_used,
             e->cores, e->threads, e->threads == 1 ? "" : "s");
    put(out, "Cores", text);
    format_memory(text, e->memory_bytes);
    put(out, "Memory", text);
    put(out, "System", e->system);
}

/* What only some systems tell. */
static void put_system(FILE *out, const struct environment *e, surroundings_field *put)
{
    char text[REPORT_TEXT];
    if (strcmp(e->governor, "unknown") != 0 && e->governor[0] != '\0')
        put(out, "Governor", e->governor);
    if (e->quota_cores > 0.0) {
        snprintf(text, sizeof text, "%.2f cores, by the container", e->quota_cores);
        put(out, "Quota", text);
    }
    if (e->steal_share > 0.0) {
        snprintf(text, sizeof text, "%.1f %% of all cores' time, taken by the hypervisor",
                 e->steal_share * 100.0);
        put(out, "Steal", text);
    }
    if (e->ports_last > 0) {
        snprintf(text, sizeof text, "%u to %u for connects, %u were in TIME_WAIT", e->ports_first,
                 e->ports_last, e->ports_waiting);
        put(out, "Ports", text);
    }
}

static void put_run(FILE *out, const struct report *r, surroundings_field *put)
{
    char text[REPORT_TEXT];
    if (r->blocks == 0) /* nothing was measured */
        return;
    snprintf(text, sizeof text, "%u block%s, seed %" PRIu64 ", took %.1f s", r->blocks,
             r->blocks == 1 ? "" : "s in random order", r->seed, (double)r->took_ns / 1e9);
    put(out, "Run", text);
    if (r->command[0] != '\0')
        put(out, "Command", r->command);
}

void surroundings_each(FILE *out, const struct report *r, surroundings_field *put)
{
    const struct environment *e = &r->environment;
    put_machine(out, e, put);
    put(out, "Poller", e->poller);
    put_build(out, e, put);
    put_sockets(out, e, put);
    put(out, "Network",
        e->loopback ? "loopback: no network card, and both ends share this machine"
                    : "not loopback only");
    put_clock(out, e, put);
    put_system(out, e, put);
    put_load(out, e, put);
    put_run(out, r, put);
}

void surroundings_write_environment(FILE *out, const struct report *r)
{
    layout_heading(out, "ENVIRONMENT", "");
    surroundings_each(out, r, layout_field);
}

/* ---- Pre-flight ---------------------------------------------------------------------------- */

void surroundings_write_preflight(FILE *out, const struct report *r)
{
    char text[3 * REPORT_TEXT];
    bool headed = false;
    for (unsigned i = 0; i < r->preflight.count; i++) {
        const struct preflight_row *row = &r->preflight.rows[i];
        /* What needs nothing is a fact, and stands among those of the environment. */
        if (row->state == PREFLIGHT_FINE || row->state == PREFLIGHT_UNKNOWN ||
            strcmp(row->needed, "-") == 0)
            continue;
        if (!headed)
            layout_heading(out, "PRE-FLIGHT", "what may spoil the figures");
        headed = true;
        snprintf(text, sizeof text, "found %s, needed %s: %s", row->found, row->needed,
                 row->advice);
        layout_field(out, row->name, text);
    }
}

/* ---- The sibling, sizes ---------------------------------------------------------------------- */

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

void surroundings_write_server(FILE *out, const struct report *r)
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

void surroundings_write_sizes(FILE *out, const struct report *r)
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
