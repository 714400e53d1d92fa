/* What is measured: one list gives the enum, the keys, the titles, and how messages flow. */
#ifndef WSIO_MEASURE_SCENARIO_H
#define WSIO_MEASURE_SCENARIO_H

/* How the messages of a scenario follow each other, and over which time they are measured: from
 * that follow its rate, its costs, and which parts of a report it has. */
enum flow {
    FLOW_FIRST_ECHO, /* each client sends one message, which is a phase: there is no rate */
    FLOW_CLOSED,     /* a reply makes room for the next message; measured in a window */
    FLOW_WHOLE,      /* the same; measured over the whole trial, connects included */
    FLOW_OPEN,       /* messages fall due at a planned rate; measured in a window */
    FLOW_ONE_WAY,    /* sends wait for nothing; what comes back only proves that they arrived */
};

/* X(NAME, key, title, flow). The key names it on the command line, in gates, JSON and CSV; the
 * title heads its part of the page. */
#define SCENARIO_LIST(X)                                                                           \
    X(CONNECT, "connect", "Connecting", FLOW_FIRST_ECHO)                                           \
    X(ROUNDTRIP, "roundtrip", "Round trips", FLOW_CLOSED)                                          \
    X(THROUGHPUT, "throughput", "Throughput", FLOW_WHOLE)                                          \
    X(RATE, "rate", "At a fixed rate", FLOW_OPEN)                                                  \
    X(SEND, "send", "One-way sends", FLOW_ONE_WAY)

enum scenario {
#define X(name, key, title, flow) SCENARIO_##name,
    SCENARIO_LIST(X)
#undef X
        SCENARIO_COUNT
};

const char *scenario_key(enum scenario scenario);   /* never NULL; "-" outside the list */
const char *scenario_title(enum scenario scenario); /* likewise */
enum flow scenario_flow(enum scenario scenario);    /* FLOW_FIRST_ECHO outside the list */

#endif
