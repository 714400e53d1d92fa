#include "report/tables.h"

#include <string.h>

#include "measure/limit.h"
#include "report/cells.h"
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
        {"messages/s", cells_median, FIGURE_RATE, format_rate},
        CELLS_RATE_ROWS,
        CELLS_RATIO_ROWS(FIGURE_RATE),
        {"payload, one way", cells_median, FIGURE_BYTES, format_bytes_rate},
        {NULL, NULL, 0, NULL},
        {"latency p50", cells_median, FIGURE_P50, format_ns},
        CELLS_RATIO_ROWS(FIGURE_P50),
        {"latency p90", cells_median, FIGURE_P90, format_ns},
        {"latency p99", cells_median, FIGURE_P99, format_ns},
        CELLS_RATIO_ROWS(FIGURE_P99),
        {"latency p99.9", cells_p999, 0, format_ns},
        {"minimum", cells_least, 0, format_ns},
        {"mean", cells_mean, 0, format_ns},
        {"maximum", cells_most, 0, format_ns},
        {"samples", cells_samples, 0, NULL},
        {"beyond the histogram", cells_outside, 0, NULL},
        {NULL, NULL, 0, NULL},
        {"answered", cells_answered, 0, NULL},
        {"wrong", cells_wrong, 0, NULL},
        {"unanswered", cells_unanswered, 0, NULL},
        {"unexpected", cells_unexpected, 0, NULL},
        {NULL, NULL, 0, NULL},
        CELLS_COST_ROWS,
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

#define CELL(name, expression)                                                                     \
    static void name(const struct layout_cell *c, char out[FORMAT_TEXT])                           \
    {                                                                                              \
        expression;                                                                                \
    }

CELL(accepted, format_count(out, c->summary->pooled.accepted))
CELL(proven, format_count(out, c->summary->pooled.proven))

static void proof(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    static const char *const words[] = {"", "echoes", "final ack", "unproven"};
    snprintf(out, FORMAT_TEXT, "%s", words[c->summary->pooled.proof]);
}

static void proven_rate(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    if (c->summary->pooled.proof == PROOF_UNPROVEN)
        snprintf(out, FORMAT_TEXT, "unproven");
    else
        cells_median(c, out);
}

/* The true figure of the same target, for the column of what was only sent. */
static void true_rate(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    struct layout_cell other = *c;
    other.summary = &c->target->summaries[SCENARIO_ROUNDTRIP];
    cells_median(&other, out);
}

static void accepted_per_true(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    const struct summary *other = &c->target->summaries[SCENARIO_ROUNDTRIP];
    double below = summary_figure(other, FIGURE_RATE).median;
    if (below > 0.0 && !summary_refused(other, FIGURE_RATE))
        format_ratio(out, summary_figure(c->summary, FIGURE_ACCEPTED).median / below);
}

void tables_write_send(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"accepted by kernel /s", cells_median, FIGURE_ACCEPTED, format_rate},
        {"proven to arrive /s", proven_rate, FIGURE_RATE, format_rate},
        {"round trips/s (above)", true_rate, FIGURE_RATE, format_rate},
        {"accepted / round trip", accepted_per_true, 0, NULL},
        {NULL, NULL, 0, NULL},
        {"messages accepted", accepted, 0, NULL},
        {"messages proven", proven, 0, NULL},
        {"proof", proof, 0, NULL},
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
