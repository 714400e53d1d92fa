#include "report/text/tables.h"

#include <inttypes.h>
#include <string.h>

#include "measure/result/limit.h"
#include "report/text/cells.h"

/* ---- Rows -------------------------------------------------------------------------------- */

/* In whose tables a row stands. */
#define TRIPS    (1U << SCENARIO_ROUNDTRIP)
#define RATE     (1U << SCENARIO_RATE)
#define THROUGH  (1U << SCENARIO_THROUGHPUT)
#define SEND     (1U << SCENARIO_SEND)
#define MESSAGES (TRIPS | RATE | THROUGH)

#define RATIO_ROWS(X, tables, figure)                                                              \
    X("  ratio to %f", tables, CELLS_RATIO_FLOOR, figure, 0)                                       \
    X("    95 %", tables, CELLS_INTERVAL_FLOOR, figure, 0)                                         \
    X("  ratio to %p", tables, CELLS_RATIO_PAIR, figure, 0)                                        \
    X("    95 %", tables, CELLS_INTERVAL_PAIR, figure, 0)

/* All rows of all tables: X(label, tables, cell, figure, format). */
#define ROWS(X)                                                                                    \
    X("messages/s", TRIPS, CELLS_MEDIAN, FIGURE_RATE, FORMAT_RATE)                                 \
    X("messages/s, achieved", RATE, CELLS_MEDIAN, FIGURE_RATE, FORMAT_RATE)                        \
    X("messages/s, whole run", THROUGH, CELLS_MEDIAN, FIGURE_RATE, FORMAT_RATE)                    \
    X("  lower quartile", MESSAGES, CELLS_QUARTILE_LOW, FIGURE_RATE, FORMAT_RATE)                  \
    X("  upper quartile", MESSAGES, CELLS_QUARTILE_HIGH, FIGURE_RATE, FORMAT_RATE)                 \
    X("  95 % from", MESSAGES, CELLS_FROM, FIGURE_RATE, FORMAT_RATE)                               \
    X("  95 % to", MESSAGES, CELLS_TO, FIGURE_RATE, FORMAT_RATE)                                   \
    RATIO_ROWS(X, TRIPS | THROUGH, FIGURE_RATE)                                                    \
    X("messages/s, in flight", THROUGH, CELLS_MEDIAN, FIGURE_RATE_OUTSTANDING, FORMAT_RATE)        \
    X("payload, one way", TRIPS | THROUGH, CELLS_MEDIAN, FIGURE_BYTES, FORMAT_BYTES_RATE)          \
    X("messages planned", RATE, CELLS_PLANNED, 0, 0)                                               \
    X("  sent", RATE, CELLS_PLANNED_SENT, 0, 0)                                                    \
    X("  answered", RATE, CELLS_PLANNED_ANSWERED, 0, 0)                                            \
    X("  had to wait", RATE, CELLS_PLANNED_WAITED, 0, 0)                                           \
    X("worst lag of a send", RATE, CELLS_WORST_LAG, 0, 0)                                          \
    X("", MESSAGES, 0, 0, 0)                                                                       \
    X("latency p50", TRIPS, CELLS_MEDIAN, FIGURE_P50, FORMAT_NS)                                   \
    X("from due: p50", RATE, CELLS_MEDIAN, FIGURE_P50, FORMAT_NS)                                  \
    RATIO_ROWS(X, TRIPS | RATE, FIGURE_P50)                                                        \
    X("latency p90", TRIPS, CELLS_MEDIAN, FIGURE_P90, FORMAT_NS)                                   \
    X("  p90", RATE, CELLS_MEDIAN, FIGURE_P90, FORMAT_NS)                                          \
    X("latency p99", TRIPS, CELLS_MEDIAN, FIGURE_P99, FORMAT_NS)                                   \
    X("  p99", RATE, CELLS_MEDIAN, FIGURE_P99, FORMAT_NS)                                          \
    RATIO_ROWS(X, TRIPS | RATE, FIGURE_P99)                                                        \
    X("latency p99.9", TRIPS, CELLS_P999, 0, FORMAT_NS)                                            \
    X("  p99.9", RATE, CELLS_P999, 0, FORMAT_NS)                                                   \
    X("minimum", TRIPS, CELLS_MIN, 0, FORMAT_NS)                                                   \
    X("mean", TRIPS, CELLS_MEAN, 0, FORMAT_NS)                                                     \
    X("maximum", TRIPS, CELLS_MAX, 0, FORMAT_NS)                                                   \
    X("  maximum", RATE, CELLS_MAX, 0, FORMAT_NS)                                                  \
    X("from the send: p50", RATE, CELLS_MEDIAN, FIGURE_PLAIN_P50, FORMAT_NS)                       \
    X("  p99", RATE, CELLS_MEDIAN, FIGURE_PLAIN_P99, FORMAT_NS)                                    \
    X("samples", TRIPS, CELLS_SAMPLES, 0, 0)                                                       \
    X("beyond the histogram", TRIPS | RATE, CELLS_OUTSIDE, 0, 0)                                   \
    X("ms per message, min", THROUGH, CELLS_MIN, 0, FORMAT_MS)                                     \
    X("  mean", THROUGH, CELLS_MEAN, 0, FORMAT_MS)                                                 \
    X("  max", THROUGH, CELLS_MAX, 0, FORMAT_MS)                                                   \
    X("  standard deviation", THROUGH, CELLS_DEVIATION, 0, FORMAT_MS)                              \
    X("  p50", THROUGH, CELLS_MEDIAN, FIGURE_P50, FORMAT_MS)                                       \
    X("  p99", THROUGH, CELLS_MEDIAN, FIGURE_P99, FORMAT_MS)                                       \
    X("", THROUGH, 0, 0, 0)                                                                        \
    X("clients, own mean ms", THROUGH, CELLS_CLIENTS, 0, 0)                                        \
    X("  min", THROUGH, CELLS_CLIENT_MIN, 0, FORMAT_MS)                                            \
    X("  mean", THROUGH, CELLS_CLIENT_MEAN, 0, FORMAT_MS)                                          \
    X("  max", THROUGH, CELLS_CLIENT_MAX, 0, FORMAT_MS)                                            \
    X("  standard deviation", THROUGH, CELLS_CLIENT_DEVIATION, 0, FORMAT_MS)                       \
    X("", MESSAGES, 0, 0, 0)                                                                       \
    X("sent, in all", RATE, CELLS_SENT, 0, 0)                                                      \
    X("answered", MESSAGES, CELLS_ANSWERED, 0, 0)                                                  \
    X("wrong", MESSAGES, CELLS_WRONG, 0, 0)                                                        \
    X("unanswered", MESSAGES, CELLS_UNANSWERED, 0, 0)                                              \
    X("unexpected", MESSAGES, CELLS_UNEXPECTED, 0, 0)                                              \
    X("", MESSAGES, 0, 0, 0)                                                                       \
    X("bytes out + in each", MESSAGES, CELLS_WIRE, 0, 0)                                           \
    X("client CPU / message", MESSAGES, CELLS_MEDIAN, FIGURE_CLIENT_CPU, FORMAT_NS)                \
    X("  system calls", MESSAGES, CELLS_MEDIAN, FIGURE_CLIENT_CALLS, FORMAT_RATIO)                 \
    X("  context switches", MESSAGES, CELLS_MEDIAN, FIGURE_CLIENT_SWITCHES, FORMAT_RATIO)          \
    X("  busy, of a core", MESSAGES, CELLS_MEDIAN, FIGURE_CLIENT_BUSY, FORMAT_SHARE)               \
    X("server CPU / message", MESSAGES, CELLS_MEDIAN, FIGURE_SERVER_CPU, FORMAT_NS)                \
    X("  system calls", MESSAGES, CELLS_MEDIAN, FIGURE_SERVER_CALLS, FORMAT_RATIO)                 \
    X("  context switches", MESSAGES, CELLS_MEDIAN, FIGURE_SERVER_SWITCHES, FORMAT_RATIO)          \
    X("  busy, of a core", MESSAGES, CELLS_MEDIAN, FIGURE_SERVER_BUSY, FORMAT_SHARE)               \
    X("limited by", MESSAGES, CELLS_LIMIT, 0, 0)                                                   \
    X("accepted by kernel /s", SEND, CELLS_MEDIAN, FIGURE_ACCEPTED, FORMAT_RATE)                   \
    X("proven to arrive /s", SEND, CELLS_PROVEN_RATE, FIGURE_RATE, FORMAT_RATE)                    \
    X("round trips/s (above)", SEND, CELLS_TRUE_RATE, FIGURE_RATE, FORMAT_RATE)                    \
    X("accepted / round trip", SEND, CELLS_ACCEPTED_PER_TRUE, 0, 0)                                \
    X("", SEND, 0, 0, 0)                                                                           \
    X("messages accepted", SEND, CELLS_ACCEPTED, 0, 0)                                             \
    X("messages proven", SEND, CELLS_PROVEN, 0, 0)                                                 \
    X("proof", SEND, CELLS_PROOF, 0, 0)

