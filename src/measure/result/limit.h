/* Who was the limit while messages were exchanged: by the share of one core that each end's thread
 * used (DESIGN section 9). */
#ifndef WSIO_MEASURE_LIMIT_H
#define WSIO_MEASURE_LIMIT_H

#include "measure/result/summary.h"

enum limit {
    LIMIT_UNKNOWN, /* a CPU time is not known, nothing was exchanged, or busy polling hides it */
    LIMIT_CLIENT, /* client at 90 % or more and the server lower by 5 points: measures the client */
    LIMIT_SERVER, /* the other way round */
    LIMIT_BOTH,   /* both at 90 % or more */
    LIMIT_LATENCY, /* neither: each waits for the other */
};

#define LIMIT_FULL   0.90
#define LIMIT_MARGIN 0.05

/* By the medians over blocks of the two shares, which is what stands beside it in a report. */
enum limit limit_of(const struct summary *s);

/* The rule alone, for shares of a core (0: unknown). With an unknown server the client alone is
 * judged: LIMIT_CLIENT or LIMIT_UNKNOWN. */
enum limit limit_judge(double client, double server);

/* "client-limited", "server-limited", "both saturated", "latency-bound", "unknown". */
const char *limit_text(enum limit limit);

#endif
