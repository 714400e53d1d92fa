#include "report/text/verdicts.h"

#include <string.h>

#include "base/bytes.h"
#include "report/text/cells.h"
#include "report/phrases.h"
#include "report/text/layout.h"

/* ---- In short ---------------------------------------------------------------------------- */

static const struct summary *ready_of(const struct result_target *t)
{
    enum scenario source = result_phase_source(t);
    return &t->summaries[source == SCENARIO_COUNT ? SCENARIO_CONNECT : source];
}

/* Two lines; the columns of ratios say against whom, or stay empty. */
static void put_short_head(FILE *out, const struct result *r)
{
    const char *floor = layout_base_name(r, RESULT_BASELINE);
    const char *pair = layout_base_name(r, RESULT_PAIR);
    fprintf(out, "%-16s%10s%11s%13s%9s%9s%12s\n", "", "until it", "a round", "round trips",
            floor[0] == '\0' ? "" : "rate vs", pair[0] == '\0' ? "" : "rate vs", "throughput");
    fprintf(out, "%-16s%10s%11s%13s", "", "may send", "trip", "per second");
    layout_right(out, floor, 9);
    layout_right(out, pair, 9);
    fprintf(out, "%12s\n", "messages/s");
}

static void put_rate_ratio(FILE *out, const struct result *r, const struct result_target *t,
                           enum result_base base)
{
    static const struct layout_row row = {0, CELLS_RATIO_FLOOR, FIGURE_RATE, 0};
    static const struct layout_row pair_row = {0, CELLS_RATIO_PAIR, FIGURE_RATE, 0};
    struct layout_cell cell = {r, t, &t->summaries[SCENARIO_ROUNDTRIP],
                               base == RESULT_BASELINE ? &row : &pair_row};
    char text[FORMAT_TEXT] = "";
    cells_fill(&cell, text);
    layout_right(out, text[0] == '\0' ? "-" : text, 9);
}

void verdicts_write_short(FILE *out, const struct result *r)
{
    if (r->target_count < 2 || !result_has(r, SCENARIO_ROUNDTRIP))
        return;
    layout_heading(out, "IN SHORT", "medians");
    put_short_head(out, r);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        const struct summary *trips = &t->summaries[SCENARIO_ROUNDTRIP];
        fputs("  ", out);
        layout_left(out, t->name, 14);
        layout_figure(out, ready_of(t), FIGURE_READY, FORMAT_NS, 10);
        layout_figure(out, trips, FIGURE_P50, FORMAT_NS, 11);
        layout_figure(out, trips, FIGURE_RATE, FORMAT_RATE, 13);
        put_rate_ratio(out, r, t, RESULT_BASELINE);
        put_rate_ratio(out, r, t, RESULT_PAIR);
        layout_figure(out, &t->summaries[SCENARIO_THROUGHPUT], FIGURE_RATE, FORMAT_RATE, 12);
        fputc('\n', out);
    }
}

/* ---- Verdicts ---------------------------------------------------------------------------- */

static bool is_time(enum figure figure)
{
    return figure_unit_of(figure) == FIGURE_NS && figure < FIGURE_CLIENT_CPU;
}

/* What "higher" means to who runs the server. */
static const char *meaning(enum figure figure, bool higher)
{
    bool better = higher == figure_more_is_better(figure);
    if (is_time(figure) || figure_unit_of(figure) == FIGURE_PER_S)
        return better ? "faster" : "slower";
    return better ? "better" : "worse";
}

/* In 24 columns and the margin, or on a line of its own: who is compared must not be cut. */
static void put_who(FILE *out, const char *who)
{
    if (strlen(who) >= 24) {
        layout_paragraph(out, "%s", who);
        who = "";
    }
    fputs("  ", out);
    layout_left(out, who, 24);
}

static void put_pair(FILE *out, const char *who, const struct interval *ratio)
{
    char text[2 * FORMAT_TEXT] = "not in both";
    put_who(out, who);
    if (ratio->n > 0)
        format_interval(text, ratio->median, ratio->low, ratio->high);
    layout_left(out, text, 24);
}

void verdicts_put_ratio(FILE *out, const char *who, const struct interval *ratio,
                        enum contrast_result result, enum figure figure)
{
    put_pair(out, who, ratio);
    fputs(contrast_text(result), out);
    if (result == CONTRAST_LESS || result == CONTRAST_MORE)
        fprintf(out, ": %s", meaning(figure, result == CONTRAST_MORE));
    fputc('\n', out);
}

