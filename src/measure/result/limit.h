/* What limited the exchange of messages: judged by the share of one core that the thread of each
 * end used, and by whether it was the same core. */
#ifndef WSIO_MEASURE_LIMIT_H
#define WSIO_MEASURE_LIMIT_H

#include "measure/record/placement.h"

/* X(NAME, text). */
#define LIMIT_LIST(X)                                                                              \
    /* A CPU time is not known, nothing was exchanged, busy polling hides the idle time, or the    \
     * ends shared a core at times: then a share of a core says nothing. */                        \
    X(UNKNOWN, "unknown")                                                                          \
    /* The client used 90 % or more and the server 5 points less: the client was measured. */      \
    X(CLIENT, "client-limited")                                                                    \
    /* The server used 90 % or more and the client 5 points less. */                               \
    X(SERVER, "server-limited")                                                                    \
    /* Both used 90 % or more. */                                                                  \
    X(BOTH, "both saturated")                                                                      \
    /* Both share one core, and used 90 % of it together. */                                       \
    X(CORE, "core-limited")                                                                        \
    /* Neither did: each waits for the other. */                                                   \
    X(LATENCY, "latency-bound")

enum limit {
#define X(name, text) LIMIT_##name,
    LIMIT_LIST(X)
#undef X
        LIMIT_COUNT
};

#define LIMIT_FULL   0.90
#define LIMIT_MARGIN 0.05

/* For shares of a core, 0 for unknown. Where the server's is unknown, the client alone is judged:
 * LIMIT_CLIENT or LIMIT_UNKNOWN. Trials that saw different placements are LIMIT_UNKNOWN. */
enum limit limit_judge(double client, double server, const struct placement_count *placement);

const char *limit_text(enum limit limit); /* of the list; "-" outside of it */

#endif
