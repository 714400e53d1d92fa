#include "report/tables.h"
#include "report/tables_inner.h"

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
        {"messages/s, achieved", CELLS_MEDIAN, FIGURE_RATE, FORMAT_RATE},
        TABLES_RATE_ROWS,
        {"messages planned", CELLS_PLANNED, 0, 0},
        {"  sent", CELLS_PLANNED_SENT, 0, 0},
        {"  answered", CELLS_PLANNED_ANSWERED, 0, 0},
        {"  had to wait", CELLS_PLANNED_WAITED, 0, 0},
        {"worst lag of a send", CELLS_WORST_LAG, 0, 0},
        {"", 0, 0, 0},
        {"from due: p50", CELLS_MEDIAN, FIGURE_P50, FORMAT_NS},
        TABLES_RATIO_ROWS(FIGURE_P50),
        {"  p90", CELLS_MEDIAN, FIGURE_P90, FORMAT_NS},
        {"  p99", CELLS_MEDIAN, FIGURE_P99, FORMAT_NS},
        TABLES_RATIO_ROWS(FIGURE_P99),
        {"  p99.9", CELLS_P999, 0, FORMAT_NS},
        {"  maximum", CELLS_MOST, 0, FORMAT_NS},
        {"from the send: p50", CELLS_MEDIAN, FIGURE_PLAIN_P50, FORMAT_NS},
        {"  p99", CELLS_MEDIAN, FIGURE_PLAIN_P99, FORMAT_NS},
        {"beyond the histogram", CELLS_OUTSIDE, 0, 0},
        {"", 0, 0, 0},
        {"sent, in all", CELLS_SENT, 0, 0},
        {"answered", CELLS_ANSWERED, 0, 0},
        {"wrong", CELLS_WRONG, 0, 0},
        {"unanswered", CELLS_UNANSWERED, 0, 0},
        {"unexpected", CELLS_UNEXPECTED, 0, 0},
        {"", 0, 0, 0},
        TABLES_COST_ROWS,
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
