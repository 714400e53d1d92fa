#include "report/csv.h"

#include <inttypes.h>
#include <string.h>

#include "measure/record/identity.h"

/* One line: the trial's messages, the same from their actual send, or one of its phases. */
struct row {
    const struct csv_trial *about;
    const struct trial *trial;
    const char *phase;
    const struct histogram *histogram;
    bool is_refused;             /* the identities refuse its durations and its rate */
    bool of_clients;             /* a phase: one value for each client */
    bool has_counts;             /* the row "messages": it has what stands once per trial */
    bool broken[IDENTITY_COUNT]; /* by the trial; false outside the row "messages" */
};

/* ---- Cells --------------------------------------------------------------------------------- */

static void put_text(FILE *out, const char *text)
{
    bool plain = text[strcspn(text, ",\"\r\n")] == '\0';
    if (plain) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void put_number(FILE *out, uint64_t value)
{
    fprintf(out, "%" PRIu64, value);
}

/* Empty when it was not measured. */
static void put_known(FILE *out, uint64_t value)
{
    if (value > 0)
        put_number(out, value);
}

/* ---- Which row it is ----------------------------------------------------------------------- */

static void put_order(FILE *out, const struct row *row)
{
    put_number(out, row->about->order);
}

static void put_block(FILE *out, const struct row *row)
{
    put_number(out, row->about->block);
}

static void put_target(FILE *out, const struct row *row)
{
    put_text(out, row->about->target);
}

static void put_scenario(FILE *out, const struct row *row)
{
    fputs(scenario_key(row->trial->scenario), out);
}

static void put_control(FILE *out, const struct row *row)
{
    fputs(row->about->control ? "1" : "0", out);
}

static void put_sweep_value(FILE *out, const struct row *row)
{
    put_known(out, row->about->sweep_value);
}

static void put_phase(FILE *out, const struct row *row)
{
    fputs(row->phase, out);
}

/* ---- Its durations --------------------------------------------------------------------------- */

static bool has_durations(const struct row *row)
{
    return !row->is_refused && row->histogram->values.n > 0;
}

/* Nothing is missing that would be later than all the others. */
static bool is_whole(const struct row *row)
{
    return has_durations(row) && !histogram_is_beyond(row->histogram, 100.0);
}

static void put_percentile(FILE *out, const struct row *row, double percent)
{
    enum histogram_lack lack = histogram_find_lack(row->histogram, percent, row->of_clients);
    if (has_durations(row) && lack == HISTOGRAM_LACKS_NOTHING)
        put_number(out, histogram_percentile(row->histogram, percent));
}

static void put_count(FILE *out, const struct row *row)
{
    put_number(out, row->histogram->values.n);
}

static void put_outside(FILE *out, const struct row *row)
{
    put_number(out, row->histogram->outside);
}

static void put_missing(FILE *out, const struct row *row)
{
    put_number(out, row->histogram->missing);
}

static void put_missing_after(FILE *out, const struct row *row)
{
    put_known(out, histogram_bound(row->histogram));
}

static void put_min(FILE *out, const struct row *row)
{
    if (has_durations(row))
        put_number(out, (uint64_t)row->histogram->values.min);
}

static void put_p50(FILE *out, const struct row *row)
{
    put_percentile(out, row, 50.0);
}

static void put_p90(FILE *out, const struct row *row)
{
    put_percentile(out, row, 90.0);
}

static void put_p99(FILE *out, const struct row *row)
{
    put_percentile(out, row, 99.0);
}

static void put_max(FILE *out, const struct row *row)
{
    if (is_whole(row))
        put_number(out, (uint64_t)row->histogram->values.max);
}

static void put_mean(FILE *out, const struct row *row)
{
    if (is_whole(row))
        fprintf(out, "%.3f", histogram_mean(row->histogram));
}

static void put_deviation(FILE *out, const struct row *row)
{
    if (is_whole(row))
        fprintf(out, "%.3f", histogram_deviation(row->histogram));
}

/* ---- What stands once per trial: empty in all rows but "messages" -----------------------------
 */

/* The keys of the broken identities, with a space between them. */
static void put_broken(FILE *out, const struct row *row)
{
    const char *before = "";
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        if (!row->broken[i])
            continue;
        fprintf(out, "%s%s", before, identity_key((enum identity)i));
        before = " ";
    }
}

static void put_rate(FILE *out, const struct row *row)
{
    double rate = trial_rate(row->trial);
    if (row->has_counts && !row->is_refused && rate > 0.0)
        fprintf(out, "%.3f", rate);
}

/* X(column, the member of struct trial that it shows). */
#define COUNT_LIST(X)                                                                              \
    X(clients_ready, ready)                                                                        \
    X(clients_failed, failed)                                                                      \
    X(clients_lost, lost)                                                                          \
    X(sent, tally.sent)                                                                            \
    X(answered, tally.answered)                                                                    \
    X(wrong, tally.wrong)                                                                          \
    X(unanswered, tally.unanswered)                                                                \
    X(unexpected, tally.unexpected)                                                                \
    X(ignored, tally.ignored)                                                                      \
    X(wire_out_bytes, tally.wire_out)                                                              \
    X(wire_in_bytes, tally.wire_in)

/* The same, but empty unless an open loop planned messages. */
#define PLANNED_LIST(X)                                                                            \
    X(planned, planned)                                                                            \
    X(planned_sent, planned_sent)                                                                  \
    X(planned_waited, planned_waited)                                                              \
    X(worst_lag_ns, worst_lag_ns)

