#include <math.h>

#include "base/real.h"
#include "report/html/html_inner.h"

#define HEIGHT     322.0
#define TOP        12.0  /* of the plot */
#define BOTTOM     300.0 /* of the plot; the values stand below it */
#define LEFT       80.0  /* of the plot; the values stand left of it */
#define MARGIN     26.0  /* between a curve's end and the name beside it, and its mark */
#define BEYOND_MIN 10    /* samples beyond the last point of a curve, or it shows chance */
#define POINTS     96    /* of a curve by percentile */

struct point {
    double x;
    struct interval y; /* n is 0: there is no point. An upright line runs from low to high */
    bool on_line;      /* the curve runs through it */
    bool marked;
    bool hollow; /* the mark */
};

struct plot;

/* Point `index` of a target's curve: the dashed one, or the solid one. */
typedef struct point plot_point(const struct plot *plot, unsigned target, unsigned index,
                                bool dashed);

/* A picture of curves, one or two for each target. */
struct plot {
    struct html_page *page;
    enum scenario scenario; /* what it shows */
    enum figure figure;
    plot_point *point;
    unsigned count;    /* points of each curve */
    bool dashed;       /* there are dashed curves, too */
    const char *style; /* of the solid curves */
    struct svg_scale x;
    struct svg_scale y;
    format_put *format_x;
    format_put *format_y;
    size_t tick_count; /* of `ticks`, on the horizontal scale; 0: round values */
    double ticks[SVG_TICKS];

    /* By fit_plot(). */
    struct result_blocks blocks; /* behind the points */

    /* By draw_curve(), for the names: where each target's curve ends. */
    bool ended[TARGETS_MAX];
    double end_x[TARGETS_MAX];
    double end_y[TARGETS_MAX];
};

/* ---- Drawing ----------------------------------------------------------------------------- */

static void widen_plot(struct plot *plot, const struct point *at)
{
    if (at->y.n == 0)
        return;
    result_count_blocks(&plot->blocks, at->y.n);
    svg_widen_scale(&plot->x, at->x);
    svg_widen_scale(&plot->y, at->y.low);
    svg_widen_scale(&plot->y, at->y.high);
}

/* Fits the scales to all points, with room for the longest name at the right. False when there is
 * no point. */
static bool fit_plot(struct plot *plot, double part)
{
    const struct result *r = plot->page->result;
    double widest = 0.0;
    for (unsigned i = 0; i < r->target_count; i++) {
        widest = real_max(widest, svg_measure_text(r->targets[i].name));
        for (unsigned k = 0; k < plot->count; k++) {
            struct point solid = plot->point(plot, i, k, false);
            struct point dashed = plot->point(plot, i, k, true);
            widen_plot(plot, &solid);
            widen_plot(plot, &dashed);
        }
    }
    while (plot->tick_count > 0 && plot->ticks[plot->tick_count - 1] > plot->x.high)
        plot->tick_count--;
    bool some = svg_fit_scale(&plot->y, BOTTOM, TOP, 0.06);
    return svg_fit_scale(&plot->x, LEFT, SVG_WIDTH - widest - MARGIN, part) && some;
}

/* The line from the low to the high end of a point's interval, and back to the median. */
static void add_interval(FILE *out, const struct plot *plot, const struct point *at, double x,
                         double y)
{
    if (at->y.low == at->y.high)
        return;
    svg_add_point(out, x, svg_find_place(&plot->y, at->y.low), true);
    svg_add_point(out, x, svg_find_place(&plot->y, at->y.high), false);
    svg_add_point(out, x, y, true);
}

static void draw_line(struct plot *plot, unsigned target, bool dashed)
{
    FILE *out = plot->page->out;
    bool begun = false;
    for (unsigned i = 0; i < plot->count; i++) {
        struct point at = plot->point(plot, target, i, dashed);
        if (at.y.n == 0 || !at.on_line)
            continue;
        double x = svg_find_place(&plot->x, at.x);
        double y = svg_find_place(&plot->y, at.y.middle);
        if (!begun)
            svg_open_path(out, target, dashed ? "dash" : plot->style);
        svg_add_point(out, x, y, !begun);
        add_interval(out, plot, &at, x, y);
        begun = true;
        plot->ended[target] = true;
        plot->end_x[target] = x;
        plot->end_y[target] = y;
    }
    if (begun)
        svg_close_path(out);
}

static void draw_marks(const struct plot *plot, unsigned target, bool dashed)
{
    for (unsigned i = 0; i < plot->count; i++) {
        struct point at = plot->point(plot, target, i, dashed);
        if (at.y.n > 0 && at.marked)
            svg_put_mark(plot->page->out, svg_find_place(&plot->x, at.x),
                         svg_find_place(&plot->y, at.y.middle), target, at.hollow);
    }
}

static void draw_curve(struct plot *plot, unsigned target, bool dashed)
{
    draw_line(plot, target, dashed);
    draw_marks(plot, target, dashed);
}

