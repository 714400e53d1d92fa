#include <inttypes.h>

#include "report/cells.h"
#include "report/tables.h"
#include "report/tables_inner.h"

static const struct running *clients(const struct layout_cell *c)
{
    return &c->summary->pooled.client_means;
}

static void put_client(const struct layout_cell *c, double ns, char *out)
{
    if (clients(c)->n == 0)
        return;
    if (summary_refused(c->summary, FIGURE_MEAN))
        snprintf(out, FORMAT_TEXT, "refused");
    else
        format_ms(out, ns);
}

#define CELL(name, expression)                                                                     \
    static void name(const struct layout_cell *c, char out[FORMAT_TEXT])                           \
    {                                                                                              \
        expression;                                                                                \
    }

CELL(client_count, format_count(out, clients(c)->n))
CELL(client_least, put_client(c, clients(c)->min, out))
CELL(client_mean, put_client(c, clients(c)->mean, out))
CELL(client_most, put_client(c, clients(c)->max, out))
CELL(client_deviation, put_client(c, running_deviation(clients(c)), out))

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
        {"messages/s, whole run", cells_median, FIGURE_RATE, format_rate},
        CELLS_RATE_ROWS,
        CELLS_RATIO_ROWS(FIGURE_RATE),
        {"messages/s, in flight", cells_median, FIGURE_RATE_OUTSTANDING, format_rate},
        {"payload, one way", cells_median, FIGURE_BYTES, format_bytes_rate},
        {NULL, NULL, 0, NULL},
        {"ms per message, min", cells_least, 0, format_ms},
        {"  mean", cells_mean, 0, format_ms},
        {"  max", cells_most, 0, format_ms},
        {"  standard deviation", cells_deviation, 0, format_ms},
        {"  p50", cells_median, FIGURE_P50, format_ms},
        {"  p99", cells_median, FIGURE_P99, format_ms},
        {NULL, NULL, 0, NULL},
        {"clients, own mean ms", client_count, 0, NULL},
        {"  min", client_least, 0, NULL},
        {"  mean", client_mean, 0, NULL},
        {"  max", client_most, 0, NULL},
        {"  standard deviation", client_deviation, 0, NULL},
        {NULL, NULL, 0, NULL},
        {"answered", cells_answered, 0, NULL},
        {"wrong", cells_wrong, 0, NULL},
        {"unanswered", cells_unanswered, 0, NULL},
        {"unexpected", cells_unexpected, 0, NULL},
        {NULL, NULL, 0, NULL},
        CELLS_COST_ROWS,
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
