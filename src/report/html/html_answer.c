#include "report/html/html_inner.h"
#include "report/phrases.h"

/* The sentences at the top of the page. */
struct answer {
    FILE *out;
    const struct result *result;
    bool has_heading;           /* the first sentence is written */
    struct result_blocks shown; /* the blocks behind the ratios that were written */
    struct result_blocks few;   /* the blocks behind the ratios that have too few of them */
};

/* The first sentence becomes the page's heading, each further one a paragraph. */
static const char *take_tag(struct answer *a)
{
    const char *tag = a->has_heading ? "p" : "h1";
    a->has_heading = true;
    return tag;
}

/* ---- What is compared ---------------------------------------------------------------------- */

static void put_ratio(struct answer *a, const struct pair *p)
{
    const struct result *r = a->result;
    const struct comparison *c = &p->figures[r->subject][r->subject_figure];
    char of[RESULT_NAME];
    char to[RESULT_NAME];
    char what[RESULT_TEXT];
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    char allows[CONTRAST_ALLOWS];
    char none[2 * VERDICT_TEXT] = "";
    html_name_target(r, &r->targets[p->target], r->subject, of);
    html_name_target(r, &r->targets[p->other], r->subject, to);
    html_name_figure(what, r, r->subject, r->subject_figure);
    html_format_interval(ratio, range, FIGURE_PLAIN, &c->ratio.interval);
    contrast_format_allows(allows, contrast_allows(&c->ratio.interval));
    if (c->result == CONTRAST_SAME)
        snprintf(none, sizeof none, "No difference shown (%s): ", allows);
    html_put(a->out, take_tag(a), "%s%s %s %s times %s\u2019s %s (%s)", none, of,
             figure_more_is_better(r->subject_figure) ? "has" : "takes", ratio, to, what, range);
}

static void put_ratios(struct answer *a, enum pair_base base)
{
    const struct result *r = a->result;
    for (unsigned i = 0; i < r->pair_count; i++) {
        const struct pair *p = &r->pairs[i];
        const struct comparison *c = &p->figures[r->subject][r->subject_figure];
        if (p->base != base || c->result == CONTRAST_NONE)
            continue;
        if (c->result == CONTRAST_FEW) {
            result_count_blocks(&a->few, c->ratio.interval.n);
            continue;
        }
        result_count_blocks(&a->shown, c->ratio.interval.n);
        put_ratio(a, p);
    }
}

/* How sure the ratios are. */
static void put_noise(struct answer *a)
{
    const struct result *r = a->result;
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    char blocks[FORMAT_TEXT];
    const struct interval *noise = &r->noise[r->subject][r->subject_figure].interval;
    if (a->few.most > 0)
        html_put(a->out, "p", "Not enough trials to judge a difference: %u of %d blocks",
                 a->few.least, INTERVAL_MIN);
    if (a->shown.most == 0)
        return;
    phrases_blocks(blocks, &a->shown);
    html_put(a->out, "p class='soft'", "In brackets: 95 %% intervals over %s.", blocks);
    html_format_interval(ratio, range, FIGURE_PLAIN, noise);
    if (noise->n >= INTERVAL_MIN)
        html_put(a->out, "p class='soft'", "The noise of this machine: %s against itself is %s.",
                 r->targets[r->against].name, range);
}

/* ---- What is not compared ------------------------------------------------------------------ */

/* The figures themselves, in one sentence. */
static void put_figures(struct answer *a)
{
    const struct result *r = a->result;
    char name[RESULT_NAME];
    char number[FORMAT_TEXT];
    char what[RESULT_TEXT];
    const char *tag = NULL;
    html_name_figure(what, r, r->subject, r->subject_figure);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct estimate *e =
            &r->targets[i].summaries[r->subject].estimates[r->subject_figure];
        if (e->spread.n == 0)
            continue;
        if (tag == NULL)
            fprintf(a->out, "<%s>Median %s: ", tag = take_tag(a), what);
        else
            fputs(", ", a->out);
        html_name_target(r, &r->targets[i], r->subject, name);
        html_format_number(number, figure_unit_of(r->subject_figure), e->spread.median);
        phrases_mark_beyond(number, e->spread.median_beyond);
        svg_escape(a->out, name);
        fputc(' ', a->out);
        svg_escape(a->out, e->refusal == REFUSAL_NONE ? number : phrases_instead(e));
    }
    if (tag != NULL)
        fprintf(a->out, "</%s>\n", tag);
}

