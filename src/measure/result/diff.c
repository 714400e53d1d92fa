#include "measure/result/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

#define COMMAND "diff"
#define CAUSE   (2 * RESULT_TEXT + 64)

/* ---- Whether they can be compared ---------------------------------------------------------- */

/* Refuses B for having `found` where A has `expected`. */
static int refuse(const struct diff *d, const char *what, const char *found, const char *expected,
                  char error[OPTION_ERROR_BYTES])
{
    char cause[CAUSE];
    snprintf(cause, sizeof cause, "%s: %s, not %s", what, found, expected);
    return option_refuse(error, COMMAND, d->b.file, cause);
}

/* The next part of the options, which stand behind one another with "; " between; empty at the end.
 * The number of blocks is none: it may differ. */
static struct span next_part(const char **options)
{
    while (**options != '\0') {
        struct span part = span_of(*options, strcspn(*options, ";"));
        *options += part.len;
        *options += strspn(*options, "; ");
        bool blocks = part.len > 6 && (memcmp(part.ptr + part.len - 6, " block", 6) == 0 ||
                                       memcmp(part.ptr + part.len - 6, "blocks", 6) == 0);
        if (!blocks)
            return part;
    }
    return span_text("");
}

static void part_words(struct span part, char out[RESULT_TEXT])
{
    snprintf(out, RESULT_TEXT, "%.*s", part.len > 0 ? (int)part.len : 7,
             part.len > 0 ? (const char *)part.ptr : "default");
}

static int match_run(const struct diff *d, char error[OPTION_ERROR_BYTES])
{
    char of_a[RESULT_TEXT];
    char of_b[RESULT_TEXT];
    const char *rest_a = d->a.options;
    const char *rest_b = d->b.options;
    if (strcmp(d->a.scenario, d->b.scenario) != 0)
        return refuse(d, "another scenario", d->b.scenario, d->a.scenario, error);
    while (*rest_a != '\0' || *rest_b != '\0') {
        struct span a = next_part(&rest_a);
        struct span b = next_part(&rest_b);
        if (span_equal(a, b))
            continue;
        part_words(a, of_a);
        part_words(b, of_b);
        return refuse(d, "other options", of_b, of_a, error);
    }
    return STATUS_OK;
}

static int target_find(const struct diff_side *side, const char *name)
{
    for (unsigned i = 0; i < side->target_count; i++)
        if (strcmp(side->targets[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void size_words(const struct diff_target *t, char out[RESULT_TEXT])
{
    snprintf(out, RESULT_TEXT, "%" PRIu64 " bytes%s", t->size, t->binary ? " of binary" : "");
}

static int match_target(const struct diff *d, const struct diff_target *a,
                        const struct diff_target *b, char error[OPTION_ERROR_BYTES])
{
    char of_a[RESULT_TEXT];
    char of_b[RESULT_TEXT];
    if (strcmp(a->kind, b->kind) != 0)
        return refuse(d, "another target", b->kind, a->kind, error);
    size_words(a, of_a);
    size_words(b, of_b);
    if (strcmp(of_a, of_b) != 0)
        return refuse(d, "other messages", of_b, of_a, error);
    if (strcmp(a->matched, b->matched) != 0)
        return refuse(d, "replies matched otherwise", b->matched, a->matched, error);
    return STATUS_OK;
}

static void targets_swap(struct diff_target *one, struct diff_target *other)
{
    static struct diff_target kept;
    kept = *one;
    *one = *other;
    *other = kept;
}

static int refuse_target(const char *file, const char *name, const char *other,
                         char error[OPTION_ERROR_BYTES])
{
    char cause[CAUSE];
    snprintf(cause, sizeof cause, "no target %s, which %s has", name, other);
    return option_refuse(error, COMMAND, file, cause);
}

static int match_targets(struct diff *d, char error[OPTION_ERROR_BYTES])
{
    for (unsigned i = 0; i < d->b.target_count; i++)
        if (target_find(&d->a, d->b.targets[i].name) < 0)
            return refuse_target(d->a.file, d->b.targets[i].name, d->b.file, error);
    for (unsigned i = 0; i < d->a.target_count; i++) {
        int at = target_find(&d->b, d->a.targets[i].name);
        if (at < 0)
            return refuse_target(d->b.file, d->a.targets[i].name, d->a.file, error);
        targets_swap(&d->b.targets[i], &d->b.targets[at]);
        int status = match_target(d, &d->a.targets[i], &d->b.targets[i], error);
        if (status < 0)
            return status;
    }
    return STATUS_OK;
}

/* Bits of the scenarios of which one has some figure. */
static uint32_t scenarios_of(const struct diff_target *t)
{
    uint32_t bits = 0;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        for (unsigned f = 0; f < FIGURE_COUNT; f++)
            if (t->figures[s][f].count > 0)
                bits |= UINT32_C(1) << s;
    return bits;
}

int diff_match(struct diff *d, char error[OPTION_ERROR_BYTES])
{
    uint32_t common = 0;
    int status = match_run(d, error);
    if (status == STATUS_OK)
        status = match_targets(d, error);
    if (status < 0)
        return status;
    for (unsigned i = 0; i < d->a.target_count; i++)
        common |= scenarios_of(&d->a.targets[i]) & scenarios_of(&d->b.targets[i]);
    if (common == 0)
        return option_refuse(error, COMMAND, d->b.file, "no figure that both reports have");
    d->verdict_scenario = d->a.verdict_scenario;
    d->verdict_figure = d->a.verdict_figure;
    return STATUS_OK;
}

/* ---- Comparing ----------------------------------------------------------------------------- */

bool diff_has(const struct diff *d, unsigned target, enum scenario scenario, enum figure figure)
{
    const struct diff_figure *a = &d->a.targets[target].figures[scenario][figure];
    const struct diff_figure *b = &d->b.targets[target].figures[scenario][figure];
    return a->count > 0 && b->count > 0;
}

struct interval diff_ratio(const struct diff *d, unsigned target, enum scenario scenario,
                           enum figure figure)
{
    const struct diff_figure *a = &d->a.targets[target].figures[scenario][figure];
    const struct diff_figure *b = &d->b.targets[target].figures[scenario][figure];
    if (!diff_has(d, target, scenario, figure))
        return (struct interval){0};
    return interval_of_medians(b->values, b->count, a->values, a->count);
}

int diff_judge(struct diff *d, const struct option_texts *texts, char error[OPTION_ERROR_BYTES])
{
    struct gate_list gates;
    struct gate_scope scope = {.count = d->a.target_count, .ratios = true};
    scope.blocks = (unsigned)(d->a.blocks < d->b.blocks ? d->a.blocks : d->b.blocks);
    for (unsigned i = 0; i < scope.count; i++) {
        scope.names[i] = d->a.targets[i].name;
        /* What one of them lacks is unsure, not unknown. */
        scope.scenarios[i] = scenarios_of(&d->a.targets[i]) | scenarios_of(&d->b.targets[i]);
    }
    int status = gate_list_parse(&gates, texts, &scope, error);
    if (status < 0)
        return status;
    for (unsigned i = 0; i < gates.count; i++) {
        const struct gate *g = &gates.item[i];
        struct interval found = diff_ratio(d, (unsigned)g->of, g->scenario, g->figure);
        d->gates[i] = gate_judge(g, &found);
    }
    d->gate_count = gates.count;
    return STATUS_OK;
}
