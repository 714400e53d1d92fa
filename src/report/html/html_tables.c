#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "measure/result/limit.h"
#include "report/text/cells.h"
#include "report/html/html_inner.h"

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
#define TABLE_END   "</table></div></figure>\n"

/* ---- Cells ------------------------------------------------------------------------------- */

/* A median over the blocks, and below it its interval. */
static void put_interval(FILE *out, enum figure_unit unit, const struct interval *i)
{
    char number[FORMAT_TEXT];
    char range[HTML_TEXT];
    if (i->n == 0) {
        html_put(out, "td", "\u2013");
        return;
    }
    bool some = html_format_interval(number, range, unit, i);
    fputs("<td>", out);
    html_put(out, "span", "%s", number);
    if (some)
        html_put(out, "small", "%s", range);
    fputs("</td>", out);
}

static void put_figure(FILE *out, const struct summary *s, enum figure figure)
{
    struct interval i = summary_interval(s, figure);
    if (i.n > 0 && summary_refused(s, figure))
        html_put(out, "td class='bad'", "refused");
    else
        put_interval(out, figure_unit_of(figure), &i);
}

/* Some target measured it. */
static bool measured(const struct result *r, enum scenario scenario, enum figure figure)
{
    for (unsigned i = 0; i < r->target_count; i++)
        if (summary_figure(&r->targets[i].summaries[scenario], figure).n > 0)
            return true;
    return false;
}

/* ---- In short ---------------------------------------------------------------------------- */

/* X(head, scenario, figure). */
#define COLUMN_LIST(X)                                                                             \
    X("until it may send", SCENARIO_CONNECT, FIGURE_READY)                                         \
    X("a round trip, p50", SCENARIO_ROUNDTRIP, FIGURE_P50)                                         \
    X("round trips per second", SCENARIO_ROUNDTRIP, FIGURE_RATE)                                   \
    X("from due, p50", SCENARIO_RATE, FIGURE_P50)                                                  \
    X("from due, p99", SCENARIO_RATE, FIGURE_P99)                                                  \
    X("throughput per second", SCENARIO_THROUGHPUT, FIGURE_RATE)

#define HEAD(head, scenario, figure)   head "\0"
#define COLUMN(head, scenario, figure) {scenario, figure},
static const char heads[] = COLUMN_LIST(HEAD);
static const struct {
    uint8_t scenario;
    uint8_t figure;
} columns[] = {COLUMN_LIST(COLUMN)};

/* The head when `t` is NULL. */
static void put_short_row(FILE *out, const struct result *r, const struct result_target *t)
{
    enum figure figure;
    enum scenario scenario = html_find_subject(r, &figure);
    for (size_t i = 0; i < COUNT(columns); i++) {
        enum scenario s = (enum scenario)columns[i].scenario;
        enum figure f = (enum figure)columns[i].figure;
        if (!measured(r, s, f))
            continue;
        if (t == NULL)
            html_put(out, "th", "%s", bytes_word(heads, i));
        else
            put_figure(out, &t->summaries[s], f);
    }
    for (int base = RESULT_BASELINE; base <= RESULT_PAIR; base++) {
        const char *name = layout_base_name(r, (enum result_base)base);
        if (name[0] == '\0')
            continue;
        if (t == NULL) {
            html_put(out, "th", "%s to %s", figure_word(figure), name);
        } else {
            struct contrast c = result_contrast(r, t, (enum result_base)base, scenario, figure);
            put_interval(out, FIGURE_PLAIN, &c.ratio);
        }
    }
    fputs("</tr>\n", out);
}

void html_put_short(struct html_page *p)
{
    const struct result *r = p->report;
    bool some = false;
    for (size_t i = 0; i < COUNT(columns); i++)
        some =
            some || measured(r, (enum scenario)columns[i].scenario, (enum figure)columns[i].figure);
    if (!some)
        return;
    fputs("<h2>In short</h2>\n<figure><figcaption>Medians over the blocks, of each block\u2019s "
          "own figure, and what lies around them.</figcaption>\n<div "
          "class='scroll'><table>\n<tr><th>target</th>",
          p->out);
    put_short_row(p->out, r, NULL);
    for (unsigned i = 0; i < r->target_count; i++) {
        fputs("<tr>", p->out);
        html_put_target(p->out, r, &r->targets[i]);
        put_short_row(p->out, r, &r->targets[i]);
    }
    fputs(TABLE_END, p->out);
}

/* ---- All figures ------------------------------------------------------------------------- */

/* Of all blocks pooled: X(label, cell, format). */
#define POOLED_ROWS(X)                                                                             \
    X("minimum", CELLS_MIN, FORMAT_NS)                                                             \
    X("p99.9", CELLS_P999, FORMAT_NS)                                                              \
    X("maximum", CELLS_MAX, FORMAT_NS)                                                             \
    X("samples", CELLS_SAMPLES, 0)                                                                 \
    X("beyond 68 s", CELLS_OUTSIDE, 0)                                                             \
    X("planned", CELLS_PLANNED, 0)                                                                 \
    X("had to wait", CELLS_PLANNED_WAITED, 0)                                                      \
    X("worst lag", CELLS_WORST_LAG, 0)                                                             \
    X("answered", CELLS_ANSWERED, 0)                                                               \
    X("wrong", CELLS_WRONG, 0)                                                                     \
    X("unanswered", CELLS_UNANSWERED, 0)                                                           \
    X("accepted by kernel", CELLS_ACCEPTED, 0)                                                     \
    X("proven to arrive", CELLS_PROVEN, 0)                                                         \
    X("bytes out + in", CELLS_WIRE, 0)                                                             \
    X("limited by", CELLS_LIMIT, 0)

