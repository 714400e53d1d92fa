#include "measure/record/placement.h"

#include <assert.h>
#include <stdio.h>

#include "base/real.h"

void placement_add(struct placement_samples *s, bool same)
{
    s->taken++;
    s->same += same;
}

void placement_merge(struct placement_samples *into, const struct placement_samples *from)
{
    into->taken += from->taken;
    into->same += from->same;
}

double placement_same_share(const struct placement_samples *s)
{
    return s->taken == 0 ? 0.0 : real_of(s->same) / real_of(s->taken);
}

enum placement placement_find(const struct placement_samples *s)
{
    double needed = PLACEMENT_SHARE * real_of(s->taken);
    if (s->taken == 0)
        return PLACEMENT_UNKNOWN;
    if (real_of(s->same) >= needed)
        return PLACEMENT_SAME;
    return real_of(s->taken - s->same) >= needed ? PLACEMENT_APART : PLACEMENT_MOVING;
}

const char *placement_key(enum placement placement)
{
    static const char *const keys[PLACEMENT_COUNT] = {
#define X(name, key, words) [PLACEMENT_##name] = (key),
        PLACEMENT_LIST(X)
#undef X
    };
    return (unsigned)placement < PLACEMENT_COUNT ? keys[placement] : "-";
}

const char *placement_words(enum placement placement)
{
    static const char *const texts[PLACEMENT_COUNT] = {
#define X(name, key, words) [PLACEMENT_##name] = (words),
        PLACEMENT_LIST(X)
#undef X
    };
    return (unsigned)placement < PLACEMENT_COUNT ? texts[placement] : "-";
}

/* ---- Of several trials ----------------------------------------------------------------------- */

void placement_count_add(struct placement_count *c, enum placement placement)
{
    c->trials[placement]++;
}

void placement_count_merge(struct placement_count *into, const struct placement_count *from)
{
    for (unsigned i = 0; i < PLACEMENT_COUNT; i++)
        into->trials[i] += from->trials[i];
}

static unsigned count_kinds(const struct placement_count *c)
{
    unsigned kinds = 0;
    for (unsigned i = PLACEMENT_UNKNOWN + 1; i < PLACEMENT_COUNT; i++)
        kinds += c->trials[i] > 0;
    return kinds;
}

bool placement_count_differs(const struct placement_count *c)
{
    return count_kinds(c) > 1;
}

enum placement placement_count_common(const struct placement_count *c)
{
    unsigned i = PLACEMENT_UNKNOWN + 1;
    if (count_kinds(c) != 1)
        return PLACEMENT_UNKNOWN;
    while (c->trials[i] == 0)
        i++;
    return (enum placement)i;
}

void placement_count_format(char out[PLACEMENT_TEXT], const struct placement_count *c)
{
    /* What is not known comes last. */
    static const enum placement order[] = {PLACEMENT_SAME, PLACEMENT_APART, PLACEMENT_MOVING,
                                           PLACEMENT_UNKNOWN};
    static_assert(sizeof order / sizeof order[0] == PLACEMENT_COUNT, "each has its turn");
    size_t used = 0;
    snprintf(out, PLACEMENT_TEXT, "none");
    for (size_t i = 0; i < PLACEMENT_COUNT; i++) {
        unsigned trials = c->trials[order[i]];
        if (trials == 0 || used >= PLACEMENT_TEXT)
            continue;
        int n = snprintf(out + used, PLACEMENT_TEXT - used, "%s%u %s", used > 0 ? ", " : "", trials,
                         placement_words(order[i]));
        used += n > 0 ? (size_t)n : 0;
    }
}
