#include <string.h>

#include "report/html/html_inner.h"
#include "report/phrases.h"
#include "report/rows.h"

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
#define TABLE_END   "</table></div></figure>\n"

/* ---- Cells ------------------------------------------------------------------------------- */

/* A median over the blocks with its interval below it. */
static void put_interval(FILE *out, enum figure_unit unit, const struct interval *i)
{
    char number[FORMAT_TEXT];
    char range[HTML_TEXT];
    if (i->n == 0) {
        html_put(out, "td", "\u2013");
        return;
    }
    bool has_range = html_format_interval(number, range, unit, i);
    fputs("<td>", out);
    html_put(out, "span", "%s", number);
    if (has_range)
        html_put(out, "small", "%s", range);
    fputs("</td>", out);
}

static void put_figure(FILE *out, const struct summary *s, enum figure figure)
{
    const struct estimate *e = &s->estimates[figure];
    const char *instead = phrases_instead(e);
    if (instead != NULL && instead[0] != '-')
        html_put(out, instead[0] == 'r' ? "td class='bad'" : "td", "%s", instead);
    else
        put_interval(out, figure_unit_of(figure), &e->interval);
}

/* Whether some target measured it. */
static bool is_measured(const struct result *r, enum scenario scenario, enum figure figure)
{
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].summaries[scenario].estimates[figure].spread.n > 0)
            return true;
    return false;
}

/* ---- In short ---------------------------------------------------------------------------- */

/* The columns of figures; those of ratios follow. */
static const struct {
    const char *head;
    enum scenario scenario;
    enum figure figure;
} short_columns[] = {
    {"until it may send", SCENARIO_CONNECT, FIGURE_READY},
    {"a round trip, p50", SCENARIO_ROUNDTRIP, FIGURE_P50},
    {"round trips per second", SCENARIO_ROUNDTRIP, FIGURE_RATE},
    {"from due, p50", SCENARIO_RATE, FIGURE_P50},
    {"from due, p99", SCENARIO_RATE, FIGURE_P99},
    {"throughput per second", SCENARIO_THROUGHPUT, FIGURE_RATE},
};

static bool has_short_column(const struct result *r)
{
    for (size_t i = 0; i < COUNT(short_columns); i++)
        if (is_measured(r, short_columns[i].scenario, short_columns[i].figure))
            return true;
    return false;
}

static void put_short_head(FILE *out, const struct result *r)
{
    fputs("<tr><th>target</th>", out);
    for (size_t i = 0; i < COUNT(short_columns); i++)
        if (is_measured(r, short_columns[i].scenario, short_columns[i].figure))
            html_put(out, "th", "%s", short_columns[i].head);
    for (unsigned base = 0; base < PAIR_BASES; base++)
        if (r->common[base] != PAIR_NONE)
            html_put(out, "th", "%s to %s", figure_word(r->subject_figure),
                     phrases_base_name(r, (enum pair_base)base));
    fputs("</tr>\n", out);
}

/* `p` is NULL for a target that is not compared. */
static void put_ratio(FILE *out, const struct result *r, const struct pair *p)
{
    static const struct interval none = {0};
    const struct comparison *c = p == NULL ? NULL : &p->figures[r->subject][r->subject_figure];
    bool has_ratio = c != NULL && c->result != CONTRAST_NONE;
    put_interval(out, FIGURE_PLAIN, has_ratio ? &c->ratio.interval : &none);
}

static void put_short_row(FILE *out, const struct result *r, const struct result_target *t)
{
    fputs("<tr>", out);
    html_put_target(out, r, t);
    for (size_t i = 0; i < COUNT(short_columns); i++)
        if (is_measured(r, short_columns[i].scenario, short_columns[i].figure))
            put_figure(out, &t->summaries[short_columns[i].scenario], short_columns[i].figure);
    for (unsigned base = 0; base < PAIR_BASES; base++)
        if (r->common[base] != PAIR_NONE)
            put_ratio(out, r, result_find_pair(r, t, (enum pair_base)base));
    fputs("</tr>\n", out);
}

void html_put_short(struct html_page *p)
{
    const struct result *r = p->result;
    if (!has_short_column(r))
        return;
    fprintf(
        p->out,
        "<h2>In short</h2>\n<figure><figcaption>Medians over the blocks, each block with its own "
        "figure, and their intervals; %s.</figcaption>\n<div class='scroll'><table>\n",
        phrases_placement(r));
    put_short_head(p->out, r);
    for (unsigned i = 0; i < r->target_count; i++)
        put_short_row(p->out, r, &r->targets[i]);
    fputs(TABLE_END, p->out);
}

