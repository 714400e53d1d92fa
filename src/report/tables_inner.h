/* What the files of tables.c share. */
#ifndef WSIO_REPORT_TABLES_INNER_H
#define WSIO_REPORT_TABLES_INNER_H

#include <stdio.h>

#include "report/cells.h"

#define TABLES_ROWS(rows) (rows), sizeof(rows) / sizeof(rows)[0]

/* Rows that several of them have. */
#define TABLES_RATE_ROWS                                                                           \
    {"  lower quartile", CELLS_QUARTILE_LOW, FIGURE_RATE, FORMAT_RATE},                            \
        {"  upper quartile", CELLS_QUARTILE_HIGH, FIGURE_RATE, FORMAT_RATE},                       \
        {"  95 % from", CELLS_FROM, FIGURE_RATE, FORMAT_RATE},                                     \
    {                                                                                              \
        "  95 % to", CELLS_TO, FIGURE_RATE, FORMAT_RATE                                            \
    }

#define TABLES_RATIO_ROWS(figure)                                                                  \
    {"  ratio to %f", CELLS_RATIO_FLOOR, figure, 0},                                               \
        {"    95 %", CELLS_INTERVAL_FLOOR, figure, 0},                                             \
        {"  ratio to %p", CELLS_RATIO_PAIR, figure, 0},                                            \
    {                                                                                              \
        "    95 %", CELLS_INTERVAL_PAIR, figure, 0                                                 \
    }

#define TABLES_COST_ROWS                                                                           \
    {"bytes out + in each", CELLS_WIRE, 0, 0},                                                     \
        {"client CPU / message", CELLS_MEDIAN, FIGURE_CLIENT_CPU, FORMAT_NS},                      \
        {"  system calls", CELLS_MEDIAN, FIGURE_CLIENT_CALLS, FORMAT_RATIO},                       \
        {"  context switches", CELLS_MEDIAN, FIGURE_CLIENT_SWITCHES, FORMAT_RATIO},                \
        {"  busy, of a core", CELLS_MEDIAN, FIGURE_CLIENT_BUSY, FORMAT_SHARE},                     \
        {"server CPU / message", CELLS_MEDIAN, FIGURE_SERVER_CPU, FORMAT_NS},                      \
        {"  system calls", CELLS_MEDIAN, FIGURE_SERVER_CALLS, FORMAT_RATIO},                       \
        {"  context switches", CELLS_MEDIAN, FIGURE_SERVER_SWITCHES, FORMAT_RATIO},                \
        {"  busy, of a core", CELLS_MEDIAN, FIGURE_SERVER_BUSY, FORMAT_SHARE},                     \
    {                                                                                              \
        "limited by", CELLS_LIMIT, 0, 0                                                            \
    }

/* The pooled trial of the first target that ran it: what was planned is the same for all. The
 * report has the scenario. */
const struct trial *tables_first(const struct report *r, enum scenario scenario);

const char *tables_plural(uint64_t n); /* "" or "s" */

/* Paragraphs under the table: of what the numbers are medians, who was the limit, and who was not
 * steady. */
void tables_remark(FILE *out, const struct report *r, enum scenario scenario);

#endif
