#include <math.h>
#include <string.h>

#include "report/html_inner.h"

#define ROW    20.0
#define HEAD   26.0 /* of a pair's rows */
#define BOTTOM 24.0 /* of the axis */
#define GAP    14.0

/* "1.08 (1.06 to 1.10)" */
static void number_text(char out[HTML_TEXT], enum figure_unit unit, const struct interval *i)
{
    char number[FORMAT_TEXT];
    char range[HTML_TEXT];
    bool some = html_interval(number, range, unit, i);
    snprintf(out, HTML_TEXT, some ? "%s (%.200s)" : "%s%s", number, range);
}

/* ---- Rates ------------------------------------------------------------------------------- */

static struct interval rate_of(const struct report *r, unsigned target, enum scenario scenario)
{
    const struct summary *s = &r->targets[target].summaries[scenario];
    if (summary_refused(s, FIGURE_RATE))
        return (struct interval){0};
    return summary_interval(s, FIGURE_RATE);
}

static void put_rate_row(FILE *out, const struct report *r, const struct svg_scale *x,
                         const struct interval *i, unsigned target, double y)
{
    char text[HTML_TEXT];
    svg_mark(out, 6.0, y, target, false);
    svg_text(out, 16.0, y + 4.0, SVG_START, "", r->targets[target].name);
    svg_whisker(out, x, y, i->low, i->median, i->high, target);
    number_text(text, FIGURE_PER_S, i);
    svg_text(out, SVG_WIDTH, y + 4.0, SVG_END, "", text);
}

static void put_rates(struct html_page *p, enum scenario scenario, const char *title,
                      const char *caption)
{
    const struct report *r = p->report;
    struct interval rates[TARGETS_MAX];
    struct svg_scale x = svg_scale_empty(false);
    char text[HTML_TEXT];
    double left = 0.0;
    double right = 0.0;
    double y = 0.0;
    unsigned rows = 0;
    for (unsigned i = 0; i < r->target_count; i++) {
        rates[i] = rate_of(r, i, scenario);
        if (rates[i].n == 0)
            continue;
        rows++;
        svg_reach(&x, rates[i].high);
        number_text(text, FIGURE_PER_S, &rates[i]);
        left = fmax(left, svg_width(r->targets[i].name));
        right = fmax(right, svg_width(text));
    }
    if (rows < 2)
        return;
    svg_reach(&x, 0.0);
    svg_fix(&x, left + 16.0 + GAP, SVG_WIDTH - right - GAP, 0.02);
    html_figure_open(p, rows * ROW + BOTTOM, title, caption);
    svg_axis_x(p->out, &x, 0.0, rows * ROW, format_rate);
    for (unsigned i = 0; i < r->target_count; i++)
        if (rates[i].n > 0) {
            put_rate_row(p->out, r, &x, &rates[i], i, y + ROW / 2.0);
            y += ROW;
        }
    html_figure_close(p);
}

/* What the ends of a whisker are. */
static const char *ends_text(const struct report *r)
{
    if (r->blocks >= INTERVAL_LEAST)
        return "Medians over the blocks with 95 % intervals.";
    return "Medians with the least and the greatest of the blocks: too few for an interval.";
}

void html_put_rates(struct html_page *p)
{
    const struct report *r = p->report;
    if (r->blocks < 2 ||
        (!report_has(r, SCENARIO_ROUNDTRIP) && !report_has(r, SCENARIO_THROUGHPUT)))
        return;
    html_put(p->out, "h2", "Rates");
    put_rates(p, SCENARIO_ROUNDTRIP, "Round trips per second", ends_text(r));
    put_rates(p, SCENARIO_THROUGHPUT, "Throughput, messages per second, connects included",
              ends_text(r));
}

/* ---- Ratios ------------------------------------------------------------------------------ */

#define RATIOS 4 /* at most in one picture */

/* What one picture compares: what is about as steady as each other, as they share an axis. */
struct theme {
    const char *title;
    struct {
        enum scenario scenario;
        enum figure figure;
    } rows[RATIOS];
};

/* Rows that are not used are CONNECT's p50, which there is none of. */
static const struct theme themes[] = {
    {"The median message, and what it costs",
     {{SCENARIO_ROUNDTRIP, FIGURE_P50},
      {SCENARIO_ROUNDTRIP, FIGURE_CLIENT_CPU},
      {SCENARIO_ROUNDTRIP, FIGURE_SERVER_CPU},
      {SCENARIO_RATE, FIGURE_P50}}},
    {"Rates and tails",
     {{SCENARIO_ROUNDTRIP, FIGURE_RATE},
      {SCENARIO_THROUGHPUT, FIGURE_RATE},
      {SCENARIO_ROUNDTRIP, FIGURE_P99},
      {SCENARIO_RATE, FIGURE_P99}}},
    {"Connecting",
     {{SCENARIO_CONNECT, FIGURE_READY}, {0, FIGURE_P50}, {0, FIGURE_P50}, {0, FIGURE_P50}}},
};

/* The ratios of one pair, in the order of the theme's rows. */
struct pair {
    const struct report_target *of;
    const struct report_target *to;
    struct contrast contrasts[RATIOS];
    unsigned rows; /* of them that say something */
};

