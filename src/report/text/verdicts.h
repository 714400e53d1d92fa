/* The text report's first words: a line per target, which targets differ, what the gates say. */
#ifndef WSIO_REPORT_VERDICTS_H
#define WSIO_REPORT_VERDICTS_H

#include <stdio.h>

#include "measure/result/result.h"

/* Each writes nothing when there is nothing to say. */
void verdicts_write_short(FILE *out, const struct result *r);
void verdicts_write_placement(FILE *out, const struct result *r); /* what it warns of */
void verdicts_write(FILE *out, const struct result *r);
void verdicts_write_gates(FILE *out, const struct result *r);

/* For the diff of two reports, too. One line: the names, "1.049 (1.033..1.064)" unless there is no
 * ratio, and what it shows. */
void verdicts_put_ratio(FILE *out, const char *names, const struct interval *ratio,
                        const struct verdict *v);

/* Under a heading with this remark; nothing when there are none. */
void verdicts_put_gates(FILE *out, const char *remark, const struct gate_result *gates,
                        unsigned count);

#endif
