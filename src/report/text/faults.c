#include "report/text/faults.h"

#include <inttypes.h>

#include "base/status.h"

static void put_refused(FILE *out, const char *name, const struct summary *s, layout_put *put)
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
}

static void put_failures(FILE *out, const char *name, const struct failures *all, layout_put *put)
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

static void add_summary(FILE *out, const char *name, const struct summary *s, layout_put *put,
                        struct failures *all)
{
    put_refused(out, name, s, put);
    failures_merge(all, &s->pooled.failures);
}

void faults_each(FILE *out, const struct result *r, layout_put *put)
{
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        struct failures all = t->failures;
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            add_summary(out, t->name, &t->summaries[s], put, &all);
        for (unsigned s = 0; s < SCENARIO_COUNT && i == 0; s++)
            add_summary(out, t->name, &r->control[s], put, &all);
        for (unsigned p = 0; p < r->sweep.count; p++)
            add_summary(out, t->name, &r->sweep.points[i][p], put, &all);
        put_failures(out, t->name, &all, put);
    }
}

void faults_write(FILE *out, const struct result *r)
{
    if (!result_failed(r))
        return;
    layout_heading(out, "WHAT WENT WRONG", "target, where, why");
    faults_each(out, r, layout_field);
}
