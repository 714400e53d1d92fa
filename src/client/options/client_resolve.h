/* Values of the command line that depend on other options or on the targets. Inner part of
 * client_options_parse. */
#ifndef WSIO_CLIENT_CLIENT_RESOLVE_H
#define WSIO_CLIENT_CLIENT_RESOLVE_H

#include "client/options/client_options.h"

/* Checks and completes `options`, in which every option has its value or its plain default, and the
 * targets are known. STATUS_OK, or STATUS_INVALID with one line in `error`. */
int client_resolve(struct client_options *options, char error[OPTION_ERROR_BYTES]);

/* The same for `diff`, which has no targets. */
int client_resolve_diff(struct client_options *options, char error[OPTION_ERROR_BYTES]);

#endif
