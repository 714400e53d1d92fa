#include "report/text/tables.h"

#include <inttypes.h>
#include <string.h>

#include "report/phrases.h"
#include "report/text/grid.h"
#include "report/text/layout.h"

/* ---- Rows -------------------------------------------------------------------------------- */

/* The scenarios in whose tables a row stands. */
#define TRIPS    (1U << SCENARIO_ROUNDTRIP)
#define RATE     (1U << SCENARIO_RATE)
#define THROUGH  (1U << SCENARIO_THROUGHPUT)
#define SEND     (1U << SCENARIO_SEND)
#define MESSAGES (TRIPS | RATE | THROUGH)

/* Below the figure itself. */
#define RATIO(in, of, to)                                                                          \
    {                                                                                              \
        "  ratio to", in, .fill = rows_fill_ratio, .figure = (of), .base = (to),                   \
                          .names_base = true                                                       \
    }
#define RANGE(in, of, to)                                                                          \
    {                                                                                              \
        "    95 %", in, .fill = rows_fill_ratio_interval, .figure = (of), .base = (to)             \
    }

/* All rows of all tables. */
static const struct row rows[] = {
    {"messages/s", TRIPS, .fill = rows_fill_median, .figure = FIGURE_RATE, .format = format_rate},
    {"messages/s, achieved", RATE, .fill = rows_fill_median, .figure = FIGURE_RATE,
     .format = format_rate},
    {"messages/s, whole run", THROUGH, .fill = rows_fill_median, .figure = FIGURE_RATE,
     .format = format_rate},
    {"  lower quartile", MESSAGES, .fill = rows_fill_quartile_low, .figure = FIGURE_RATE,
     .format = format_rate},
    {"  upper quartile", MESSAGES, .fill = rows_fill_quartile_high, .figure = FIGURE_RATE,
     .format = format_rate},
    {"  95 % from", MESSAGES, .fill = rows_fill_interval_low, .figure = FIGURE_RATE,
     .format = format_rate},
    {"  95 % to", MESSAGES, .fill = rows_fill_interval_high, .figure = FIGURE_RATE,
     .format = format_rate},
    RATIO(TRIPS | THROUGH, FIGURE_RATE, PAIR_BASELINE),
    RANGE(TRIPS | THROUGH, FIGURE_RATE, PAIR_BASELINE),
    RATIO(TRIPS | THROUGH, FIGURE_RATE, PAIR_REFERENCE),
    RANGE(TRIPS | THROUGH, FIGURE_RATE, PAIR_REFERENCE),
    {"messages/s, in flight", THROUGH, .fill = rows_fill_median, .figure = FIGURE_RATE_OUTSTANDING,
     .format = format_rate},
    {"payload, one way", TRIPS | THROUGH, .fill = rows_fill_median, .figure = FIGURE_BYTES,
     .format = format_bytes_rate},
    {"messages planned", RATE, .fill = rows_fill_count, .count = ROWS_PLANNED},
    {"  sent", RATE, .fill = rows_fill_count, .count = ROWS_PLANNED_SENT},
    {"  answered", RATE, .fill = rows_fill_count, .count = ROWS_PLANNED_ANSWERED},
    {"  had to wait", RATE, .fill = rows_fill_count, .count = ROWS_PLANNED_WAITED},
    {"lag of a send: p50", RATE, .fill = rows_fill_latency, .statistic = ROWS_LAG_P50,
     .format = format_ns},
    {"  p99", RATE, .fill = rows_fill_latency, .statistic = ROWS_LAG_P99, .format = format_ns},
    {"  worst", RATE, .fill = rows_fill_worst_lag},
    {"", MESSAGES, .fill = NULL},
    {"latency p50", TRIPS, .fill = rows_fill_median, .figure = FIGURE_P50, .format = format_ns},
    {"from due: p50", RATE, .fill = rows_fill_median, .figure = FIGURE_P50, .format = format_ns},
    RATIO(TRIPS | RATE, FIGURE_P50, PAIR_BASELINE),
    RANGE(TRIPS | RATE, FIGURE_P50, PAIR_BASELINE),
    RATIO(TRIPS | RATE, FIGURE_P50, PAIR_REFERENCE),
    RANGE(TRIPS | RATE, FIGURE_P50, PAIR_REFERENCE),
    {"latency p90", TRIPS, .fill = rows_fill_median, .figure = FIGURE_P90, .format = format_ns},
    {"  p90", RATE, .fill = rows_fill_median, .figure = FIGURE_P90, .format = format_ns},
    {"latency p99", TRIPS, .fill = rows_fill_median, .figure = FIGURE_P99, .format = format_ns},
    {"  p99", RATE, .fill = rows_fill_median, .figure = FIGURE_P99, .format = format_ns},
    RATIO(TRIPS | RATE, FIGURE_P99, PAIR_BASELINE),
    RANGE(TRIPS | RATE, FIGURE_P99, PAIR_BASELINE),
    RATIO(TRIPS | RATE, FIGURE_P99, PAIR_REFERENCE),
    RANGE(TRIPS | RATE, FIGURE_P99, PAIR_REFERENCE),
    {"latency p99.9", TRIPS, .fill = rows_fill_latency, .statistic = ROWS_P999,
     .format = format_ns},
    {"  p99.9", RATE, .fill = rows_fill_latency, .statistic = ROWS_P999, .format = format_ns},
    {"minimum", TRIPS, .fill = rows_fill_latency, .statistic = ROWS_MIN, .format = format_ns},
    {"mean", TRIPS, .fill = rows_fill_latency, .statistic = ROWS_MEAN, .format = format_ns},
    {"maximum", TRIPS, .fill = rows_fill_latency, .statistic = ROWS_MAX, .format = format_ns},
    {"  maximum", RATE, .fill = rows_fill_latency, .statistic = ROWS_MAX, .format = format_ns},
    {"from the send: p50", RATE, .fill = rows_fill_median, .figure = FIGURE_PLAIN_P50,
     .format = format_ns},
    {"  p99", RATE, .fill = rows_fill_median, .figure = FIGURE_PLAIN_P99, .format = format_ns},
    {"arrival to read: p50", MESSAGES, .fill = rows_fill_arrival, .statistic = ROWS_ARRIVAL_P50,
     .format = format_ns},
    {"  p99", MESSAGES, .fill = rows_fill_arrival, .statistic = ROWS_ARRIVAL_P99,
     .format = format_ns},
    {"samples", TRIPS, .fill = rows_fill_count, .count = ROWS_SAMPLES},
    {"beyond the histogram", TRIPS | RATE, .fill = rows_fill_count, .count = ROWS_OUTSIDE},
    {"ms per message, min", THROUGH, .fill = rows_fill_latency, .statistic = ROWS_MIN,
     .format = format_ms},
    {"  mean", THROUGH, .fill = rows_fill_latency, .statistic = ROWS_MEAN, .format = format_ms},
    {"  max", THROUGH, .fill = rows_fill_latency, .statistic = ROWS_MAX, .format = format_ms},
    {"  standard deviation", THROUGH, .fill = rows_fill_latency, .statistic = ROWS_DEVIATION,
     .format = format_ms},
    {"  p50", THROUGH, .fill = rows_fill_median, .figure = FIGURE_P50, .format = format_ms},
    {"  p99", THROUGH, .fill = rows_fill_median, .figure = FIGURE_P99, .format = format_ms},
    {"", THROUGH, .fill = NULL},
    {"clients, own mean ms", THROUGH, .fill = rows_fill_count, .count = ROWS_CLIENTS},
    {"  min", THROUGH, .fill = rows_fill_client_means, .statistic = ROWS_MIN, .format = format_ms},
    {"  mean", THROUGH, .fill = rows_fill_client_means, .statistic = ROWS_MEAN,
     .format = format_ms},
    {"  max", THROUGH, .fill = rows_fill_client_means, .statistic = ROWS_MAX, .format = format_ms},
    {"  standard deviation", THROUGH, .fill = rows_fill_client_means, .statistic = ROWS_DEVIATION,
     .format = format_ms},
    {"", MESSAGES, .fill = NULL},
    {"sent, in all", RATE, .fill = rows_fill_count, .count = ROWS_SENT},
    {"answered", MESSAGES, .fill = rows_fill_count, .count = ROWS_ANSWERED, .always = true},
    {"wrong", MESSAGES, .fill = rows_fill_count, .count = ROWS_WRONG, .always = true},
    {"unanswered", MESSAGES, .fill = rows_fill_count, .count = ROWS_UNANSWERED},
    {"unexpected", MESSAGES, .fill = rows_fill_count, .count = ROWS_UNEXPECTED},
    {"ignored", MESSAGES, .fill = rows_fill_count, .count = ROWS_IGNORED},
    {"", MESSAGES, .fill = NULL},
    {"bytes out + in each", MESSAGES, .fill = rows_fill_wire},
    {"client CPU / message", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_CLIENT_CPU,
     .format = format_ns},
    {"  system calls", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_CLIENT_CALLS,
     .format = format_ratio},
    {"  context switches", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_CLIENT_SWITCHES,
     .format = format_ratio},
    {"  busy, of a core", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_CLIENT_BUSY,
     .format = format_share},
    {"server CPU / message", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_SERVER_CPU,
     .format = format_ns},
    {"  system calls", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_SERVER_CALLS,
     .format = format_ratio},
    {"  context switches", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_SERVER_SWITCHES,
     .format = format_ratio},
    {"  busy, of a core", MESSAGES, .fill = rows_fill_median, .figure = FIGURE_SERVER_BUSY,
     .format = format_share},
    {"limited by", MESSAGES, .fill = rows_fill_limit},
    {"placement", MESSAGES | SEND, .fill = rows_fill_placement},
    {"accepted by kernel /s", SEND, .fill = rows_fill_median, .figure = FIGURE_ACCEPTED,
     .format = format_rate},
    {"proven to arrive /s", SEND, .fill = rows_fill_proven_rate, .figure = FIGURE_RATE,
     .format = format_rate},
    {"round trips/s (above)", SEND, .fill = rows_fill_roundtrip_rate, .figure = FIGURE_RATE,
     .format = format_rate},
    {"accepted / round trip", SEND, .fill = rows_fill_accepted_per_roundtrip},
    {"", SEND, .fill = NULL},
    {"messages accepted", SEND, .fill = rows_fill_count, .count = ROWS_ACCEPTED},
    {"messages proven", SEND, .fill = rows_fill_count, .count = ROWS_PROVEN},
    {"proof", SEND, .fill = rows_fill_proof},
};

