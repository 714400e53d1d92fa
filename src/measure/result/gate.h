/* --fail-if: expressions over the figures, such as "sio.roundtrip.p99 > 2ms" or
 * "sio/ws.roundtrip.rate < 0.8". They are judged by the figure's interval, not by its median: one
 * that the line runs through is unsure, which is a result of its own.
 *
 * NAME[/NAME].SCENARIO.FIGURE OP VALUE[UNIT]; OP is < <= > >=, around which white space is free. */
#ifndef WSIO_MEASURE_GATE_H
#define WSIO_MEASURE_GATE_H

#include "base/config.h"
#include "base/option.h"
#include "measure/result/summary.h"

#define GATES_MAX 16
#define GATE_TEXT 160 /* bytes of an expression, with its NUL */

enum gate_outcome {
    GATE_PASSED, /* the interval lies on the good side */
    GATE_FAILED, /* the expression holds, by the interval's bound */
    GATE_UNSURE, /* the interval straddles the line */
};

/* What came of one --fail-if. */
struct gate_result {
    char text[GATE_TEXT]; /* as given */
    enum gate_outcome outcome;
    struct interval found; /* in the figure's unit; n is 0: not measured, or refused */
    double line;           /* likewise */
    enum figure_unit unit;
    bool ratio; /* of two targets */
};

/* One expression, read. */
struct gate {
    const char *text; /* as given */
    int of;           /* index of the target */
    int to;           /* index of the one that it is divided by, -1: none */
    enum scenario scenario;
    enum figure figure;
    bool above;     /* > or >=: fails above the line */
    bool inclusive; /* <= or >=: fails on it, too */
    bool ratio;     /* the line is one of a ratio */
    double line;    /* > 0; in the figure's unit */
};

struct gate_list {
    unsigned count;
    struct gate item[GATES_MAX];
};

/* What the run will have: an expression about anything else is refused before it begins. */
struct gate_scope {
    unsigned count; /* of targets */
    const char *names[TARGETS_MAX];
    uint32_t scenarios[TARGETS_MAX]; /* bit s: scenario s of that target */
    unsigned blocks;                 /* trials of each */
    bool ratios; /* each figure is the ratio of two runs: VALUE is plain, and there is no NAME/NAME
                  */
};

/* Resets `gate`. STATUS_OK, or STATUS_INVALID with one line in `error`. */
int gate_parse(struct gate *gate, const char *text, const struct gate_scope *scope,
               char error[OPTION_ERROR_BYTES]);

/* The same for all of them. */
int gate_list_parse(struct gate_list *list, const struct option_texts *texts,
                    const struct gate_scope *scope, char error[OPTION_ERROR_BYTES]);

/* Judges one against the interval that was found, whose n is 0 when the figure was not measured or
 * is refused. In fewer than INTERVAL_MIN blocks nothing is sure, and what is unsure must not pass.
 */
struct gate_result gate_judge(const struct gate *gate, const struct interval *found);

/* JSON: "passed", "failed", "unsure". */
const char *gate_outcome_key(enum gate_outcome outcome);

/* JSON: "ns", "per_s", "bytes_per_s", "plain", "ratio". */
const char *gate_unit_key(const struct gate_result *g);

#endif
