#include "report/facts.h"

#include <inttypes.h>
#include <string.h>

#include "base/real.h"
#include "base/status.h"
#include "report/format.h"
#include "report/phrases.h"

/* ---- What went wrong ----------------------------------------------------------------------- */

static void put_refused(FILE *out, const char *name, const struct summary *s, facts_put *put)
{
    const char *scenario = scenario_key(s->pooled.scenario);
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        if (s->broken[i] == 0)
            continue;
        put(out, name, "%s: refused, in %u of %u trials (%s): %s.", scenario, s->broken[i],
            s->blocks, identity_key((enum identity)i), s->why[i]);
    }
    if (s->pooled.tally.wrong > 0)
        put(out, name, "%s: %" PRIu64 " of %" PRIu64 " replies were wrong", scenario,
            s->pooled.tally.wrong, s->pooled.tally.answered + s->pooled.tally.wrong);
    if (s->pooled.tally.unexpected > 0)
        put(out, name,
            "%s: %" PRIu64 " messages answered nothing: they came twice, too early, or unasked. "
            "--ignore-unexpected is for servers that push",
            scenario, s->pooled.tally.unexpected);
}

static void put_failures(FILE *out, const char *name, const struct failures *all, facts_put *put)
{
    for (unsigned i = 0; i < all->used; i++) {
        const struct failure *f = &all->list[i];
        char times[FORMAT_TEXT + 8] = "";
        if (f->status == STATUS_STOPPED)
            continue; /* the title says it */
        if (f->count > 1)
            snprintf(times, sizeof times, " (%" PRIu64 " times)", f->count);
        put(out, name, "%s: %s%s%s%s", f->phase == PHASE_COUNT ? "messages" : phase_title(f->phase),
            status_text(f->status), f->text[0] == '\0' ? "" : ": ", f->text, times);
    }
    if (all->more > 0)
        put(out, name, "%" PRIu64 " more, of other kinds", all->more);
}

void facts_each_fault(FILE *out, const struct result *r, facts_put *put)
{
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            put_refused(out, t->name, &t->summaries[s], put);
        for (unsigned s = 0; s < SCENARIO_COUNT && i == 0; s++)
            put_refused(out, t->name, &r->control[s], put);
        for (unsigned p = 0; p < r->sweep.count; p++)
            put_refused(out, t->name, &r->sweep.points[i][p], put);
        put_failures(out, t->name, &t->all_failures, put);
    }
}

/* ---- Targets ------------------------------------------------------------------------------- */

#define FACTS_ODDS 96

/* What the comparison of replies cannot see. */
static void put_odds(char out[FACTS_ODDS], const struct result_target *t)
{
    char count[FORMAT_TEXT];
    format_count(count, t->odds);
    out[0] = '\0';
    if (t->unchecked || t->odds == 0)
        return;
    if (t->odds == 1)
        snprintf(out, FACTS_ODDS,
                 "; all messages are equal, so replies that come twice or in another order pass");
    else if (t->odds == UINT64_MAX)
        snprintf(out, FACTS_ODDS, "; each message names its user and number");
    else
        snprintf(out, FACTS_ODDS, "; a false reply passes with a chance of 1 in %s", count);
}

static void put_target(FILE *out, const struct result_target *t, facts_put *put)
{
    char odds[FACTS_ODDS];
    char size[FORMAT_TEXT] = "sizes as swept,";
    char memory[FORMAT_TEXT] = "";
    bool shown = t->address[0] == '\0' || strstr(t->url, t->address) != NULL;
    if (t->size > 0)
        format_bytes(size, real_of(t->size));
    if (t->server_peak_bytes > 0)
        format_memory(memory, t->server_peak_bytes);
    put_odds(odds, t);
    put(out, t->name, "%s, %s%s%s; %s of %s, %s%s%s%s%s", t->kind, t->url, shown ? "" : " at ",
        shown ? "" : t->address, size, t->binary ? "binary" : "text",
        t->unchecked ? "replies NOT CHECKED, matched " : "matched ", t->matched, odds,
        memory[0] == '\0' ? "" : "; its server took at most ", memory);
}

void facts_each_target(FILE *out, const struct result *r, facts_put *put)
{
    for (unsigned i = 0; i < r->target_count; i++)
        put_target(out, &r->targets[i], put);
}

/* ---- Environment ------------------------------------------------------------------------- */

static void put_machine(FILE *out, const struct environment *e, facts_put *put)
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

static void put_network(FILE *out, const struct environment *e, facts_put *put)
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

static void put_clock(FILE *out, const struct environment *e, facts_put *put)
{
    char step[FORMAT_TEXT];
    char read[FORMAT_TEXT];
    char record[FORMAT_TEXT];
    format_ns(step, real_of(e->clock_resolution_ns));
    format_ns(read, e->clock_cost_ns);
    format_ns(record, e->record_cost_ns);
    put(out, "Clock", "step %s; a reading costs %s, recording a value %s", step, read, record);
}

/* What only some systems report. */
static void put_system(FILE *out, const struct environment *e, facts_put *put)
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

void facts_each_environment(FILE *out, const struct result *r, facts_put *put)
{
    put_machine(out, &r->environment, put);
    put_network(out, &r->environment, put);
    put_clock(out, &r->environment, put);
    put_system(out, &r->environment, put);
    if (r->blocks == 0) /* nothing was measured */
        return;
    put(out, "Run", "%u block%s, seed %" PRIu64 ", took %.1f s", r->blocks,
        r->blocks == 1 ? "" : "s in random order", r->seed, real_of(r->took_ns) / 1e9);
    if (r->placement.asked[0] != '\0') {
        char text[PHRASES_SENTENCE];
        phrases_placement_facts(text, &r->placement);
        put(out, "Placement", "%s", text);
    }
    if (r->command[0] != '\0')
        put(out, "Command", "%s", r->command);
}

/* ---- Pre-flight ---------------------------------------------------------------------------- */

static bool is_shortage(const struct preflight_row *row)
{
    return row->state >= PREFLIGHT_NOTE && strcmp(row->needed, "-") != 0;
}

bool facts_has_shortage(const struct result *r)
{
    for (unsigned i = 0; i < r->preflight.count; i++)
        if (is_shortage(&r->preflight.rows[i]))
            return true;
    return false;
}

void facts_each_shortage(FILE *out, const struct result *r, facts_put *put)
{
    for (unsigned i = 0; i < r->preflight.count; i++) {
        const struct preflight_row *row = &r->preflight.rows[i];
        if (is_shortage(row))
            put(out, row->name, "found %s, needed %s: %s", row->found, row->needed, row->advice);
    }
}
