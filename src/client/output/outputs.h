/* Where the figures go: every file is created before any time is spent, written at the end, and
 * checked to have taken it all. */
#ifndef WSIO_CLIENT_OUTPUTS_H
#define WSIO_CLIENT_OUTPUTS_H

#include <stdio.h>

#include "client/options/client_options.h"
#include "measure/result/result.h"

enum outputs_kind {
    OUTPUTS_JSON,
    OUTPUTS_CSV, /* the campaign writes into it as trials end */
    OUTPUTS_HTML,
    OUTPUTS_LOG, /* likewise */
    OUTPUTS_KINDS,
};

struct outputs_file {
    const char *option; /* "--json" */
    const char *path;   /* "-" is stdout; NULL: it was not asked for */
    FILE *file;         /* NULL: not open */
};

struct outputs {
    const struct client_options *options;
    struct outputs_file files[OUTPUTS_KINDS];
};

/* Opens the files that the options name. STATUS_OK, STATUS_INVALID when two of them would write to
 * the same place, STATUS_SYSTEM when one cannot be written; both with one line in `error`. */
int outputs_open(struct outputs *out, const struct client_options *options,
                 char error[OPTION_ERROR_BYTES]);

/* --hgrm: creates the file of each target and scenario that will be run, empty. STATUS_OK, or
 * STATUS_SYSTEM with one line in `error`. */
int outputs_targets(const struct outputs *out, const struct target_list *targets,
                    char error[OPTION_ERROR_BYTES]);

/* Writes every report, and the table to stdout unless a file is written there; closes all files.
 * STATUS_OK, or STATUS_SYSTEM with one line in `error` about the first file that failed; the others
 * are written all the same. */
int outputs_write(struct outputs *out, const struct target_list *targets, const struct result *r,
                  char error[OPTION_ERROR_BYTES]);

#endif
