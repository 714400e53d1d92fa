/* A table of the text report: a column for each target that ran the scenario, four side by side,
 * then the next four. */
#ifndef WSIO_REPORT_GRID_H
#define WSIO_REPORT_GRID_H

#include <stdio.h>

#include "report/rows.h"

/* Rows of other scenarios, and those whose cells are all empty, are left out; so are empty lines
 * between groups of which one was left out. */
void grid_write(FILE *out, const struct result *r, enum scenario scenario, const struct row *rows,
                size_t count);

#endif
