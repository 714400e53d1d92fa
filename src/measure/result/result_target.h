/* What is known of one target when all is measured. */
#ifndef WSIO_MEASURE_RESULT_TARGET_H
#define WSIO_MEASURE_RESULT_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/record/failure.h"
#include "measure/result/pair.h"
#include "measure/result/summary.h"

#define RESULT_NAME 32
#define RESULT_TEXT 160

/* A phase of the clients of one target, all blocks pooled. */
struct result_phase {
    uint64_t count; /* 0: not measured */
    double p50_ns;
    double p99_ns;
    bool shown; /* measured, and not the look-up of a name that was an address */
};

struct result_target {
    /* Filled by the client before the run. */
    char name[RESULT_NAME];      /* "ws": columns, JSON, gates */
    char url[RESULT_TEXT];       /* as given */
    char kind[RESULT_NAME];      /* "raw TCP", "WebSocket", "Socket.IO, upgrade" */
    enum pair_protocol protocol; /* of that kind: decides what it is compared with */
    char matched[RESULT_NAME]; /* how replies find their messages: "by order", "by id", "by offset",
                                * "by content", "any" */
    uint64_t size;             /* bytes of one payload; 0: swept */
    bool binary;
    bool unchecked; /* --match any: replies were counted, not compared */
    uint64_t odds; /* a false reply passes with a chance of 1 in so many; 1: all messages are equal;
                    * UINT64_MAX: each names its user and number */

    /* Filled by the client as trials end; summaries by summary_add(). */
    char address[64];           /* used: "127.0.0.1:9000"; empty: never connected */
    uint64_t server_peak_bytes; /* --server-pid: largest resident size; 0: not known */
    struct failures failures;   /* outside any trial: its name was not found */
    struct summary summaries[SCENARIO_COUNT]; /* blocks == 0: that scenario was not run */

    /* By result_choose_pairs(), or by hand. */
    int reference; /* index of the target that this one is judged against; PAIR_NONE: none */

    /* By result_conclude(). */
    bool failed;                  /* in its own trials; the control does not count */
    struct failures all_failures; /* those of all trials, the sweep's and the control's included */
    enum scenario phase_source;   /* whose phases stand for this target; SCENARIO_COUNT: none */
    struct result_phase phases[PHASE_COUNT]; /* of that scenario */
    double accepted_per_roundtrip; /* rate of one-way sends / rate of round trips; 0: not known */
};

#endif
