#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/html_inner.h"

#define HEIGHT 322.0
#define TOP    12.0
#define BOTTOM 300.0 /* of the plot; below it the values */
#define LEFT   80.0
#define LEAST  10   /* samples beyond the last point of a curve, or it shows chance */
#define POINTS 96   /* of a curve by percentile */
#define MARGIN 26.0 /* of a name at a curve's end, beside its letters */

/* What a picture of curves knows of its place; the end of each curve, for its name. */
struct plot {
    struct html_page *page;
    struct svg_scale x;
    struct svg_scale y;
    double end_x[TARGETS_MAX];
    double end_y[TARGETS_MAX];
    bool ended[TARGETS_MAX];
};

static struct plot plot_begin(struct html_page *p, bool log_x, bool log_y)
{
    return (struct plot){
        .page = p, .x = svg_scale_empty(log_x), .y = svg_scale_empty(log_y), .end_x = {0}};
}

/* Leaves room for the longest name at the right. False when there is nothing to show. */
static bool plot_fix(struct plot *plot, double part)
{
    const struct report *r = plot->page->report;
    double widest = 0.0;
    for (unsigned i = 0; i < r->target_count; i++)
        widest = fmax(widest, svg_width(r->targets[i].name));
    bool some = svg_fix(&plot->y, BOTTOM, TOP, 0.06);
    return svg_fix(&plot->x, LEFT, SVG_WIDTH - widest - MARGIN, part) && some;
}

static void plot_axes(struct plot *plot, svg_format *x, svg_format *y)
{
    FILE *out = plot->page->out;
    svg_axis_y(out, &plot->y, LEFT, plot->x.to, y);
    if (x != NULL)
        svg_axis_x(out, &plot->x, TOP, BOTTOM, x);
}

static void plot_point(struct plot *plot, unsigned series, double x, double y, bool first)
{
    plot->end_x[series] = svg_place(&plot->x, x);
    plot->end_y[series] = svg_place(&plot->y, y);
    plot->ended[series] = true;
    svg_path_point(plot->page->out, plot->end_x[series], plot->end_y[series], first);
}

/* Each curve's name at its end, moved apart, with a thin line to it. */
static void plot_names(const struct plot *plot)
{
    const struct report *r = plot->page->report;
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
    svg_spread(places, n, SVG_LINE, TOP, BOTTOM - 4.0);
    for (size_t i = 0; i < n; i++) {
        svg_path_open(out, series[i], "thin");
        svg_path_point(out, plot->end_x[series[i]], plot->end_y[series[i]], true);
        svg_path_point(out, plot->x.to + 12.0, places[i], false);
        svg_path_end(out);
        svg_mark(out, plot->x.to + 14.0, places[i], series[i], false);
        svg_text(out, plot->x.to + 22.0, places[i] + 4.0, SVG_START, "",
                 r->targets[series[i]].name);
    }
}

/* ---- Latency by percentile --------------------------------------------------------------- */

/* How far out of all samples: 1 for the median of two, 10 for 90 %, 100 for 99 %. */
static double percent_at(double rarity)
{
    return 100.0 * (1.0 - 1.0 / rarity);
}

static double rarest(const struct histogram *h)
{
    return fmax((double)h->values.n / LEAST, 2.0);
}

static const struct histogram *latency_of(const struct report *r, unsigned target,
                                          enum scenario scenario, bool plain)
{
    const struct summary *s = &r->targets[target].summaries[scenario];
    const struct histogram *h = plain ? &s->pooled.plain : &s->pooled.latency;
    return h->values.n < LEAST || summary_refused(s, FIGURE_P50) ? NULL : h;
}

static void reach_latency(struct plot *plot, const struct histogram *h)
{
    if (h == NULL)
        return;
    svg_reach(&plot->x, rarest(h));
    svg_reach(&plot->y, (double)histogram_percentile(h, 0.0));
    svg_reach(&plot->y, (double)histogram_percentile(h, percent_at(rarest(h))));
}

