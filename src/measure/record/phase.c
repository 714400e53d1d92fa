#include "measure/record/phase.h"

struct row {
    const char *key;
    const char *title;
    const char *starts;
    const char *ends;
};

static const struct row *find_row(enum phase phase)
{
    static const struct row none = {"-", "-", "-", "-"};
    static const struct row rows[PHASE_COUNT] = {
#define X(name, key, title, starts, ends) [PHASE_##name] = {key, title, starts, ends},
        PHASE_LIST(X)
#undef X
    };
    return (unsigned)phase < PHASE_COUNT ? &rows[phase] : &none;
}

const char *phase_key(enum phase phase)
{
    return find_row(phase)->key;
}

const char *phase_title(enum phase phase)
{
    return find_row(phase)->title;
}

const char *phase_starts(enum phase phase)
{
    return find_row(phase)->starts;
}

const char *phase_ends(enum phase phase)
{
    return find_row(phase)->ends;
}
