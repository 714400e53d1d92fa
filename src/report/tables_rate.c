#include "report/cells.h"
#include "report/tables.h"
#include "report/tables_inner.h"

#define CELL(name, expression)                                                                     \
    static void name(const struct layout_cell *c, char out[FORMAT_TEXT])                           \
    {                                                                                              \
        expression;                                                                                \
    }

CELL(planned, format_count(out, c->summary->pooled.planned))
CELL(sent, format_count(out, c->summary->pooled.planned_sent))
CELL(waited, format_count(out, c->summary->pooled.planned_waited))
CELL(worst_lag, format_ns(out, (double)c->summary->pooled.worst_lag_ns))

/* Of the planned ones: what was answered at all, however late. */
CELL(in_time,
     format_count(out, c->summary->pooled.latency.values.n + c->summary->pooled.latency.outside))

static void put_heading(FILE *out, const struct report *r)
{
    char text[REPORT_TEXT];
    char rate[FORMAT_TEXT];
    const struct trial *t = tables_first(r, SCENARIO_RATE);
    format_count(rate, r->rate);
    snprintf(text, sizeof text, "%s/s planned, %u client%s, depth %u", rate, t->clients,
             tables_plural(t->clients), t->depth);
    layout_heading(out, "OPEN LOOP", text);
}

void tables_write_rate(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"messages/s, achieved", cells_median, FIGURE_RATE, format_rate},
        CELLS_RATE_ROWS,
        {"messages planned", planned, 0, NULL},
        {"  sent", sent, 0, NULL},
        {"  answered", in_time, 0, NULL},
        {"  had to wait", waited, 0, NULL},
        {"worst lag of a send", worst_lag, 0, NULL},
        {NULL, NULL, 0, NULL},
        {"from due: p50", cells_median, FIGURE_P50, format_ns},
        CELLS_RATIO_ROWS(FIGURE_P50),
        {"  p90", cells_median, FIGURE_P90, format_ns},
        {"  p99", cells_median, FIGURE_P99, format_ns},
        CELLS_RATIO_ROWS(FIGURE_P99),
        {"  p99.9", cells_p999, 0, format_ns},
        {"  maximum", cells_most, 0, format_ns},
        {"from the send: p50", cells_median, FIGURE_PLAIN_P50, format_ns},
        {"  p99", cells_median, FIGURE_PLAIN_P99, format_ns},
        {"beyond the histogram", cells_outside, 0, NULL},
        {NULL, NULL, 0, NULL},
        {"sent, in all", cells_sent, 0, NULL},
        {"answered", cells_answered, 0, NULL},
        {"wrong", cells_wrong, 0, NULL},
        {"unanswered", cells_unanswered, 0, NULL},
        {"unexpected", cells_unexpected, 0, NULL},
        {NULL, NULL, 0, NULL},
        CELLS_COST_ROWS,
    };
    if (!report_has(r, SCENARIO_RATE))
        return;
    put_heading(out, r);
    layout_table(out, r, SCENARIO_RATE, TABLES_ROWS(rows));
    fputc('\n', out);
    layout_paragraph(out, "From due: since the instant at which the message should have gone, so "
                          "a pause counts for every message that it delays. From the send: the "
                          "same messages without that wait, which hides pauses. Had to wait: fell "
                          "due while every client had its depth outstanding. Lag: from due to "
                          "sent. In all: with the first echo and the warm-up.");
    tables_remark(out, r, SCENARIO_RATE);
}
