#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/html/html_inner.h"

#include "base/real.h"

#define HEIGHT     322.0
#define TOP        12.0
#define BOTTOM     300.0 /* of the plot; below it the values */
#define LEFT       80.0
#define BEYOND_MIN 10   /* samples beyond the last point of a curve, or it shows chance */
#define POINTS     96   /* of a curve by percentile */
#define MARGIN     26.0 /* of a name at a curve's end, beside its letters */

struct point {
    double x;
    struct interval y; /* n is 0: there is none; upright line from low to high */
    bool line;         /* the curve runs through it */
    bool mark;
    bool hollow;
};

struct plot;
typedef struct point plot_point(const struct plot *plot, unsigned series, unsigned index,
                                bool dashed);

/* A picture of curves, one or two for each target. */
struct plot {
    struct html_page *page;
    plot_point *point;
    unsigned count; /* of points, of each curve */
    const char *style;
    bool dashed; /* there is a dashed curve, too */
    struct svg_scale x;
    struct svg_scale y;
    svg_format *format_x;
    svg_format *format_y;
    struct result_blocks blocks;
    size_t tick_count; /* 0: the scale's own */
    double ticks[SVG_TICKS];
    enum scenario scenario; /* what it shows */
    enum figure figure;
    double end_x[TARGETS_MAX]; /* of each curve, for its name */
    double end_y[TARGETS_MAX];
    bool ended[TARGETS_MAX];
};

/* ---- Drawing ----------------------------------------------------------------------------- */

/* Fits the scales to all points, with room for the longest name at the right. False when there is
 * nothing to show. */
static bool plot_fit(struct plot *plot, double part)
{
    const struct result *r = plot->page->report;
    double widest = 0.0;
    for (unsigned i = 0; i < r->target_count; i++) {
        widest = real_max(widest, svg_measure_text(r->targets[i].name));
        for (unsigned k = 0; k < 2 * plot->count; k++) {
            struct point at = plot->point(plot, i, k / 2, k % 2 > 0);
            if (at.y.n == 0)
                continue;
            result_count_blocks(&plot->blocks, at.y.n);
            svg_widen_scale(&plot->x, at.x);
            svg_widen_scale(&plot->y, at.y.low);
            svg_widen_scale(&plot->y, at.y.high);
        }
    }
    while (plot->tick_count > 0 && plot->ticks[plot->tick_count - 1] > plot->x.high)
        plot->tick_count--;
    bool some = svg_fit_scale(&plot->y, BOTTOM, TOP, 0.06);
    return svg_fit_scale(&plot->x, LEFT, SVG_WIDTH - widest - MARGIN, part) && some;
}

static void draw_curve(struct plot *plot, unsigned series, bool dashed)
{
    FILE *out = plot->page->out;
    bool begun = false;
    for (unsigned i = 0; i < plot->count; i++) {
        struct point at = plot->point(plot, series, i, dashed);
        if (at.y.n == 0 || !at.line)
            continue;
        double x = svg_find_place(&plot->x, at.x);
        double y = svg_find_place(&plot->y, at.y.median);
        if (!begun)
            svg_open_path(out, series, dashed ? "dash" : plot->style);
        svg_add_point(out, x, y, !begun);
        begun = true;
        plot->end_x[series] = x;
        plot->end_y[series] = y;
        if (at.y.low == at.y.high)
            continue;
        svg_add_point(out, x, svg_find_place(&plot->y, at.y.low), true);
        svg_add_point(out, x, svg_find_place(&plot->y, at.y.high), false);
        svg_add_point(out, x, y, true);
    }
    if (begun)
        svg_close_path(out);
    plot->ended[series] = plot->ended[series] || begun;
    for (unsigned i = 0; i < plot->count; i++) {
        struct point at = plot->point(plot, series, i, dashed);
        if (at.y.n > 0 && at.mark)
            svg_put_mark(out, svg_find_place(&plot->x, at.x), svg_find_place(&plot->y, at.y.median),
                         series, at.hollow);
    }
}

