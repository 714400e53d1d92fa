#include "report/tables.h"

#include <string.h>

#include "measure/limit.h"
#include "report/tables_inner.h"

const struct trial *tables_first(const struct report *r, enum scenario scenario)
{
    unsigned i = 0;
    while (r->targets[i].summaries[scenario].blocks == 0)
        i++;
    return &r->targets[i].summaries[scenario].pooled;
}

const char *tables_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- Remarks ----------------------------------------------------------------------------- */

static void put_paragraph(FILE *out, const char *text)
{
    fputc('\n', out);
    layout_paragraph(out, text);
}

/* Which of the numbers are medians, and of what. */
static void put_basis(FILE *out, const struct report *r, enum scenario scenario)
{
    char text[2 * REPORT_TEXT];
    unsigned blocks = tables_first(r, scenario)->trials;
    if (blocks < 2)
        return;
    snprintf(text, sizeof text,
             "Rates, ratios, p50, p90, p99 and costs: medians over %u blocks%s. The others: all "
             "blocks pooled.",
             blocks, blocks < INTERVAL_LEAST ? "" : ", with 95 % intervals (bootstrap)");
    put_paragraph(out, text);
}

/* Explained once, under the first table that has it. */
static bool limit_is_new(const struct report *r, enum scenario scenario)
{
    for (unsigned s = 0; s < (unsigned)scenario; s++)
        if (s != SCENARIO_CONNECT && s != SCENARIO_SEND && report_has(r, (enum scenario)s))
            return false;
    return true;
}

static void put_limit(FILE *out, const struct report *r, enum scenario scenario)
{
    char names[REPORT_TEXT] = "";
    char text[3 * REPORT_TEXT];
    bool known = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct report_target *t = &r->targets[i];
        enum limit limit = limit_of(&t->summaries[scenario].pooled);
        size_t used = strlen(names);
        known = known || limit != LIMIT_UNKNOWN;
        if (limit == LIMIT_CLIENT)
            snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", t->name);
    }
    if (known && limit_is_new(r, scenario))
        put_paragraph(out, "Limited by: who used 90 % of a core or more; latency: neither did.");
    if (names[0] == '\0')
        return;
    snprintf(text, sizeof text,
             "CLIENT-LIMITED: %s. This is what the client can do, not what the server can.", names);
    put_paragraph(out, text);
}

static void put_drifts(FILE *out, const struct report *r, enum scenario scenario)
{
    char text[3 * REPORT_TEXT];
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct summary *s = &r->targets[i].summaries[scenario];
        if (!report_drifts(s))
            continue;
        snprintf(text, sizeof text,
                 "DRIFT: %s was not steady: the p50 of the window's last third is %.2f times that "
                 "of the first. Measure longer, or cut more with --warmup.",
                 r->targets[i].name, summary_figure(s, FIGURE_DRIFT).median);
        put_paragraph(out, text);
    }
}

void tables_remark(FILE *out, const struct report *r, enum scenario scenario)
{
    put_basis(out, r, scenario);
    put_limit(out, r, scenario);
    put_drifts(out, r, scenario);
}

/* ---- Round trips --------------------------------------------------------------------------- */

void tables_write_roundtrip(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"messages/s", CELLS_MEDIAN, FIGURE_RATE, FORMAT_RATE},
        TABLES_RATE_ROWS,
        TABLES_RATIO_ROWS(FIGURE_RATE),
        {"payload, one way", CELLS_MEDIAN, FIGURE_BYTES, FORMAT_BYTES_RATE},
        {"", 0, 0, 0},
        {"latency p50", CELLS_MEDIAN, FIGURE_P50, FORMAT_NS},
        TABLES_RATIO_ROWS(FIGURE_P50),
        {"latency p90", CELLS_MEDIAN, FIGURE_P90, FORMAT_NS},
        {"latency p99", CELLS_MEDIAN, FIGURE_P99, FORMAT_NS},
        TABLES_RATIO_ROWS(FIGURE_P99),
        {"latency p99.9", CELLS_P999, 0, FORMAT_NS},
        {"minimum", CELLS_LEAST, 0, FORMAT_NS},
        {"mean", CELLS_MEAN, 0, FORMAT_NS},
        {"maximum", CELLS_MOST, 0, FORMAT_NS},
        {"samples", CELLS_SAMPLES, 0, 0},
        {"beyond the histogram", CELLS_OUTSIDE, 0, 0},
        {"", 0, 0, 0},
        {"answered", CELLS_ANSWERED, 0, 0},
        {"wrong", CELLS_WRONG, 0, 0},
        {"unanswered", CELLS_UNANSWERED, 0, 0},
        {"unexpected", CELLS_UNEXPECTED, 0, 0},
        {"", 0, 0, 0},
        TABLES_COST_ROWS,
    };
    char text[REPORT_TEXT];
    if (!report_has(r, SCENARIO_ROUNDTRIP))
        return;
    const struct trial *t = tables_first(r, SCENARIO_ROUNDTRIP);
    snprintf(text, sizeof text, "%u client%s, %u message%s outstanding on each", t->clients,
             tables_plural(t->clients), t->depth, tables_plural(t->depth));
    layout_heading(out, "ROUND TRIPS", text);
    layout_table(out, r, SCENARIO_ROUNDTRIP, TABLES_ROWS(rows));
    tables_remark(out, r, SCENARIO_ROUNDTRIP);
}

/* ---- One-way sends ------------------------------------------------------------------------- */

void tables_write_send(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"accepted by kernel /s", CELLS_MEDIAN, FIGURE_ACCEPTED, FORMAT_RATE},
        {"proven to arrive /s", CELLS_PROVEN_RATE, FIGURE_RATE, FORMAT_RATE},
        {"round trips/s (above)", CELLS_TRUE_RATE, FIGURE_RATE, FORMAT_RATE},
        {"accepted / round trip", CELLS_ACCEPTED_PER_TRUE, 0, 0},
        {"", 0, 0, 0},
        {"messages accepted", CELLS_ACCEPTED, 0, 0},
        {"messages proven", CELLS_PROVEN, 0, 0},
        {"proof", CELLS_PROOF, 0, 0},
    };
    if (!report_has(r, SCENARIO_SEND))
        return;
    layout_heading(out, "ONE-WAY SENDS", "not round trips");
    layout_table(out, r, SCENARIO_SEND, TABLES_ROWS(rows));
    put_paragraph(out, "A send is over when the kernel has taken the bytes: nobody answered, "
                       "and nothing shows yet that anyone read them. A round trip waits for its "
                       "own reply. A rate of calls that wait for nothing, such as the 40 016/s "
                       "once published for Socket.IO, belongs in the first row.");
}
