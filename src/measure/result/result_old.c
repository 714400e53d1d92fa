#include "measure/result/result.h"

enum scenario result_phase_source(const struct result_target *t)
{
    return t->phase_source;
}

const struct result_target *result_compared(const struct result *r, const struct result_target *t,
                                            enum result_base base)
{
    const struct pair *p =
        result_pair(r, t, base == RESULT_BASELINE ? PAIR_BASELINE : PAIR_REFERENCE);
    return p == NULL ? NULL : &r->targets[p->other];
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

bool result_drifts(const struct summary *s)
{
    return s->drifting;
}

bool result_failed(const struct result *r)
{
    return r->failed;
}

bool result_target_failed(const struct result *r, unsigned target)
{
    return r->targets[target].failed;
}
