#include "report/text/surroundings.h"

#include "base/real.h"
#include "report/facts.h"
#include "report/text/layout.h"

void surroundings_write_faults(FILE *out, const struct result *r)
{
    if (!r->failed)
        return;
    layout_put_heading(out, "WHAT WENT WRONG", "target, where, why");
    facts_each_fault(out, r, layout_put_field);
}

void surroundings_write_environment(FILE *out, const struct result *r)
{
    layout_put_heading(out, "ENVIRONMENT", "%s", "");
    facts_each_environment(out, r, layout_put_field);
}

void surroundings_write_preflight(FILE *out, const struct result *r)
{
    if (!facts_has_shortage(r))
        return;
    layout_put_heading(out, "PRE-FLIGHT", "what may spoil the figures");
    facts_each_shortage(out, r, layout_put_field);
}

/* ---- The sibling, sizes ---------------------------------------------------------------------- */

static void put_time(FILE *out, double ns)
{
    char text[FORMAT_TEXT];
    format_ns(text, ns);
    layout_put_right(out, text, 12);
}

static void put_service(FILE *out, const struct server_figures *s)
{
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
        fprintf(out, "    %-10s%14s", server_figures_key((enum service)i), text);
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
    layout_put_heading(out, "SERVER", "its own figures, since its start");
    format_count(a, s->messages);
    format_count(b, s->connections);
    layout_put_field(out, "Work", "%s messages answered on %s connections", a, b);
    format_ns(a, real_of(s->cpu_ns));
    format_memory(b, s->peak_bytes);
    layout_put_field(out, "Cost", "%s of CPU time, at most %s of memory", a, b);
    put_service(out, s);
}

void surroundings_write_sizes(FILE *out, const struct result *r)
{
    char text[FORMAT_TEXT];
    if (r->size_count == 0)
        return;
    layout_put_heading(out, "MEMORY", "bytes of our own for each");
    for (unsigned i = 0; i < r->size_count; i++) {
        fputs("  ", out);
        layout_put_left(out, r->sizes[i].name, RESULT_NAME);
        format_count(text, r->sizes[i].bytes);
        layout_put_right(out, text, 14);
        fputc('\n', out);
    }
}
