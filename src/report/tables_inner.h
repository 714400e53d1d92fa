/* What the files of tables.c share. */
#ifndef WSIO_REPORT_TABLES_INNER_H
#define WSIO_REPORT_TABLES_INNER_H

#include <stdio.h>

#include "report/model.h"

#define TABLES_ROWS(rows) (rows), sizeof(rows) / sizeof(rows)[0]

/* The pooled trial of the first target that ran it: what was planned is the same for all. The
 * report has the scenario. */
const struct trial *tables_first(const struct report *r, enum scenario scenario);

const char *tables_plural(uint64_t n); /* "" or "s" */

/* Paragraphs under the table: of what the numbers are medians, who was the limit, and who was not
 * steady. */
void tables_remark(FILE *out, const struct report *r, enum scenario scenario);

#endif
