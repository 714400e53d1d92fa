#include <math.h>

#include "report/json/json.h"
#include "report/json/json_inner.h"

/* ---- Environment --------------------------------------------------------------------------- */

static void put_machine(struct writer *w, const struct environment *e)
{
    writer_text(w, "cpu", e->cpu);
    writer_text(w, "system", e->system);
    writer_text(w, "poller", e->poller);
}

static void put_build(struct writer *w, const struct environment *e)
{
    writer_text(w, "version", e->version);
    writer_text(w, "commit", e->commit);
    writer_text(w, "compiler", e->compiler);
    writer_text(w, "flags", e->flags);
}

static void put_resources(struct writer *w, const struct environment *e)
{
    writer_count(w, "cores", e->cores);
    writer_count(w, "cores_used", e->cores_used);
    writer_count(w, "threads_used", e->threads);
    writer_count(w, "memory_bytes", e->memory_bytes);
}

static void put_clock(struct writer *w, const struct environment *e)
{
    writer_count(w, "started_unix_ns", e->started_unix_ns);
    writer_count(w, "clock_step_ns", e->clock_resolution_ns);
    writer_number(w, "clock_read_cost_ns", e->clock_cost_ns);
    writer_number(w, "record_cost_ns", e->record_cost_ns);
}

static void put_limits(struct writer *w, const struct environment *e)
{
    writer_text(w, "governor", e->governor);
    writer_known_number(w, "quota_cores", e->quota_cores);
    writer_number(w, "steal_share", e->steal_share);
    writer_count(w, "files_most", e->files_most);
    writer_count(w, "ports_first", e->ports_first);
    writer_count(w, "ports_last", e->ports_last);
    writer_count(w, "ports_waiting", e->ports_waiting);
    writer_count(w, "backlog_most", e->backlog_most);
}

/* A load of 0 was measured; a negative one was not. */
static void put_load(struct writer *w, const char *key, double load)
{
    writer_number(w, key, load < 0.0 ? NAN : load);
}

static void put_sockets(struct writer *w, const struct environment *e)
{
    writer_bool(w, "tcp_nodelay", e->nodelay);
    writer_number(w, "receive_buffer_bytes", e->receive_buffer);
    writer_number(w, "send_buffer_bytes", e->send_buffer);
}

void json_put_environment(struct writer *w, const struct environment *e)
{
    writer_open(w, "environment", '{');
    put_machine(w, e);
    put_build(w, e);
    put_resources(w, e);
    put_clock(w, e);
    put_limits(w, e);
    writer_bool(w, "virtual_machine", e->virtual_machine);
    writer_bool(w, "loopback", e->loopback);
    put_load(w, "load_before", e->load_before);
    put_load(w, "load_after", e->load_after);
    if (e->sockets_known)
        put_sockets(w, e);
    writer_close(w, '}');
}

/* ---- Pre-flight ------------------------------------------------------------------------------ */

void json_put_preflight(struct writer *w, const struct preflight *p)
{
    writer_open(w, "preflight", '[');
    for (unsigned i = 0; i < p->count; i++) {
        const struct preflight_row *row = &p->rows[i];
        writer_open(w, NULL, '{');
        writer_text(w, "name", row->name);
        writer_text(w, "needed", row->needed);
        writer_text(w, "found", row->found);
        writer_text(w, "advice", row->advice);
        writer_text(w, "state", preflight_key(row->state));
        writer_close(w, '}');
    }
    writer_close(w, ']');
}

/* ---- The sibling server ---------------------------------------------------------------------- */

static void put_service(struct writer *w, const struct server_figures *s)
{
    writer_open(w, "service", '{');
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        const struct service_time *t = &s->service[i];
        if (t->count == 0)
            continue;
        writer_open(w, server_figures_key((enum service)i), '{');
        writer_count(w, "count", t->count);
        writer_number(w, "p50_ns", t->p50_ns);
        writer_number(w, "p99_ns", t->p99_ns);
        writer_number(w, "mean_ns", t->mean_ns);
        writer_close(w, '}');
    }
    writer_close(w, '}');
}

void json_put_server(struct writer *w, const struct server_figures *s)
{
    if (!s->known) {
        writer_null(w, "server");
        return;
    }
    writer_open(w, "server", '{');
    writer_count(w, "connections", s->connections);
    writer_count(w, "messages", s->messages);
    writer_count(w, "cpu_ns", s->cpu_ns);
    writer_known_count(w, "system_calls", s->calls);
    writer_count(w, "peak_bytes", s->peak_bytes);
    put_service(w, s);
    writer_close(w, '}');
}
