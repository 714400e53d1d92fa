#include "client/judge.h"

#include <stdio.h>

#include "client/plan.h"

enum { EXIT_PASSED = 0, EXIT_HOLDS = 3, EXIT_UNSURE = 4 };

static uint32_t scenarios_of(const struct client_options *options, const struct target *target)
{
    uint32_t bits = 0;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if (plan_has_of(options, target, (enum scenario)s))
            bits |= UINT32_C(1) << s;
    return bits;
}

int judge_prepare(struct gate_list *gates, const struct client_options *options,
                  const struct target_list *targets, char error[OPTION_ERROR_BYTES])
{
    struct gate_scope scope = {.count = targets->count, .blocks = options->blocks};
    if (options->gates.count > 0 && options->sweep.count > 0)
        return option_refuse(error, "--fail-if", NULL, "not together with --sweep");
    for (uint32_t i = 0; i < targets->count; i++) {
        scope.names[i] = targets->item[i].name;
        scope.scenarios[i] = scenarios_of(options, &targets->item[i]);
    }
    return gate_list_parse(gates, &options->gates, &scope, error);
}

int judge_exit(const struct report_gate *gates, unsigned count)
{
    char text[GATE_SENTENCE];
    for (unsigned i = 0; i < count; i++) {
        if (gates[i].outcome == REPORT_PASSED)
            continue;
        gate_sentence(&gates[i], text);
        fprintf(stderr, "wsio-client: --fail-if %s\n", text);
    }
    switch (gate_worst(gates, count)) {
    case REPORT_FAILED:
        return EXIT_HOLDS;
    case REPORT_UNSURE:
        return EXIT_UNSURE;
    case REPORT_PASSED:
        break;
    }
    return EXIT_PASSED;
}
