/* The numbers that each block yields: one list gives the enum and the keys. */
#ifndef WSIO_MEASURE_FIGURE_H
#define WSIO_MEASURE_FIGURE_H

/* X(NAME, key). One number per block each, units in the key. */
#define FIGURE_LIST(X)                                                                             \
    X(RATE, "rate_per_s")                         /* trial_rate */                                 \
    X(RATE_OUTSTANDING, "rate_outstanding_per_s") /* throughput */                                 \
    X(BYTES, "payload_bytes_per_s")                                                                \
    X(P50, "p50_ns") /* of latency */                                                              \
    X(P90, "p90_ns")                                                                               \
    X(P99, "p99_ns")                                                                               \
    X(MEAN, "mean_ns")                                                                             \
    X(READY, "ready_p50_ns")                                                                       \
    X(FIRST_ECHO, "first_echo_p50_ns")                                                             \
    X(ACCEPTED, "accepted_per_s") /* send */                                                       \
    X(CLIENT_CPU, "client_cpu_ns_per_message")                                                     \
    X(SERVER_CPU, "server_cpu_ns_per_message")

enum figure {
#define X(name, key) FIGURE_##name,
    FIGURE_LIST(X)
#undef X
        FIGURE_COUNT
};

const char *figure_key(enum figure figure); /* never NULL; "-" outside the list */

#endif
