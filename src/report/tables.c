#include "report/tables.h"

#include <inttypes.h>

#include "report/layout.h"

#define ROWS(rows) (rows), sizeof(rows) / sizeof(rows)[0]

typedef void format_number(char out[FORMAT_TEXT], double value);

static void put_refused(char out[FORMAT_TEXT])
{
    snprintf(out, FORMAT_TEXT, "refused");
}

/* ---- Cells ------------------------------------------------------------------------------- */

/* One number of that figure's spread over the blocks; 0 when none measured it. */
static void put_number(const struct layout_cell *c, enum figure figure, double value,
                       format_number *format, char *out)
{
    if (value <= 0.0)
        return;
    if (summary_refused(c->summary, figure))
        put_refused(out);
    else
        format(out, value);
}

static void put_median(const struct layout_cell *c, enum figure figure, format_number *format,
                       char *out)
{
    put_number(c, figure, summary_figure(c->summary, figure).median, format, out);
}

static void put_ratio(const struct layout_cell *c, enum figure figure, enum report_base base,
                      char *out)
{
    const struct report_target *other = report_compared(c->report, c->target, base);
    if (other == NULL)
        return;
    const struct summary *below = &other->summaries[c->summary->pooled.scenario];
    struct spread s = summary_ratio(c->summary, below, figure);
    if (s.n == 0)
        return;
    if (summary_refused(c->summary, figure) || summary_refused(below, figure))
        put_refused(out);
    else
        format_ratio(out, s.median);
}

/* A number of the pooled latencies. */
static void put_pooled(const struct layout_cell *c, double ns, format_number *format, char *out)
{
    if (c->summary->pooled.latency.values.n == 0)
        return;
    if (summary_refused(c->summary, FIGURE_MEAN))
        put_refused(out);
    else
        format(out, ns);
}

static const struct running *latencies(const struct layout_cell *c)
{
    return &c->summary->pooled.latency.values;
}

static const struct running *clients(const struct layout_cell *c)
{
    return &c->summary->pooled.client_means;
}

static void put_client(const struct layout_cell *c, double ns, char *out)
{
    if (clients(c)->n > 0)
        put_pooled(c, ns, format_ms, out);
}

/* CELL(name, expression over c and out): a cell is one line. */
#define CELL(name, expression)                                                                     \
    static void name(const struct layout_cell *c, char out[FORMAT_TEXT])                           \
    {                                                                                              \
        expression;                                                                                \
    }

CELL(rate, put_median(c, FIGURE_RATE, format_rate, out))
CELL(rate_ratio_floor, put_ratio(c, FIGURE_RATE, REPORT_FLOOR, out))
CELL(rate_ratio_pair, put_ratio(c, FIGURE_RATE, REPORT_PAIR, out))
CELL(payload_rate, put_median(c, FIGURE_BYTES, format_bytes_rate, out))
CELL(rate_outstanding, put_median(c, FIGURE_RATE_OUTSTANDING, format_rate, out))
CELL(p50, put_median(c, FIGURE_P50, format_ns, out))
CELL(p90, put_median(c, FIGURE_P90, format_ns, out))
CELL(p99, put_median(c, FIGURE_P99, format_ns, out))
CELL(p50_ratio_floor, put_ratio(c, FIGURE_P50, REPORT_FLOOR, out))
CELL(p50_ratio_pair, put_ratio(c, FIGURE_P50, REPORT_PAIR, out))
CELL(p50_ms, put_median(c, FIGURE_P50, format_ms, out))
CELL(p99_ms, put_median(c, FIGURE_P99, format_ms, out))
CELL(least, put_pooled(c, latencies(c)->min, format_ns, out))
CELL(mean, put_pooled(c, latencies(c)->mean, format_ns, out))
CELL(most, put_pooled(c, latencies(c)->max, format_ns, out))
CELL(deviation, put_pooled(c, running_deviation(latencies(c)), format_ns, out))
CELL(least_ms, put_pooled(c, latencies(c)->min, format_ms, out))
CELL(mean_ms, put_pooled(c, latencies(c)->mean, format_ms, out))
CELL(most_ms, put_pooled(c, latencies(c)->max, format_ms, out))
CELL(deviation_ms, put_pooled(c, running_deviation(latencies(c)), format_ms, out))
CELL(samples, format_count(out, latencies(c)->n))
CELL(answered, format_count(out, c->summary->pooled.tally.answered))
CELL(wrong, format_count(out, c->summary->pooled.tally.wrong))
CELL(unanswered, format_count(out, c->summary->pooled.tally.unanswered))
CELL(unexpected, format_count(out, c->summary->pooled.tally.unexpected))
CELL(client_cpu, put_median(c, FIGURE_CLIENT_CPU, format_ns, out))
CELL(server_cpu, put_median(c, FIGURE_SERVER_CPU, format_ns, out))
CELL(client_count, format_count(out, clients(c)->n))
CELL(client_least, put_client(c, clients(c)->min, out))
CELL(client_mean, put_client(c, clients(c)->mean, out))
CELL(client_most, put_client(c, clients(c)->max, out))
CELL(client_deviation, put_client(c, running_deviation(clients(c)), out))
CELL(accepted_rate, put_median(c, FIGURE_ACCEPTED, format_rate, out))
CELL(accepted, format_count(out, c->summary->pooled.accepted))
CELL(proven, format_count(out, c->summary->pooled.proven))

