#include "report/html/html_inner.h"
#include "report/text/layout.h"

/* The sentences at the top of the page. */
struct answer {
    FILE *out;
    const struct result *result;
    enum scenario scenario; /* what the run was about; SCENARIO_COUNT: nothing was measured */
    enum figure figure;
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

static void put_contrast(struct answer *a, const struct result_target *t, enum result_base base)
{
    const struct result *r = a->result;
    struct contrast c = result_contrast(r, t, base, a->scenario, a->figure);
    char of[RESULT_NAME];
    char to[RESULT_NAME];
    char what[RESULT_TEXT];
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    if (c.result == CONTRAST_NONE || (base == RESULT_PAIR && t->pair == r->baseline))
        return;
    result_count_blocks(c.result == CONTRAST_FEW ? &a->few : &a->shown, c.ratio.n);
    if (c.result == CONTRAST_FEW)
        return;
    html_name_target(r, t, a->scenario, of);
    html_name_target(r, result_compared(r, t, base), a->scenario, to);
    html_name_figure(what, r, a->scenario, a->figure);
    html_format_interval(ratio, range, FIGURE_PLAIN, &c.ratio);
    html_put(a->out, take_tag(a), "%s%s %s %s times %s\u2019s %s (%s)",
             c.result == CONTRAST_SAME ? "No difference shown: " : "", of,
             figure_more_is_better(a->figure) ? "has" : "takes", ratio, to, what, range);
}

/* Socket.IO against its WebSocket comes first: that is what people ask. */
static void put_contrasts(struct answer *a)
{
    for (unsigned i = 0; i < a->result->target_count; i++)
        put_contrast(a, &a->result->targets[i], RESULT_PAIR);
    for (unsigned i = 0; i < a->result->target_count; i++)
        put_contrast(a, &a->result->targets[i], RESULT_BASELINE);
}

/* How sure the ratios are. */
static void put_noise(struct answer *a)
{
    const struct result *r = a->result;
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    char blocks[FORMAT_TEXT];
    struct interval noise = summary_ratio_interval(
        &r->control[a->scenario], &r->targets[0].summaries[a->scenario], a->figure);
    if (a->few.most > 0)
        html_put(a->out, "p", "Not enough trials to judge a difference: %u of %d blocks",
                 a->few.least, INTERVAL_MIN);
    if (a->shown.most == 0)
        return;
    layout_blocks(blocks, &a->shown);
    html_put(a->out, "p class='soft'", "In brackets: 95 %% intervals over %s.", blocks);
    html_format_interval(ratio, range, FIGURE_PLAIN, &noise);
    if (noise.n >= INTERVAL_MIN)
        html_put(a->out, "p class='soft'", "The noise of this machine: %s against itself is %s.",
                 r->targets[0].name, range);
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
    html_name_figure(what, r, a->scenario, a->figure);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct summary *s = &r->targets[i].summaries[a->scenario];
        struct spread spread = summary_figure(s, a->figure);
        if (spread.n == 0)
            continue;
        if (tag == NULL)
            fprintf(a->out, "<%s>Median %s: ", tag = take_tag(a), what);
        else
            fputs(", ", a->out);
        html_name_target(r, &r->targets[i], a->scenario, name);
        html_format_number(number, figure_unit_of(a->figure), spread.median);
        svg_escape(a->out, name);
        fprintf(a->out, " %s", summary_refused(s, a->figure) ? "refused" : number);
    }
    if (tag != NULL)
        fprintf(a->out, "</%s>\n", tag);
}

/* ---- Sweeps -------------------------------------------------------------------------------- */

static bool has_median(const struct summary *s)
{
    return summary_figure(s, FIGURE_P50).n > 0 && !summary_refused(s, FIGURE_P50);
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
        if (!has_median(&points[i]))
            continue;
        double median = summary_figure(&points[i], FIGURE_P50).median;
        if (fastest == sweep->count || median < summary_figure(&points[fastest], FIGURE_P50).median)
            fastest = i;
        if (slowest == sweep->count || median > summary_figure(&points[slowest], FIGURE_P50).median)
            slowest = i;
    }
    if (fastest == sweep->count)
        return;
    html_format_time(ns[0], summary_figure(&points[fastest], FIGURE_P50).median);
    html_format_time(ns[1], summary_figure(&points[slowest], FIGURE_P50).median);
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
        html_put(a->out, take_tag(a), "%s, %s", html_title(sweep->scenario), last);
    else
        html_put(a->out, take_tag(a), "%s, %s to %s", html_title(sweep->scenario), first, last);
    for (unsigned i = 0; i < a->result->target_count; i++)
        put_range(a, i);
}

/* ---- The answer ---------------------------------------------------------------------------- */

/* First of all, so that no figure is read without it. */
static void put_failed(struct answer *a)
{
    const struct result *r = a->result;
    const char *before = ": ";
    if (!result_failed(r))
        return;
    fprintf(a->out, "<%s>Not all went well", take_tag(a));
    for (unsigned i = 0; i < r->target_count; i++)
        if (result_target_failed(r, i)) {
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
}

void html_put_answer(struct html_page *p)
{
    struct answer a = {.out = p->out, .result = p->result};
    a.scenario = html_find_subject(p->result, &a.figure);
    put_failed(&a);
    if (a.scenario != SCENARIO_COUNT) {
        put_contrasts(&a);
        if (a.shown.most == 0 || a.few.most > 0)
            put_figures(&a);
        put_noise(&a);
    }
    put_swept(&a);
    if (!a.has_heading)
        html_put(p->out, "h1", "Nothing was measured");
    put_warnings(&a);
}
