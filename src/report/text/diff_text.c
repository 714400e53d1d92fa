#include "report/text/diff_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "report/phrases.h"
#include "report/text/layout.h"
#include "report/text/verdicts.h"

/* ---- The two reports ----------------------------------------------------------------------- */

static void put_side(FILE *out, const char *label, const struct diff_side *side)
{
    char when[FORMAT_TEXT];
    format_time(when, side->started_unix_ns);
    layout_put_field(out, label, "%s: %s, %" PRIu64 " block%s, wsio %s, commit %s", side->file,
                     when, side->blocks, side->blocks == 1 ? "" : "s", side->version, side->commit);
}

static void put_title(FILE *out, const struct diff *d)
{
    layout_put_heading(out, "WSIO diff", "%s", d->a.scenario);
    put_side(out, "A", &d->a);
    put_side(out, "B", &d->b);
}

/* ---- Verdicts and gates -------------------------------------------------------------------- */

static void put_verdicts(FILE *out, const struct diff *d)
{
    layout_put_heading(out, "VERDICTS", "%s %s, B / A", scenario_key(d->verdict_scenario),
                       figure_word(d->verdict_figure));
    for (unsigned i = 0; i < d->a.target_count; i++) {
        const struct diff_comparison *c = &d->compared[i][d->verdict_scenario][d->verdict_figure];
        verdicts_put_ratio(out, d->a.targets[i].name, &c->ratio, &c->verdict);
    }
}

/* ---- Every figure -------------------------------------------------------------------------- */

static double find_median(const struct diff_figure *f)
{
    return spread_of(f->values, f->count).median;
}

static void put_value(FILE *out, enum figure figure, const struct diff_figure *f)
{
    char text[FORMAT_TEXT];
    phrases_value(text, find_median(f), figure_unit_of(figure));
    layout_put_right(out, text, 12);
}

static void put_row(FILE *out, const struct diff *d, unsigned target, enum scenario scenario,
                    enum figure figure)
{
    char text[2 * FORMAT_TEXT];
    const struct diff_comparison *c = &d->compared[target][scenario][figure];
    snprintf(text, sizeof text, "%s.%s", scenario_key(scenario), figure_word(figure));
    fputs("  ", out);
    layout_put_left(out, text, 28);
    put_value(out, figure, &d->a.targets[target].figures[scenario][figure]);
    put_value(out, figure, &d->b.targets[target].figures[scenario][figure]);
    snprintf(text, sizeof text, "%.3f", c->ratio.middle);
    layout_put_right(out, text, 8);
    snprintf(text, sizeof text, "%.3f..%.3f", c->ratio.low, c->ratio.high);
    layout_put_right(out, c->verdict.result == CONTRAST_FEW ? "too few" : text, 16);
    fputs(diff_differs(c) ? " *\n" : "\n", out);
}

static void put_target(FILE *out, const struct diff *d, unsigned target)
{
    layout_put_heading(out, d->a.targets[target].name, "%s", d->a.targets[target].kind);
    fprintf(out, "%-30s%12s%12s%8s%16s\n", "", "A", "B", "B / A", "95 %");
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        for (unsigned f = 0; f < FIGURE_COUNT; f++)
            if (d->compared[target][s][f].ratio.n > 0)
                put_row(out, d, target, (enum scenario)s, (enum figure)f);
}

static void put_targets(FILE *out, const struct diff *d)
{
    for (unsigned i = 0; i < d->a.target_count; i++)
        put_target(out, d, i);
    fputc('\n', out);
    layout_put_paragraph(
        out, "* marks intervals that exclude 1: %u of %u. One in twenty would by chance alone.",
        d->differing_count, d->compared_count);
}

/* ---- What else changed --------------------------------------------------------------------- */

static void put_fault(FILE *out, const char *name, const struct diff_side *side)
{
    if (side->partial || side->failed)
        layout_put_paragraph(out, "%s %s.", name,
                             side->partial ? "was interrupted" : "had failures: see its report");
}

/* A change of raw TCP is a change of the machine. */
static void put_baseline_change(FILE *out, const struct diff *d)
{
    char words[2 * FORMAT_TEXT];
    if (d->baseline == PAIR_NONE)
        return;
    const struct diff_comparison *c =
        &d->compared[d->baseline][d->verdict_scenario][d->verdict_figure];
    if (!diff_differs(c))
        return;
    format_interval(words, c->ratio.middle, c->ratio.low, c->ratio.high);
    layout_put_paragraph(out,
                         "Raw TCP (%s) itself changed, %s: that part of any difference is the "
                         "machine's or its load's, not a server's.",
                         d->a.baseline, words);
}

/* Whether the trials of one report saw what no trial of the other did, or not all the same. */
static bool have_placements_changed(const struct diff *d)
{
    const struct placement_count *a = &d->a.placement;
    const struct placement_count *b = &d->b.placement;
    return placement_count_differs(a) || placement_count_differs(b) ||
           placement_count_common(a) != placement_count_common(b);
}

static void put_placements(FILE *out, const struct diff *d)
{
    char a[PLACEMENT_TEXT];
    char b[PLACEMENT_TEXT];
    if (!have_placements_changed(d))
        return;
    placement_count_format(a, &d->a.placement);
    placement_count_format(b, &d->b.placement);
    layout_put_paragraph(out,
                         "Placements of client and server: trials %s in A, %s in B: B / A compares "
                         "these, too. --placement same or apart makes all alike.",
                         a, b);
}

static void put_changes(FILE *out, const struct diff *d)
{
    const struct {
        const char *what;
        const char *a;
        const char *b;
    } rows[] = {
        {"processor", d->a.cpu, d->b.cpu},
        {"system", d->a.system, d->b.system},
        {"poller", d->a.poller, d->b.poller},
        {"version of wsio", d->a.version, d->b.version},
        {"commit of wsio", d->a.commit, d->b.commit},
        {"compiler", d->a.compiler, d->b.compiler},
        {"set of compiler flags", d->a.flags, d->b.flags},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].a, rows[i].b) != 0)
            layout_put_paragraph(out, "Another %s: %s in A, %s in B.", rows[i].what, rows[i].a,
                                 rows[i].b);
    if (d->a.cores_used != d->b.cores_used)
        layout_put_paragraph(out, "Another number of cores: %" PRIu64 " in A, %" PRIu64 " in B.",
                             d->a.cores_used, d->b.cores_used);
}

static void put_notes(FILE *out, const struct diff *d)
{
    layout_put_heading(out, "NOTES", "%s", "");
    layout_put_paragraph(out,
                         "B / A is the ratio of the medians over blocks, with its 95 %% interval. "
                         "The runs were not made side by side: what else changed in between is in "
                         "it, too.");
    put_fault(out, "A", &d->a);
    put_fault(out, "B", &d->b);
    put_baseline_change(out, d);
    put_placements(out, d);
    put_changes(out, d);
}

int diff_text_write(FILE *out, const struct diff *d)
{
    put_title(out, d);
    put_verdicts(out, d);
    verdicts_put_gates(out, "the comparison fails if one of these holds for B / A", d->gates,
                       d->gate_count);
    put_targets(out, d);
    put_notes(out, d);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