static void put_rows(FILE *out, const struct result *r, enum scenario scenario)
{
    grid_write(out, r, scenario, rows, sizeof rows / sizeof rows[0]);
}

/* The pooled trial of the first target that ran it: what was planned is the same for all. The
 * report has the scenario. */
static const struct trial *find_first(const struct result *r, enum scenario scenario)
{
    unsigned i = 0;
    while (r->targets[i].summaries[scenario].blocks == 0)
        i++;
    return &r->targets[i].summaries[scenario].pooled;
}

static const char *choose_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- Remarks ----------------------------------------------------------------------------- */

/* Which of the numbers are medians, and over how many blocks. */
static void put_basis(FILE *out, const struct result *r, enum scenario scenario)
{
    const struct result_blocks *blocks = &r->blocks_of[scenario];
    char text[FORMAT_TEXT];
    if (blocks->most < 2)
        return;
    phrases_blocks(text, blocks);
    fputc('\n', out);
    layout_put_paragraph(
        out,
        "Rates, ratios, p50 to p99 and costs are medians over %s%s. The others pool "
        "all blocks.",
        text, blocks->most < INTERVAL_MIN ? "" : ", with 95 % intervals (from 6 on)");
}

/* Explained once, under the first table that has messages. */
static bool is_first_table(const struct result *r, enum scenario scenario)
{
    for (unsigned s = 0; s < (unsigned)scenario; s++)
        if (figure_yielded(FIGURE_CLIENT_BUSY, (enum scenario)s) && result_has(r, (enum scenario)s))
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
        enum limit limit = t->summaries[scenario].limit;
        size_t used = strlen(names);
        known = known || limit != LIMIT_UNKNOWN;
        if (limit == LIMIT_CLIENT)
            unseen = unseen || t->summaries[scenario].pooled.server_cpu_ns == 0;
        if (limit == LIMIT_CLIENT)
            snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", t->name);
    }
    if (known && is_first_table(r, scenario)) {
        fputc('\n', out);
        layout_put_paragraph(
            out, "Limited by: the end that used 90 %% of a core or more; the core: both share one, "
                 "and used 90 %% of it together; latency: neither.");
    }
    if (names[0] == '\0')
        return;
    fputc('\n', out);
    layout_put_paragraph(
        out, "CLIENT-LIMITED: %s. This is what the client can do, not what the server can%s.",
        names, unseen ? "; but a server's CPU is not known: see --server-pid" : "");
}

