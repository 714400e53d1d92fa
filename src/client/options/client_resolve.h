/* What of the command line depends on more than one option. Inner part of client_options. */
#ifndef WSIO_CLIENT_CLIENT_RESOLVE_H
#define WSIO_CLIENT_CLIENT_RESOLVE_H

#include "client/options/client_options.h"

/* Every option has its value or its plain default, and the targets are known. STATUS_OK, or
 * STATUS_INVALID with one line in `error`. */
int client_resolve(struct client_options *options, char error[OPTION_ERROR_BYTES]);

/* --verdict-on alone: diff has no more. */
int client_resolve_verdict(struct client_options *options, char error[OPTION_ERROR_BYTES]);

#endif
