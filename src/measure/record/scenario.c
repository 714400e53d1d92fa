#include "measure/record/scenario.h"

struct row {
    const char *key;
    const char *title;
};

static const struct row rows[SCENARIO_COUNT] = {
#define X(name, key, title) [SCENARIO_##name] = {key, title},
    SCENARIO_LIST(X)
#undef X
};

static const struct row *find_row(enum scenario scenario)
{
    static const struct row none = {"-", "-"};
    return (unsigned)scenario < SCENARIO_COUNT ? &rows[scenario] : &none;
}

const char *scenario_key(enum scenario scenario)
{
    return find_row(scenario)->key;
}

const char *scenario_title(enum scenario scenario)
{
    return find_row(scenario)->title;
}