static void put_rows(FILE *out, const struct result *r, enum scenario scenario)
{
#define ROW(label, tables, cell, figure, format) {tables, cell, figure, format},
#define LABEL(label, ...)                        label "\0"
    static const struct layout_row rows[] = {ROWS(ROW)};
    layout_table(out, r, scenario, ROWS(LABEL), rows, sizeof rows / sizeof rows[0]);
}

/* The pooled trial of the first target that ran it: what was planned is the same for all. The
 * report has the scenario. */
static const struct trial *first_of(const struct result *r, enum scenario scenario)
{
    unsigned i = 0;
    while (r->targets[i].summaries[scenario].blocks == 0)
        i++;
    return &r->targets[i].summaries[scenario].pooled;
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- Remarks ----------------------------------------------------------------------------- */

/* Which of the numbers are medians, and of what. */
static void put_basis(FILE *out, const struct result *r, enum scenario scenario)
{
    struct result_blocks blocks = {0, 0};
    char text[FORMAT_TEXT];
    for (unsigned i = 0; i < r->target_count; i++)
        result_count_blocks(&blocks,
                            summary_figure(&r->targets[i].summaries[scenario], FIGURE_RATE).n);
    if (blocks.most < 2)
        return;
    layout_blocks(text, &blocks);
    fputc('\n', out);
    layout_paragraph(out,
                     "Rates, ratios, p50, p90, p99 and costs: medians over %s%s. The others: all "
                     "blocks pooled.",
                     text, blocks.most < INTERVAL_MIN ? "" : ", with 95 % intervals (from 6 on)");
}

/* Explained once, under the first table that has it. */
static bool limit_is_new(const struct result *r, enum scenario scenario)
{
    for (unsigned s = 0; s < (unsigned)scenario; s++)
        if (s != SCENARIO_CONNECT && s != SCENARIO_SEND && result_has(r, (enum scenario)s))
            return false;
    return true;
}

static void put_limit(FILE *out, const struct result *r, enum scenario scenario)
{
    char names[RESULT_TEXT] = "";
    bool known = false;
    bool unseen = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        enum limit limit = limit_of(&t->summaries[scenario]);
        size_t used = strlen(names);
        known = known || limit != LIMIT_UNKNOWN;
        if (limit == LIMIT_CLIENT)
            unseen = unseen || t->summaries[scenario].pooled.server_cpu_ns == 0;
        if (limit == LIMIT_CLIENT)
            snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", t->name);
    }
    if (known && limit_is_new(r, scenario)) {
        fputc('\n', out);
        layout_paragraph(out,
                         "Limited by: who used 90 %% of a core or more; latency: neither did.");
    }
    if (names[0] == '\0')
        return;
    fputc('\n', out);
    layout_paragraph(
        out, "CLIENT-LIMITED: %s. This is what the client can do, not what the server can%s.",
        names, unseen ? "; but a server's CPU is not known: see --server-pid" : "");
}

