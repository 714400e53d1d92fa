/* --fail-if from the command line to the exit status; and all of diff. */
#ifndef WSIO_CLIENT_JUDGE_H
#define WSIO_CLIENT_JUDGE_H

#include "client/options/client_options.h"
#include "measure/result/gate.h"

/* Reads all of them against what the run will have. STATUS_OK, or STATUS_INVALID with one line in
 * `error`. */
int judge_prepare(struct gate_list *gates, const struct client_options *options,
                  const struct target_list *targets, char error[OPTION_ERROR_BYTES]);

/* A line on stderr for each that did not pass. EXIT_DONE, EXIT_HOLDS or EXIT_UNSURE; `unsure` says
 * what a gate does whose interval contains its line. A figure that
 * was not measured is unsure: where a target failed, the exit status is 1 anyway, and where a
 * figure cannot be had (a foreign server's CPU time) the gate has decided nothing. */
int judge_exit(const struct gate_result *gates, unsigned count, enum client_unsure unsure);

/* diff A.json B.json: all of it. The exit status: that of the gates, EXIT_FAILED when stdout does
 * not take the text, or EXIT_USAGE with one line on stderr and nothing on stdout. */
int judge_saved(const struct client_options *options);

#endif
