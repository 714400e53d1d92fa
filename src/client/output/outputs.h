/* Where the figures go: every file is proven to be writable before any time is spent, written at
 * the end, checked to have taken it all, and only then takes the place of an older one
 * (safe_file.h). A run that is interrupted writes its partial reports, too. */
#ifndef WSIO_CLIENT_OUTPUTS_H
#define WSIO_CLIENT_OUTPUTS_H

#include "client/options/client_options.h"
#include "client/output/safe_file.h"
#include "measure/result/result.h"

enum outputs_kind {
    OUTPUTS_JSON,
    OUTPUTS_CSV, /* the campaign writes into it as trials end; it takes its place at the end, too */
    OUTPUTS_HTML,
    OUTPUTS_LOG, /* likewise */
    OUTPUTS_KINDS,
};

struct outputs_file {
    const char *option; /* "--json" */
    const char *path;   /* "-" is stdout; NULL: it was not asked for */
    struct safe_file safe;
};

struct outputs {
    const struct client_options *options;
    struct outputs_file files[OUTPUTS_KINDS];
};

/* Opens the files that the options name. STATUS_OK, STATUS_INVALID when two of them would write to
 * the same place, STATUS_SYSTEM when one cannot be written; both with one line in `error`. */
int outputs_open(struct outputs *out, const struct client_options *options,
                 char error[OPTION_ERROR_BYTES]);

/* --hgrm: proves that the file of each target and scenario that will be run can be written.
 * STATUS_OK, or STATUS_SYSTEM with one line in `error`. */
int outputs_targets(const struct outputs *out, const struct target_list *targets,
                    char error[OPTION_ERROR_BYTES]);

/* Closes all files; what was there before the run stays. */
void outputs_discard(struct outputs *out);

/* Writes every report, and the table to stdout unless a file is written there; closes all files.
 * STATUS_OK, or STATUS_SYSTEM with one line in `error` about the first file that failed; the others
 * are written all the same. */
int outputs_write(struct outputs *out, const struct target_list *targets, const struct result *r,
                  char error[OPTION_ERROR_BYTES]);

#endif