/* X(member): under its own name; empty where it is 0: not measured. */
#define KNOWN_LIST(X)                                                                              \
    X(accepted)                                                                                    \
    X(window_ns)                                                                                   \
    X(elapsed_ns)                                                                                  \
    TRIAL_COST_LIST(X)                                                                             \
    X(silent_ns)                                                                                   \
    X(longest_silence_ns)

#define X(column, member)                                                                          \
    static void put_##column(FILE *out, const struct row *row)                                     \
    {                                                                                              \
        if (row->has_counts)                                                                       \
            put_number(out, row->trial->member);                                                   \
    }
COUNT_LIST(X)
#undef X

#define X(column, member)                                                                          \
    static void put_##column(FILE *out, const struct row *row)                                     \
    {                                                                                              \
        if (row->has_counts && row->trial->planned > 0)                                            \
            put_number(out, row->trial->member);                                                   \
    }
PLANNED_LIST(X)
#undef X

#define X(member)                                                                                  \
    static void put_##member(FILE *out, const struct row *row)                                     \
    {                                                                                              \
        if (row->has_counts)                                                                       \
            put_known(out, row->trial->member);                                                    \
    }
KNOWN_LIST(X)
#undef X

static void put_placement(FILE *out, const struct row *row)
{
    if (row->has_counts)
        fputs(placement_key(placement_find(&row->trial->placement)), out);
}

static void put_placement_samples(FILE *out, const struct row *row)
{
    if (row->has_counts)
        put_number(out, row->trial->placement.taken);
}

static void put_same_core_share(FILE *out, const struct row *row)
{
    if (row->has_counts && row->trial->placement.taken > 0)
        fprintf(out, "%.3f", placement_same_share(&row->trial->placement));
}

/* ---- Columns --------------------------------------------------------------------------------- */

#define MISSING_COLUMNS {"missing", put_missing}, {"missing_after_ns", put_missing_after},

/* The head and every row are written from this list. "control" is 1 for the reference's second
 * trial in a block. "phase" is "messages", "plain", "lag", "arrival", or a phase's key. "outside"
 * counts durations that were too long to be recorded, "missing" messages that were not answered or
 * sent: percentiles among these are empty. "broken" has the keys of the identities that do not
 * hold. */
static const struct column {
    const char *name;
    void (*put)(FILE *out, const struct row *row); /* its cell; nothing where it does not apply */
} columns[] = {
    {"order", put_order},
    {"block", put_block},
    {"target", put_target},
    {"scenario", put_scenario},
    {"control", put_control},
    {"sweep_value", put_sweep_value},
    {"phase", put_phase},
    {"count", put_count},
    {"outside", put_outside},
    {"min_ns", put_min},
    {"p50_ns", put_p50},
    {"p90_ns", put_p90},
    {"p99_ns", put_p99},
    {"max_ns", put_max},
    {"mean_ns", put_mean},
    {"deviation_ns", put_deviation},
    {"broken", put_broken},
    {"rate_per_s", put_rate},
#define X(column, member) {#column, put_##column},
    COUNT_LIST(X) PLANNED_LIST(X)
#undef X
#define X(member) {#member, put_##member},
        KNOWN_LIST(X) MISSING_COLUMNS
#undef X
    {"placement", put_placement},
    {"placement_samples", put_placement_samples},
    {"same_core_share", put_same_core_share},
};

#define COLUMNS (sizeof columns / sizeof columns[0])

void csv_write_head(FILE *out)
{
    for (size_t i = 0; i < COLUMNS; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ",", columns[i].name);
    fputs("\r\n", out);
}

static void put_row(FILE *out, const struct row *row)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i > 0)
            fputc(',', out);
        columns[i].put(out, row);
    }
    fputs("\r\n", out);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static bool is_empty(const struct histogram *h)
{
    return histogram_total(h) == 0;
}

static struct row check_messages(const struct csv_trial *about, const struct trial *t)
{
    struct row row = {.about = about,
                      .trial = t,
                      .phase = "messages",
                      .histogram = &t->latency,
                      .has_counts = true};
    char why[IDENTITY_TEXT];
    for (unsigned i = 0; i < IDENTITY_COUNT; i++)
        row.broken[i] = identity_check((enum identity)i, t, why) == IDENTITY_BROKEN;
    row.is_refused = row.broken[IDENTITY_BALANCE] || row.broken[IDENTITY_LITTLE];
    return row;
}

void csv_write_trial(FILE *out, const struct csv_trial *about, const struct trial *t)
{
    struct row messages = check_messages(about, t);
    struct row plain = {.about = about,
                        .trial = t,
                        .phase = "plain",
                        .histogram = &t->plain,
                        .is_refused = messages.is_refused};
    struct row arrival = {.about = about, .trial = t, .phase = "arrival", .histogram = &t->arrival};
    struct row lag = {.about = about, .trial = t, .phase = "lag", .histogram = &t->lag};
    put_row(out, &messages);
    if (!is_empty(plain.histogram))
        put_row(out, &plain);
    if (!is_empty(lag.histogram))
        put_row(out, &lag);
    if (!is_empty(arrival.histogram))
        put_row(out, &arrival);
    for (unsigned i = 0; i < PHASE_COUNT; i++) {
        struct row phase = {.about = about,
                            .trial = t,
                            .phase = phase_key((enum phase)i),
                            .histogram = &t->phases[i],
                            .of_clients = true};
        if (!is_empty(phase.histogram))
            put_row(out, &phase);
    }
    fflush(out);
}
