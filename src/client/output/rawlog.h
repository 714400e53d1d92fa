/* --log: every single latency of throughput trials, a line per client, appended to a file. */
#ifndef WSIO_CLIENT_RAWLOG_H
#define WSIO_CLIENT_RAWLOG_H

#include <stdio.h>

#include "client/drivers/run.h"

/* Takes memory for the latencies of one throughput trial. STATUS_OK, or STATUS_NO_MEMORY with one
 * line in `error`. */
int rawlog_prepare(struct run *r, const struct client_options *options,
                   char error[OPTION_ERROR_BYTES]);

/* Appends the trial just run: a comment line, then for each client its number and its latencies in
 * ms. */
void rawlog_write(FILE *out, struct run *r, const char *target);

#endif
