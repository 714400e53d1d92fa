/* What the sibling server reports about itself in its /stats after the run. */
#ifndef WSIO_MEASURE_SERVER_FIGURES_H
#define WSIO_MEASURE_SERVER_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, key). The stages of a message within the server, in its order. */
#define SERVICE_LIST(X)                                                                            \
    X(RECEIVE, "receive")                                                                          \
    X(DECODE, "decode")                                                                            \
    X(HANDLE, "handle")                                                                            \
    X(ENCODE, "encode")                                                                            \
    X(SEND, "send")

enum service {
#define X(name, key) SERVICE_##name,
    SERVICE_LIST(X)
#undef X
        SERVICE_COUNT
};

struct service_time {
    uint64_t count; /* 0: not measured */
    double p50_ns;
    double p99_ns;
    double mean_ns;
};

struct server_figures {
    bool known;
    uint64_t connections; /* accepted since its start, without those that asked for this */
    uint64_t messages;    /* answered since its start */
    uint64_t cpu_ns;
    uint64_t calls;      /* system calls to receive, send and wait */
    uint64_t peak_bytes; /* resident */
    struct service_time service[SERVICE_COUNT];
};

const char *server_figures_key(enum service service); /* "receive"; "-" outside the list */

#endif