/* Each curve's name at its end, moved apart, with a thin line to it. */
static void plot_names(const struct plot *plot)
{
    const struct result *r = plot->page->report;
    FILE *out = plot->page->out;
    unsigned series[TARGETS_MAX];
    double places[TARGETS_MAX];
    size_t n = 0;
    for (unsigned i = 0; i < r->target_count; i++) {
        if (!plot->ended[i])
            continue;
        size_t at = n++;
        for (; at > 0 && plot->end_y[series[at - 1]] > plot->end_y[i]; at--)
            series[at] = series[at - 1];
        series[at] = i;
    }
    for (size_t i = 0; i < n; i++)
        places[i] = plot->end_y[series[i]];
    svg_move_apart(places, n, SVG_LINE, TOP, BOTTOM - 4.0);
    for (size_t i = 0; i < n; i++) {
        svg_open_path(out, series[i], "thin");
        svg_add_point(out, plot->end_x[series[i]], plot->end_y[series[i]], true);
        svg_add_point(out, plot->x.to + 12.0, places[i], false);
        svg_close_path(out);
        svg_put_mark(out, plot->x.to + 14.0, places[i], series[i], false);
        svg_put_text(out, plot->x.to + 22.0, places[i] + 4.0, SVG_START, "",
                     r->targets[series[i]].name);
    }
}

static void plot_draw(struct plot *plot, const char *title, const char *caption)
{
    FILE *out = plot->page->out;
    if (plot->tick_count == 0)
        plot->tick_count = svg_find_ticks(&plot->x, 10, plot->ticks);
    html_open_figure(plot->page, HEIGHT, title, caption);
    svg_put_axis_y(out, &plot->y, LEFT, plot->x.to, plot->format_y);
    svg_put_ticks_x(out, &plot->x, TOP, BOTTOM, plot->format_x, plot->ticks, plot->tick_count);
    for (unsigned i = 0; i < plot->page->report->target_count; i++) {
        if (plot->dashed)
            draw_curve(plot, i, true);
        draw_curve(plot, i, false);
    }
    plot_names(plot);
    html_close_figure(plot->page);
}

/* ---- Latency by percentile --------------------------------------------------------------- */

/* How far out of all samples: 1 for the median of two, 10 for 90 %, 100 for 99 %. */
static double percent_at(double rarity)
{
    return 100.0 * (1.0 - 1.0 / rarity);
}

/* The curve's points, evenly on the axis; behind them a mark for each power of ten. */
static struct point latency_point(const struct plot *plot, unsigned series, unsigned index,
                                  bool dashed)
{
    const struct summary *s = &plot->page->report->targets[series].summaries[plot->scenario];
    const struct histogram *h = dashed ? &s->pooled.plain : &s->pooled.latency;
    double end = real_max(real_of(h->values.n) / BEYOND_MIN, 2.0);
    struct point at = {.line = index < POINTS, .mark = index >= POINTS};
    at.x = at.line ? pow(end, (double)index / (POINTS - 1)) : pow(10.0, index - POINTS + 1);
    if (h->values.n < BEYOND_MIN || summary_refused(s, FIGURE_P50) ||
        (at.mark && (dashed || at.x > end)))
        return at;
    double ns = real_of(histogram_percentile(h, percent_at(at.x)));
    at.y = (struct interval){1, ns, ns, ns};
    return at;
}

static void format_percent(char out[FORMAT_TEXT], double rarity)
{
    snprintf(out, FORMAT_TEXT, "%.8g%s", percent_at(rarity), rarity > 1.0 ? " %" : "");
}

