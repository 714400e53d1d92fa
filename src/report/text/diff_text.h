/* The text of `diff`: what changed from one saved report to another. */
#ifndef WSIO_REPORT_DIFF_TEXT_H
#define WSIO_REPORT_DIFF_TEXT_H

#include <stdio.h>

#include "measure/result/diff.h"

/* Lines of at most LAYOUT_COLUMNS. STATUS_OK, or STATUS_SYSTEM when the stream did not take it all.
 */
int diff_text_write(FILE *out, const struct diff *d);

#endif