/* The targets whose curves have an end, from the highest end down. Returns their number. */
static size_t sort_ends(const struct plot *plot, unsigned targets[TARGETS_MAX])
{
    size_t n = 0;
    for (unsigned i = 0; i < plot->page->result->target_count; i++) {
        if (!plot->ended[i])
            continue;
        size_t at = n++;
        for (; at > 0 && plot->end_y[targets[at - 1]] > plot->end_y[i]; at--)
            targets[at] = targets[at - 1];
        targets[at] = i;
    }
    return n;
}

/* Each curve's name at its end, moved apart from the others, with a thin line to it. */
static void put_names(const struct plot *plot)
{
    FILE *out = plot->page->out;
    unsigned targets[TARGETS_MAX];
    double places[TARGETS_MAX];
    size_t n = sort_ends(plot, targets);
    for (size_t i = 0; i < n; i++)
        places[i] = plot->end_y[targets[i]];
    svg_move_apart(places, n, SVG_LINE, TOP, BOTTOM - 4.0);
    for (size_t i = 0; i < n; i++) {
        unsigned target = targets[i];
        svg_open_path(out, target, "thin");
        svg_add_point(out, plot->end_x[target], plot->end_y[target], true);
        svg_add_point(out, plot->x.to + 12.0, places[i], false);
        svg_close_path(out);
        svg_put_mark(out, plot->x.to + 14.0, places[i], target, false);
        svg_put_text(out, plot->x.to + 22.0, places[i] + 4.0, SVG_START, "",
                     plot->page->result->targets[target].name);
    }
}

static void draw_plot(struct plot *plot, const char *title, const char *caption)
{
    FILE *out = plot->page->out;
    if (plot->tick_count == 0)
        plot->tick_count = svg_find_ticks(&plot->x, 10, plot->ticks);
    html_open_figure(plot->page, HEIGHT, title, caption);
    svg_put_axis_y(out, &plot->y, LEFT, plot->x.to, plot->format_y);
    svg_put_ticks_x(out, &plot->x, TOP, BOTTOM, plot->format_x, plot->ticks, plot->tick_count);
    for (unsigned i = 0; i < plot->page->result->target_count; i++) {
        if (plot->dashed)
            draw_curve(plot, i, true);
        draw_curve(plot, i, false);
    }
    put_names(plot);
    html_close_figure(plot->page);
}

/* ---- Latency by percentile --------------------------------------------------------------- */

/* One of `rarity` samples lies beyond it: 50 % for 2, 90 % for 10, 99 % for 100. */
static double find_percent(double rarity)
{
    return 100.0 * (1.0 - 1.0 / rarity);
}

/* POINTS points of the curve, evenly on the axis, and then a mark for each power of ten. */
static struct point find_latency_point(const struct plot *plot, unsigned target, unsigned index,
                                       bool dashed)
{
    const struct summary *s = &plot->page->result->targets[target].summaries[plot->scenario];
    const struct histogram *h = dashed ? &s->pooled.plain : &s->pooled.latency;
    double end = real_max(real_of(h->values.n) / BEYOND_MIN, 2.0);
    struct point at = {.on_line = index < POINTS, .marked = index >= POINTS};
    at.x = at.on_line ? pow(end, (double)index / (POINTS - 1)) : pow(10.0, index - POINTS + 1);
    if (h->values.n < BEYOND_MIN || s->estimates[FIGURE_P50].refusal != REFUSAL_NONE ||
        (at.marked && (dashed || at.x > end)))
        return at;
    double ns = real_of(histogram_percentile(h, find_percent(at.x)));
    at.y = (struct interval){1, ns, ns, ns};
    return at;
}

static void format_percent(char out[FORMAT_TEXT], double rarity)
{
    snprintf(out, FORMAT_TEXT, "%.8g%s", find_percent(rarity), rarity > 1.0 ? " %" : "");
}

/* The ticks are the powers of ten, and 2 for the median. */
static void put_percentiles(struct html_page *p, enum scenario scenario, const char *title,
                            const char *caption)
{
    struct plot plot = {.page = p,
                        .point = find_latency_point,
                        .count = POINTS + SVG_TICKS - 2,
                        .style = "line",
                        .dashed = true,
                        .x = svg_start_scale(true),
                        .y = svg_start_scale(true),
                        .format_x = format_percent,
                        .format_y = html_format_tick_time,
                        .tick_count = SVG_TICKS,
                        .ticks = {1.0, 2.0},
                        .scenario = scenario};
    for (size_t i = 2; i < SVG_TICKS; i++)
        plot.ticks[i] = i == 2 ? 10.0 : 10.0 * plot.ticks[i - 1];
    if (fit_plot(&plot, 0.0))
        draw_plot(&plot, title, caption);
}

static void put_closed_percentiles(struct html_page *p, enum scenario scenario)
{
    put_percentiles(
        p, scenario, scenario_title(scenario),
        "All blocks pooled; both axes logarithmic: each step to the right is ten times as rare. A "
        "curve ends where ten samples lie beyond it.");
}

