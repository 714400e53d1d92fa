/* The text report's tables: one scenario each, a column for every target that ran it. */
#ifndef WSIO_REPORT_TABLES_H
#define WSIO_REPORT_TABLES_H

#include <stdio.h>

#include "measure/result/result.h"

/* Each writes nothing when no target ran its scenario, the last when nothing was swept. */
void tables_write_roundtrip(FILE *out, const struct result *r);
void tables_write_rate(FILE *out, const struct result *r);
void tables_write_throughput(FILE *out, const struct result *r);
void tables_write_send(FILE *out, const struct result *r);
void tables_write_sweep(FILE *out, const struct result *r);

#endif
