#include "measure/limit.h"

#include <stddef.h>

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

enum limit limit_of(const struct trial *t)
{
    if (t->busy_polled)
        return LIMIT_UNKNOWN;
    return limit_judge(trial_busy_share(t, t->client_cpu_ns),
                       trial_busy_share(t, t->server_cpu_ns));
}

const char *limit_text(enum limit limit)
{
    static const char *const texts[] = {
        [LIMIT_UNKNOWN] = "unknown",       [LIMIT_CLIENT] = "client-limited",
        [LIMIT_SERVER] = "server-limited", [LIMIT_BOTH] = "both saturated",
        [LIMIT_LATENCY] = "latency-bound",
    };
    return (size_t)limit < sizeof texts / sizeof texts[0] ? texts[limit] : "-";
}
