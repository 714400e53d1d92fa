#include "measure/phase.h"

static const struct {
    const char *key;
    const char *title;
    const char *starts;
    const char *ends;
} table[PHASE_COUNT + 1] = {
#define X(name, key, title, starts, ends) {key, title, starts, ends},
    PHASE_LIST(X)
#undef X
        {"-", "-", "-", "-"},
};

static unsigned row(enum phase phase)
{
    return (unsigned)phase < PHASE_COUNT ? (unsigned)phase : PHASE_COUNT;
}

const char *phase_key(enum phase phase)
{
    return table[row(phase)].key;
}

const char *phase_title(enum phase phase)
{
    return table[row(phase)].title;
}

const char *phase_starts(enum phase phase)
{
    return table[row(phase)].starts;
}

const char *phase_ends(enum phase phase)
{
    return table[row(phase)].ends;
}
