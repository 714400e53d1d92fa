/* The text of `doctor`: what a run needs, what there is, and what to change. */
#ifndef WSIO_REPORT_DOCTOR_H
#define WSIO_REPORT_DOCTOR_H

#include <stdio.h>

#include "measure/result/result.h"

/* Reads only the environment, the pre-flight, the targets' names, and `options`: what is planned,
 * in words. STATUS_OK, or STATUS_SYSTEM when it could not be written. */
int doctor_write(FILE *out, const struct result *r);

#endif
