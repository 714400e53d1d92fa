#include "report/text/phases.h"

#include <string.h>

#include "report/phrases.h"
#include "report/text/layout.h"

#define LABEL   12
#define MEDIAN  9
#define TAIL    8
#define COLUMNS 4

/* The targets that share one table. */
struct group {
    const struct result *result;
    const struct result_target *targets[COLUMNS];
    unsigned used;
};

static void put_cell(FILE *out, const struct result_phase *p)
{
    char text[FORMAT_TEXT] = "-";
    if (p->count > 0)
        format_ns(text, p->p50_ns);
    layout_put_right(out, text, MEDIAN);
    if (p->count > 0)
        format_ns(text, p->p99_ns);
    layout_put_right(out, text, TAIL);
}

static void put_head(FILE *out, const struct group *g)
{
    fprintf(out, "%*s", LABEL, "");
    for (unsigned i = 0; i < g->used; i++)
        layout_put_right(out, g->targets[i]->name, MEDIAN + TAIL);
    fprintf(out, "\n%*s", LABEL, "");
    for (unsigned i = 0; i < g->used; i++)
        fprintf(out, "%*s%*s", MEDIAN, "median", TAIL, "p99");
    fputc('\n', out);
}

static void put_phase(FILE *out, const struct group *g, enum phase phase)
{
    bool any = false;
    for (unsigned i = 0; i < g->used; i++)
        any = any || g->targets[i]->phases[phase].shown;
    if (!any)
        return;
    fprintf(out, "%-*s", LABEL, phase_title(phase));
    for (unsigned i = 0; i < g->used; i++)
        put_cell(out, &g->targets[i]->phases[phase]);
    fputc('\n', out);
}

/* The ratio of the times until a client may send; n is 0 when there is nothing to compare. */
static struct interval find_ratio(const struct group *g, unsigned column, enum pair_base base)
{
    const struct result_target *t = g->targets[column];
    const struct pair *p = result_find_pair(g->result, t, base);
    if (p == NULL)
        return (struct interval){0};
    return p->figures[t->phase_source][FIGURE_READY].ratio.interval;
}

/* "1.95 1.93..1.98" where both fit, else the ratio in the median's column; `owed` is the space
 * that it left beside it, for the next one to fill. */
static void put_ratio(FILE *out, const struct interval *ratio, int *owed)
{
    char text[2 * FORMAT_TEXT] = "-";
    char range[FORMAT_TEXT];
    if (ratio->n > 0)
        format_ratio(text, ratio->middle);
    size_t length = strlen(text);
    format_range(range, ratio->low, ratio->high);
    bool both = ratio->n >= INTERVAL_MIN && length + 1 + strlen(range) < MEDIAN + TAIL;
    if (both)
        snprintf(text + length, sizeof text - length, " %s", range);
    fprintf(out, "%*s", *owed, "");
    layout_put_right(out, text, both ? MEDIAN + TAIL : MEDIAN);
    *owed = both ? 0 : TAIL;
}

static void put_ratios(FILE *out, const struct group *g, enum pair_base base)
{
    struct interval ratios[COLUMNS];
    unsigned end = 0;
    for (unsigned i = 0; i < g->used; i++) {
        ratios[i] = find_ratio(g, i, base);
        if (ratios[i].n > 0)
            end = g->used;
    }
    if (end == 0)
        return;
    fputs(" vs ", out);
    layout_put_left(out, phrases_base_name(g->result, base), LABEL - 4);
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
            put_ratios(out, g, PAIR_BASELINE);
            put_ratios(out, g, PAIR_REFERENCE);
        }
    }
}

static bool is_shown(const struct result *r, unsigned phase)
{
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].phases[phase].shown)
            return true;
    return false;
}

static void put_legend(FILE *out, const struct result *r)
{
    fprintf(out, "\n  %-12s  %-35s  %s\n", "a phase", "starts", "ends");
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        if (is_shown(r, phase))
            fprintf(out, "  %-12s  %-35s  %s\n", phase_title((enum phase)phase),
                    phase_starts((enum phase)phase), phase_ends((enum phase)phase));
}

/* How many clients stand behind the table, and from which scenario. */
static void put_title(FILE *out, const struct result_target *first)
{
    char count[FORMAT_TEXT];
    uint64_t clients = first->summaries[first->phase_source].pooled.started;
    format_count(count, clients);
    layout_put_heading(out, "PHASES", "%s: %s client%s of each target, pooled",
                       scenario_key(first->phase_source), count, clients == 1 ? "" : "s");
}

void phases_write(FILE *out, const struct result *r)
{
    struct group g = {.result = r};
    bool titled = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        if (t->phase_source != SCENARIO_COUNT) {
            if (!titled)
                put_title(out, t);
            titled = true;
            g.targets[g.used++] = t;
        }
        if (g.used == COLUMNS || (g.used > 0 && i + 1 == r->target_count)) {
            put_group(out, &g);
            g.used = 0;
        }
    }
    if (titled)
        put_legend(out, r);
}