#define ROW(label, cell, format) {0, cell, 0, format},
#define LABEL(label, ...)        label "\0"
static const struct layout_row pooled[] = {POOLED_ROWS(ROW)};
static const char pooled_labels[] = POOLED_ROWS(LABEL);

/* A column's summary: of the scenario, or of the sweep's point where that is not -1. NULL when the
 * target has none: targets that ran a scenario are its table's columns. */
static const struct summary *column_of(const struct result *r, unsigned target,
                                       enum scenario scenario, int point)
{
    if (point >= 0)
        return &r->sweep.points[target][point];
    const struct summary *s = &r->targets[target].summaries[scenario];
    return s->blocks > 0 ? s : NULL;
}

/* Behind a caption that is open. */
static void put_head(FILE *out, const struct result *r, enum scenario scenario, int point)
{
    fputs("</figcaption>\n<div class='scroll'><table>\n<tr><th></th>", out);
    for (unsigned i = 0; i < r->target_count; i++)
        if (column_of(r, i, scenario, point) != NULL)
            html_put_target(out, r, &r->targets[i]);
    fputs("</tr>\n", out);
}

static void put_figure_row(FILE *out, const struct result *r, enum scenario scenario, int point,
                           const char *label, enum figure figure)
{
    fprintf(out, "<tr><th>%s</th>\n", label);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct summary *s = column_of(r, i, scenario, point);
        if (s != NULL)
            put_figure(out, s, figure);
    }
    fputs("</tr>\n", out);
}

/* Left out where it is nothing for all. */
static void put_pooled_row(FILE *out, const struct result *r, enum scenario scenario,
                           const char *label, const struct layout_row *row)
{
    char text[TARGETS_MAX][FORMAT_TEXT];
    bool any = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        struct layout_cell cell = {r, t, &t->summaries[scenario], row};
        text[i][0] = '\0';
        if (cell.summary->blocks > 0)
            cells_fill(&cell, text[i]);
        html_write_micro(text[i]);
        any = any || text[i][strspn(text[i], "0.")] > ' ';
    }
    if (!any)
        return;
    fprintf(out, "<tr><th>%s</th>\n", label);
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].summaries[scenario].blocks > 0)
            html_put(out, "td", "%s", text[i][0] == '\0' ? "\u2013" : text[i]);
    fputs("</tr>\n", out);
}

/* What must not be overlooked when these numbers are shown. */
static void put_warnings(FILE *out, const struct result *r, enum scenario scenario)
{
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        const struct summary *s = &t->summaries[scenario];
        if (limit_of(s) == LIMIT_CLIENT)
            html_put(out, "p class='bad'",
                     "%s was client-limited: this is what the client can do, not what the server "
                     "can.",
                     t->name);
        if (result_drifts(s))
            html_put(out, "p class='bad'",
                     "%s was not steady: the p50 of the last third of its window is %.2f times "
                     "that of the first.",
                     t->name, summary_figure(s, FIGURE_DRIFT).median);
    }
}

static void put_table(FILE *out, const struct result *r, enum scenario scenario)
{
    if (!result_has(r, scenario))
        return;
    fprintf(out, "<figure><figcaption>%s, in gates \u201c%s.\u201d and the word of the row.",
            html_title(scenario), scenario_key(scenario));
    put_head(out, r, scenario, -1);
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        if (measured(r, scenario, (enum figure)f))
            put_figure_row(out, r, scenario, -1, figure_word((enum figure)f), (enum figure)f);
    for (size_t i = 0; i < COUNT(pooled); i++)
        put_pooled_row(out, r, scenario, bytes_word(pooled_labels, i), &pooled[i]);
    fputs(TABLE_END, out);
    put_warnings(out, r, scenario);
}

static void put_swept(FILE *out, const struct result *r, enum figure figure)
{
    const struct result_sweep *sweep = &r->sweep;
    char value[FORMAT_TEXT];
    fprintf(out, "<figure><figcaption>%s by %s: %s.", html_title(sweep->scenario), sweep->key,
            figure_word(figure));
    put_head(out, r, sweep->scenario, 0);
    for (unsigned i = 0; i < sweep->count; i++) {
        format_count(value, sweep->values[i]);
        put_figure_row(out, r, sweep->scenario, (int)i, value, figure);
    }
    fputs(TABLE_END, out);
}

void html_put_tables(struct html_page *p)
{
    static const uint8_t swept[] = {FIGURE_RATE, FIGURE_P50, FIGURE_P99};
    const struct result *r = p->report;
    bool some = r->sweep.count > 0;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        some = some || result_has(r, (enum scenario)s);
    if (!some)
        return;
    fputs("<h2>All figures</h2>\n<p class='soft'>Rates per second; times and costs per message. "
          "Small: the 95 % interval over the blocks, below 6 of them the least and the greatest. "
          "From the minimum on: all blocks pooled. What is 0 for all, such as wrong replies, is "
          "left out.</p>\n",
          p->out);
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        put_table(p->out, r, (enum scenario)s);
    for (unsigned i = 0; r->sweep.count > 0 && i < COUNT(swept); i++)
        put_swept(p->out, r, (enum figure)swept[i]);
}
