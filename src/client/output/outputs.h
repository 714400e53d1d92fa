/* Where the figures go: every file is created before any time is spent, written at the end, and
 * checked to have taken it all. */
#ifndef WSIO_CLIENT_OUTPUTS_H
#define WSIO_CLIENT_OUTPUTS_H

#include <stdio.h>

#include "client/options/client_options.h"
#include "measure/result/result.h"

/* NULL where none was asked for. The campaign writes into `csv` and `log` as trials end. */
struct outputs {
    const struct client_options *options;
    FILE *json;
    FILE *csv;
    FILE *html;
    FILE *log;
};

/* Opens what the options name. STATUS_OK, STATUS_INVALID when two of them would write to the same
 * place, STATUS_SYSTEM when one cannot be written; both with one line in `error`. */
int outputs_open(struct outputs *out, const struct client_options *options,
                 char error[OPTION_ERROR_BYTES]);

/* --hgrm: creates the file of each target and scenario that will be run, empty. STATUS_OK, or
 * STATUS_SYSTEM with one line in `error`. */
int outputs_targets(const struct outputs *out, const struct target_list *targets,
                    char error[OPTION_ERROR_BYTES]);

/* Writes all of it, and the table to stdout unless something else is there; closes every file.
 * STATUS_OK, or STATUS_SYSTEM with one line in `error` about the first that failed; the others are
 * written all the same. */
int outputs_write(struct outputs *out, const struct target_list *targets, const struct result *r,
                  char error[OPTION_ERROR_BYTES]);

#endif