/* Each step to the right is ten times as rare; the median stands between the first two. */
static void put_percentiles(struct html_page *p, enum scenario scenario, const char *title,
                            const char *caption)
{
    struct plot plot = {.page = p,
                        .point = latency_point,
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
    if (plot_fit(&plot, 0.0))
        plot_draw(&plot, title, caption);
}

void html_put_percentiles(struct html_page *p)
{
    const struct result *r = p->report;
    char title[RESULT_TEXT];
    char rate[FORMAT_TEXT];
    bool trips = result_has(r, SCENARIO_ROUNDTRIP);
    if (!trips && !result_has(r, SCENARIO_RATE) && !result_has(r, SCENARIO_THROUGHPUT))
        return;
    html_put(p->out, "h2", "Latency by percentile");
    put_percentiles(
        p, trips ? SCENARIO_ROUNDTRIP : SCENARIO_THROUGHPUT, trips ? "Round trips" : "Throughput",
        "All blocks pooled; both axes logarithmic: each step to the right is ten times as rare. A "
        "curve ends where ten samples lie beyond it.");
    format_count(rate, r->rate);
    snprintf(title, sizeof title, "At %s messages per second", rate);
    put_percentiles(
        p, SCENARIO_RATE, title,
        "Solid: from the instant at which each message fell due. Dashed: from its actual send, "
        "which hides what had to wait. Where they part, messages waited for others.");
}

/* ---- Sweeps ------------------------------------------------------------------------------ */

static struct point sweep_point(const struct plot *plot, unsigned series, unsigned index,
                                bool dashed)
{
    const struct result_sweep *sweep = &plot->page->report->sweep;
    const struct summary *s = &sweep->points[series][index];
    struct point at = {.x = real_of(sweep->values[index]), .line = true, .mark = true};
    if (!dashed && !summary_refused(s, plot->figure))
        at.y = summary_interval(s, plot->figure);
    return at;
}

static void put_sweep(struct html_page *p, enum figure figure, const char *title)
{
    const struct result_sweep *sweep = &p->report->sweep;
    bool rate = figure == FIGURE_RATE;
    char caption[RESULT_TEXT];
    struct plot plot = {.page = p,
                        .point = sweep_point,
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
    if (!plot_fit(&plot, 0.02))
        return;
    snprintf(caption, sizeof caption, "By %s, on a logarithmic axis%s. %s", sweep->key,
             rate ? "" : ", as the latency", html_describe_ends(&plot.blocks));
    plot_draw(&plot, title, caption);
}

void html_put_sweep(struct html_page *p)
{
    const struct result_sweep *sweep = &p->report->sweep;
    if (sweep->count == 0)
        return;
    html_put(p->out, "h2", "%s by %s", html_title(sweep->scenario), sweep->key);
    put_sweep(p, FIGURE_RATE, "Messages per second");
    put_sweep(p, FIGURE_P50, "Median latency");
}

/* ---- The trials in order ----------------------------------------------------------------- */

static struct point step_point(const struct plot *plot, unsigned series, unsigned index,
                               bool dashed)
{
    const struct result_step *s = &plot->page->report->steps[index];
    struct point at = {
        .x = real_of(s->at_ns), .line = !s->control, .mark = true, .hollow = s->control};
    if (s->target == series && s->value > 0.0 && !dashed)
        at.y = (struct interval){1, s->value, s->value, s->value};
    return at;
}

void html_put_steps(struct html_page *p)
{
    const struct result *r = p->report;
    enum figure figure;
    enum scenario scenario = html_find_subject(r, &figure);
    enum figure_unit unit = figure_unit_of(figure);
    char title[RESULT_TEXT];
    struct plot plot = {.page = p,
                        .point = step_point,
                        .count = r->step_count,
                        .style = "thin",
                        .x = svg_start_scale(false),
                        .y = svg_start_scale(true),
                        .format_x = html_format_tick_time,
                        .format_y = unit == FIGURE_NS ? html_format_tick_time : html_format_tick};
    if (r->blocks < 2 || r->step_count < 2 || !plot_fit(&plot, 0.02))
        return;
    html_put(p->out, "h2", "The trials in order");
    snprintf(title, sizeof title, "%s.%s of each trial", scenario_key(scenario),
             figure_word(figure));
    plot_draw(&plot, title,
              "By the time at which it began. What drifts, jumps, or stands alone shows here; "
              "hollow marks are the first target\u2019s second trials. The upright axis is "
              "logarithmic.");
}