static void put_open_percentiles(struct html_page *p, enum scenario scenario)
{
    char title[RESULT_TEXT];
    char rate[FORMAT_TEXT];
    format_count(rate, p->result->rate);
    snprintf(title, sizeof title, "At %s messages per second", rate);
    put_percentiles(
        p, scenario, title,
        "The solid line measures from the instant at which each message fell due, the dashed line "
        "from its actual send, which hides the time that a message waited. Where the two part, "
        "messages waited for others.");
}

static bool has_flow(const struct result *r, enum flow flow)
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (scenario_flow((enum scenario)s) == flow && result_has(r, (enum scenario)s))
            return true;
    return false;
}

/* Latencies beside which clients connect are shown only where there are no others. */
static void put_scenario_percentiles(struct html_page *p, enum scenario scenario)
{
    switch (scenario_flow(scenario)) {
    case FLOW_WHOLE:
        if (!has_flow(p->result, FLOW_CLOSED))
            put_closed_percentiles(p, scenario);
        break;
    case FLOW_CLOSED:
        put_closed_percentiles(p, scenario);
        break;
    case FLOW_OPEN:
        put_open_percentiles(p, scenario);
        break;
    case FLOW_FIRST_ECHO: /* a phase */
    case FLOW_ONE_WAY:    /* no round trips */
        break;
    }
}

void html_put_percentiles(struct html_page *p)
{
    const struct result *r = p->result;
    if (!has_flow(r, FLOW_CLOSED) && !has_flow(r, FLOW_WHOLE) && !has_flow(r, FLOW_OPEN))
        return;
    html_put(p->out, "h2", "Latency by percentile");
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        put_scenario_percentiles(p, (enum scenario)s);
}

/* ---- Sweeps ------------------------------------------------------------------------------ */

static struct point find_sweep_point(const struct plot *plot, unsigned target, unsigned index,
                                     bool dashed)
{
    const struct result_sweep *sweep = &plot->page->result->sweep;
    const struct estimate *e = &sweep->points[target][index].estimates[plot->figure];
    struct point at = {.x = real_of(sweep->values[index]), .on_line = true, .marked = true};
    if (!dashed && e->refusal == REFUSAL_NONE)
        at.y = e->interval;
    return at;
}

static void put_sweep(struct html_page *p, enum figure figure, const char *title)
{
    const struct result_sweep *sweep = &p->result->sweep;
    bool rate = figure == FIGURE_RATE;
    char caption[HTML_TEXT];
    struct plot plot = {.page = p,
                        .point = find_sweep_point,
                        .count = sweep->count,
                        .style = "line",
                        .x = svg_start_scale(true),
                        .y = svg_start_scale(!rate),
                        .format_x = html_format_tick,
                        .format_y = rate ? html_format_tick : html_format_tick_time,
                        .tick_count = sweep->count,
                        .figure = figure};
    if (rate)
        svg_widen_scale(&plot.y, 0.0);
    for (unsigned i = 0; i < sweep->count; i++)
        plot.ticks[i] = real_of(sweep->values[i]);
    if (!fit_plot(&plot, 0.02))
        return;
    snprintf(caption, sizeof caption, "By %s%s. %s", sweep->key,
             rate ? ", on a logarithmic axis" : "; both axes are logarithmic",
             html_describe_ends(&plot.blocks));
    draw_plot(&plot, title, caption);
}

void html_put_sweep(struct html_page *p)
{
    const struct result_sweep *sweep = &p->result->sweep;
    if (sweep->count == 0)
        return;
    html_put(p->out, "h2", "%s by %s", scenario_title(sweep->scenario), sweep->key);
    put_sweep(p, FIGURE_RATE, "Messages per second");
    put_sweep(p, FIGURE_P50, "Median latency");
}

/* ---- The trials in order ----------------------------------------------------------------- */

static struct point find_step_point(const struct plot *plot, unsigned target, unsigned index,
                                    bool dashed)
{
    const struct result_step *s = &plot->page->result->steps[index];
    struct point at = {
        .x = real_of(s->at_ns), .on_line = !s->control, .marked = true, .hollow = s->control};
    if (s->target == target && s->value > 0.0 && !dashed)
        at.y = (struct interval){1, s->value, s->value, s->value};
    return at;
}

void html_put_steps(struct html_page *p)
{
    const struct result *r = p->result;
    bool is_time = figure_unit_of(r->subject_figure) == FIGURE_NS;
    char title[RESULT_TEXT];
    struct plot plot = {.page = p,
                        .point = find_step_point,
                        .count = r->step_count,
                        .style = "thin",
                        .x = svg_start_scale(false),
                        .y = svg_start_scale(true),
                        .format_x = html_format_tick_time,
                        .format_y = is_time ? html_format_tick_time : html_format_tick};
    if (r->blocks < 2 || r->step_count < 2 || !fit_plot(&plot, 0.02))
        return;
    html_put(p->out, "h2", "The trials in order");
    snprintf(title, sizeof title, "%s.%s of each trial", scenario_key(r->subject),
             figure_word(r->subject_figure));
    draw_plot(&plot, title,
              "Each mark is one trial, placed by the time at which it began: drift, jumps and "
              "outliers show here. Hollow marks are the control, the reference\u2019s second "
              "trial in each block. The upright axis is logarithmic.");
}
