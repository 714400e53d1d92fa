#include "measure/record/scenario.h"

struct row {
    const char *key;
    const char *title;
    enum flow flow;
};

static const struct row rows[SCENARIO_COUNT] = {
#define X(name, key, title, flow) [SCENARIO_##name] = {key, title, flow},
    SCENARIO_LIST(X)
#undef X
};

static const struct row *find_row(enum scenario scenario)
{
    static const struct row none = {"-", "-", FLOW_FIRST_ECHO};
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

enum flow scenario_flow(enum scenario scenario)
{
    return find_row(scenario)->flow;
}