/* Every pair of the report by its number, those with a floor last; false behind them. */
static bool pair_number(const struct report *r, const struct theme *theme, unsigned number,
                        struct pair *pair)
{
    bool first = number < r->target_count;
    enum report_base base = first ? REPORT_PAIR : REPORT_FLOOR;
    if (number >= 2 * r->target_count)
        return false;
    *pair = (struct pair){.of = &r->targets[first ? number : number - r->target_count]};
    pair->to = report_compared(r, pair->of, base);
    if (pair->to == NULL || (base == REPORT_PAIR && pair->of->pair == r->floor))
        return true;
    for (size_t i = 0; i < RATIOS; i++) {
        pair->contrasts[i] =
            report_contrast(r, pair->of, base, theme->rows[i].scenario, theme->rows[i].figure);
        pair->rows += pair->contrasts[i].ratio.n > 0;
    }
    return true;
}

/* The scale of all ratios; returns the picture's height without the axis. */
static double measure(const struct report *r, const struct theme *theme, struct svg_scale *x)
{
    double height = 0.0;
    struct pair pair;
    *x = svg_scale_empty(true);
    svg_reach(x, 1.0);
    for (unsigned n = 0; pair_number(r, theme, n, &pair); n++) {
        for (size_t i = 0; i < RATIOS; i++) {
            svg_reach(x, pair.contrasts[i].ratio.low);
            svg_reach(x, pair.contrasts[i].ratio.high);
            svg_reach(x, pair.contrasts[i].noise.low);
            svg_reach(x, pair.contrasts[i].noise.high);
        }
        height += pair.rows == 0 ? 0.0 : HEAD + pair.rows * ROW;
    }
    svg_fix(x, 16.0 + svg_width("roundtrip.server-cpu") + GAP,
            SVG_WIDTH - svg_width("99.99 (99.99 to 99.99)") - GAP, 0.05);
    return height;
}

static void put_ratio(struct html_page *p, const struct theme *theme, const struct svg_scale *x,
                      const struct pair *pair, size_t row, double y)
{
    const struct report *r = p->report;
    const struct contrast *c = &pair->contrasts[row];
    enum scenario scenario = theme->rows[row].scenario;
    enum figure figure = theme->rows[row].figure;
    bool decides = scenario == r->verdict_scenario && figure == r->verdict_figure;
    const char *style = decides ? "strong" : "";
    char text[HTML_TEXT];
    if (c->noise.n > 0) {
        double left = svg_place(x, c->noise.low);
        svg_rect(p->out, "band", left, y - ROW / 2.0, svg_place(x, c->noise.high) - left, ROW);
    }
    double one = svg_place(x, 1.0);
    svg_line(p->out, "one", one, y - ROW / 2.0, one, y + ROW / 2.0);
    snprintf(text, sizeof text, "%s.%s", scenario_key(scenario), figure_word(figure));
    svg_text(p->out, 16.0, y + 4.0, SVG_START, style, text);
    svg_whisker(p->out, x, y, c->ratio.low, c->ratio.median, c->ratio.high,
                (unsigned)(pair->of - r->targets));
    number_text(text, FIGURE_PLAIN, &c->ratio);
    svg_text(p->out, SVG_WIDTH, y + 4.0, SVG_END, style, text);
}

/* Returns where the next pair begins. */
static double put_pair(struct html_page *p, const struct theme *theme, const struct svg_scale *x,
                       const struct pair *pair, double y)
{
    char text[HTML_TEXT];
    if (pair->rows == 0)
        return y;
    snprintf(text, sizeof text, "%s / %s", pair->of->name, pair->to->name);
    svg_mark(p->out, 6.0, y + 14.0, (unsigned)(pair->of - p->report->targets), false);
    svg_text(p->out, 16.0, y + 18.0, SVG_START, "strong", text);
    y += HEAD;
    for (size_t i = 0; i < RATIOS; i++)
        if (pair->contrasts[i].ratio.n > 0) {
            put_ratio(p, theme, x, pair, i, y + ROW / 2.0);
            y += ROW;
        }
    return y;
}

static void put_theme(struct html_page *p, const struct theme *theme, bool *headed)
{
    const struct report *r = p->report;
    struct svg_scale x;
    struct pair pair;
    double y = 0.0;
    double height = measure(r, theme, &x);
    if (height <= 0.0)
        return;
    if (!*headed) {
        html_put(p->out, "h2", "Ratios");
        html_put(p->out, "p class='soft'",
                 "Right of the line at 1 is more: of a time worse, of a rate better. Grey: by how "
                 "much the first target differs from itself, the noise of this machine. The bold "
                 "row decides, as fixed before the run.");
    }
    *headed = true;
    html_figure_open(p, height + BOTTOM, theme->title, ends_text(r));
    svg_axis_x(p->out, &x, 0.0, height, format_ratio);
    for (unsigned n = 0; pair_number(r, theme, n, &pair); n++)
        y = put_pair(p, theme, &x, &pair, y);
    html_figure_close(p);
}

void html_put_ratios(struct html_page *p)
{
    bool headed = false;
    if (p->report->blocks < 2)
        return; /* the table says it better than dots without a measure of chance */
    for (size_t i = 0; i < sizeof themes / sizeof themes[0]; i++)
        put_theme(p, &themes[i], &headed);
}
