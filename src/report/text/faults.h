/* What must be read first: figures that were refused, replies that were wrong, targets that failed.
 */
#ifndef WSIO_REPORT_FAULTS_H
#define WSIO_REPORT_FAULTS_H

#include "report/text/layout.h"

/* Each of them, in the order of the targets: its name, and a sentence. */
void faults_each(FILE *out, const struct result *r, layout_put *put);

/* In the text report, under a heading; nothing when all went well. */
void faults_write(FILE *out, const struct result *r);

#endif
