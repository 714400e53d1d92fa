/* Which trials ran in the same place, and what to say where they did not. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "measure/result/result.h"

static void add_warning(struct result_placement *p, const char *format, ...) RESULT_PRINTF(2, 3);

static void add_warning(struct result_placement *p, const char *format, ...)
{
    va_list list;
    if (p->warning_count == RESULT_WARNINGS)
        return;
    va_start(list, format);
    vsnprintf(p->warnings[p->warning_count++], RESULT_WARNING_TEXT, format, list);
    va_end(list);
}

/* ---- Trials of one target ------------------------------------------------------------------ */

/* All that are compared as one: its trials, the control's if it is the reference, the sweep's. */
static struct placement_count count_trials(const struct result *r, unsigned target, unsigned s)
{
    struct placement_count count = r->targets[target].summaries[s].placement;
    if (target == r->against)
        placement_count_merge(&count, &r->control[s].placement);
    for (unsigned p = 0; p < r->sweep.count && r->sweep.scenario == s; p++)
        placement_count_merge(&count, &r->sweep.points[target][p].placement);
    return count;
}

static void warn_of_target(struct result *r, unsigned target)
{
    char list[RESULT_WARNING_TEXT - 128] = "";
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        struct placement_count count = count_trials(r, target, s);
        char text[PLACEMENT_TEXT];
        size_t used = strlen(list);
        if (!placement_count_differs(&count))
            continue;
        placement_count_format(text, &count);
        snprintf(list + used, sizeof list - used, "%s%s %s", used > 0 ? "; " : "",
                 scenario_key((enum scenario)s), text);
    }
    if (list[0] != '\0')
        add_warning(&r->placement,
                    "%s: its trials saw different placements, which its figures mix: %s.",
                    r->targets[target].name, list);
}

/* ---- Targets beside each other ------------------------------------------------------------- */

/* Targets whose trials all saw the same, each something else. */
static void warn_of_scenario(struct result *r, unsigned s)
{
    char list[RESULT_WARNING_TEXT - 128] = "";
    struct placement_count seen = {{0}};
    for (unsigned i = 0; i < r->target_count; i++) {
        struct placement_count count = count_trials(r, i, s);
        enum placement common = placement_count_common(&count);
        size_t used = strlen(list);
        if (common == PLACEMENT_UNKNOWN)
            continue;
        placement_count_add(&seen, common);
        snprintf(list + used, sizeof list - used, "%s%s %s", used > 0 ? ", " : "",
                 r->targets[i].name, placement_words(common));
    }
    if (placement_count_differs(&seen))
        add_warning(&r->placement, "%s: ratios compare placements, not only servers: %s.",
                    scenario_key((enum scenario)s), list);
}

/* ---- Polling ------------------------------------------------------------------------------- */

static bool is_crowded(const struct summary *s)
{
    return s->pooled.busy_polled &&
           (s->placement.trials[PLACEMENT_SAME] > 0 || s->placement.trials[PLACEMENT_MOVING] > 0);
}

static void warn_of_polling(struct result *r)
{
    bool crowded = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            crowded = crowded || is_crowded(&r->targets[i].summaries[s]);
        for (unsigned p = 0; p < r->sweep.count; p++)
            crowded = crowded || is_crowded(&r->sweep.points[i][p]);
    }
    if (crowded)
        add_warning(
            &r->placement,
            "--busy-poll on a core that both ends share: the one that polls keeps it from the "
            "other until the system takes it away. The figures show the scheduler, not the "
            "servers. Use --placement apart.");
}

/* ---- The whole ----------------------------------------------------------------------------- */

void result_placement_conclude(struct result *r)
{
    struct result_placement *p = &r->placement;
    p->all = (struct placement_count){{0}};
    p->differs = false;
    p->warning_count = 0;
    for (unsigned i = 0; i < r->target_count; i++) {
        for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
            struct placement_count count = count_trials(r, i, s);
            placement_count_merge(&p->all, &count);
        }
        warn_of_target(r, i);
    }
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        warn_of_scenario(r, s);
    p->differs = p->warning_count > 0;
    if (p->differs && strcmp(p->asked, "free") == 0)
        add_warning(p, "A round trip on one core and one between two cores are different things: "
                       "--placement same or apart makes all trials alike.");
    warn_of_polling(r);
}
