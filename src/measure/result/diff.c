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

/* Takes the next part off the options, which are separated by "; "; empty at the end. The number of
 * blocks is skipped: it may differ. */
static struct span take_part(const char **options)
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

static void describe_part(struct span part, char out[RESULT_TEXT])
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
        struct span a = take_part(&rest_a);
        struct span b = take_part(&rest_b);
        if (span_equal(a, b))
            continue;
        describe_part(a, of_a);
        describe_part(b, of_b);
        return refuse(d, "other options", of_b, of_a, error);
    }
    return STATUS_OK;
}

static int find_target(const struct diff_side *side, const char *name)
{
    for (unsigned i = 0; i < side->target_count; i++)
        if (strcmp(side->targets[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void describe_size(const struct diff_target *t, char out[RESULT_TEXT])
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
    describe_size(a, of_a);
    describe_size(b, of_b);
    if (strcmp(of_a, of_b) != 0)
        return refuse(d, "other messages", of_b, of_a, error);
    if (strcmp(a->matched, b->matched) != 0)
        return refuse(d, "replies matched otherwise", b->matched, a->matched, error);
    return STATUS_OK;
}

static void swap_targets(struct diff_target *one, struct diff_target *other)
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
        if (find_target(&d->a, d->b.targets[i].name) < 0)
            return refuse_target(d->a.file, d->b.targets[i].name, d->b.file, error);
    for (unsigned i = 0; i < d->a.target_count; i++) {
        int at = find_target(&d->b, d->a.targets[i].name);
        if (at < 0)
            return refuse_target(d->b.file, d->a.targets[i].name, d->a.file, error);
        swap_targets(&d->b.targets[i], &d->b.targets[at]);
        int status = match_target(d, &d->a.targets[i], &d->b.targets[i], error);
        if (status < 0)
            return status;
    }
    return STATUS_OK;
}

/* A bit for each scenario of which the target has some figure. */
static uint32_t find_scenarios(const struct diff_target *t)
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
        common |= find_scenarios(&d->a.targets[i]) & find_scenarios(&d->b.targets[i]);
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

/* The noise of one run says nothing about two. */
static struct diff_comparison compare(const struct diff_figure *a, const struct diff_figure *b,
                                      enum figure figure)
{
    struct estimate ratio = {.refusal = REFUSAL_NONE,
                             .interval =
                                 interval_of_medians(b->values, b->count, a->values, a->count)};
    enum contrast_result result = contrast_judge(&ratio.interval);
    return (struct diff_comparison){ratio.interval, verdict_find(&ratio, result, figure)};
}

bool diff_differs(const struct diff_comparison *c)
{
    return c->verdict.result == CONTRAST_LESS || c->verdict.result == CONTRAST_MORE;
}

static void conclude_target(struct diff *d, unsigned target)
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        for (unsigned f = 0; f < FIGURE_COUNT; f++) {
            struct diff_comparison *c = &d->compared[target][s][f];
            *c = compare(&d->a.targets[target].figures[s][f], &d->b.targets[target].figures[s][f],
                         (enum figure)f);
            d->compared_count += c->ratio.n > 0;
            d->differing_count += diff_differs(c);
        }
}

void diff_conclude(struct diff *d)
{
    d->compared_count = 0;
    d->differing_count = 0;
    d->baseline = PAIR_NONE;
    for (unsigned i = 0; i < d->a.target_count; i++) {
        conclude_target(d, i);
        if (strcmp(d->a.targets[i].name, d->a.baseline) == 0)
            d->baseline = (int)i;
    }
}

int diff_judge(struct diff *d, const struct option_texts *texts, char error[OPTION_ERROR_BYTES])
{
    struct gate_list gates;
    struct gate_scope scope = {.count = d->a.target_count, .ratios = true};
    scope.blocks = (unsigned)(d->a.blocks < d->b.blocks ? d->a.blocks : d->b.blocks);
    for (unsigned i = 0; i < scope.count; i++) {
        scope.names[i] = d->a.targets[i].name;
        /* A scenario that one of the two lacks gives an unsure gate, not a refused one. */
        scope.scenarios[i] = find_scenarios(&d->a.targets[i]) | find_scenarios(&d->b.targets[i]);
    }
    int status = gate_list_parse(&gates, texts, &scope, error);
    if (status < 0)
        return status;
    for (unsigned i = 0; i < gates.count; i++) {
        const struct gate *g = &gates.item[i];
        d->gates[i] = gate_judge(g, &d->compared[g->of][g->scenario][g->figure].ratio);
    }
    d->gate_count = gates.count;
    return STATUS_OK;
}
