/* The numbers that each block yields: one list gives the enum, the keys, the words and the units.
 */
#ifndef WSIO_MEASURE_FIGURE_H
#define WSIO_MEASURE_FIGURE_H

#include <stdbool.h>

#include "measure/record/scenario.h"

enum figure_unit {
    FIGURE_NS,
    FIGURE_PER_S,
    FIGURE_BYTES_PER_S,
    FIGURE_PLAIN, /* counts, shares, ratios */
};

/* What more of a figure means to the person who runs the server. */
enum figure_sense {
    FIGURE_FASTER, /* rates of messages */
    FIGURE_SLOWER, /* durations of messages and phases */
    FIGURE_BETTER,
    FIGURE_WORSE, /* costs */
};

/* X(NAME, key, word, unit, sense). One number per block each. The key is that of JSON and CSV, with
 * the unit; the word is what gates and --verdict-on name. */
#define FIGURE_LIST(X)                                                                             \
    X(RATE, "rate_per_s", "rate", PER_S, FASTER) /* trial_rate */                                  \
    X(RATE_OUTSTANDING, "rate_outstanding_per_s", "rate-outstanding", PER_S, FASTER)               \
    X(BYTES, "payload_bytes_per_s", "bytes", BYTES_PER_S, BETTER)                                  \
    X(P50, "p50_ns", "p50", NS, SLOWER) /* latency */                                              \
    X(P90, "p90_ns", "p90", NS, SLOWER)                                                            \
    X(P99, "p99_ns", "p99", NS, SLOWER)                                                            \
    X(MEAN, "mean_ns", "mean", NS, SLOWER)                                                         \
    X(PLAIN_P50, "plain_p50_ns", "plain-p50", NS, SLOWER) /* rate: from the send */                \
    X(PLAIN_P99, "plain_p99_ns", "plain-p99", NS, SLOWER)                                          \
    X(READY, "ready_p50_ns", "ready", NS, SLOWER)                                                  \
    X(FIRST_ECHO, "first_echo_p50_ns", "first-echo", NS, SLOWER)                                   \
    X(ACCEPTED, "accepted_per_s", "accepted", PER_S, FASTER) /* send */                            \
    X(CLIENT_CPU, "client_cpu_ns_per_message", "client-cpu", NS, WORSE)                            \
    X(SERVER_CPU, "server_cpu_ns_per_message", "server-cpu", NS, WORSE)                            \
    X(CLIENT_CALLS, "client_calls_per_message", "client-calls", PLAIN, WORSE) /* system calls */   \
    X(SERVER_CALLS, "server_calls_per_message", "server-calls", PLAIN, WORSE)                      \
    X(CLIENT_SWITCHES, "client_switches_per_message", "client-switches", PLAIN, WORSE)             \
    X(SERVER_SWITCHES, "server_switches_per_message", "server-switches", PLAIN, WORSE)             \
    X(CLIENT_BUSY, "client_busy_share", "client-busy", PLAIN, WORSE) /* share of one core */       \
    X(SERVER_BUSY, "server_busy_share", "server-busy", PLAIN, WORSE)                               \
    X(DRIFT, "drift_ratio", "drift", PLAIN, WORSE) /* p50 of the last third / of the first */

enum figure {
#define X(name, key, word, unit, sense) FIGURE_##name,
    FIGURE_LIST(X)
#undef X
        FIGURE_COUNT
};

const char *figure_key(enum figure figure);            /* never NULL; "-" outside the list */
const char *figure_word(enum figure figure);           /* likewise */
enum figure_unit figure_unit_of(enum figure figure);   /* FIGURE_PLAIN outside the list */
enum figure_sense figure_sense_of(enum figure figure); /* FIGURE_WORSE outside the list */

/* Whether trials of that scenario have it, where what it needs is known (a server's CPU time). */
bool figure_yielded(enum figure figure, enum scenario scenario);

/* The figure that decides where this scenario runs alone. */
enum figure figure_deciding(enum scenario scenario);

/* FIGURE_FASTER or FIGURE_BETTER. */
bool figure_more_is_better(enum figure figure);

/* "roundtrip.p50": a scenario's key and a figure's word. False when it is not that. */
bool figure_parse(const char *text, enum scenario *scenario, enum figure *figure);

#endif
