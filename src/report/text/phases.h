/* The text report's table of a client's life, and what starts and ends each phase. */
#ifndef WSIO_REPORT_PHASES_H
#define WSIO_REPORT_PHASES_H

#include <stdio.h>

#include "measure/result/result.h"

/* Nothing when no phase was measured. */
void phases_write(FILE *out, const struct result *r);

#endif