static void put_latency(struct plot *plot, unsigned series, const struct histogram *h, bool plain)
{
    FILE *out = plot->page->out;
    if (h == NULL)
        return;
    double end = rarest(h);
    svg_path_open(out, series, plain ? "dash" : "line");
    for (unsigned i = 0; i < POINTS; i++) {
        double x = pow(end, (double)i / (POINTS - 1));
        plot_point(plot, series, x, (double)histogram_percentile(h, percent_at(x)), i == 0);
    }
    svg_path_end(out);
    double rarity = 10.0;
    while (!plain && rarity <= end) {
        svg_mark(out, svg_place(&plot->x, rarity),
                 svg_place(&plot->y, (double)histogram_percentile(h, percent_at(rarity))), series,
                 false);
        rarity *= 10.0;
    }
}

static void format_percent(char out[FORMAT_TEXT], double rarity)
{
    snprintf(out, FORMAT_TEXT, "%.8g%s", percent_at(rarity), rarity > 1.0 ? " %" : "");
}

/* Each step to the right is ten times as rare; the median stands between the first two. */
static void put_percents(const struct plot *plot)
{
    double ticks[SVG_TICKS] = {1.0, 2.0};
    double rarity = 10.0;
    size_t n = 2;
    while (rarity <= plot->x.high && n < SVG_TICKS) {
        ticks[n++] = rarity;
        rarity *= 10.0;
    }
    svg_ticks_x(plot->page->out, &plot->x, TOP, BOTTOM, format_percent, ticks, n);
}

static void put_percentiles(struct html_page *p, enum scenario scenario, const char *title,
                            const char *caption)
{
    const struct report *r = p->report;
    struct plot plot = plot_begin(p, true, true);
    svg_reach(&plot.x, 1.0);
    for (unsigned i = 0; i < r->target_count; i++) {
        reach_latency(&plot, latency_of(r, i, scenario, false));
        reach_latency(&plot, latency_of(r, i, scenario, true));
    }
    if (!plot_fix(&plot, 0.0))
        return;
    html_figure_open(p, HEIGHT, title, caption);
    plot_axes(&plot, NULL, html_time);
    put_percents(&plot);
    for (unsigned i = 0; i < r->target_count; i++) {
        put_latency(&plot, i, latency_of(r, i, scenario, true), true);
        put_latency(&plot, i, latency_of(r, i, scenario, false), false);
    }
    plot_names(&plot);
    html_figure_close(p);
}