/* False when there is nothing to compare. */
static bool put_verdict(FILE *out, const struct result *r, const struct result_target *t,
                        enum result_base base, struct contrast *c)
{
    char who[2 * RESULT_NAME + 8];
    const struct result_target *other = result_compared(r, t, base);
    if (other == NULL || (base == RESULT_PAIR && t->reference == r->baseline))
        return false;
    *c = result_contrast(r, t, base, r->verdict_scenario, r->verdict_figure);
    bool refused = summary_refused(&t->summaries[r->verdict_scenario], r->verdict_figure) ||
                   summary_refused(&other->summaries[r->verdict_scenario], r->verdict_figure);
    if (c->result == CONTRAST_NONE && !refused)
        return false;
    snprintf(who, sizeof who, "%s vs %s", t->name, other->name);
    if (refused) {
        put_who(out, who);
        fputs("refused: see the end\n", out);
    } else {
        verdicts_put_ratio(out, who, &c->ratio, c->result, r->verdict_figure);
    }
    return true;
}

/* False when the first target was not measured twice. */
static bool put_noise(FILE *out, const struct result *r)
{
    char who[RESULT_NAME + 16];
    struct interval noise =
        summary_ratio_interval(&r->control[r->verdict_scenario],
                               &r->targets[0].summaries[r->verdict_scenario], r->verdict_figure);
    if (noise.n == 0)
        return false;
    snprintf(who, sizeof who, "%s vs itself", r->targets[0].name);
    put_pair(out, who, &noise);
    fputs("the noise of this machine\n", out);
    return true;
}

/* Once there is a pair to speak of. */
static void put_heading(FILE *out, const struct result *r, const struct result_blocks *b)
{
    char blocks[FORMAT_TEXT];
    layout_blocks(blocks, b);
    layout_heading(out, "VERDICTS", "%s %s, %s", scenario_key(r->verdict_scenario),
                   figure_word(r->verdict_figure), blocks);
}

/* How many blocks have both targets of a pair. False when no pair was run. */
static bool count_pairs(const struct result *r, struct result_blocks *b)
{
    bool some = false;
    if (r->blocks < 2)
        return false;
    for (unsigned i = 0; i < r->target_count; i++)
        for (int base = RESULT_BASELINE; base <= RESULT_PAIR; base++) {
            const struct result_target *t = &r->targets[i];
            const struct result_target *other = result_compared(r, t, (enum result_base)base);
            if (other == NULL)
                continue;
            const struct summary *of = &t->summaries[r->verdict_scenario];
            const struct summary *to = &other->summaries[r->verdict_scenario];
            some = some || (of->blocks > 0 && to->blocks > 0);
            result_count_blocks(b, summary_ratio(of, to, r->verdict_figure).n);
        }
    return some;
}

void verdicts_write(FILE *out, const struct result *r)
{
    bool few = false;
    struct result_blocks blocks = {0, 0};
    if (!count_pairs(r, &blocks))
        return;
    put_heading(out, r, &blocks);
    for (unsigned i = 0; i < r->target_count; i++)
        for (int base = RESULT_BASELINE; base <= RESULT_PAIR; base++) {
            struct contrast c;
            if (put_verdict(out, r, &r->targets[i], (enum result_base)base, &c))
                few = few || c.result == CONTRAST_FEW;
        }
    bool noise = put_noise(out, r);
    fputc('\n', out);
    if (few)
        layout_paragraph(out, "Fewer than 6 blocks show nothing, however far apart they lie.");
    else
        layout_paragraph(out,
                         "The ratio's median over blocks, and its 95 %% interval. A difference is "
                         "shown only where the interval excludes 1%s.",
                         noise ? " and the median lies outside that of the first target against "
                                 "itself, measured twice in each block"
                               : "");
}

/* ---- Gates --------------------------------------------------------------------------------- */

void verdicts_put_gates(FILE *out, const char *remark, const struct gate_result *gates,
                        unsigned count)
{
    char text[PHRASES_GATE];
    if (count == 0)
        return;
    layout_heading(out, "GATES", "%s", remark);
    for (unsigned i = 0; i < count; i++) {
        phrases_gate(text, &gates[i]);
        layout_field(out, bytes_word("passed\0FAILED\0UNSURE\0", gates[i].outcome), "%s", text);
    }
}

void verdicts_write_gates(FILE *out, const struct result *r)
{
    verdicts_put_gates(out, "it fails if this holds", r->gates, r->gate_count);
}
