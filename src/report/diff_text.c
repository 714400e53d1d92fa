#include <string.h>

#include "base/status.h"
#include "report/diff.h"
#include "report/format.h"
#include "report/layout.h"

/* ---- The two reports ----------------------------------------------------------------------- */

static void put_side(FILE *out, const char *label, const struct diff_side *side)
{
    char when[FORMAT_TEXT];
    char text[4 * REPORT_TEXT];
    format_time(when, side->started_unix_ns);
    snprintf(text, sizeof text, "%s: %s, %.0f block%s, wsio %s, commit %s", side->file, when,
             (double)side->blocks, side->blocks == 1 ? "" : "s", side->version, side->commit);
    layout_field(out, label, text);
}

static void put_title(FILE *out, const struct diff *d)
{
    layout_heading(out, "WSIO diff", d->a.scenario);
    put_side(out, "A", &d->a);
    put_side(out, "B", &d->b);
}

/* ---- Verdicts and gates -------------------------------------------------------------------- */

/* "1.049 (1.033..1.064)". */
static void ratio_words(const struct interval *i, char out[2 * FORMAT_TEXT])
{
    snprintf(out, 2 * FORMAT_TEXT, "%.3f (%.3f..%.3f)", i->median, i->low, i->high);
}

static enum contrast_result judge(const struct interval *ratio)
{
    static const struct interval unknown; /* the noise of one run says nothing of two */
    return contrast_judge(ratio, &unknown);
}

static void put_verdict(FILE *out, const struct diff *d, unsigned target)
{
    char words[2 * FORMAT_TEXT];
    struct interval ratio = diff_ratio(d, target, d->verdict_scenario, d->verdict_figure);
    enum contrast_result result = judge(&ratio);
    bool better = (result == CONTRAST_MORE) == figure_more_is_better(d->verdict_figure);
    fputs("  ", out);
    layout_left(out, d->a.targets[target].name, 24);
    ratio_words(&ratio, words);
    layout_left(out, result == CONTRAST_NONE ? "not in both" : words, 24);
    fputs(contrast_text(result), out);
    if (result == CONTRAST_LESS || result == CONTRAST_MORE)
        fputs(better ? ": better" : ": worse", out);
    fputc('\n', out);
}

static void put_verdicts(FILE *out, const struct diff *d)
{
    char text[REPORT_TEXT];
    snprintf(text, sizeof text, "%s %s, B / A", scenario_key(d->verdict_scenario),
             figure_word(d->verdict_figure));
    layout_heading(out, "VERDICTS", text);
    for (unsigned i = 0; i < d->a.target_count; i++)
        put_verdict(out, d, i);
}

static void put_gates(FILE *out, const struct diff *d)
{
    static const char *const words[] = {
        [REPORT_PASSED] = "passed", [REPORT_FAILED] = "FAILED", [REPORT_UNSURE] = "UNSURE"};
    char text[GATE_SENTENCE];
    if (d->gate_count == 0)
        return;
    layout_heading(out, "GATES", "it fails if this holds of B / A");
    for (unsigned i = 0; i < d->gate_count; i++) {
        gate_sentence(&d->gates[i], text);
        layout_field(out, words[d->gates[i].outcome], text);
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
    gate_format(text, median_of(f), figure_unit_of(figure));
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
    layout_heading(out, d->a.targets[target].name, d->a.targets[target].kind);
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
    char text[REPORT_TEXT];
    struct tally_rows rows = {0, 0};
    for (unsigned i = 0; i < d->a.target_count; i++)
        put_target(out, d, i, &rows);
    snprintf(text, sizeof text,
             "* marks intervals that exclude 1: %u of %u. One in twenty would by chance alone.",
             rows.marked, rows.all);
    fputc('\n', out);
    layout_paragraph(out, text);
}

/* ---- What else changed --------------------------------------------------------------------- */

static void put_change(FILE *out, const char *what, const char *a, const char *b)
{
    char text[4 * REPORT_TEXT];
    if (strcmp(a, b) == 0)
        return;
    snprintf(text, sizeof text, "Another %s: %s in A, %s in B.", what, a, b);
    layout_paragraph(out, text);
}

static void put_fault(FILE *out, const char *name, const struct diff_side *side)
{
    char text[REPORT_TEXT];
    if (!side->partial && !side->failed)
        return;
    snprintf(text, sizeof text, "%s %s.", name,
             side->partial ? "was interrupted" : "had failures: see its report");
    layout_paragraph(out, text);
}

/* What raw TCP needs is the machine's doing. */
static void put_floor_change(FILE *out, const struct diff *d)
{
    char words[2 * FORMAT_TEXT];
    char text[2 * REPORT_TEXT];
    for (unsigned i = 0; i < d->a.target_count; i++) {
        struct interval ratio = diff_ratio(d, i, d->verdict_scenario, d->verdict_figure);
        enum contrast_result result = judge(&ratio);
        if (strcmp(d->a.targets[i].name, d->a.floor) != 0 ||
            (result != CONTRAST_LESS && result != CONTRAST_MORE))
            continue;
        ratio_words(&ratio, words);
        snprintf(text, sizeof text,
                 "Raw TCP (%s) itself changed, %s: that part of any difference is the machine's or "
                 "its load's, not a server's.",
                 d->a.floor, words);
        layout_paragraph(out, text);
    }
}

static void put_notes(FILE *out, const struct diff *d)
{
    char cores_a[FORMAT_TEXT];
    char cores_b[FORMAT_TEXT];
    format_count(cores_a, d->a.cores_used);
    format_count(cores_b, d->b.cores_used);
    layout_heading(out, "NOTES", "");
    layout_paragraph(out, "B / A is the ratio of the medians over blocks, with its 95 % interval. "
                          "The runs were not made side by side: what else changed in between is in "
                          "it, too.");
    put_fault(out, "A", &d->a);
    put_fault(out, "B", &d->b);
    put_floor_change(out, d);
    put_change(out, "processor", d->a.cpu, d->b.cpu);
    put_change(out, "number of cores", cores_a, cores_b);
    put_change(out, "system", d->a.system, d->b.system);
    put_change(out, "poller", d->a.poller, d->b.poller);
    put_change(out, "version of wsio", d->a.version, d->b.version);
    put_change(out, "commit of wsio", d->a.commit, d->b.commit);
    put_change(out, "compiler", d->a.compiler, d->b.compiler);
    put_change(out, "set of compiler flags", d->a.flags, d->b.flags);
}

int diff_write(FILE *out, const struct diff *d)
{
    put_title(out, d);
    put_verdicts(out, d);
    put_gates(out, d);
    put_targets(out, d);
    put_notes(out, d);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
