#include "report/faults.h"

#include <inttypes.h>

#include "base/status.h"
#include "report/layout.h"

/* Writes the heading before the first line below it. */
static void put_line(FILE *out, bool *headed, const char *title, const char *label,
                     const char *text)
{
    if (!*headed)
        layout_heading(out, title, "");
    *headed = true;
    layout_field(out, label, text);
}

static void put_refused(FILE *out, const struct report_target *t, enum scenario scenario,
                        bool *headed)
{
    const struct summary *s = &t->summaries[scenario];
    char text[3 * REPORT_TEXT];
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        if (s->broken[i] == 0)
            continue;
        snprintf(text, sizeof text, "%s, in %u of %u trials (%s): %s.", scenario_key(scenario),
                 s->broken[i], s->blocks, identity_key((enum identity)i), s->why[i]);
        put_line(out, headed, "REFUSED: figures that contradict themselves", t->name, text);
    }
}

static void put_failure(FILE *out, const struct report_target *t, const struct failure *f,
                        bool *headed)
{
    char text[3 * REPORT_TEXT];
    char times[FORMAT_TEXT + 8] = "";
    if (f->count > 1)
        snprintf(times, sizeof times, " (%" PRIu64 " times)", f->count);
    snprintf(text, sizeof text, "%s: %s%s%s%s",
             f->phase == PHASE_COUNT ? "messages" : phase_title(f->phase), status_text(f->status),
             f->text[0] == '\0' ? "" : ": ", f->text, times);
    put_line(out, headed, "FAILURES: target, phase, cause", t->name, text);
}

static void put_failures(FILE *out, const struct report_target *t, bool *headed)
{
    struct failures all = t->failures;
    char text[REPORT_TEXT];
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        failures_merge(&all, &t->summaries[s].pooled.failures);
    for (unsigned i = 0; i < all.used; i++)
        put_failure(out, t, &all.list[i], headed);
    if (all.more == 0)
        return;
    snprintf(text, sizeof text, "%" PRIu64 " more, of other kinds", all.more);
    put_line(out, headed, "FAILURES: target, phase, cause", t->name, text);
}

void faults_write(FILE *out, const struct report *r)
{
    bool headed = false;
    for (unsigned i = 0; i < r->target_count; i++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            put_refused(out, &r->targets[i], (enum scenario)s, &headed);
    headed = false;
    for (unsigned i = 0; i < r->target_count; i++)
        put_failures(out, &r->targets[i], &headed);
}
