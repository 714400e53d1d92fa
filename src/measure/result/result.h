/* Everything that a report can say, once; the writers only lay it out. */
#ifndef WSIO_MEASURE_RESULT_H
#define WSIO_MEASURE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "measure/machine/environment.h"
#include "measure/result/contrast.h"
#include "measure/record/failure.h"
#include "measure/machine/preflight.h"
#include "measure/result/summary.h"

#define RESULT_NAME  32
#define RESULT_TEXT  160
#define RESULT_NOTES 12
#define RESULT_SIZES 12
#define RESULT_GATES 16
#define RESULT_STEPS (BLOCKS_MAX * (TARGETS_MAX + 1)) /* trials of one scenario */

/* Samples without which no p99.9 is shown: ten of them lie beyond it. */
#define RESULT_TAIL_MIN 10000

/* A function whose arguments from `first` on are what its `format`-th one, printf's, asks for. */
#if defined(__GNUC__)
#define RESULT_PRINTF(format, first) __attribute__((__format__(__printf__, format, first)))
#else
#define RESULT_PRINTF(format, first)
#endif

/* Where the sibling server's time goes, one row per stage of a message. */
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

/* The sibling's own figures, from its /stats after the run. */
struct server_figures {
    bool known;
    uint64_t connections; /* accepted since its start, without those that asked for this */
    uint64_t messages;    /* answered since its start */
    uint64_t cpu_ns;
    uint64_t calls;      /* of the system, to receive, send and wait */
    uint64_t peak_bytes; /* resident */
    struct service_time service[SERVICE_COUNT];
};

/* A fact with a number: the bytes that one connection costs. */
struct result_size {
    char name[RESULT_NAME]; /* "WebSocket connection" */
    uint64_t bytes;
};

/* One target. The client fills the texts before the run, the summaries by summary_add() as trials
 * end, `failures` with what happened outside any trial (a name that does not resolve). */
struct result_target {
    char name[RESULT_NAME];     /* "ws": columns, JSON, gates */
    uint64_t size;              /* bytes of one payload; 0: swept */
    uint64_t server_peak_bytes; /* --server-pid: largest resident size; 0: not known */
    int pair; /* index of the target that this one is compared with beside the floor: Socket.IO with
               * its WebSocket. -1: none */
    bool binary;
    bool unchecked;            /* --match any: replies were counted, not compared */
    char kind[RESULT_NAME];    /* "raw TCP", "WebSocket", "Socket.IO, upgrade" */
    char matched[RESULT_NAME]; /* "by order", "by id", "by offset", "any" */
    char address[64];          /* used: "127.0.0.1:9000"; empty: never connected */
    char url[RESULT_TEXT];     /* as given */
    struct failures failures;
    struct summary summaries[SCENARIO_COUNT]; /* blocks == 0: that scenario was not run */
};

/* One trial in the order of the run, for pictures of what time did. Only those of the verdict's
 * scenario, or of the one that was run. */
struct result_step {
    uint64_t at_ns; /* its start, since the run's */
    double value;   /* the verdict's figure; 0: not measured */
    uint8_t block;
    uint8_t target;
    bool control; /* the first target's second trial of the block */
};

/* --sweep: the scenario at each value, of each target; `summaries` of that scenario stays empty. */
struct result_sweep {
    char key[RESULT_NAME]; /* "size", "clients" */
    enum scenario scenario;
    unsigned count; /* 0: nothing was swept */
    uint64_t values[SWEEP_MAX];
    struct summary points[TARGETS_MAX][SWEEP_MAX];
};

enum result_outcome {
    RESULT_PASSED, /* the interval lies on the good side */
    RESULT_FAILED, /* the expression holds, by the interval's bound */
    RESULT_UNSURE, /* the interval straddles the line */
};

