#include "measure/result/limit.h"

/* Each can have a whole core. */
static enum limit judge_apart(double client, double server)
{
    if (client >= LIMIT_FULL && server < client - LIMIT_MARGIN)
        return LIMIT_CLIENT;
    if (server >= LIMIT_FULL && client < server - LIMIT_MARGIN)
        return LIMIT_SERVER;
    /* Within the margin of one that is full, the other is as good as full. */
    return client >= LIMIT_FULL || server >= LIMIT_FULL ? LIMIT_BOTH : LIMIT_LATENCY;
}

enum limit limit_judge(double client, double server, const struct placement_count *placement)
{
    enum placement common = placement_count_common(placement);
    if (client <= 0.0 || placement_count_differs(placement) || common == PLACEMENT_MOVING)
        return LIMIT_UNKNOWN;
    if (server <= 0.0)
        return client >= LIMIT_FULL ? LIMIT_CLIENT : LIMIT_UNKNOWN;
    if (common == PLACEMENT_SAME)
        return client + server >= LIMIT_FULL ? LIMIT_CORE : LIMIT_LATENCY;
    return judge_apart(client, server);
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
