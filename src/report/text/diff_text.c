#include "report/text/diff_text.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"
#include "report/phrases.h"
#include "report/text/layout.h"
#include "report/text/verdicts.h"

/* ---- The two reports ----------------------------------------------------------------------- */

static void put_side(FILE *out, const char *label, const struct diff_side *side)
{
    char when[FORMAT_TEXT];
    format_time(when, side->started_unix_ns);
    layout_field(out, label, "%s: %s, %" PRIu64 " block%s, wsio %s, commit %s", side->file, when,
                 side->blocks, side->blocks == 1 ? "" : "s", side->version, side->commit);
}

static void put_title(FILE *out, const struct diff *d)
{
    layout_heading(out, "WSIO diff", "%s", d->a.scenario);
    put_side(out, "A", &d->a);
    put_side(out, "B", &d->b);
}

/* ---- Verdicts and gates -------------------------------------------------------------------- */

static enum contrast_result judge(const struct interval *ratio)
{
    static const struct interval unknown; /* the noise of one run says nothing of two */
    return contrast_judge(ratio, &unknown);
}

static void put_verdicts(FILE *out, const struct diff *d)
{
    layout_heading(out, "VERDICTS", "%s %s, B / A", scenario_key(d->verdict_scenario),
                   figure_word(d->verdict_figure));
    for (unsigned i = 0; i < d->a.target_count; i++) {
        struct interval ratio = diff_ratio(d, i, d->verdict_scenario, d->verdict_figure);
        verdicts_put_ratio(out, d->a.targets[i].name, &ratio, judge(&ratio), d->verdict_figure);
    }
}

/* ---- Every figure -------------------------------------------------------------------------- */

static double median_of(const struct diff_figure *f)
{
    return spread_of(f->values, f->count).median;
}

static void put_value(FILE *out, enum figure figure, const struct diff_figure *f)
{
    char text[FORMAT_TEXT];
    phrases_value(text, median_of(f), figure_unit_of(figure));
    layout_right(out, text, 12);
}

/* True when 1 is outside of the interval. */
static bool put_row(FILE *out, const struct diff *d, unsigned target, enum scenario scenario,
                    enum figure figure)
{
    char text[2 * FORMAT_TEXT];
    struct interval ratio = diff_ratio(d, target, scenario, figure);
    enum contrast_result result = judge(&ratio);
    bool differs = result == CONTRAST_LESS || result == CONTRAST_MORE;
    snprintf(text, sizeof text, "%s.%s", scenario_key(scenario), figure_word(figure));
    fputs("  ", out);
    layout_left(out, text, 28);
    put_value(out, figure, &d->a.targets[target].figures[scenario][figure]);
    put_value(out, figure, &d->b.targets[target].figures[scenario][figure]);
    snprintf(text, sizeof text, "%.3f", ratio.median);
    layout_right(out, text, 8);
    snprintf(text, sizeof text, "%.3f..%.3f", ratio.low, ratio.high);
    layout_right(out, result == CONTRAST_FEW ? "too few" : text, 16);
    fputs(differs ? " *\n" : "\n", out);
    return differs;
}

struct tally_rows {
    unsigned all;
    unsigned marked;
};

static void put_target(FILE *out, const struct diff *d, unsigned target, struct tally_rows *rows)
{
    layout_heading(out, d->a.targets[target].name, "%s", d->a.targets[target].kind);
    fprintf(out, "%-30s%12s%12s%8s%16s\n", "", "A", "B", "B / A", "95 %");
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        for (unsigned f = 0; f < FIGURE_COUNT; f++) {
            if (!diff_has(d, target, (enum scenario)s, (enum figure)f))
                continue;
            rows->all++;
            rows->marked += put_row(out, d, target, (enum scenario)s, (enum figure)f);
        }
}

static void put_targets(FILE *out, const struct diff *d)
{
    struct tally_rows rows = {0, 0};
    for (unsigned i = 0; i < d->a.target_count; i++)
        put_target(out, d, i, &rows);
    fputc('\n', out);
    layout_paragraph(
        out, "* marks intervals that exclude 1: %u of %u. One in twenty would by chance alone.",
        rows.marked, rows.all);
}

/* ---- What else changed --------------------------------------------------------------------- */

static void put_fault(FILE *out, const char *name, const struct diff_side *side)
{
    if (side->partial || side->failed)
        layout_paragraph(out, "%s %s.", name,
                         side->partial ? "was interrupted" : "had failures: see its report");
}

/* What raw TCP needs is the machine's doing. */
static void put_floor_change(FILE *out, const struct diff *d)
{
    char words[2 * FORMAT_TEXT];
    for (unsigned i = 0; i < d->a.target_count; i++) {
        struct interval ratio = diff_ratio(d, i, d->verdict_scenario, d->verdict_figure);
        enum contrast_result result = judge(&ratio);
        if (strcmp(d->a.targets[i].name, d->a.baseline) != 0 ||
            (result != CONTRAST_LESS && result != CONTRAST_MORE))
            continue;
        format_interval(words, ratio.median, ratio.low, ratio.high);
        layout_paragraph(out,
                         "Raw TCP (%s) itself changed, %s: that part of any difference is the "
                         "machine's or its load's, not a server's.",
                         d->a.baseline, words);
    }
}

/* What it is called, where it lies. */
#define CHANGE_LIST(X)                                                                             \
    X("processor", cpu)                                                                            \
    X("system", system)                                                                            \
    X("poller", poller)                                                                            \
    X("version of wsio", version)                                                                  \
    X("commit of wsio", commit)                                                                    \
    X("compiler", compiler)                                                                        \
    X("set of compiler flags", flags)

static void put_changes(FILE *out, const struct diff *d)
{
#define X(what, member) what "\0"
    static const char words[] = CHANGE_LIST(X);
#undef X
#define X(what, member) offsetof(struct diff_side, member),
    static const uint16_t places[] = {CHANGE_LIST(X)};
#undef X
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *a = (const char *)&d->a + places[i];
        const char *b = (const char *)&d->b + places[i];
        if (strcmp(a, b) != 0)
            layout_paragraph(out, "Another %s: %s in A, %s in B.", bytes_word(words, i), a, b);
    }
    if (d->a.cores_used != d->b.cores_used)
        layout_paragraph(out, "Another number of cores: %" PRIu64 " in A, %" PRIu64 " in B.",
                         d->a.cores_used, d->b.cores_used);
}

static void put_notes(FILE *out, const struct diff *d)
{
    layout_heading(out, "NOTES", "%s", "");
    layout_paragraph(out, "B / A is the ratio of the medians over blocks, with its 95 %% interval. "
                          "The runs were not made side by side: what else changed in between is in "
                          "it, too.");
    put_fault(out, "A", &d->a);
    put_fault(out, "B", &d->b);
    put_floor_change(out, d);
    put_changes(out, d);
}

int diff_text_write(FILE *out, const struct diff *d)
{
    put_title(out, d);
    put_verdicts(out, d);
    verdicts_put_gates(out, "it fails if this holds of B / A", d->gates, d->gate_count);
    put_targets(out, d);
    put_notes(out, d);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