/* ---- All figures ------------------------------------------------------------------------- */

/* What is shown of all blocks pooled. */
static const struct row pooled[] = {
    {.label = "minimum", .fill = rows_fill_latency, .statistic = ROWS_MIN, .format = format_ns},
    {.label = "p99.9", .fill = rows_fill_latency, .statistic = ROWS_P999, .format = format_ns},
    {.label = "maximum", .fill = rows_fill_latency, .statistic = ROWS_MAX, .format = format_ns},
    {.label = "samples", .fill = rows_fill_count, .count = ROWS_SAMPLES},
    {.label = "beyond 68 s", .fill = rows_fill_count, .count = ROWS_OUTSIDE},
    {.label = "planned", .fill = rows_fill_count, .count = ROWS_PLANNED},
    {.label = "had to wait", .fill = rows_fill_count, .count = ROWS_PLANNED_WAITED},
    {.label = "lag of a send, p50",
     .fill = rows_fill_latency,
     .statistic = ROWS_LAG_P50,
     .format = format_ns},
    {.label = "lag of a send, p99",
     .fill = rows_fill_latency,
     .statistic = ROWS_LAG_P99,
     .format = format_ns},
    {.label = "arrival to read, p50",
     .fill = rows_fill_arrival,
     .statistic = ROWS_ARRIVAL_P50,
     .format = format_ns},
    {.label = "arrival to read, p99",
     .fill = rows_fill_arrival,
     .statistic = ROWS_ARRIVAL_P99,
     .format = format_ns},
    {.label = "worst lag", .fill = rows_fill_worst_lag},
    {.label = "answered", .fill = rows_fill_count, .count = ROWS_ANSWERED, .always = true},
    {.label = "wrong", .fill = rows_fill_count, .count = ROWS_WRONG, .always = true},
    {.label = "unanswered", .fill = rows_fill_count, .count = ROWS_UNANSWERED},
    {.label = "unexpected", .fill = rows_fill_count, .count = ROWS_UNEXPECTED},
    {.label = "ignored", .fill = rows_fill_count, .count = ROWS_IGNORED},
    {.label = "accepted by kernel", .fill = rows_fill_count, .count = ROWS_ACCEPTED},
    {.label = "proven to arrive", .fill = rows_fill_count, .count = ROWS_PROVEN},
    {.label = "bytes out + in", .fill = rows_fill_wire},
    {.label = "limited by", .fill = rows_fill_limit},
    {.label = "placement", .fill = rows_fill_placement},
};

/* The summaries of a table's columns, one for each target; NULL: the target has no column. */
struct columns {
    const struct summary *of[TARGETS_MAX];
};

static struct columns find_columns(const struct result *r, enum scenario scenario)
{
    struct columns c = {{NULL}};
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].summaries[scenario].blocks > 0)
            c.of[i] = &r->targets[i].summaries[scenario];
    return c;
}

static struct columns find_swept(const struct result *r, unsigned point)
{
    struct columns c = {{NULL}};
    for (unsigned i = 0; i < r->target_count; i++)
        c.of[i] = &r->sweep.points[i][point];
    return c;
}

/* Ends the caption, which the caller has opened. */
static void put_head(FILE *out, const struct result *r, const struct columns *c)
{
    fputs("</figcaption>\n<div class='scroll'><table>\n<tr><th></th>", out);
    for (unsigned i = 0; i < r->target_count; i++)
        if (c->of[i] != NULL)
            html_put_target(out, r, &r->targets[i]);
    fputs("</tr>\n", out);
}

static void put_figure_row(FILE *out, const struct columns *c, const char *label,
                           enum figure figure)
{
    fprintf(out, "<tr><th>%s</th>\n", label);
    for (unsigned i = 0; i < TARGETS_MAX; i++)
        if (c->of[i] != NULL)
            put_figure(out, c->of[i], figure);
    fputs("</tr>\n", out);
}

/* "", "0", "0.0", "0 ns". */
static bool is_nothing(const char *cell)
{
    return cell[strspn(cell, "0.")] <= ' ';
}

