/* The percentile text of HdrHistogram, which its plotter and many scripts read. */
#ifndef WSIO_REPORT_HGRM_H
#define WSIO_REPORT_HGRM_H

#include <stdio.h>

#include "measure/record/histogram.h"

/* A comment line with `title` (one line, no control characters) and the unit, microseconds; then
 * value, percentile, count up to there, 1 / (1 - percentile): five lines for each halving of the
 * distance to 100 %, then the maximum; then the totals. Where messages are missing the percentiles
 * are of all, the lines end with the last that came, and a comment has how many are missing. Values
 * are the upper ends of our bins. Flushes: STATUS_OK, or STATUS_SYSTEM when the stream did not take
 * it all. */
int hgrm_write(FILE *out, const char *title, const struct histogram *h);

#endif
