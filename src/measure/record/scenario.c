#include "measure/record/scenario.h"

const char *scenario_key(enum scenario scenario)
{
    static const char *const keys[SCENARIO_COUNT] = {
#define X(name, key) [SCENARIO_##name] = (key),
        SCENARIO_LIST(X)
#undef X
    };
    return (unsigned)scenario < SCENARIO_COUNT ? keys[scenario] : "-";
}