static void put_arrival(FILE *out, const struct result *r, enum scenario scenario)
{
    bool known = false;
    for (unsigned i = 0; i < r->target_count; i++)
        known = known || r->targets[i].summaries[scenario].arrival_p50.known;
    if (!known || !is_first_table(r, scenario))
        return;
    fputc('\n', out);
    layout_put_paragraph(
        out, "Arrival to read: from when the kernel got a reply to when the client had read it, "
             "sampled. It is part of the latency, and what the client adds to it; where both ends "
             "share a core, it contains what the server does after its send.");
}

static void put_silences(FILE *out, const struct result *r, enum scenario scenario)
{
    char text[PHRASES_SENTENCE];
    for (unsigned i = 0; i < r->target_count; i++) {
        phrases_silence(text, r->targets[i].name, &r->targets[i].summaries[scenario]);
        if (text[0] == '\0')
            continue;
        fputc('\n', out);
        layout_put_paragraph(out, "VACANT: %s", text);
    }
}

static void put_drifts(FILE *out, const struct result *r, enum scenario scenario)
{
    char text[PHRASES_SENTENCE];
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct summary *s = &r->targets[i].summaries[scenario];
        if (!s->drifting)
            continue;
        phrases_drift(text, r->targets[i].name, s);
        fputc('\n', out);
        layout_put_paragraph(out, "DRIFT: %s Measure longer, or cut more with --warmup.", text);
    }
}