/* What came of one --fail-if. */
struct result_gate {
    char text[RESULT_TEXT]; /* as given */
    struct interval found;  /* in the figure's unit */
    double line;            /* likewise */
    enum figure_unit unit;
    bool ratio; /* of two targets */
    enum result_outcome outcome;
};

/* About 90 MiB, most of it never touched: one static object. Start with result_start(). What is
 * small stands first: short offsets make short code. */
struct result {
    unsigned target_count;
    unsigned step_count;
    unsigned gate_count;
    unsigned size_count;
    unsigned note_count;
    unsigned blocks; /* planned; 1 outside compare */
    int baseline;    /* index of the target to which all are compared (raw TCP), -1: none */
    enum scenario verdict_scenario; /* what decides */
    enum figure verdict_figure;
    bool partial;  /* interrupted: what there was until then */
    uint64_t rate; /* per second, of scenario rate; 0: not run */
    uint64_t seed;
    uint64_t planned_ns;          /* expected total; 0: not said */
    uint64_t took_ns;             /* the whole run */
    char scenario[RESULT_NAME];   /* "compare", or the one */
    char options[RESULT_TEXT];    /* what was asked, in words: "5 s, 1 client, depth 1" */
    char command[512];            /* as typed, joined by spaces */
    struct server_figures server; /* the sibling's */
    struct environment environment;
    struct preflight preflight;
    struct result_target targets[TARGETS_MAX];
    struct summary control[SCENARIO_COUNT]; /* the first target's second trial of each block */
    struct result_sweep sweep;
    struct result_step steps[RESULT_STEPS];
    struct result_gate gates[RESULT_GATES];
    struct result_size sizes[RESULT_SIZES];
    char notes[RESULT_NOTES][RESULT_TEXT]; /* sentences, each printed as one paragraph */
};

/* Of an all-zero one: no floor, no pairs. The rest of a static report stays untouched memory. */
void result_start(struct result *r);

/* The same of one that was used. */
void result_reset(struct result *r);

/* The next target, all empty but its pair (-1); NULL when TARGETS_MAX are there. */
struct result_target *result_add_target(struct result *r);

/* Adds one; those that find no room are dropped. */
void result_add_note(struct result *r, const char *format, ...) RESULT_PRINTF(2, 3);
void result_add_size(struct result *r, const char *name, uint64_t bytes);

/* Some target ran this scenario. */
bool result_has(const struct result *r, enum scenario scenario);

/* The scenario whose phases stand for this target: connect, else throughput, roundtrip, send;
 * SCENARIO_COUNT when no phase was measured. */
enum scenario result_phase_source(const struct result_target *t);

/* How many blocks are behind what is shown together, in a run that was interrupted not the same for
 * all. All-zero is none. */
struct result_blocks {
    unsigned least;
    unsigned most;
};

/* Takes one more into account; of 0 blocks nothing is shown. */
void result_count_blocks(struct result_blocks *b, size_t blocks);

/* What a target is compared with: the floor of the report, or its own pair. */
enum result_base {
    RESULT_BASELINE,
    RESULT_PAIR,
};

/* NULL when there is none, or when it is the target itself. */
const struct result_target *result_compared(const struct result *r, const struct result_target *t,
                                            enum result_base base);

/* The contrast of a target to its base in one figure; result CONTRAST_NONE when there is no base.
 * The noise is that of report.control. */
struct contrast result_contrast(const struct result *r, const struct result_target *t,
                                enum result_base base, enum scenario scenario, enum figure figure);

/* Not a steady state: p50 of the window's last third lies more than 5 % off that of its first, and
 * from INTERVAL_MIN blocks on the ratio's interval excludes 1. */
bool result_drifts(const struct summary *s);

/* Something is wrong enough for exit 1: a client that failed or was lost but by the interruption, a
 * wrong reply, a broken identity. */
bool result_failed(const struct result *r);

/* The same of that target alone, without what was measured again. */
bool result_target_failed(const struct result *r, unsigned target);

#endif
