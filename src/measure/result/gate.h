/* --fail-if: expressions over the figures, such as "sio.roundtrip.p99 > 2ms" or
 * "sio/ws.roundtrip.rate < 0.8". They are judged by the figure's interval, not by its median: one
 * that the line runs through is unsure, which is a result of its own.
 *
 * NAME[/NAME].SCENARIO.FIGURE OP VALUE[UNIT]; OP is < <= > >=, around which white space is free. */
#ifndef WSIO_MEASURE_GATE_H
#define WSIO_MEASURE_GATE_H

#include "base/option.h"
#include "report/format.h"
#include "measure/result/result.h"

#define GATE_SENTENCE (RESULT_TEXT + 128) /* bytes, with the NUL */

struct gate {
    const char *text; /* as given */
    int of;           /* index of the target */
    int to;           /* the one that it is divided by, -1: none */
    enum scenario scenario;
    enum figure figure;
    bool above;     /* > or >=: fails above the line */
    bool inclusive; /* <= or >=: fails on it, too */
    bool ratio;     /* the line is one of a ratio */
    double line;    /* > 0; in the figure's unit */
};

struct gate_list {
    unsigned count;
    struct gate item[RESULT_GATES];
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

/* What comes of it when that was found; n is 0 when the figure was not measured or is refused. In
 * fewer than INTERVAL_MIN blocks nothing is sure: whoever does not see must not pass. */
struct result_gate gate_judge(const struct gate *gate, const struct interval *found);

/* Judges all of them by the report's summaries, into its gates. */
void gate_list_judge(const struct gate_list *list, struct result *r);

/* A value in its unit, ratios and other plain numbers with three digits behind the point. */
void gate_format(char out[FORMAT_TEXT], double value, enum figure_unit unit);

/* "TEXT: holds, 3.10 ms (2.90 ms to 3.40 ms)". */
void gate_sentence(const struct result_gate *g, char out[GATE_SENTENCE]);

/* The worst of them, for the exit code: RESULT_FAILED before RESULT_UNSURE. */
enum result_outcome gate_worst(const struct result_gate *gates, unsigned count);

#endif
