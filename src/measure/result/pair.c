#include "measure/result/pair.h"

static int find_first(const enum pair_protocol *protocols, unsigned count,
                      enum pair_protocol wanted)
{
    for (unsigned i = 0; i < count; i++)
        if (protocols[i] == wanted)
            return (int)i;
    return PAIR_NONE;
}

int pair_find_baseline(const enum pair_protocol *protocols, unsigned count)
{
    return find_first(protocols, count, PAIR_TCP);
}

int pair_find_reference(const enum pair_protocol *protocols, unsigned count, unsigned target)
{
    int reference = PAIR_NONE;
    if (protocols[target] == PAIR_SOCKET_IO)
        reference = find_first(protocols, count, PAIR_WEBSOCKET);
    if (reference == PAIR_NONE && pair_find_baseline(protocols, count) == PAIR_NONE && target > 0)
        reference = 0;
    return reference;
}

unsigned pair_list(struct pair pairs[PAIRS_MAX], int baseline, const int *references,
                   unsigned count)
{
    unsigned used = 0;
    for (unsigned i = 0; i < count; i++)
        for (unsigned base = 0; base < PAIR_BASES; base++) {
            int other = base == PAIR_BASELINE ? baseline : references[i];
            bool exists = other >= 0 && other < (int)count && other != (int)i;
            bool listed = base == PAIR_REFERENCE && other == baseline;
            if (!exists || listed)
                continue;
            struct pair *p = &pairs[used++];
            p->target = i;
            p->other = (unsigned)other;
            p->base = (enum pair_base)base;
        }
    return used;
}

const struct pair *pair_find(const struct pair *pairs, unsigned count, unsigned target,
                             enum pair_base base)
{
    for (unsigned i = 0; i < count; i++)
        if (pairs[i].target == target && pairs[i].base == base)
            return &pairs[i];
    return NULL;
}

int pair_common(const struct pair *pairs, unsigned count, enum pair_base base)
{
    int common = PAIR_NONE;
    for (unsigned i = 0; i < count; i++) {
        if (pairs[i].base != base)
            continue;
        if (common != PAIR_NONE && common != (int)pairs[i].other)
            return PAIR_VARIES;
        common = (int)pairs[i].other;
    }
    return common;
}

struct comparison pair_compare(struct summary_trials of, struct summary_trials to,
                               const struct estimate *noise, enum figure figure, unsigned claims)
{
    struct comparison c = {.ratio = summary_compare(of, to, figure, claims),
                           .noise = noise->interval};
    if (c.ratio.refusal == REFUSAL_NONE)
        c.result = contrast_judge(&c.ratio.interval);
    return c;
}
