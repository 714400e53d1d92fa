#include "report/text/surroundings.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/real.h"

static void put_target(FILE *out, const struct result_target *t, layout_put *put)
{
    char size[FORMAT_TEXT] = "sizes as swept,";
    char memory[FORMAT_TEXT] = "";
    bool told = t->address[0] == '\0' || strstr(t->url, t->address) != NULL;
    if (t->size > 0)
        format_bytes(size, real_of(t->size));
    if (t->server_peak_bytes > 0)
        format_memory(memory, t->server_peak_bytes);
    put(out, t->name, "%s, %s%s%s; %s of %s, %s%s%s%s", t->kind, t->url, told ? "" : " at ",
        told ? "" : t->address, size, t->binary ? "binary" : "text",
        t->unchecked ? "replies NOT CHECKED, matched " : "matched ", t->matched,
        memory[0] == '\0' ? "" : "; its server took at most ", memory);
}

void surroundings_each_target(FILE *out, const struct result *r, layout_put *put)
{
    for (unsigned i = 0; i < r->target_count; i++)
        put_target(out, &r->targets[i], put);
}

/* ---- Environment ------------------------------------------------------------------------- */

static void put_machine(FILE *out, const struct environment *e, layout_put *put)
{
    char text[FORMAT_TEXT];
    put(out, "CPU", "%s", e->cpu);
    put(out, "Cores", "%u used of %u; %u thread%s used to measure", e->cores_used, e->cores,
        e->threads, e->threads == 1 ? "" : "s");
    format_memory(text, e->memory_bytes);
    put(out, "Memory", "%s", text);
    put(out, "System", "%s", e->system);
    put(out, "Poller", "%s", e->poller);
    put(out, "Build", "wsio %s, commit %s, %s, %s", e->version, e->commit, e->compiler, e->flags);
}

static void put_network(FILE *out, const struct environment *e, layout_put *put)
{
    char receive[FORMAT_TEXT];
    char send[FORMAT_TEXT];
    format_memory(receive, (uint64_t)e->receive_buffer);
    format_memory(send, (uint64_t)e->send_buffer);
    if (e->sockets_known)
        put(out, "Sockets", "TCP_NODELAY %s, receive buffer %s, send buffer %s",
            e->nodelay ? "on" : "OFF", receive, send);
    put(out, "Network",
        e->loopback ? "loopback: no network card, and both ends share this machine"
                    : "not loopback only");
}

static void put_clock(FILE *out, const struct environment *e, layout_put *put)
{
    char step[FORMAT_TEXT];
    char read[FORMAT_TEXT];
    char record[FORMAT_TEXT];
    format_ns(step, real_of(e->clock_resolution_ns));
    format_ns(read, e->clock_cost_ns);
    format_ns(record, e->record_cost_ns);
    put(out, "Clock", "step %s; a reading costs %s, recording a value %s", step, read, record);
}

/* What only some systems tell. */
static void put_system(FILE *out, const struct environment *e, layout_put *put)
{
    char after[FORMAT_TEXT] = "";
    if (strcmp(e->governor, "unknown") != 0 && e->governor[0] != '\0')
        put(out, "Governor", "%s", e->governor);
    if (e->quota_cores > 0.0)
        put(out, "Quota", "%.2f cores, by the container", e->quota_cores);
    if (e->steal_share > 0.0)
        put(out, "Steal", "%.1f %% of all cores' time, taken by the hypervisor",
            e->steal_share * 100.0);
    if (e->ports_last > 0)
        put(out, "Ports", "%u to %u for connects, %u were in TIME_WAIT", e->ports_first,
            e->ports_last, e->ports_waiting);
    if (e->load_after >= 0.0)
        snprintf(after, sizeof after, " %.2f after,", e->load_after);
    if (e->load_before >= 0.0)
        put(out, "Load", "%.2f before,%s over one minute", e->load_before, after);
}

void surroundings_each(FILE *out, const struct result *r, layout_put *put)
{
    put_machine(out, &r->environment, put);
    put_network(out, &r->environment, put);
    put_clock(out, &r->environment, put);
    put_system(out, &r->environment, put);
    if (r->blocks == 0) /* nothing was measured */
        return;
    put(out, "Run", "%u block%s, seed %" PRIu64 ", took %.1f s", r->blocks,
        r->blocks == 1 ? "" : "s in random order", r->seed, real_of(r->took_ns) / 1e9);
    if (r->command[0] != '\0')
        put(out, "Command", "%s", r->command);
}

void surroundings_write_environment(FILE *out, const struct result *r)
{
    layout_heading(out, "ENVIRONMENT", "%s", "");
    surroundings_each(out, r, layout_field);
}

/* ---- Pre-flight ---------------------------------------------------------------------------- */

static bool is_shortage(const struct preflight_row *row)
{
    return row->state >= PREFLIGHT_NOTE && strcmp(row->needed, "-") != 0;
}

bool surroundings_has_shortage(const struct result *r)
{
    for (unsigned i = 0; i < r->preflight.count; i++)
        if (is_shortage(&r->preflight.rows[i]))
            return true;
    return false;
}

void surroundings_each_shortage(FILE *out, const struct result *r, layout_put *put)
{
    for (unsigned i = 0; i < r->preflight.count; i++) {
        const struct preflight_row *row = &r->preflight.rows[i];
        if (is_shortage(row))
            put(out, row->name, "found %s, needed %s: %s", row->found, row->needed, row->advice);
    }
}

void surroundings_write_preflight(FILE *out, const struct result *r)
{
    if (!surroundings_has_shortage(r))
        return;
    layout_heading(out, "PRE-FLIGHT", "what may spoil the figures");
    surroundings_each_shortage(out, r, layout_field);
}

/* ---- The sibling, sizes ---------------------------------------------------------------------- */

static void put_time(FILE *out, double ns)
{
    char text[FORMAT_TEXT];
    format_ns(text, ns);
    layout_right(out, text, 12);
}

static void put_service(FILE *out, const struct server_figures *s)
{
    static const char stages[] =
#define X(name, key) key "\0"
        SERVICE_LIST(X)
#undef X
        ;
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
        format_count(text, t->count);
        fprintf(out, "    %-10s%14s", bytes_word(stages, i), text);
        put_time(out, t->p50_ns);
        put_time(out, t->p99_ns);
        put_time(out, t->mean_ns);
        fputc('\n', out);
    }
}

void surroundings_write_server(FILE *out, const struct result *r)
{
    const struct server_figures *s = &r->server;
    char a[FORMAT_TEXT];
    char b[FORMAT_TEXT];
    if (!s->known)
        return;
    layout_heading(out, "SERVER", "its own figures, since its start");
    format_count(a, s->messages);
    format_count(b, s->connections);
    layout_field(out, "Work", "%s messages answered on %s connections", a, b);
    format_ns(a, real_of(s->cpu_ns));
    format_memory(b, s->peak_bytes);
    layout_field(out, "Cost", "%s of CPU time, at most %s of memory", a, b);
    put_service(out, s);
}

void surroundings_write_sizes(FILE *out, const struct result *r)
{
    char text[FORMAT_TEXT];
    if (r->size_count == 0)
        return;
    layout_heading(out, "MEMORY", "bytes of our own for each");
    for (unsigned i = 0; i < r->size_count; i++) {
        fputs("  ", out);
        layout_left(out, r->sizes[i].name, RESULT_NAME);
        format_count(text, r->sizes[i].bytes);
        layout_right(out, text, 14);
        fputc('\n', out);
    }
}