static void put_drifts(FILE *out, const struct result *r, enum scenario scenario)
{
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct summary *s = &r->targets[i].summaries[scenario];
        if (!result_drifts(s))
            continue;
        fputc('\n', out);
        layout_paragraph(out,
                         "DRIFT: %s was not steady: the p50 of the window's last third is %.2f "
                         "times that of the first. Measure longer, or cut more with --warmup.",
                         r->targets[i].name, summary_figure(s, FIGURE_DRIFT).median);
    }
}

/* Paragraphs under a table: of what the numbers are medians, who was the limit, who was not steady.
 */
static void put_remarks(FILE *out, const struct result *r, enum scenario scenario)
{
    put_basis(out, r, scenario);
    put_limit(out, r, scenario);
    put_drifts(out, r, scenario);
}

/* ---- Tables ------------------------------------------------------------------------------ */

void tables_write_roundtrip(FILE *out, const struct result *r)
{
    if (!result_has(r, SCENARIO_ROUNDTRIP))
        return;
    const struct trial *t = first_of(r, SCENARIO_ROUNDTRIP);
    layout_heading(out, "ROUND TRIPS", "%u client%s, %u message%s outstanding on each", t->clients,
                   plural(t->clients), t->depth, plural(t->depth));
    put_rows(out, r, SCENARIO_ROUNDTRIP);
    put_remarks(out, r, SCENARIO_ROUNDTRIP);
}

