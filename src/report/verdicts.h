/* The text report's first words: a line per target, who differs from whom, what the gates say. */
#ifndef WSIO_REPORT_VERDICTS_H
#define WSIO_REPORT_VERDICTS_H

#include <stdio.h>

#include "report/model.h"

/* Each writes nothing when there is nothing to say. */
void verdicts_write_short(FILE *out, const struct report *r);
void verdicts_write(FILE *out, const struct report *r);
void verdicts_write_gates(FILE *out, const struct report *r);

#endif
