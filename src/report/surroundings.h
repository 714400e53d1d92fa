/* The text report's account of what the figures were measured on. */
#ifndef WSIO_REPORT_SURROUNDINGS_H
#define WSIO_REPORT_SURROUNDINGS_H

#include <stdio.h>

#include "report/model.h"

/* A field of the text report or of the page: a word, and what it is here. */
typedef void surroundings_field(FILE *out, const char *label, const char *text);

/* Each line of the environment. */
void surroundings_each(FILE *out, const struct report *r, surroundings_field *put);

void surroundings_write_environment(FILE *out, const struct report *r);

/* These write nothing when there is nothing to say. Of the pre-flight only what is not fine. */
void surroundings_write_preflight(FILE *out, const struct report *r);
void surroundings_write_server(FILE *out, const struct report *r);
void surroundings_write_sizes(FILE *out, const struct report *r);

#endif
