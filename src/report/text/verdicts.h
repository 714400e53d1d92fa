/* The text report's first words: a line per target, who differs from whom, what the gates say. */
#ifndef WSIO_REPORT_VERDICTS_H
#define WSIO_REPORT_VERDICTS_H

#include <stdio.h>

#include "measure/result/result.h"

/* Each writes nothing when there is nothing to say. */
void verdicts_write_short(FILE *out, const struct result *r);
void verdicts_write(FILE *out, const struct result *r);
void verdicts_write_gates(FILE *out, const struct result *r);

/* What both this report and a diff of two have. One line: who, "1.049 (1.033..1.064)" unless there
 * is no ratio, what that shows, and what it means to who runs the server. */
void verdicts_put_ratio(FILE *out, const char *who, const struct interval *ratio,
                        enum contrast_result result, enum figure figure);

/* Under a heading with this remark; nothing when there are none. */
void verdicts_put_gates(FILE *out, const char *remark, const struct gate_result *gates,
                        unsigned count);

#endif