/* Quartiles say something only about several blocks. */
static void rate_low(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    if (c->summary->blocks > 1)
        put_number(c, FIGURE_RATE, summary_figure(c->summary, FIGURE_RATE).low, format_rate, out);
}

static void rate_high(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    if (c->summary->blocks > 1)
        put_number(c, FIGURE_RATE, summary_figure(c->summary, FIGURE_RATE).high, format_rate, out);
}

static void p999(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    const struct histogram *h = &c->summary->pooled.latency;
    if (h->values.n > 0 && h->values.n < REPORT_TAIL_LEAST)
        snprintf(out, FORMAT_TEXT, "n/a");
    else
        put_pooled(c, (double)histogram_percentile(h, 99.9), format_ns, out);
}

static void outside(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    if (c->summary->pooled.latency.outside > 0)
        format_count(out, c->summary->pooled.latency.outside);
}

static void wire(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    const struct tally *t = &c->summary->pooled.tally;
    if (t->frames_out == 0 || t->frames_in == 0)
        return;
    if (c->summary->broken[IDENTITY_BYTES] > 0)
        put_refused(out);
    else
        snprintf(out, FORMAT_TEXT, "%.0f + %.0f",
                 (double)t->frame_bytes_out / (double)t->frames_out,
                 (double)t->frame_bytes_in / (double)t->frames_in);
}

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
        rate(c, out);
}

/* The true figure of the same target, for the column of what was only sent. */
static void true_rate(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    struct layout_cell other = *c;
    other.summary = &c->target->summaries[SCENARIO_ROUNDTRIP];
    rate(&other, out);
}

static void accepted_per_true(const struct layout_cell *c, char out[FORMAT_TEXT])
{
    const struct summary *other = &c->target->summaries[SCENARIO_ROUNDTRIP];
    double below = summary_figure(other, FIGURE_RATE).median;
    if (below > 0.0 && !summary_refused(other, FIGURE_RATE))
        format_ratio(out, summary_figure(c->summary, FIGURE_ACCEPTED).median / below);
}

/* ---- Tables ------------------------------------------------------------------------------ */

/* The pooled trial of the first target that ran it: what was planned is the same for all. */
static const struct trial *first_trial(const struct report *r, enum scenario scenario)
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

static uint64_t per_trial(uint64_t count, const struct trial *t)
{
    return t->trials == 0 ? 0 : count / t->trials;
}

/* Which of the numbers are medians, and of what. */
static void put_basis(FILE *out, const struct trial *t)
{
    char text[REPORT_TEXT];
    if (t->trials < 2)
        return;
    fputc('\n', out);
    snprintf(text, sizeof text,
             "Rates, ratios, p50, p90, p99 and CPU: medians over %u blocks. The others: all blocks "
             "pooled.",
             t->trials);
    layout_paragraph(out, text);
}

