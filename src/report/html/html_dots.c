#include <assert.h>

#include "report/html/html_inner.h"

/* The interval of a row, and its numbers in words. */
static void place_row(struct html_rows *rows, struct html_row *row, enum figure_unit unit,
                      const struct interval *i)
{
    char number[FORMAT_TEXT];
    char range[HTML_TEXT];
    if (html_format_interval(number, range, unit, i))
        snprintf(row->number, sizeof row->number, "%s (%.80s)", number, range);
    else
        snprintf(row->number, sizeof row->number, "%s", number);
    row->place = *i;
    result_count_blocks(&rows->blocks, i->n);
    svg_widen_scale(&rows->x, i->low);
    svg_widen_scale(&rows->x, i->high);
}

/* ---- Rates ------------------------------------------------------------------------------- */

static void put_rates(struct html_page *p, enum scenario scenario)
{
    bool whole = scenario_flow(scenario) == FLOW_WHOLE;
    char title[RESULT_TEXT];
    const struct result *r = p->result;
    struct html_rows rows = {.x = svg_start_scale(false)};
    svg_widen_scale(&rows.x, 0.0);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct estimate *rate = &r->targets[i].summaries[scenario].estimates[FIGURE_RATE];
        if (rate->spread.n == 0 || rate->refusal != REFUSAL_NONE)
            continue;
        struct html_row *row = html_add_row(&rows, HTML_DOT, i, "%s", r->targets[i].name);
        row->marked = true;
        place_row(&rows, row, FIGURE_PER_S, &rate->interval);
    }
    if (rows.count < 2)
        return;
    snprintf(title, sizeof title, "%s%s", scenario_title(scenario),
             whole ? ", messages per second, connects included" : " per second");
    html_fit_rows(&rows, 0.02);
    html_draw_rows(p, &rows, title, html_describe_ends(&rows.blocks), html_format_tick);
}

/* The rate of an open loop was planned, and what is sent one way is no round trip. */
static bool has_rate(const struct result *r, enum scenario scenario)
{
    enum flow flow = scenario_flow(scenario);
    return result_has(r, scenario) && (flow == FLOW_CLOSED || flow == FLOW_WHOLE);
}

void html_put_rates(struct html_page *p)
{
    const struct result *r = p->result;
    bool headed = false;
    for (unsigned s = 0; s < SCENARIO_COUNT && r->blocks > 1; s++) {
        if (!has_rate(r, (enum scenario)s))
            continue;
        if (!headed)
            html_put(p->out, "h2", "Rates");
        headed = true;
        put_rates(p, (enum scenario)s);
    }
}

/* ---- Ratios ------------------------------------------------------------------------------ */

#define RATIOS 4 /* at most, of one pair in one picture */

/* What one picture compares: figures that vary about equally, as they share one scale. */
struct theme {
    const char *title;
    size_t count; /* of rows */
    struct {
        enum scenario scenario;
        enum figure figure;
    } rows[RATIOS];
};

static const struct theme themes[] = {
    {.title = "The median message, and what it costs",
     .count = 4,
     .rows = {{SCENARIO_ROUNDTRIP, FIGURE_P50},
              {SCENARIO_ROUNDTRIP, FIGURE_CLIENT_CPU},
              {SCENARIO_ROUNDTRIP, FIGURE_SERVER_CPU},
              {SCENARIO_RATE, FIGURE_P50}}},
    {.title = "Rates and tails",
     .count = 4,
     .rows = {{SCENARIO_ROUNDTRIP, FIGURE_RATE},
              {SCENARIO_THROUGHPUT, FIGURE_RATE},
              {SCENARIO_ROUNDTRIP, FIGURE_P99},
              {SCENARIO_RATE, FIGURE_P99}}},
    {.title = "Connecting", .count = 1, .rows = {{SCENARIO_CONNECT, FIGURE_READY}}},
};

static_assert(PAIRS_MAX * (RATIOS + 1) <= HTML_ROWS, "each pair has a head and its ratios");

/* A pair and its ratios, in the order of the theme's rows; nothing without a ratio. */
static void add_pair(struct html_rows *rows, const struct result *r, const struct theme *theme,
                     const struct pair *p)
{
    bool headed = false;
    for (size_t i = 0; i < theme->count; i++) {
        enum scenario scenario = theme->rows[i].scenario;
        enum figure figure = theme->rows[i].figure;
        const struct comparison *c = &p->figures[scenario][figure];
        if (c->result == CONTRAST_NONE)
            continue;
        if (!headed)
            html_add_row(rows, HTML_HEAD, p->target, "%s / %s", r->targets[p->target].name,
                         r->targets[p->other].name);
        headed = true;
        struct html_row *row = html_add_row(rows, HTML_DOT, p->target, "%s.%s",
                                            scenario_key(scenario), figure_word(figure));
        row->strong = scenario == r->verdict_scenario && figure == r->verdict_figure;
        row->noise = c->noise;
        place_row(rows, row, FIGURE_PLAIN, &c->ratio.interval);
        svg_widen_scale(&rows->x, c->noise.low);
        svg_widen_scale(&rows->x, c->noise.high);
    }
}

static void add_pairs(struct html_rows *rows, const struct result *r, const struct theme *theme,
                      enum pair_base base)
{
    for (unsigned i = 0; i < r->pair_count; i++)
        if (r->pairs[i].base == base)
            add_pair(rows, r, theme, &r->pairs[i]);
}

/* The pairs with the baseline come last. False when there is no ratio to show. */
static bool put_theme(struct html_page *p, const struct theme *theme, bool headed)
{
    const struct result *r = p->result;
    struct html_rows rows = {.x = svg_start_scale(true), .ratios = true};
    svg_widen_scale(&rows.x, 1.0);
    add_pairs(&rows, r, theme, PAIR_REFERENCE);
    add_pairs(&rows, r, theme, PAIR_FURTHER);
    add_pairs(&rows, r, theme, PAIR_BASELINE);
    if (rows.count == 0)
        return false;
    if (!headed)
        fputs("<h2>Ratios</h2>\n<p class='soft'>Right of the line at 1 means more: worse for a "
              "time, better for a rate. The grey band shows by how much the reference differs "
              "from itself: the noise of this machine. The bold row decides; it was chosen before "
              "the run.</p>\n",
              p->out);
    html_fit_rows(&rows, 0.05);
    html_draw_rows(p, &rows, theme->title, html_describe_ends(&rows.blocks), html_format_tick);
    return true;
}

void html_put_ratios(struct html_page *p)
{
    bool headed = false;
    if (p->result->blocks < 2)
        return; /* without intervals a dot shows less than its number in the table */
    for (size_t i = 0; i < sizeof themes / sizeof themes[0]; i++)
        if (put_theme(p, &themes[i], headed))
            headed = true;
}
