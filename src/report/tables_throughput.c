#include <inttypes.h>

#include "report/tables.h"
#include "report/tables_inner.h"

static uint64_t per_trial(uint64_t count, const struct trial *t)
{
    return t->trials == 0 ? 0 : count / t->trials;
}

static void put_heading(FILE *out, const struct report *r)
{
    char text[REPORT_TEXT];
    const struct trial *t = tables_first(r, SCENARIO_THROUGHPUT);
    uint64_t each = t->started == 0 ? 0 : t->tally.sent / t->started;
    snprintf(text, sizeof text, "%" PRIu64 " clients, %u at a time, %" PRIu64 " round trip%s each",
             per_trial(t->started, t), t->clients, each, tables_plural(each));
    layout_heading(out, "THROUGHPUT", text);
}

void tables_write_throughput(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"messages/s, whole run", CELLS_MEDIAN, FIGURE_RATE, FORMAT_RATE},
        TABLES_RATE_ROWS,
        TABLES_RATIO_ROWS(FIGURE_RATE),
        {"messages/s, in flight", CELLS_MEDIAN, FIGURE_RATE_OUTSTANDING, FORMAT_RATE},
        {"payload, one way", CELLS_MEDIAN, FIGURE_BYTES, FORMAT_BYTES_RATE},
        {"", 0, 0, 0},
        {"ms per message, min", CELLS_LEAST, 0, FORMAT_MS},
        {"  mean", CELLS_MEAN, 0, FORMAT_MS},
        {"  max", CELLS_MOST, 0, FORMAT_MS},
        {"  standard deviation", CELLS_DEVIATION, 0, FORMAT_MS},
        {"  p50", CELLS_MEDIAN, FIGURE_P50, FORMAT_MS},
        {"  p99", CELLS_MEDIAN, FIGURE_P99, FORMAT_MS},
        {"", 0, 0, 0},
        {"clients, own mean ms", CELLS_CLIENTS, 0, 0},
        {"  min", CELLS_CLIENT_LEAST, 0, FORMAT_MS},
        {"  mean", CELLS_CLIENT_MEAN, 0, FORMAT_MS},
        {"  max", CELLS_CLIENT_MOST, 0, FORMAT_MS},
        {"  standard deviation", CELLS_CLIENT_DEVIATION, 0, FORMAT_MS},
        {"", 0, 0, 0},
        {"answered", CELLS_ANSWERED, 0, 0},
        {"wrong", CELLS_WRONG, 0, 0},
        {"unanswered", CELLS_UNANSWERED, 0, 0},
        {"unexpected", CELLS_UNEXPECTED, 0, 0},
        {"", 0, 0, 0},
        TABLES_COST_ROWS,
    };
    if (!report_has(r, SCENARIO_THROUGHPUT))
        return;
    put_heading(out, r);
    layout_table(out, r, SCENARIO_THROUGHPUT, TABLES_ROWS(rows));
    fputc('\n', out);
    layout_paragraph(out, "Whole run: from the first connect to the last close. In flight: only "
                          "the time with at least one message outstanding. Clients: the mean of "
                          "each one's own round trips.");
    tables_remark(out, r, SCENARIO_THROUGHPUT);
}
