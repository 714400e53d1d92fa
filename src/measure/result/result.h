/* Everything that a report can say, once: the client fills in what was run, result_conclude()
 * computes every figure, and writers only lay it out. */
#ifndef WSIO_MEASURE_RESULT_H
#define WSIO_MEASURE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "measure/machine/environment.h"
#include "measure/machine/preflight.h"
#include "measure/record/server_figures.h"
#include "measure/result/contrast.h"
#include "measure/result/gate.h"
#include "measure/result/pair.h"
#include "measure/result/result_placement.h"
#include "measure/result/result_target.h"
#include "measure/result/summary.h"

#define RESULT_NOTES 12
#define RESULT_SIZES 12
#define RESULT_STEPS (BLOCKS_MAX * (TARGETS_MAX + 1)) /* trials of one scenario */

/* For functions with a format as printf's: argument `format` is that format, and its values begin
 * with argument `first`. */
#if defined(__GNUC__)
#define RESULT_PRINTF(format, first) __attribute__((__format__(__printf__, format, first)))
#else
#define RESULT_PRINTF(format, first)
#endif

/* A fact with a number: the bytes that one connection costs. */
struct result_size {
    char name[RESULT_NAME]; /* "WebSocket connection" */
    uint64_t bytes;
};

/* One trial in the order of the run, for pictures of what time did. Only those of the verdict's
 * scenario, or of the one that was run. */
struct result_step {
    uint64_t at_ns; /* its start, since the run's */
    double value;   /* the verdict's figure; 0: not measured */
    uint8_t block;
    uint8_t target;
    bool control; /* the reference's second trial of the block */
};

/* --sweep: each target's scenario at each value; its `summaries` of that scenario stay empty. */
struct result_sweep {
    char key[RESULT_NAME]; /* "size", "clients" */
    enum scenario scenario;
    unsigned count; /* 0: nothing was swept */
    uint64_t values[SWEEP_MAX];
    struct summary points[TARGETS_MAX][SWEEP_MAX];
};

/* --until-decided: blocks are added until every verdict and gate is decided. All-zero: it was not
 * asked for. */
struct result_until {
    unsigned looks; /* at most, at which that may be found: they share the 5 % */
    double within;  /* a ratio is decided, too, when its interval lies within 1 +- this */
    bool undecided; /* the time or the blocks were over before */
};

/* How many blocks are behind figures that are shown together: not the same for all in a run that
 * was interrupted. All-zero is none. */
struct result_blocks {
    unsigned least;
    unsigned most;
};

/* About 85 MiB, most of it never touched: one static object. Start with result_start(). */
struct result {
    /* What was run. */
    char command[512];          /* as typed, joined by spaces */
    char scenario[RESULT_NAME]; /* "compare", or the one */
    char options[RESULT_TEXT];  /* what was asked, in words: "5 s, 1 client, depth 1" */
    uint64_t seed;
    uint64_t rate;                  /* per second, of scenario rate; 0: not run */
    unsigned blocks;                /* planned; 1 outside compare */
    enum scenario verdict_scenario; /* what decides */
    enum figure verdict_figure;
    uint64_t planned_ns; /* expected total; 0: not known */
    uint64_t took_ns;    /* the whole run */
    bool partial;        /* interrupted: what there was until then */

    /* What it ran on. */
    struct environment environment;
    struct preflight preflight;
    struct server_figures server; /* the sibling's */

    /* What was measured. */
    unsigned target_count;
    struct result_target targets[TARGETS_MAX];
    struct result_until until; /* --until-decided */
    unsigned against; /* the target that all others are judged against, the reference of all */
    struct summary control[SCENARIO_COUNT]; /* its second trial of each block */
    struct result_sweep sweep;
    struct result_placement placement; /* where both ends of the trials ran */
    unsigned step_count;
    struct result_step steps[RESULT_STEPS];

    /* What all are compared with: by result_choose_pairs(), or by hand. */
    int baseline; /* index of the raw TCP target; PAIR_NONE: none */

    /* What follows from it: by result_conclude(). */
    bool failed; /* something is wrong enough for exit status 1 */
    /* What the run was about: the verdict's scenario and figure where they were run, else those of
     * the scenario that was; SCENARIO_COUNT when nothing was measured. */
    enum scenario subject;
    enum figure subject_figure;
    /* The control's ratio to its target: how much equal trials differ on this machine. */
    struct estimate noise[SCENARIO_COUNT][FIGURE_COUNT];
    unsigned pair_count;
    struct pair pairs[PAIRS_MAX]; /* in the order of pair_list() */
    int common[PAIR_BASES];       /* by enum pair_base: pair_common() of all pairs */
    bool judged; /* of some pair, both targets ran the verdict's scenario, in several blocks */
    struct result_blocks judged_blocks;             /* behind the verdicts */
    struct result_blocks blocks_of[SCENARIO_COUNT]; /* behind the rates of each scenario */

    /* By result_judge_gates(). */
    unsigned gate_count;
    struct gate_result gates[GATES_MAX];

    /* Further facts. */
    unsigned size_count;
    struct result_size sizes[RESULT_SIZES];
    unsigned note_count;
    char notes[RESULT_NOTES][RESULT_TEXT]; /* sentences, each printed as one paragraph */
};

/* ---- Filling it in ------------------------------------------------------------------------- */

/* For an all-zero result: no baseline, no pairs. The rest of a static one stays untouched memory.
 */
void result_start(struct result *r);

/* The same for one that was used. */
void result_reset(struct result *r);

/* The next target, all empty but its reference (PAIR_NONE); NULL when TARGETS_MAX are there. */
struct result_target *result_add_target(struct result *r);

/* The baseline, and each target's own reference, by the rule of pair.h; `against` is set. */
void result_choose_pairs(struct result *r);

/* What finds no room is dropped. */
void result_add_note(struct result *r, const char *format, ...) RESULT_PRINTF(2, 3);
void result_add_size(struct result *r, const char *name, uint64_t bytes);

/* ---- When all is measured ------------------------------------------------------------------ */

/* Computes all that follows from what was measured, as marked in the structs; steps that are
 * refused become 0. To be called anew after further changes. Takes some milliseconds. */
void result_conclude(struct result *r);

/* Inner part of result_conclude(): completes `placement`. */
void result_placement_conclude(struct result *r);

/* A note for each open loop that was not kept up with. Once, after result_conclude(). */
void result_note_overloads(struct result *r);

/* After both: is every verdict and every gate decided that has figures? */
bool result_is_decided(const struct result *r);

/* After result_conclude(). */
void result_judge_gates(struct result *r, const struct gate_list *gates);

/* ---- Questions ----------------------------------------------------------------------------- */

/* Some target ran this scenario. */
bool result_has(const struct result *r, enum scenario scenario);

/* NULL: that target has no such pair. */
const struct pair *result_find_pair(const struct result *r, const struct result_target *t,
                                    enum pair_base base);

/* Takes one more figure into account; of 0 blocks nothing is shown. */
void result_count_blocks(struct result_blocks *b, size_t blocks);

#endif
