#include "report/text/phases.h"

#include <string.h>

#include "base/real.h"
#include "report/text/layout.h"

#define LABEL   12
#define MEDIAN  9
#define TAIL    8
#define COLUMNS 4

#define LOOKUP_MIN 10000.0 /* ns */

/* The targets that share one table. */
struct group {
    const struct result *report;
    const struct result_target *targets[COLUMNS];
    const struct summary *summaries[COLUMNS];
    unsigned used;
};

static const struct histogram *phase_of(const struct group *g, unsigned column, enum phase phase)
{
    return &g->summaries[column]->pooled.phases[phase];
}

/* A number for an address needs no look-up, and nobody wants to know how fast that is. */
static bool is_told(const struct histogram *h, enum phase phase)
{
    return h->values.n > 0 && (phase != PHASE_RESOLVE || h->values.max >= LOOKUP_MIN);
}

static void put_cell(FILE *out, const struct histogram *h)
{
    char text[FORMAT_TEXT] = "-";
    if (h->values.n > 0)
        format_ns(text, real_of(histogram_percentile(h, 50.0)));
    layout_right(out, text, MEDIAN);
    if (h->values.n > 0)
        format_ns(text, real_of(histogram_percentile(h, 99.0)));
    layout_right(out, text, TAIL);
}

static void put_head(FILE *out, const struct group *g)
{
    fprintf(out, "%*s", LABEL, "");
    for (unsigned i = 0; i < g->used; i++)
        layout_right(out, g->targets[i]->name, MEDIAN + TAIL);
    fprintf(out, "\n%*s", LABEL, "");
    for (unsigned i = 0; i < g->used; i++)
        fprintf(out, "%*s%*s", MEDIAN, "median", TAIL, "p99");
    fputc('\n', out);
}

static void put_phase(FILE *out, const struct group *g, enum phase phase)
{
    bool any = false;
    for (unsigned i = 0; i < g->used; i++)
        any = any || is_told(phase_of(g, i, phase), phase);
    if (!any)
        return;
    fprintf(out, "%-*s", LABEL, phase_title(phase));
    for (unsigned i = 0; i < g->used; i++)
        put_cell(out, phase_of(g, i, phase));
    fputc('\n', out);
}

/* Of one target's ready to another's; n is 0 when there is nothing to compare. */
static struct interval ready_ratio(const struct group *g, unsigned column, enum result_base base)
{
    const struct result_target *other = result_compared(g->report, g->targets[column], base);
    if (other == NULL)
        return (struct interval){0};
    enum scenario source = result_phase_source(g->targets[column]);
    return summary_ratio_interval(g->summaries[column], &other->summaries[source], FIGURE_READY);
}

/* "1.95 1.93..1.98" where both fit, else the ratio in the median's column; `owed` is the space
 * left beside it, for the next one. */
static void put_ratio(FILE *out, const struct interval *ratio, int *owed)
{
    char text[2 * FORMAT_TEXT] = "-";
    char range[FORMAT_TEXT];
    if (ratio->n > 0)
        format_ratio(text, ratio->median);
    size_t length = strlen(text);
    format_range(range, ratio->low, ratio->high);
    bool both = ratio->n >= INTERVAL_MIN && length + 1 + strlen(range) < MEDIAN + TAIL;
    if (both)
        snprintf(text + length, sizeof text - length, " %s", range);
    fprintf(out, "%*s", *owed, "");
    layout_right(out, text, both ? MEDIAN + TAIL : MEDIAN);
    *owed = both ? 0 : TAIL;
}

static void put_ratios(FILE *out, const struct group *g, enum result_base base)
{
    struct interval ratios[COLUMNS];
    unsigned end = 0;
    for (unsigned i = 0; i < g->used; i++) {
        ratios[i] = ready_ratio(g, i, base);
        if (ratios[i].n > 0)
            end = g->used;
    }
    if (end == 0)
        return;
    fputs(" vs ", out);
    layout_left(out, layout_base_name(g->report, base), LABEL - 4);
    int owed = 0;
    for (unsigned i = 0; i < end; i++)
        put_ratio(out, &ratios[i], &owed);
    fputc('\n', out);
}

static void put_group(FILE *out, const struct group *g)
{
    put_head(out, g);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++) {
        put_phase(out, g, (enum phase)phase);
        if (phase == PHASE_READY) {
            put_ratios(out, g, RESULT_BASELINE);
            put_ratios(out, g, RESULT_PAIR);
        }
    }
}

static bool measured(const struct result *r, enum phase phase)
{
    for (unsigned i = 0; i < r->target_count; i++) {
        enum scenario source = result_phase_source(&r->targets[i]);
        if (source != SCENARIO_COUNT &&
            is_told(&r->targets[i].summaries[source].pooled.phases[phase], phase))
            return true;
    }
    return false;
}

static void put_legend(FILE *out, const struct result *r)
{
    fprintf(out, "\n  %-12s  %-35s  %s\n", "a phase", "starts", "ends");
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        if (measured(r, (enum phase)phase))
            fprintf(out, "  %-12s  %-35s  %s\n", phase_title((enum phase)phase),
                    phase_starts((enum phase)phase), phase_ends((enum phase)phase));
}

/* How many clients stand behind the table, and from which scenario. */
static void put_title(FILE *out, const struct result_target *first, enum scenario source)
{
    char count[FORMAT_TEXT];
    format_count(count, first->summaries[source].pooled.started);
    layout_heading(out, "PHASES", "%s: %s client%s of each target, pooled", scenario_key(source),
                   count, first->summaries[source].pooled.started == 1 ? "" : "s");
}

void phases_write(FILE *out, const struct result *r)
{
    struct group g = {.report = r};
    bool titled = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        enum scenario source = result_phase_source(t);
        if (source != SCENARIO_COUNT) {
            if (!titled)
                put_title(out, t, source);
            titled = true;
            g.targets[g.used] = t;
            g.summaries[g.used++] = &t->summaries[source];
        }
        if (g.used == COLUMNS || (g.used > 0 && i + 1 == r->target_count)) {
            put_group(out, &g);
            g.used = 0;
        }
    }
    if (titled)
        put_legend(out, r);
}
