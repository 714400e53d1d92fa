/* What is measured: one list gives the enum and the keys. */
#ifndef WSIO_MEASURE_SCENARIO_H
#define WSIO_MEASURE_SCENARIO_H

/* X(NAME, key). */
#define SCENARIO_LIST(X)                                                                           \
    X(CONNECT, "connect")                                                                          \
    X(ROUNDTRIP, "roundtrip")                                                                      \
    X(THROUGHPUT, "throughput")                                                                    \
    X(RATE, "rate")                                                                                \
    X(SEND, "send")

enum scenario {
#define X(name, key) SCENARIO_##name,
    SCENARIO_LIST(X)
#undef X
        SCENARIO_COUNT
};

const char *scenario_key(enum scenario scenario); /* never NULL; "-" outside the list */

#endif
