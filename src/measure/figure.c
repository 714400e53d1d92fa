#include "measure/figure.h"

const char *figure_key(enum figure figure)
{
    static const char *const keys[FIGURE_COUNT] = {
#define X(name, key) key,
        FIGURE_LIST(X)
#undef X
    };
    return (unsigned)figure < FIGURE_COUNT ? keys[figure] : "-";
}
