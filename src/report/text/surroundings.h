/* The text report's account of what the figures were measured on. */
#ifndef WSIO_REPORT_SURROUNDINGS_H
#define WSIO_REPORT_SURROUNDINGS_H

#include "report/text/layout.h"

/* Each target: its name, and what and where it is. */
void surroundings_each_target(FILE *out, const struct result *r, layout_put *put);

/* Each line of the environment: a word, and what it is here. */
void surroundings_each(FILE *out, const struct result *r, layout_put *put);

/* What of the pre-flight may spoil the figures. What needs nothing is a fact, and stands among
 * those of the environment. */
void surroundings_each_shortage(FILE *out, const struct result *r, layout_put *put);
bool surroundings_has_shortage(const struct result *r);

void surroundings_write_environment(FILE *out, const struct result *r);

/* These write nothing when there is nothing to say. Of the pre-flight only what is not fine. */
void surroundings_write_preflight(FILE *out, const struct result *r);
void surroundings_write_server(FILE *out, const struct result *r);
void surroundings_write_sizes(FILE *out, const struct result *r);

#endif
