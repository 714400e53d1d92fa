#include "measure/result/limit.h"

enum limit limit_judge(double client, double server)
{
    if (client <= 0.0)
        return LIMIT_UNKNOWN;
    if (server <= 0.0)
        return client >= LIMIT_FULL ? LIMIT_CLIENT : LIMIT_UNKNOWN;
    if (client >= LIMIT_FULL && server < client - LIMIT_MARGIN)
        return LIMIT_CLIENT;
    if (server >= LIMIT_FULL && client < server - LIMIT_MARGIN)
        return LIMIT_SERVER;
    /* Within the margin of one that is full, the other is as good as full. */
    return client >= LIMIT_FULL || server >= LIMIT_FULL ? LIMIT_BOTH : LIMIT_LATENCY;
}

const char *limit_text(enum limit limit)
{
    static const char *const texts[LIMIT_COUNT] = {
#define X(name, text) [LIMIT_##name] = (text),
        LIMIT_LIST(X)
#undef X
    };
    return (unsigned)limit < LIMIT_COUNT ? texts[limit] : "-";
}