void tables_write_roundtrip(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"messages/s", rate},
        {"  lower quartile", rate_low},
        {"  upper quartile", rate_high},
        {"  ratio to %f", rate_ratio_floor},
        {"  ratio to %p", rate_ratio_pair},
        {"payload, one way", payload_rate},
        {NULL, NULL},
        {"latency p50", p50},
        {"  ratio to %f", p50_ratio_floor},
        {"  ratio to %p", p50_ratio_pair},
        {"latency p90", p90},
        {"latency p99", p99},
        {"latency p99.9", p999},
        {"minimum", least},
        {"mean", mean},
        {"maximum", most},
        {"standard deviation", deviation},
        {"samples", samples},
        {"beyond the histogram", outside},
        {NULL, NULL},
        {"answered", answered},
        {"wrong", wrong},
        {"unanswered", unanswered},
        {"unexpected", unexpected},
        {NULL, NULL},
        {"bytes out + in each", wire},
        {"client CPU / message", client_cpu},
        {"server CPU / message", server_cpu},
    };
    char text[REPORT_TEXT];
    if (!report_has(r, SCENARIO_ROUNDTRIP))
        return;
    const struct trial *t = first_trial(r, SCENARIO_ROUNDTRIP);
    snprintf(text, sizeof text, "%u client%s, %u message%s outstanding on each", t->clients,
             plural(t->clients), t->depth, plural(t->depth));
    layout_heading(out, "ROUND TRIPS", text);
    layout_table(out, r, SCENARIO_ROUNDTRIP, ROWS(rows));
    put_basis(out, t);
}

void tables_write_throughput(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"messages/s, whole run", rate},
        {"  lower quartile", rate_low},
        {"  upper quartile", rate_high},
        {"  ratio to %f", rate_ratio_floor},
        {"  ratio to %p", rate_ratio_pair},
        {"messages/s, in flight", rate_outstanding},
        {"payload, one way", payload_rate},
        {NULL, NULL},
        {"ms per message, min", least_ms},
        {"  mean", mean_ms},
        {"  max", most_ms},
        {"  standard deviation", deviation_ms},
        {"  p50", p50_ms},
        {"  p99", p99_ms},
        {NULL, NULL},
        {"clients, own mean ms", client_count},
        {"  min", client_least},
        {"  mean", client_mean},
        {"  max", client_most},
        {"  standard deviation", client_deviation},
        {NULL, NULL},
        {"answered", answered},
        {"wrong", wrong},
        {"unanswered", unanswered},
        {"unexpected", unexpected},
        {"client CPU / message", client_cpu},
        {"server CPU / message", server_cpu},
    };
    char text[REPORT_TEXT];
    if (!report_has(r, SCENARIO_THROUGHPUT))
        return;
    const struct trial *t = first_trial(r, SCENARIO_THROUGHPUT);
    uint64_t each = t->started == 0 ? 0 : t->tally.sent / t->started;
    snprintf(text, sizeof text, "%" PRIu64 " clients, %u at a time, %" PRIu64 " round trip%s each",
             per_trial(t->started, t), t->clients, each, plural(each));
    layout_heading(out, "THROUGHPUT", text);
    layout_table(out, r, SCENARIO_THROUGHPUT, ROWS(rows));
    fputc('\n', out);
    layout_paragraph(out, "Whole run: from the first connect to the last close. In flight: only "
                          "the time with at least one message outstanding. Clients: the mean of "
                          "each one's own round trips.");
    put_basis(out, t);
}

void tables_write_send(FILE *out, const struct report *r)
{
    static const struct layout_row rows[] = {
        {"accepted by kernel /s", accepted_rate},
        {"proven to arrive /s", proven_rate},
        {"round trips/s (above)", true_rate},
        {"accepted / round trip", accepted_per_true},
        {NULL, NULL},
        {"messages accepted", accepted},
        {"messages proven", proven},
        {"proof", proof},
    };
    if (!report_has(r, SCENARIO_SEND))
        return;
    layout_heading(out, "ONE-WAY SENDS", "not round trips");
    layout_table(out, r, SCENARIO_SEND, ROWS(rows));
    fputc('\n', out);
    layout_paragraph(out, "A send is over when the kernel has taken the bytes: nobody answered, "
                          "and nothing shows yet that anyone read them. A round trip waits for its "
                          "own reply. A rate of calls that wait for nothing, such as the 40 016/s "
                          "once published for Socket.IO, belongs in the first row.");
}
