/* What a report says about a run beside its figures, one label and one sentence after the other:
 * the text report and the page lay them out. */
#ifndef WSIO_REPORT_FACTS_H
#define WSIO_REPORT_FACTS_H

#include <stdio.h>

#include "measure/result/result.h"

typedef void facts_put(FILE *out, const char *label, const char *format, ...) RESULT_PRINTF(3, 4);

/* What must be read first, under the target's name: figures that were refused, replies that were
 * wrong, failures. */
void facts_each_fault(FILE *out, const struct result *r, facts_put *put);

/* Each target: its name, and what and where it is. */
void facts_each_target(FILE *out, const struct result *r, facts_put *put);

/* Each line of the environment: a word, and what it is here. */
void facts_each_environment(FILE *out, const struct result *r, facts_put *put);

/* Rows of the pre-flight that may spoil the figures. A row that needs nothing is a fact, and stands
 * among those of the environment. */
void facts_each_shortage(FILE *out, const struct result *r, facts_put *put);
bool facts_has_shortage(const struct result *r);

#endif