/* Paragraphs under a table: what the numbers are medians of, what the limit was, which target was
 * not steady. */
static void put_remarks(FILE *out, const struct result *r, enum scenario scenario)
{
    put_basis(out, r, scenario);
    put_arrival(out, r, scenario);
    put_limit(out, r, scenario);
    put_silences(out, r, scenario);
    put_drifts(out, r, scenario);
}

/* ---- Tables ------------------------------------------------------------------------------ */

void tables_write_roundtrip(FILE *out, const struct result *r)
{
    if (!result_has(r, SCENARIO_ROUNDTRIP))
        return;
    const struct trial *t = find_first(r, SCENARIO_ROUNDTRIP);
    layout_put_heading(out, "ROUND TRIPS", "%u client%s, %u message%s outstanding on each",
                       t->clients, choose_plural(t->clients), t->depth, choose_plural(t->depth));
    put_rows(out, r, SCENARIO_ROUNDTRIP);
    put_remarks(out, r, SCENARIO_ROUNDTRIP);
}

void tables_write_rate(FILE *out, const struct result *r)
{
    char rate[FORMAT_TEXT];
    if (!result_has(r, SCENARIO_RATE))
        return;
    const struct trial *t = find_first(r, SCENARIO_RATE);
    format_count(rate, r->rate);
    layout_put_heading(out, "OPEN LOOP", "%s/s planned, %u client%s, depth %u", rate, t->clients,
                       choose_plural(t->clients), t->depth);
    put_rows(out, r, SCENARIO_RATE);
    fputc('\n', out);
    layout_put_paragraph(
        out, "From due: since the instant at which the message should have been sent, so "
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
    const struct trial *t = find_first(r, SCENARIO_THROUGHPUT);
    uint64_t each = t->started == 0 ? 0 : t->tally.sent / t->started;
    layout_put_heading(out, "THROUGHPUT",
                       "%" PRIu64 " clients, %u at a time, %" PRIu64 " round trip%s each",
                       t->started / t->trials, t->clients, each, choose_plural(each));
    put_rows(out, r, SCENARIO_THROUGHPUT);
    fputc('\n', out);
    layout_put_paragraph(out,
                         "Whole run: from the first connect to the last close. In flight: only "
                         "the time with at least one message outstanding. Clients: the mean of "
                         "each client's own round trips.");
    put_remarks(out, r, SCENARIO_THROUGHPUT);
}

void tables_write_send(FILE *out, const struct result *r)
{
    if (!result_has(r, SCENARIO_SEND))
        return;
    layout_put_heading(out, "ONE-WAY SENDS", "not round trips");
    put_rows(out, r, SCENARIO_SEND);
    fputc('\n', out);
    layout_put_paragraph(
        out, "A send is over when the kernel has taken the bytes: there is no answer, "
             "and nothing shows yet that the server read them. A round trip waits for its "
             "own reply. A rate of calls that wait for nothing, such as the 40 016/s "
             "once published for Socket.IO, belongs in the first row.");
}
