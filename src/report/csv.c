#include "report/csv.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "measure/record/identity.h"

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

static void put_count(FILE *out, uint64_t value)
{
    fprintf(out, ",%" PRIu64, value);
}

/* Empty when it was not measured. */
static void put_known(FILE *out, uint64_t value)
{
    if (value > 0)
        put_count(out, value);
    else
        fputc(',', out);
}

/* ---- Columns ----------------------------------------------------------------------------- */

/* What only the row "messages" has: X(name, member). */
#define COUNT_LIST(X)                                                                              \
    X("clients_ready", ready)                                                                      \
    X("clients_failed", failed)                                                                    \
    X("clients_lost", lost)                                                                        \
    X("sent", tally.sent)                                                                          \
    X("answered", tally.answered)                                                                  \
    X("wrong", tally.wrong)                                                                        \
    X("unanswered", tally.unanswered)                                                              \
    X("unexpected", tally.unexpected)                                                              \
    X("wire_out_bytes", tally.wire_out)                                                            \
    X("wire_in_bytes", tally.wire_in)

/* Of an open loop: nothing was planned elsewhere. */
#define PLANNED_LIST(X)                                                                            \
    X("planned", planned)                                                                          \
    X("planned_sent", planned_sent)                                                                \
    X("planned_waited", planned_waited)                                                            \
    X("worst_lag_ns", worst_lag_ns)

/* 0 there is "not measured". */
#define KNOWN_LIST(X)                                                                              \
    X("accepted", accepted)                                                                        \
    X("window_ns", window_ns)                                                                      \
    X("elapsed_ns", elapsed_ns)                                                                    \
    X("client_cpu_ns", client_cpu_ns)                                                              \
    X("server_cpu_ns", server_cpu_ns)                                                              \
    X("client_calls", client_calls)                                                                \
    X("server_calls", server_calls)                                                                \
    X("client_switches", client_switches)                                                          \
    X("server_switches", server_switches)

#define X(name, member) offsetof(struct trial, member),
static const uint32_t counts[] = {COUNT_LIST(X)};
static const uint32_t planned[] = {PLANNED_LIST(X)};
static const uint32_t knowns[] = {KNOWN_LIST(X)};
#undef X

static uint64_t count_at(const struct trial *t, uint32_t place)
{
    const void *at = (const char *)t + place;
    return *(const uint64_t *)at;
}

void csv_write_head(FILE *out)
{
    fputs(
        "order,block,target,scenario,control,sweep_value,phase,count,outside,min_ns,p50_ns,p90_ns,"
        "p99_ns,max_ns,mean_ns,deviation_ns,broken,rate_per_s"
#define X(name, member) "," name
        COUNT_LIST(X) PLANNED_LIST(X) KNOWN_LIST(X)
#undef X
            "\r\n",
        out);
}

static void put_start(FILE *out, const struct csv_trial *about, const struct trial *t,
                      const char *phase)
{
    fprintf(out, "%" PRIu64 ",%u,", about->order, about->block);
    put_text(out, about->target);
    fprintf(out, ",%s,%d", scenario_key(t->scenario), about->control ? 1 : 0);
    put_known(out, about->sweep_value);
    fprintf(out, ",%s", phase);
}

static void put_histogram(FILE *out, const struct histogram *h, bool refused)
{
    put_count(out, h->values.n);
    put_count(out, h->outside);
    if (refused || h->values.n == 0) {
        fputs(",,,,,,,", out);
        return;
    }
    put_count(out, (uint64_t)h->values.min);
    put_count(out, histogram_percentile(h, 50.0));
    put_count(out, histogram_percentile(h, 90.0));
    put_count(out, histogram_percentile(h, 99.0));
    put_count(out, (uint64_t)h->values.max);
    fprintf(out, ",%.3f,%.3f", histogram_mean(h), histogram_deviation(h));
}

/* ---- Rows -------------------------------------------------------------------------------- */

/* The broken identities, with a space between them. */
static void put_broken(FILE *out, const struct trial *t)
{
    char why[IDENTITY_TEXT];
    bool any = false;
    fputc(',', out);
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        if (identity_check((enum identity)i, t, why) != IDENTITY_BROKEN)
            continue;
        fprintf(out, "%s%s", any ? " " : "", identity_key((enum identity)i));
        any = true;
    }
}

static bool is_refused(const struct trial *t)
{
    char why[IDENTITY_TEXT];
    return identity_check(IDENTITY_BALANCE, t, why) == IDENTITY_BROKEN ||
           identity_check(IDENTITY_LITTLE, t, why) == IDENTITY_BROKEN;
}

static void put_messages(FILE *out, const struct csv_trial *about, const struct trial *t)
{
    bool no = is_refused(t);
    double rate = trial_rate(t);
    put_start(out, about, t, "messages");
    put_histogram(out, &t->latency, no);
    put_broken(out, t);
    if (no || rate <= 0.0)
        fputc(',', out);
    else
        fprintf(out, ",%.3f", rate);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        put_count(out, count_at(t, counts[i]));
    for (size_t i = 0; i < sizeof planned / sizeof planned[0]; i++)
        if (t->planned > 0)
            put_count(out, count_at(t, planned[i]));
        else
            fputc(',', out);
    for (size_t i = 0; i < sizeof knowns / sizeof knowns[0]; i++)
        put_known(out, count_at(t, knowns[i]));
    fputs("\r\n", out);
}

static void put_row(FILE *out, const struct csv_trial *about, const struct trial *t,
                    const char *phase, const struct histogram *h, bool refused)
{
    if (h->values.n == 0 && h->outside == 0)
        return;
    put_start(out, about, t, phase);
    put_histogram(out, h, refused);
#define X(name, member) ","
    fputs(",," COUNT_LIST(X) PLANNED_LIST(X) KNOWN_LIST(X) "\r\n", out);
#undef X
}

void csv_write_trial(FILE *out, const struct csv_trial *about, const struct trial *t)
{
    put_messages(out, about, t);
    put_row(out, about, t, "plain", &t->plain, is_refused(t));
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        put_row(out, about, t, phase_key((enum phase)phase), &t->phases[phase], false);
    fflush(out);
}
