#include "measure/result/limit.h"

#include "base/bytes.h"

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

enum limit limit_of(const struct summary *s)
{
    if (s->pooled.busy_polled)
        return LIMIT_UNKNOWN;
    return limit_judge(summary_figure(s, FIGURE_CLIENT_BUSY).median,
                       summary_figure(s, FIGURE_SERVER_BUSY).median);
}

const char *limit_text(enum limit limit)
{
    static const char texts[] = "unknown\0client-limited\0server-limited\0both saturated\0"
                                "latency-bound\0-";
    return bytes_word(texts, (unsigned)limit <= LIMIT_LATENCY ? limit : LIMIT_LATENCY + 1);
}
