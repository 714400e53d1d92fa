#include "measure/record/scenario.h"

#include "base/bytes.h"

const char *scenario_key(enum scenario scenario)
{
    static const char keys[] =
#define X(name, key) key "\0"
        SCENARIO_LIST(X)
#undef X
            "-";
    return bytes_word(keys, (unsigned)scenario < SCENARIO_COUNT ? scenario : SCENARIO_COUNT);
}