/* ---- Sweeps -------------------------------------------------------------------------------- */

/* A point's median latency; 0 when it was not measured, or is refused. */
static double find_median(const struct summary *point)
{
    const struct estimate *e = &point->estimates[FIGURE_P50];
    return e->refusal == REFUSAL_NONE ? e->spread.median : 0.0;
}

/* The fastest and the slowest point of a target, wherever they lie. */
static void put_range(struct answer *a, unsigned target)
{
    const struct result_sweep *sweep = &a->result->sweep;
    const struct summary *points = sweep->points[target];
    const char *name = a->result->targets[target].name;
    unsigned fastest = sweep->count;
    unsigned slowest = sweep->count;
    char ns[2][FORMAT_TEXT];
    char value[2][HTML_TEXT];
    for (unsigned i = 0; i < sweep->count; i++) {
        double median = find_median(&points[i]);
        if (median <= 0.0)
            continue;
        if (fastest == sweep->count || median < find_median(&points[fastest]))
            fastest = i;
        if (slowest == sweep->count || median > find_median(&points[slowest]))
            slowest = i;
    }
    if (fastest == sweep->count)
        return;
    html_format_time(ns[0], find_median(&points[fastest]));
    html_format_time(ns[1], find_median(&points[slowest]));
    html_format_swept(value[0], sweep, fastest);
    html_format_swept(value[1], sweep, slowest);
    if (fastest == slowest)
        html_put(a->out, "p", "%s: the median is %s (%s)", name, ns[0], value[0]);
    else
        html_put(a->out, "p", "%s: the median lies between %s (%s) and %s (%s)", name, ns[0],
                 value[0], ns[1], value[1]);
}

static void put_swept(struct answer *a)
{
    const struct result_sweep *sweep = &a->result->sweep;
    char first[FORMAT_TEXT];
    char last[HTML_TEXT];
    if (sweep->count == 0)
        return;
    format_count(first, sweep->values[0]);
    html_format_swept(last, sweep, sweep->count - 1);
    if (sweep->count == 1)
        html_put(a->out, take_tag(a), "%s, %s", scenario_title(sweep->scenario), last);
    else
        html_put(a->out, take_tag(a), "%s, %s to %s", scenario_title(sweep->scenario), first, last);
    for (unsigned i = 0; i < a->result->target_count; i++)
        put_range(a, i);
}

/* ---- The answer ---------------------------------------------------------------------------- */

/* First of all, so that no figure is read without it. */
static void put_failed(struct answer *a)
{
    const struct result *r = a->result;
    const char *before = ": ";
    if (!r->failed)
        return;
    fprintf(a->out, "<%s>Not all went well", take_tag(a));
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].failed) {
            fputs(before, a->out);
            svg_escape(a->out, r->targets[i].name);
            before = ", ";
        }
    fputs("</h1>\n", a->out);
}

static void put_warnings(const struct answer *a)
{
    const struct result *r = a->result;
    bool unchecked = false;
    if (r->partial)
        html_put(a->out, "p class='bad'",
                 "Interrupted: the figures cover what was measured until then.");
    for (unsigned i = 0; i < r->target_count; i++)
        unchecked = unchecked || r->targets[i].unchecked;
    if (unchecked)
        html_put(a->out, "p class='bad'", "Replies were counted, not checked (--match any).");
    for (unsigned i = 0; i < r->placement.warning_count; i++)
        html_put(a->out, "p class='bad'", "%s", r->placement.warnings[i]);
}

void html_put_answer(struct html_page *p)
{
    struct answer a = {.out = p->out, .result = p->result};
    put_failed(&a);
    if (p->result->subject != SCENARIO_COUNT) {
        /* Socket.IO against its WebSocket comes first: that is what people ask. */
        put_ratios(&a, PAIR_REFERENCE);
        put_ratios(&a, PAIR_BASELINE);
        put_ratios(&a, PAIR_FURTHER);
        if (a.shown.most == 0 || a.few.most > 0)
            put_figures(&a);
        put_noise(&a);
    }
    put_swept(&a);
    if (!a.has_heading)
        html_put(p->out, "h1", "Nothing was measured");
    put_warnings(&a);
}
