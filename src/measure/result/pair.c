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

static int find_usual_reference(const enum pair_protocol *protocols, unsigned count,
                                unsigned against, unsigned target)
{
    int websocket = find_first(protocols, count, PAIR_WEBSOCKET);
    int baseline = pair_find_baseline(protocols, count);
    if (protocols[target] == PAIR_SOCKET_IO && websocket != PAIR_NONE)
        return websocket;
    if ((int)against != baseline)
        return (int)against;
    return find_first(protocols, count, protocols[target]);
}

int pair_find_reference(const enum pair_protocol *protocols, unsigned count, unsigned against,
                        unsigned target)
{
    int reference = find_usual_reference(protocols, count, against, target);
    if (reference == (int)target || (int)target == pair_find_baseline(protocols, count))
        return PAIR_NONE;
    /* Where each would be the other's, Socket.IO is judged against its WebSocket. */
    int back = find_usual_reference(protocols, count, against, (unsigned)reference);
    return back == (int)target && protocols[target] != PAIR_SOCKET_IO ? PAIR_NONE : reference;
}

/* The pairs as they are found. */
struct list {
    struct pair *pairs;
    unsigned used;
    unsigned count; /* targets */
};

static void add_pair(struct list *l, unsigned target, int other, enum pair_base base)
{
    if (other < 0 || other >= (int)l->count || other == (int)target)
        return;
    for (unsigned i = 0; i < l->used; i++) {
        const struct pair *p = &l->pairs[i];
        bool forth = p->target == target && p->other == (unsigned)other;
        bool back = p->target == (unsigned)other && p->other == target;
        if (forth || back)
            return;
    }
    struct pair *p = &l->pairs[l->used++];
    p->target = target;
    p->other = (unsigned)other;
    p->base = base;
}

unsigned pair_list(struct pair pairs[PAIRS_MAX], const enum pair_protocol *protocols, int baseline,
                   const int *references, unsigned against, unsigned count)
{
    struct list l = {.pairs = pairs, .count = count};
    for (unsigned i = 0; i < count; i++)
        if ((int)i != baseline) {
            add_pair(&l, i, baseline, PAIR_BASELINE);
            add_pair(&l, i, references[i], PAIR_REFERENCE);
        }
    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < i; j++)
            if (protocols[i] == protocols[j])
                add_pair(&l, i, (int)j, PAIR_FURTHER);
        add_pair(&l, i, (int)against, PAIR_FURTHER);
    }
    return l.used;
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
