/* The report's last words: figures that were refused, replies that were wrong, targets that failed.
 */
#ifndef WSIO_REPORT_FAULTS_H
#define WSIO_REPORT_FAULTS_H

#include <stdio.h>

#include "report/model.h"

/* A field of the text report or of the page: the target's name, and a sentence. */
typedef void faults_field(FILE *out, const char *label, const char *text);

/* Each of them, in the order of the targets. */
void faults_each(FILE *out, const struct report *r, faults_field *put);

/* In the text report, under a heading; nothing when all went well. */
void faults_write(FILE *out, const struct report *r);

#endif