void tables_write_rate(FILE *out, const struct result *r)
{
    char rate[FORMAT_TEXT];
    if (!result_has(r, SCENARIO_RATE))
        return;
    const struct trial *t = first_of(r, SCENARIO_RATE);
    format_count(rate, r->rate);
    layout_heading(out, "OPEN LOOP", "%s/s planned, %u client%s, depth %u", rate, t->clients,
                   plural(t->clients), t->depth);
    put_rows(out, r, SCENARIO_RATE);
    fputc('\n', out);
    layout_paragraph(out, "From due: since the instant at which the message should have gone, so "
                          "a pause counts for every message that it delays. From the send: the "
                          "same messages without that wait, which hides pauses. Had to wait: fell "
                          "due while every client had its depth outstanding. Lag: from due to "
                          "sent. In all: with the first echo and the warm-up. Looking for "
                          "what falls due next is not in the client's cost.");
    put_remarks(out, r, SCENARIO_RATE);
}

void tables_write_throughput(FILE *out, const struct result *r)
{
    if (!result_has(r, SCENARIO_THROUGHPUT))
        return;
    const struct trial *t = first_of(r, SCENARIO_THROUGHPUT);
    uint64_t each = t->started == 0 ? 0 : t->tally.sent / t->started;
    layout_heading(out, "THROUGHPUT",
                   "%" PRIu64 " clients, %u at a time, %" PRIu64 " round trip%s each",
                   t->started / t->trials, t->clients, each, plural(each));
    put_rows(out, r, SCENARIO_THROUGHPUT);
    fputc('\n', out);
    layout_paragraph(out, "Whole run: from the first connect to the last close. In flight: only "
                          "the time with at least one message outstanding. Clients: the mean of "
                          "each one's own round trips.");
    put_remarks(out, r, SCENARIO_THROUGHPUT);
}

void tables_write_send(FILE *out, const struct result *r)
{
    if (!result_has(r, SCENARIO_SEND))
        return;
    layout_heading(out, "ONE-WAY SENDS", "not round trips");
    put_rows(out, r, SCENARIO_SEND);
    fputc('\n', out);
    layout_paragraph(out, "A send is over when the kernel has taken the bytes: nobody answered, "
                          "and nothing shows yet that anyone read them. A round trip waits for its "
                          "own reply. A rate of calls that wait for nothing, such as the 40 016/s "
                          "once published for Socket.IO, belongs in the first row.");
}