/* Left out where every cell is empty or 0. */
static void put_pooled_row(FILE *out, const struct result *r, enum scenario scenario,
                           const struct row *row)
{
    char text[TARGETS_MAX][FORMAT_TEXT];
    bool any = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        struct rows_cell cell = {r, t, scenario, &t->summaries[scenario]};
        text[i][0] = '\0';
        if (cell.summary->blocks > 0)
            row->fill(text[i], row, &cell);
        html_write_micro(text[i]);
        any = any || !is_nothing(text[i]);
    }
    if (!any)
        return;
    fprintf(out, "<tr><th>%s</th>\n", row->label);
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].summaries[scenario].blocks > 0)
            html_put(out, "td", "%s", text[i][0] == '\0' ? "\u2013" : text[i]);
    fputs("</tr>\n", out);
}

/* What changes how the numbers of the table above are to be read. */
static void put_warnings(FILE *out, const struct result *r, enum scenario scenario)
{
    char text[PHRASES_SENTENCE];
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        const struct summary *s = &t->summaries[scenario];
        if (s->limit == LIMIT_CLIENT)
            html_put(out, "p class='bad'",
                     "%s was client-limited: this is what the client can do, not what the server "
                     "can.",
                     t->name);
        phrases_silence(text, t->name, s);
        if (text[0] != '\0')
            html_put(out, "p class='bad'", "%s", text);
        if (s->drifting) {
            phrases_drift(text, t->name, s);
            html_put(out, "p class='bad'", "%s", text);
        }
    }
}

static void put_table(FILE *out, const struct result *r, enum scenario scenario)
{
    struct columns c = find_columns(r, scenario);
    if (!result_has(r, scenario))
        return;
    fprintf(out,
            "<figure><figcaption>%s. In a gate, \u201c%s.\u201d stands before the row\u2019s word.",
            scenario_title(scenario), scenario_key(scenario));
    put_head(out, r, &c);
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        if (is_measured(r, scenario, (enum figure)f))
            put_figure_row(out, &c, figure_word((enum figure)f), (enum figure)f);
    for (size_t i = 0; i < COUNT(pooled); i++)
        put_pooled_row(out, r, scenario, &pooled[i]);
    fputs(TABLE_END, out);
    put_warnings(out, r, scenario);
}

static void put_swept(FILE *out, const struct result *r, enum figure figure)
{
    const struct result_sweep *sweep = &r->sweep;
    struct columns c = find_swept(r, 0);
    char value[FORMAT_TEXT];
    fprintf(out, "<figure><figcaption>%s by %s: %s.", scenario_title(sweep->scenario), sweep->key,
            figure_word(figure));
    put_head(out, r, &c);
    for (unsigned i = 0; i < sweep->count; i++) {
        c = find_swept(r, i);
        format_count(value, sweep->values[i]);
        put_figure_row(out, &c, value, figure);
    }
    fputs(TABLE_END, out);
}

static void put_swept_warnings(FILE *out, const struct result *r)
{
    char name[PHRASES_SENTENCE];
    char text[PHRASES_SENTENCE];
    for (unsigned i = 0; i < r->target_count; i++)
        for (unsigned p = 0; p < r->sweep.count; p++) {
            phrases_swept(name, r, i, p);
            phrases_silence(text, name, &r->sweep.points[i][p]);
            if (text[0] != '\0')
                html_put(out, "p class='bad'", "%s", text);
        }
}

static bool has_table(const struct result *r)
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (result_has(r, (enum scenario)s))
            return true;
    return r->sweep.count > 0;
}

void html_put_tables(struct html_page *p)
{
    static const enum figure swept[] = {FIGURE_RATE, FIGURE_P50, FIGURE_P99};
    const struct result *r = p->result;
    if (!has_table(r))
        return;
    fputs("<h2>All figures</h2>\n<p class='soft'>Rates per second; times and costs per message. "
          "In small letters: the 95 % interval over the blocks; with fewer than 6 blocks, the "
          "smallest and the largest value. The rows from \u201cminimum\u201d on pool all blocks. "
          "A row that is 0 for every target, such as wrong replies, is left out.</p>\n",
          p->out);
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        put_table(p->out, r, (enum scenario)s);
    for (unsigned i = 0; r->sweep.count > 0 && i < COUNT(swept); i++)
        put_swept(p->out, r, swept[i]);
    put_swept_warnings(p->out, r);
}
