/* One row per trial and one per phase of it, for spreadsheets: RFC 4180, units in the heads. */
#ifndef WSIO_REPORT_CSV_H
#define WSIO_REPORT_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/record/trial.h"

/* Which trial of the run it is. */
struct csv_trial {
    uint64_t order;       /* in the order of the run, from 0 */
    unsigned block;       /* from 0 */
    const char *target;   /* its name; any bytes */
    bool control;         /* the reference's second trial in the block */
    uint64_t sweep_value; /* 0: nothing is swept */
};

/* The line with the columns' names. */
void csv_write_head(FILE *out);

/* Writes the trial's rows: "messages", in `rate` also "plain" (the same messages from their actual
 * send), then each phase that was measured. A cell is empty where its column does not apply; the
 * durations and the rate of a trial that breaks an identity are empty, too. Flushes, so that an
 * interrupted run leaves whole rows. Errors stay in the stream (ferror). */
void csv_write_trial(FILE *out, const struct csv_trial *about, const struct trial *t);

#endif
