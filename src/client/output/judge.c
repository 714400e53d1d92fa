#include "client/output/judge.h"

#include <stdio.h>

#include "base/status.h"
#include "client/plan/plan.h"
#include "client/output/exit_code.h"
#include "client/output/saved.h"
#include "report/phrases.h"
#include "report/text/diff_text.h"
#include "measure/result/diff.h"

static uint32_t find_scenarios(const struct client_options *options, const struct target *target)
{
    uint32_t bits = 0;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (plan_has_of(options, target, (enum scenario)s))
            bits |= UINT32_C(1) << s;
    return bits;
}

static int refuse_against(const struct client_options *options, const struct target_list *targets,
                          char error[OPTION_ERROR_BYTES])
{
    char names[OPTION_ERROR_BYTES];
    struct buf out = buf_over(names, sizeof names - 1);
    buf_put_text(&out, "expected the name of a target: ");
    for (uint32_t i = 0; i < targets->count; i++) {
        buf_put_text(&out, i == 0 ? "" : ", ");
        buf_put_text(&out, targets->item[i].name);
    }
    names[out.len] = '\0';
    return option_refuse(error, "--against", options->against, names);
}

int judge_prepare(struct gate_list *gates, const struct client_options *options,
                  const struct target_list *targets, char error[OPTION_ERROR_BYTES])
{
    struct gate_scope scope = {.count = targets->count, .blocks = options->blocks};
    if (options->gates.count > 0 && options->sweep.count > 0)
        return option_refuse(error, "--fail-if", NULL, "not together with --sweep");
    if (plan_find_against(options, targets) == TARGETS_MAX)
        return refuse_against(options, targets, error);
    for (uint32_t i = 0; i < targets->count; i++) {
        scope.names[i] = targets->item[i].name;
        scope.scenarios[i] = find_scenarios(options, &targets->item[i]);
    }
    return gate_list_parse(gates, &options->gates, &scope, error);
}

/* An interval that contains the line may be let pass; a figure that is missing never. */
static bool is_let_pass(const struct gate_result *g, enum client_unsure unsure)
{
    return g->outcome == GATE_UNSURE && g->found.n >= INTERVAL_MIN && unsure != CLIENT_UNSURE_FAIL;
}

int judge_exit(const struct gate_result *gates, unsigned count, enum client_unsure unsure)
{
    char text[PHRASES_GATE];
    int code = EXIT_DONE;
    for (unsigned i = 0; i < count; i++) {
        bool let_pass = is_let_pass(&gates[i], unsure);
        if (gates[i].outcome == GATE_PASSED || (let_pass && unsure == CLIENT_UNSURE_OK))
            continue;
        phrases_gate(text, &gates[i]);
        fprintf(stderr, "wsio-client: --fail-if %s\n", text);
        if (gates[i].outcome == GATE_FAILED)
            code = EXIT_HOLDS;
        else if (!let_pass && code == EXIT_DONE)
            code = EXIT_UNSURE;
    }
    return code;
}

/* Takes --verdict-on; without it, the figure of A's own verdicts stays. */
static int choose_verdict(struct diff *d, const struct client_options *options,
                          char error[OPTION_ERROR_BYTES])
{
    if (!options->given.verdict_on)
        return STATUS_OK;
    d->verdict_scenario = options->verdict_scenario;
    d->verdict_figure = options->verdict_figure;
    for (unsigned i = 0; i < d->a.target_count; i++)
        if (diff_has(d, i, d->verdict_scenario, d->verdict_figure))
            return STATUS_OK;
    return option_refuse(error, "--verdict-on", options->verdict_text,
                         "no target has it in both reports");
}

int judge_saved(const struct client_options *options)
{
    static struct diff diff;
    char error[OPTION_ERROR_BYTES];
    int status = saved_read(&diff.a, options->files[0], error);
    if (status == STATUS_OK)
        status = saved_read(&diff.b, options->files[1], error);
    if (status == STATUS_OK)
        status = diff_match(&diff, error);
    if (status == STATUS_OK)
        status = choose_verdict(&diff, options, error);
    if (status == STATUS_OK) {
        diff_conclude(&diff);
        status = diff_judge(&diff, &options->gates, error);
    }
    if (status < 0) {
        fprintf(stderr, "wsio-client: %s\n", error);
        return EXIT_USAGE;
    }
    if (!options->quiet && diff_text_write(stdout, &diff) < 0) {
        fprintf(stderr, "wsio-client: stdout: cannot be written\n");
        return EXIT_FAILED;
    }
    return judge_exit(diff.gates, diff.gate_count, (enum client_unsure)options->unsure);
}
