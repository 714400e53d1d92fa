/* Two saved reports of the same run, B to A: what changed from the one to the other. */
#ifndef WSIO_MEASURE_DIFF_H
#define WSIO_MEASURE_DIFF_H

#include "base/option.h"
#include "measure/result/result.h"

/* One figure of one target: the blocks that have it, in any order; none when it is refused. */
struct diff_figure {
    unsigned count;
    double values[BLOCKS_MAX]; /* > 0 */
};

struct diff_target {
    char name[RESULT_NAME];
    char kind[RESULT_NAME];
    char matched[RESULT_NAME];
    uint64_t size; /* bytes of one payload */
    bool binary;
    struct diff_figure figures[SCENARIO_COUNT][FIGURE_COUNT];
};

/* What a saved report has of a struct result, and of the environment. About 700 KiB. */
struct diff_side {
    const char *file;
    char scenario[RESULT_NAME];
    char options[RESULT_TEXT];
    char baseline[RESULT_NAME]; /* the raw TCP target; "" without one */
    enum scenario verdict_scenario;
    enum figure verdict_figure;
    uint64_t blocks; /* planned */
    bool partial;
    bool failed;
    char cpu[ENVIRONMENT_TEXT];
    char system[ENVIRONMENT_TEXT];
    char poller[ENVIRONMENT_TEXT];
    char version[ENVIRONMENT_TEXT];
    char commit[ENVIRONMENT_TEXT];
    char compiler[ENVIRONMENT_TEXT];
    char flags[ENVIRONMENT_TEXT];
    uint64_t cores_used;
    struct placement_count placement; /* of all trials; none where the report does not say */
    uint64_t started_unix_ns;
    unsigned target_count;
    struct diff_target targets[TARGETS_MAX];
};

/* One figure of one target in both. */
struct diff_comparison {
    struct interval ratio; /* B's median divided by A's, each with its own resamples: the blocks of
                            * two runs are no pairs. n is 0 when one of them has no such figure, or
                            * it is refused */
    struct verdict verdict;
};

/* The targets of both are in A's order once they are matched. */
struct diff {
    struct diff_side a;
    struct diff_side b;
    enum scenario verdict_scenario;
    enum figure verdict_figure;

    /* By diff_conclude(). */
    struct diff_comparison compared[TARGETS_MAX][SCENARIO_COUNT][FIGURE_COUNT];
    unsigned compared_count;  /* figures that both have */
    unsigned differing_count; /* of those, intervals that exclude 1 */
    int baseline;             /* index of the raw TCP target; PAIR_NONE: none */

    /* By diff_judge(). */
    unsigned gate_count;
    struct gate_result gates[GATES_MAX];
};

/* Whether the two can be compared: the same scenario, options and targets, except for the number of
 * blocks. Takes the verdict's figure from A. STATUS_OK, or STATUS_INVALID with one line in `error`.
 */
int diff_match(struct diff *d, char error[OPTION_ERROR_BYTES]);

/* Whether both have that figure, in however few blocks. */
bool diff_has(const struct diff *d, unsigned target, enum scenario scenario, enum figure figure);

/* Compares every figure of two that match. */
void diff_conclude(struct diff *d);

/* Whether 1 lies outside of the interval. */
bool diff_differs(const struct diff_comparison *c);

/* After diff_conclude(): reads each --fail-if, whose figure is that ratio, and judges it.
 * STATUS_OK, or STATUS_INVALID with one line in `error`. */
int diff_judge(struct diff *d, const struct option_texts *gates, char error[OPTION_ERROR_BYTES]);

#endif
