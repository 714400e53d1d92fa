#include "measure/result/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

void result_start(struct result *r)
{
    r->baseline = -1;
    r->verdict_scenario = SCENARIO_ROUNDTRIP;
    r->verdict_figure = FIGURE_P50;
}

void result_reset(struct result *r)
{
    memset(r, 0, sizeof *r);
    result_start(r);
}

struct result_target *result_add_target(struct result *r)
{
    if (r->target_count == TARGETS_MAX)
        return NULL;
    struct result_target *t = &r->targets[r->target_count++];
    memset(t, 0, sizeof *t);
    t->pair = -1;
    return t;
}

void result_add_note(struct result *r, const char *format, ...)
{
    if (r->note_count == RESULT_NOTES)
        return;
    va_list list;
    va_start(list, format);
    vsnprintf(r->notes[r->note_count++], RESULT_TEXT, format, list);
    va_end(list);
}

void result_add_size(struct result *r, const char *name, uint64_t bytes)
{
    if (r->size_count == RESULT_SIZES)
        return;
    struct result_size *size = &r->sizes[r->size_count++];
    snprintf(size->name, sizeof size->name, "%s", name);
    size->bytes = bytes;
}

bool result_has(const struct result *r, enum scenario scenario)
{
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].summaries[scenario].blocks > 0)
            return true;
    return false;
}

static bool has_phases(const struct trial *t)
{
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        if (t->phases[phase].values.n > 0)
            return true;
    return false;
}

enum scenario result_phase_source(const struct result_target *t)
{
    /* One at a time says most about a phase; in throughput many connect at once. */
    static const enum scenario order[] = {SCENARIO_CONNECT, SCENARIO_THROUGHPUT, SCENARIO_ROUNDTRIP,
                                          SCENARIO_RATE, SCENARIO_SEND};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (has_phases(&t->summaries[order[i]].pooled))
            return order[i];
    return SCENARIO_COUNT;
}

void result_count_blocks(struct result_blocks *b, size_t blocks)
{
    unsigned n = (unsigned)blocks;
    if (n == 0)
        return;
    if (b->most == 0 || n < b->least)
        b->least = n;
    if (n > b->most)
        b->most = n;
}

const struct result_target *result_compared(const struct result *r, const struct result_target *t,
                                            enum result_base base)
{
    int index = base == RESULT_BASELINE ? r->baseline : t->pair;
    if (index < 0 || (unsigned)index >= r->target_count)
        return NULL;
    const struct result_target *other = &r->targets[index];
    return other == t ? NULL : other;
}

struct contrast result_contrast(const struct result *r, const struct result_target *t,
                                enum result_base base, enum scenario scenario, enum figure figure)
{
    const struct result_target *other = result_compared(r, t, base);
    if (other == NULL)
        return (struct contrast){0};
    return contrast_of(&t->summaries[scenario], &other->summaries[scenario],
                       &r->targets[0].summaries[scenario], &r->control[scenario], figure);
}

#define DRIFT_MIN 0.05

bool result_drifts(const struct summary *s)
{
    struct interval drift = summary_interval(s, FIGURE_DRIFT);
    double off = drift.median < 1.0 ? 1.0 - drift.median : drift.median - 1.0;
    if (drift.n == 0 || off <= DRIFT_MIN || summary_refused(s, FIGURE_DRIFT))
        return false;
    return drift.n < INTERVAL_MIN || drift.low > 1.0 || drift.high < 1.0;
}

/* Clients that were stopped with the run: nobody's fault. */
static uint64_t stopped(const struct failures *f)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < f->used; i++)
        if (f->list[i].status == STATUS_STOPPED)
            count += f->list[i].count;
    return count;
}

static bool summary_failed(const struct summary *s)
{
    const struct trial *t = &s->pooled;
    uint64_t most = stopped(&t->failures);
    return t->failed + t->lost > most || t->tally.wrong > 0 ||
           failures_count(&t->failures) > most || summary_refused_any(s);
}

bool result_target_failed(const struct result *r, unsigned target)
{
    const struct result_target *t = &r->targets[target];
    bool failed = failures_count(&t->failures) > 0;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        failed = failed || summary_failed(&t->summaries[s]);
    for (unsigned p = 0; p < r->sweep.count; p++)
        failed = failed || summary_failed(&r->sweep.points[target][p]);
    return failed;
}

bool result_failed(const struct result *r)
{
    bool failed = false;
    for (unsigned i = 0; i < r->target_count; i++)
        failed = failed || result_target_failed(r, i);
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        failed = failed || summary_failed(&r->control[s]);
    return failed;
}
