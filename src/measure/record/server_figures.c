#include "measure/record/server_figures.h"

const char *server_figures_key(enum service service)
{
    static const char *const keys[SERVICE_COUNT] = {
#define X(name, key) [SERVICE_##name] = (key),
        SERVICE_LIST(X)
#undef X
    };
    return (unsigned)service < SERVICE_COUNT ? keys[service] : "-";
}
