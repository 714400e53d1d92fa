/* What is measured: one list gives the enum, the keys and the titles. */
#ifndef WSIO_MEASURE_SCENARIO_H
#define WSIO_MEASURE_SCENARIO_H

/* X(NAME, key, title). The key names it in options, gates, JSON and CSV; the title heads its part
 * of the page. */
#define SCENARIO_LIST(X)                                                                           \
    X(CONNECT, "connect", "Connecting")                                                            \
    X(ROUNDTRIP, "roundtrip", "Round trips")                                                       \
    X(THROUGHPUT, "throughput", "Throughput")                                                      \
    X(RATE, "rate", "At a fixed rate")                                                             \
    X(SEND, "send", "One-way sends")

enum scenario {
#define X(name, key, title) SCENARIO_##name,
    SCENARIO_LIST(X)
#undef X
        SCENARIO_COUNT
};

const char *scenario_key(enum scenario scenario);   /* never NULL; "-" outside the list */
const char *scenario_title(enum scenario scenario); /* likewise */

#endif
