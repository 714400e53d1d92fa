/* --fail-if from the command line to the exit code; and diff, whose result is nothing else. */
#ifndef WSIO_CLIENT_JUDGE_H
#define WSIO_CLIENT_JUDGE_H

#include "client/options/client_options.h"
#include "measure/result/gate.h"

/* Reads all of them against what the run will have. STATUS_OK, or STATUS_INVALID with one line in
 * `error`. */
int judge_prepare(struct gate_list *gates, const struct client_options *options,
                  const struct target_list *targets, char error[OPTION_ERROR_BYTES]);

/* A line on stderr for each that did not pass, and the exit code: 0, 3 when one holds, else 4 when
 * one is unsure. What was not measured is unsure: where a target failed that is exit 1 anyway, and
 * where a figure cannot be had (a foreign server's CPU time) the gate has still decided nothing. */
int judge_exit(const struct gate_result *gates, unsigned count);

/* diff A.json B.json: all of it. The exit code: that of the gates, 1 when stdout does not take the
 * text, or 2 with one line on stderr and nothing on stdout. */
int judge_saved(const struct client_options *options);

#endif