void html_put_percentiles(struct html_page *p)
{
    const struct report *r = p->report;
    char title[REPORT_TEXT];
    char rate[FORMAT_TEXT];
    bool trips = report_has(r, SCENARIO_ROUNDTRIP);
    if (!trips && !report_has(r, SCENARIO_RATE) && !report_has(r, SCENARIO_THROUGHPUT))
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

static void format_value(char out[FORMAT_TEXT], double value)
{
    format_count(out, (uint64_t)(value + 0.5));
}

static struct interval point_of(const struct report *r, unsigned target, unsigned index,
                                enum figure figure)
{
    const struct summary *s = &r->sweep.points[target][index];
    return summary_refused(s, figure) ? (struct interval){0} : summary_interval(s, figure);
}

static void put_swept(struct plot *plot, unsigned series, enum figure figure)
{
    const struct report_sweep *sweep = &plot->page->report->sweep;
    FILE *out = plot->page->out;
    struct interval points[SWEEP_MOST];
    bool first = true;
    for (unsigned i = 0; i < sweep->count; i++) {
        points[i] = point_of(plot->page->report, series, i, figure);
        if (points[i].n == 0)
            continue;
        if (first)
            svg_path_open(out, series, "line");
        plot_point(plot, series, (double)sweep->values[i], points[i].median, first);
        first = false;
    }
    if (first)
        return;
    for (unsigned i = 0; i < sweep->count; i++)
        if (points[i].n > 1) {
            double x = svg_place(&plot->x, (double)sweep->values[i]);
            svg_path_point(out, x, svg_place(&plot->y, points[i].low), true);
            svg_path_point(out, x, svg_place(&plot->y, points[i].high), false);
        }
    svg_path_end(out);
    for (unsigned i = 0; i < sweep->count; i++)
        if (points[i].n > 0)
            svg_mark(out, svg_place(&plot->x, (double)sweep->values[i]),
                     svg_place(&plot->y, points[i].median), series, false);
}

static void put_sweep(struct html_page *p, enum figure figure, const char *title)
{
    const struct report *r = p->report;
    const struct report_sweep *sweep = &r->sweep;
    bool rate = figure == FIGURE_RATE;
    double values[SWEEP_MOST];
    char caption[REPORT_TEXT];
    struct plot plot = plot_begin(p, true, !rate);
    if (rate)
        svg_reach(&plot.y, 0.0);
    for (unsigned t = 0; t < r->target_count; t++)
        for (unsigned i = 0; i < sweep->count; i++) {
            struct interval point = point_of(r, t, i, figure);
            if (point.n == 0)
                continue;
            svg_reach(&plot.x, (double)sweep->values[i]);
            svg_reach(&plot.y, point.low);
            svg_reach(&plot.y, point.high);
        }
    if (!plot_fix(&plot, 0.02))
        return;
    snprintf(caption, sizeof caption,
             "By %s, on a logarithmic axis%s. Upright lines: intervals over the blocks.",
             sweep->key, rate ? "" : ", as the latency");
    html_figure_open(p, HEIGHT, title, caption);
    plot_axes(&plot, NULL, rate ? format_rate : html_time);
    for (unsigned i = 0; i < sweep->count; i++)
        values[i] = (double)sweep->values[i];
    svg_ticks_x(p->out, &plot.x, TOP, BOTTOM, format_value, values, sweep->count);
    for (unsigned t = 0; t < r->target_count; t++)
        put_swept(&plot, t, figure);
    plot_names(&plot);
    html_figure_close(p);
}

void html_put_sweep(struct html_page *p)
{
    const struct report_sweep *sweep = &p->report->sweep;
    if (sweep->count == 0)
        return;
    html_put(p->out, "h2", "%s by %s", html_title(sweep->scenario), sweep->key);
    put_sweep(p, FIGURE_RATE, "Messages per second");
    put_sweep(p, FIGURE_P50, "Median latency");
}

/* ---- The trials in order ----------------------------------------------------------------- */

static void put_trials(struct plot *plot, unsigned series)
{
    const struct report *r = plot->page->report;
    FILE *out = plot->page->out;
    bool first = true;
    for (unsigned i = 0; i < r->step_count; i++) {
        const struct report_step *s = &r->steps[i];
        if (s->target != series || s->again || s->value <= 0.0)
            continue;
        if (first)
            svg_path_open(out, series, "thin");
        plot_point(plot, series, (double)s->at_ns, s->value, first);
        first = false;
    }
    if (!first)
        svg_path_end(out);
    for (unsigned i = 0; i < r->step_count; i++) {
        const struct report_step *s = &r->steps[i];
        if (s->target == series && s->value > 0.0)
            svg_mark(out, svg_place(&plot->x, (double)s->at_ns), svg_place(&plot->y, s->value),
                     series, s->again);
    }
}

void html_put_steps(struct html_page *p)
{
    const struct report *r = p->report;
    struct plot plot = plot_begin(p, false, true);
    enum figure figure;
    enum scenario scenario = html_subject(r, &figure);
    enum figure_unit unit = figure_unit_of(figure);
    char title[REPORT_TEXT];
    for (unsigned i = 0; i < r->step_count; i++)
        if (r->steps[i].value > 0.0) {
            svg_reach(&plot.x, (double)r->steps[i].at_ns);
            svg_reach(&plot.y, r->steps[i].value);
        }
    if (r->blocks < 2 || r->step_count < 2 || !plot_fix(&plot, 0.02))
        return;
    html_put(p->out, "h2", "The trials in order");
    snprintf(title, sizeof title, "%s.%s of each trial", scenario_key(scenario),
             figure_word(figure));
    html_figure_open(p, HEIGHT, title,
                     "By the time at which it began. What drifts, jumps, or stands alone shows "
                     "here; hollow marks are the first target\u2019s second trials. The upright "
                     "axis is logarithmic.");
    plot_axes(&plot, html_time,
              unit == FIGURE_NS      ? html_time
              : unit == FIGURE_PER_S ? format_rate
                                     : format_ratio);
    for (unsigned t = 0; t < r->target_count; t++)
        put_trials(&plot, t);
    plot_names(&plot);
    html_figure_close(p);
}
