#include "report/text/verdicts.h"

#include <string.h>

#include "report/phrases.h"
#include "report/text/layout.h"

/* ---- In short ---------------------------------------------------------------------------- */

/* The scenario of which the times until a client may send are shown. */
static const struct summary *find_ready(const struct result_target *t)
{
    enum scenario source = t->phase_source;
    return &t->summaries[source == SCENARIO_COUNT ? SCENARIO_CONNECT : source];
}

/* Two lines; the columns of ratios name what they divide by, or stay empty. */
static void put_short_head(FILE *out, const struct result *r)
{
    const char *baseline = phrases_base_name(r, PAIR_BASELINE);
    const char *reference = phrases_base_name(r, PAIR_REFERENCE);
    fprintf(out, "%-16s%10s%11s%13s%9s%9s%12s\n", "", "until it", "a round", "round trips",
            baseline[0] == '\0' ? "" : "rate vs", reference[0] == '\0' ? "" : "rate vs",
            "throughput");
    fprintf(out, "%-16s%10s%11s%13s", "", "may send", "trip", "per second");
    layout_put_right(out, baseline, 9);
    layout_put_right(out, reference, 9);
    fprintf(out, "%12s\n", "messages/s");
}

static void put_rate_ratio(FILE *out, const struct result *r, const struct result_target *t,
                           enum pair_base base)
{
    const struct pair *p = result_find_pair(r, t, base);
    static const struct estimate none;
    const struct estimate *ratio =
        p == NULL ? &none : &p->figures[SCENARIO_ROUNDTRIP][FIGURE_RATE].ratio;
    layout_put_estimate(out, ratio, format_ratio, 9);
}

void verdicts_write_short(FILE *out, const struct result *r)
{
    if (r->target_count < 2 || !result_has(r, SCENARIO_ROUNDTRIP))
        return;
    layout_put_heading(out, "IN SHORT", "medians; ratios by block; %s", phrases_placement(r));
    put_short_head(out, r);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        const struct summary *trips = &t->summaries[SCENARIO_ROUNDTRIP];
        fputs("  ", out);
        layout_put_left(out, t->name, 14);
        layout_put_estimate(out, &find_ready(t)->estimates[FIGURE_READY], format_ns, 10);
        layout_put_estimate(out, &trips->estimates[FIGURE_P50], format_ns, 11);
        layout_put_estimate(out, &trips->estimates[FIGURE_RATE], format_rate, 13);
        put_rate_ratio(out, r, t, PAIR_BASELINE);
        put_rate_ratio(out, r, t, PAIR_REFERENCE);
        layout_put_estimate(out, &t->summaries[SCENARIO_THROUGHPUT].estimates[FIGURE_RATE],
                            format_rate, 12);
        fputc('\n', out);
    }
}

void verdicts_write_placement(FILE *out, const struct result *r)
{
    const struct result_placement *p = &r->placement;
    if (p->warning_count == 0)
        return;
    layout_put_heading(out, "PLACEMENT", "where both ends ran");
    for (unsigned i = 0; i < p->warning_count; i++)
        layout_put_paragraph(out, "%s", p->warnings[i]);
}

/* ---- Verdicts ---------------------------------------------------------------------------- */

/* In 24 columns and the margin, or on a line of its own: the names must not be cut. */
static void put_names(FILE *out, const char *names)
{
    if (strlen(names) >= 24) {
        layout_put_paragraph(out, "%s", names);
        names = "";
    }
    fputs("  ", out);
    layout_put_left(out, names, 24);
}

static void put_pair(FILE *out, const char *names, const struct interval *ratio)
{
    char text[2 * FORMAT_TEXT] = "not in both";
    put_names(out, names);
    if (ratio->n > 0 && ratio->high_beyond)
        snprintf(text, sizeof text, "> %.3f", ratio->low);
    else if (ratio->n > 0)
        format_interval(text, ratio->middle, ratio->low, ratio->high);
    layout_put_left(out, text, 24);
}

void verdicts_put_ratio(FILE *out, const char *names, const struct interval *ratio,
                        const struct verdict *v)
{
    char text[VERDICT_TEXT];
    verdict_format(text, v);
    if (v->refused) {
        put_names(out, names);
        fprintf(out, "%s: see above\n", text);
    } else if (v->unknown) {
        put_names(out, names);
        fprintf(out, "%s: too few messages were answered\n", text);
    } else {
        put_pair(out, names, ratio);
        fprintf(out, "%s\n", text);
    }
}

static void put_verdict(FILE *out, const struct result *r, const struct pair *p)
{
    char names[2 * RESULT_NAME + 8];
    if (!p->verdict.stated)
        return;
    snprintf(names, sizeof names, "%s vs %s", r->targets[p->target].name,
             r->targets[p->other].name);
    verdicts_put_ratio(out, names,
                       &p->figures[r->verdict_scenario][r->verdict_figure].ratio.interval,
                       &p->verdict);
}

/* The noise; nothing when the reference was not measured twice. */
static void put_noise(FILE *out, const struct result *r, const struct interval *noise)
{
    char names[RESULT_NAME + 16];
    if (noise->n == 0)
        return;
    snprintf(names, sizeof names, "%s vs itself", r->targets[r->against].name);
    put_pair(out, names, noise);
    fputs("the noise of this machine\n", out);
}

static void put_heading(FILE *out, const struct result *r)
{
    char blocks[FORMAT_TEXT];
    phrases_blocks(blocks, &r->judged_blocks);
    layout_put_heading(out, "VERDICTS", "%s %s, %s", scenario_key(r->verdict_scenario),
                       figure_word(r->verdict_figure), blocks);
}

static bool has_few_blocks(const struct result *r)
{
    for (unsigned i = 0; i < r->pair_count; i++)
        if (r->pairs[i].verdict.result == CONTRAST_FEW)
            return true;
    return false;
}

void verdicts_write(FILE *out, const struct result *r)
{
    const struct interval *noise = &r->noise[r->verdict_scenario][r->verdict_figure].interval;
    if (!r->judged)
        return;
    put_heading(out, r);
    for (unsigned i = 0; i < r->pair_count; i++)
        put_verdict(out, r, &r->pairs[i]);
    put_noise(out, r, noise);
    fputc('\n', out);
    if (has_few_blocks(r))
        layout_put_paragraph(out, "Fewer than 6 blocks show nothing, however far apart they lie.");
    else
        layout_put_paragraph(
            out, "Each line has the ratio's mean over the blocks, without the outermost, and its "
                 "interval: with 95 %% all of them hold. A difference is shown only where the "
                 "interval excludes 1; where none is shown, up to so much is possible.");
}

/* ---- Gates --------------------------------------------------------------------------------- */

void verdicts_put_gates(FILE *out, const char *remark, const struct gate_result *gates,
                        unsigned count)
{
    static const char *const words[] = {
        [GATE_PASSED] = "passed",
        [GATE_FAILED] = "FAILED",
        [GATE_UNSURE] = "UNSURE",
    };
    char text[PHRASES_GATE];
    if (count == 0)
        return;
    layout_put_heading(out, "GATES", "%s", remark);
    for (unsigned i = 0; i < count; i++) {
        phrases_gate(text, &gates[i]);
        layout_put_field(out, words[gates[i].outcome], "%s", text);
    }
}

void verdicts_write_gates(FILE *out, const struct result *r)
{
    verdicts_put_gates(out, "the run fails if one of these holds", r->gates, r->gate_count);
}
