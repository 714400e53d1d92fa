/* The text report's last words: figures that were refused and targets that failed. */
#ifndef WSIO_REPORT_FAULTS_H
#define WSIO_REPORT_FAULTS_H

#include <stdio.h>

#include "report/model.h"

/* Nothing when all went well. */
void faults_write(FILE *out, const struct report *r);

#endif
