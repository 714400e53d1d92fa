/* The text report's account of what the figures were measured on, and of what went wrong. */
#ifndef WSIO_REPORT_SURROUNDINGS_H
#define WSIO_REPORT_SURROUNDINGS_H

#include <stdio.h>

#include "measure/result/result.h"

void surroundings_write_environment(FILE *out, const struct result *r);

/* Each writes nothing when there is nothing to say. */
void surroundings_write_faults(FILE *out, const struct result *r);
void surroundings_write_preflight(FILE *out, const struct result *r); /* rows that are not fine */
void surroundings_write_server(FILE *out, const struct result *r);
void surroundings_write_sizes(FILE *out, const struct result *r);

#endif
