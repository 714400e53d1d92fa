/* The report for people: ASCII, at most 80 columns. Only what was measured appears. */
#ifndef WSIO_REPORT_TEXT_H
#define WSIO_REPORT_TEXT_H

#include <stdio.h>

#include "measure/result/result.h"

/* Writes and flushes. STATUS_OK, or STATUS_SYSTEM when the stream did not take it all. */
int report_text_write(FILE *out, const struct result *r);

#endif
