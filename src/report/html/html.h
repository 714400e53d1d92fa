/* The report as one self-contained page: inline SVG and style, no script, nothing fetched. */
#ifndef WSIO_REPORT_HTML_H
#define WSIO_REPORT_HTML_H

#include <stdio.h>

#include "measure/result/result.h"

/* Writes and flushes. STATUS_OK, or STATUS_SYSTEM when the stream did not take it all. */
int html_write(FILE *out, const struct result *r);

#endif
